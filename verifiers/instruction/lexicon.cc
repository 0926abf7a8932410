#include "verifiers/instruction/lexicon.h"

#include <algorithm>
#include <iterator>
#include <unordered_map>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "verifiers/instruction/word_lists.h"

namespace hone::instruction {
namespace {
using WordSet = absl::flat_hash_set<std::string_view>;

// Calls add(word) for the words of a list.
template <typename Add>
void ForEachWord(std::string_view list, Add add) {
  for (size_t begin = 0, end; begin < list.size(); begin = end + 1) {
    end = std::min(list.find(' ', begin), list.size());
    if (end > begin) add(list.substr(begin, end - begin));
  }
}

WordSet MakeSet(std::initializer_list<const char*> lists) {
  WordSet words;
  for (const char* list : lists) ForEachWord(list, [&](std::string_view word) { words.insert(word); });
  return words;
}

// `word` is in the set; words that are not ASCII or are long are in none.
class Key {
 public:
  explicit Key(TextView word) {
    if (word.size() > sizeof(bytes_)) return;
    for (const char32_t c : word) {
      if (c >= 128) return;
      bytes_[size_] = absl::ascii_tolower(static_cast<unsigned char>(c));
      ++size_;
    }
    usable_ = size_ > 0;
  }
  std::string_view view() const { return usable_ ? std::string_view(bytes_, size_) : std::string_view(); }
  bool In(const WordSet& words) const { return usable_ && words.contains(view()); }

 private:
  char bytes_[32];
  size_t size_ = 0;
  bool usable_ = false;
};

constexpr char kAbbreviations[] =
    // Titles, people, companies.
    "mr mrs ms messrs dr prof st jr sr gen col lt maj adm sen rep reps inc co cos corp ltd bros cie conn vs ph.d m.b.a "
    // Months, days, times.
    "jan feb aug sep sept oct nov dec tues wed fri yr a.m p.m "
    // States and countries.
    "ala ariz calif colo fla ga ill kan ky mich minn nev okla ore pa tenn va vt wash wis w.va n.c n.d n.h n.j n.m n.y s.c d.c l.a "
    "u.k u.n u.s u.s.a u.s.s.r "
    // Units and others.
    "ave ct ft mg chg ok sw n.v s.a s.p.a b.v a.g a.s "
    // Letters; the rest of the alphabet ends a sentence when a word follows that usually is in lower case.
    "c d e f g h k l m n p r s t v w ";

constexpr char kSentenceStarters[] =
    "according although among both but despite even he however i if in indeed instead it many meanwhile moreover most nevertheless "
    "nonetheless nor sales separately similarly since so some the there these they this though thus under when while yet ";

constexpr char kDeterminers[] =
    "the a an this that these those it its my your his her our their me him us them you all any each every some no one both i he she they "
    "we another ";

struct Range {
  char32_t first, last;
};
// Code points with the property Emoji that stand as pictures, from Unicode's emoji-data.txt, version 17.
constexpr Range kEmoji[] = {
    {0xA9, 0xA9},       {0xAE, 0xAE},       {0x203C, 0x203C},   {0x2049, 0x2049},   {0x2122, 0x2122},   {0x2139, 0x2139},
    {0x2194, 0x2199},   {0x21A9, 0x21AA},   {0x231A, 0x231B},   {0x2328, 0x2328},   {0x23CF, 0x23CF},   {0x23E9, 0x23F3},
    {0x23F8, 0x23FA},   {0x24C2, 0x24C2},   {0x25AA, 0x25AB},   {0x25B6, 0x25B6},   {0x25C0, 0x25C0},   {0x25FB, 0x25FE},
    {0x2600, 0x2604},   {0x260E, 0x260E},   {0x2611, 0x2611},   {0x2614, 0x2615},   {0x2618, 0x2618},   {0x261D, 0x261D},
    {0x2620, 0x2620},   {0x2622, 0x2623},   {0x2626, 0x2626},   {0x262A, 0x262A},   {0x262E, 0x262F},   {0x2638, 0x263A},
    {0x2640, 0x2640},   {0x2642, 0x2642},   {0x2648, 0x2653},   {0x265F, 0x2660},   {0x2663, 0x2663},   {0x2665, 0x2666},
    {0x2668, 0x2668},   {0x267B, 0x267B},   {0x267E, 0x267F},   {0x2692, 0x2697},   {0x2699, 0x2699},   {0x269B, 0x269C},
    {0x26A0, 0x26A1},   {0x26A7, 0x26A7},   {0x26AA, 0x26AB},   {0x26B0, 0x26B1},   {0x26BD, 0x26BE},   {0x26C4, 0x26C5},
    {0x26C8, 0x26C8},   {0x26CE, 0x26CF},   {0x26D1, 0x26D1},   {0x26D3, 0x26D4},   {0x26E9, 0x26EA},   {0x26F0, 0x26F5},
    {0x26F7, 0x26FA},   {0x26FD, 0x26FD},   {0x2702, 0x2702},   {0x2705, 0x2705},   {0x2708, 0x270D},   {0x270F, 0x270F},
    {0x2712, 0x2712},   {0x2714, 0x2714},   {0x2716, 0x2716},   {0x271D, 0x271D},   {0x2721, 0x2721},   {0x2728, 0x2728},
    {0x2733, 0x2734},   {0x2744, 0x2744},   {0x2747, 0x2747},   {0x274C, 0x274C},   {0x274E, 0x274E},   {0x2753, 0x2755},
    {0x2757, 0x2757},   {0x2763, 0x2764},   {0x2795, 0x2797},   {0x27A1, 0x27A1},   {0x27B0, 0x27B0},   {0x27BF, 0x27BF},
    {0x2934, 0x2935},   {0x2B05, 0x2B07},   {0x2B1B, 0x2B1C},   {0x2B50, 0x2B50},   {0x2B55, 0x2B55},   {0x3030, 0x3030},
    {0x303D, 0x303D},   {0x3297, 0x3297},   {0x3299, 0x3299},   {0x1F004, 0x1F004}, {0x1F0CF, 0x1F0CF}, {0x1F170, 0x1F171},
    {0x1F17E, 0x1F17F}, {0x1F18E, 0x1F18E}, {0x1F191, 0x1F19A}, {0x1F201, 0x1F202}, {0x1F21A, 0x1F21A}, {0x1F22F, 0x1F22F},
    {0x1F232, 0x1F23A}, {0x1F250, 0x1F251}, {0x1F300, 0x1F321}, {0x1F324, 0x1F393}, {0x1F396, 0x1F397}, {0x1F399, 0x1F39B},
    {0x1F39E, 0x1F3F0}, {0x1F3F3, 0x1F3F5}, {0x1F3F7, 0x1F4FD}, {0x1F4FF, 0x1F53D}, {0x1F549, 0x1F54E}, {0x1F550, 0x1F567},
    {0x1F56F, 0x1F570}, {0x1F573, 0x1F57A}, {0x1F587, 0x1F587}, {0x1F58A, 0x1F58D}, {0x1F590, 0x1F590}, {0x1F595, 0x1F596},
    {0x1F5A4, 0x1F5A5}, {0x1F5A8, 0x1F5A8}, {0x1F5B1, 0x1F5B2}, {0x1F5BC, 0x1F5BC}, {0x1F5C2, 0x1F5C4}, {0x1F5D1, 0x1F5D3},
    {0x1F5DC, 0x1F5DE}, {0x1F5E1, 0x1F5E1}, {0x1F5E3, 0x1F5E3}, {0x1F5E8, 0x1F5E8}, {0x1F5EF, 0x1F5EF}, {0x1F5F3, 0x1F5F3},
    {0x1F5FA, 0x1F64F}, {0x1F680, 0x1F6C5}, {0x1F6CB, 0x1F6D2}, {0x1F6D5, 0x1F6D9}, {0x1F6DC, 0x1F6E5}, {0x1F6E9, 0x1F6E9},
    {0x1F6EB, 0x1F6EC}, {0x1F6F0, 0x1F6F0}, {0x1F6F3, 0x1F6FC}, {0x1F7E0, 0x1F7EB}, {0x1F7F0, 0x1F7F0}, {0x1F90C, 0x1F93A},
    {0x1F93C, 0x1F945}, {0x1F947, 0x1F9FF}, {0x1FA70, 0x1FA7C}, {0x1FA80, 0x1FAC6}, {0x1FAC8, 0x1FAC8}, {0x1FACC, 0x1FADD},
    {0x1FADF, 0x1FAEB}, {0x1FAEF, 0x1FAFA},
};
}  // namespace

bool IsStopWord(TextView word) {
  static const WordSet& words = *new WordSet(MakeSet({kStopWords}));
  return Key(word).In(words);
}

bool IsCommonWord(TextView word) {
  return FactsOf(word).common;
}

WordFacts FactsOf(TextView word) {
  static const auto& facts = *[] {
    auto* words = new absl::flat_hash_map<std::string_view, WordFacts>;
    ForEachWord(kAbbreviations, [&](std::string_view w) { (*words)[w].abbreviation = true; });
    ForEachWord(kSentenceStarters, [&](std::string_view w) { (*words)[w].starter = true; });
    ForEachWord(kCommonWords, [&](std::string_view w) { (*words)[w].common = (*words)[w].lower_case = true; });
    ForEachWord(kCapitalisedWords, [&](std::string_view w) { (*words)[w].lower_case = false; });
    return words;
  }();
  const auto found = facts.find(Key(word).view());
  return found == facts.end() ? WordFacts() : found->second;
}

int CountSyllables(TextView text) {
  static const auto& exceptions = *[] {
    auto* words = new std::unordered_map<std::string_view, int>;
    for (size_t i = 0; i < kNumSyllableLists; ++i)
      ForEachWord(kSyllables[i].words, [&](std::string_view word) { words->emplace(word, kSyllables[i].count); });
    return words;
  }();
  const Text word = Lower(TrimMarks(Trim(text)));
  if (word.empty() || std::any_of(word.begin(), word.end(), IsDecimal)) return 0;
  if (const auto found = exceptions.find(Key(word).view()); found != exceptions.end()) return found->second;
  auto vowel = [](char32_t c) { return TextView(U"aeiouy").find(c) != TextView::npos; };
  int count = 0;
  for (size_t i = 0; i < word.size(); ++i) count += vowel(word[i]) && (i == 0 || !vowel(word[i - 1]));
  if (word.back() == 'e') --count;
  if (word.size() > 2 && word.ends_with(U"le") && !vowel(word[word.size() - 3])) ++count;
  return std::max(count, 1);
}

bool IsEmoji(char32_t c) {
  const auto* range =
      std::upper_bound(std::begin(kEmoji), std::end(kEmoji), c, [](char32_t value, const Range& r) { return value < r.first; });
  return range != std::begin(kEmoji) && c <= std::prev(range)->last;
}

bool BeginsWithVerb(TextView first, TextView second) {
  static const WordSet& verbs = *new WordSet(MakeSet({kVerbs}));
  static const WordSet& before_determiner = *new WordSet(MakeSet({kVerbsBeforeDeterminer}));
  static const WordSet& no_participles = *new WordSet(MakeSet({kNoParticiples}));
  static const WordSet& determiners = *new WordSet(MakeSet({kDeterminers}));
  const Key word(first);
  if (word.In(verbs)) return true;
  if (word.In(no_participles)) return false;
  const std::string_view bytes = word.view();
  const bool determined = Key(second).In(determiners);
  if (determined && word.In(before_determiner)) return true;
  const bool is_or_was = Key(second).view() == "is" || Key(second).view() == "was";
  if (bytes.size() > 4 && bytes.ends_with("ing")) return !is_or_was;
  if (bytes.size() > 3 && bytes.ends_with("ed")) return determined || is_or_was || !IsCommonWord(second) || IsStopWord(second);
  return false;
}

}  // namespace hone::instruction
