#include "verifiers/instruction/language.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>

#include "absl/container/flat_hash_map.h"
#include "fmt/format.h"
#include "utf8proc.h"
#include "verifiers/instruction/language_words.h"
#include "verifiers/instruction/lexicon.h"
#include "verifiers/instruction/word_lists.h"

namespace hone::instruction {
namespace {
constexpr size_t kNumScripts = static_cast<size_t>(Script::kNone);
constexpr size_t kMaxWeighed = 10'000;  // as langdetect, which the published checkers call
constexpr size_t kMaxSpelled = 2'000;

struct ScriptRange {
  char32_t first, last;
  Script script;
};
// Sorted. Blocks of Unicode 15 that hold letters of the known languages.
constexpr ScriptRange kScripts[] = {
    {0x0041, 0x024f, Script::kLatin},      {0x0370, 0x03ff, Script::kGreek},     {0x0400, 0x052f, Script::kCyrillic},
    {0x0590, 0x05ff, Script::kHebrew},     {0x0600, 0x077f, Script::kArabic},    {0x08a0, 0x08ff, Script::kArabic},
    {0x0900, 0x097f, Script::kDevanagari}, {0x0980, 0x09ff, Script::kBengali},   {0x0a00, 0x0a7f, Script::kGurmukhi},
    {0x0a80, 0x0aff, Script::kGujarati},   {0x0b80, 0x0bff, Script::kTamil},     {0x0c00, 0x0c7f, Script::kTelugu},
    {0x0c80, 0x0cff, Script::kKannada},    {0x0d00, 0x0d7f, Script::kMalayalam}, {0x0e00, 0x0e7f, Script::kThai},
    {0x1100, 0x11ff, Script::kHangul},     {0x1e00, 0x1eff, Script::kLatin},     {0x1f00, 0x1fff, Script::kGreek},
    {0x3005, 0x3007, Script::kHan},        {0x3040, 0x30ff, Script::kKana},      {0x3130, 0x318f, Script::kHangul},
    {0x31f0, 0x31ff, Script::kKana},       {0x3400, 0x9fff, Script::kHan},       {0xac00, 0xd7ff, Script::kHangul},
    {0xf900, 0xfaff, Script::kHan},        {0xfb50, 0xfdff, Script::kArabic},    {0xfe70, 0xfeff, Script::kArabic},
    {0xff21, 0xff5a, Script::kLatin},      {0xff66, 0xff9d, Script::kKana},      {0x20000, 0x3ffff, Script::kHan},
};

struct Language {
  std::string_view code;
  Script script;
  TextView letters;  // that tell the language from others of its script
};
constexpr Language kLanguages[] = {
    {"af", Script::kLatin, U"ŉ"},
    {"ar", Script::kArabic, U"ةىيكأإؤئ"},
    {"bg", Script::kCyrillic, U"ъщ"},
    {"bn", Script::kBengali, U""},
    {"ca", Script::kLatin, U"·"},
    {"cs", Script::kLatin, U"řůěťď"},
    {"cy", Script::kLatin, U"ŵŷ"},
    {"da", Script::kLatin, U"æø"},
    {"de", Script::kLatin, U"ßäöü"},
    {"el", Script::kGreek, U""},
    {"en", Script::kLatin, U""},
    {"es", Script::kLatin, U"ñ¿¡"},
    {"et", Script::kLatin, U"õ"},
    {"fa", Script::kArabic, U"پچژگکی"},
    {"fi", Script::kLatin, U"äö"},
    {"fr", Script::kLatin, U"œêèûîç"},
    {"gu", Script::kGujarati, U""},
    {"he", Script::kHebrew, U""},
    {"hi", Script::kDevanagari, U"ड़ढ़"},
    {"hr", Script::kLatin, U"đć"},
    {"hu", Script::kLatin, U"őű"},
    {"id", Script::kLatin, U""},
    {"it", Script::kLatin, U"ìò"},
    {"ja", Script::kKana, U""},
    {"kn", Script::kKannada, U""},
    {"ko", Script::kHangul, U""},
    {"lt", Script::kLatin, U"ėųįū"},
    {"lv", Script::kLatin, U"āēīļķņģ"},
    {"mk", Script::kCyrillic, U"јљњќѓѕџ"},
    {"ml", Script::kMalayalam, U""},
    {"mr", Script::kDevanagari, U"ळ"},
    {"ne", Script::kDevanagari, U""},
    {"nl", Script::kLatin, U""},
    {"no", Script::kLatin, U"æøå"},
    {"pa", Script::kGurmukhi, U""},
    {"pl", Script::kLatin, U"łżźśąęńć"},
    {"pt", Script::kLatin, U"ãõ"},
    {"ro", Script::kLatin, U"ăîțșţş"},
    {"ru", Script::kCyrillic, U"ыэё"},
    {"sk", Script::kLatin, U"ľĺŕôäť"},
    {"sl", Script::kLatin, U""},
    {"so", Script::kLatin, U""},
    {"sq", Script::kLatin, U"ë"},
    {"sv", Script::kLatin, U"åäö"},
    {"sw", Script::kLatin, U""},
    {"ta", Script::kTamil, U""},
    {"te", Script::kTelugu, U""},
    {"th", Script::kThai, U""},
    {"tl", Script::kLatin, U""},
    {"tr", Script::kLatin, U"ğışİ"},
    {"uk", Script::kCyrillic, U"іїєґ"},
    {"ur", Script::kArabic, U"ٹڈڑںےہھکی"},
    {"vi", Script::kLatin, U"đăơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ"},
    {"zh", Script::kHan, U""},
};
constexpr size_t kNumLanguages = std::size(kLanguages);

// Natural logarithms of how much more likely a language becomes: by a word of its list, by an English word that its list has not, by one of
// the letters above, and, before any text is seen, by how often the language is written.
constexpr double kWordWeight = 4, kCommonWordWeight = 2, kLetterWeight = 2;
constexpr std::pair<std::string_view, double> kHeadStarts[] = {
    {"ar", 0.8}, {"bg", 0.8}, {"de", 1.5}, {"en", 4},   {"es", 1.5}, {"fa", 0.8}, {"fi", 0.8}, {"fr", 1.5},
    {"hi", 0.8}, {"it", 1.5}, {"nl", 0.8}, {"pl", 0.8}, {"pt", 1.5}, {"ru", 1.5}, {"tr", 0.8}, {"uk", 0.8},
    {"sv", 0.8}, {"vi", 0.8}, {"af", -1},  {"cy", -1},  {"mk", -1},  {"so", -1},  {"sq", -1},  {"tl", -1},
};
// The least share of a language's runs of letters that any run is given: it is that likely in a word that no list has.
constexpr double kUnseen = 1e-4;

const Language* FindLanguage(std::string_view code) {
  code = code.substr(0, code.find('-'));
  const auto* found = std::find_if(std::begin(kLanguages), std::end(kLanguages), [&](const Language& l) { return l.code == code; });
  return found == std::end(kLanguages) ? nullptr : found;
}

// Several known languages are written in it.
bool IsShared(Script script) {
  return script == Script::kLatin || script == Script::kCyrillic || script == Script::kArabic || script == Script::kDevanagari;
}

// Text with so many Chinese characters and kana is Japanese, not Chinese.
bool IsJapanese(int64_t han, int64_t kana) {
  return kana * 20 > han;
}

bool IsMark(char32_t c) {
  if (c < 0x300) return false;
  const auto category = utf8proc_category(static_cast<utf8proc_int32_t>(c));
  return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC || c == 0x200c;
}

// Calls add(run) for the runs of one to three characters of a word with a space at both ends; a run is a number of three code points.
template <typename Add>
void ForEachRun(TextView word, Add add) {
  uint64_t run = U' ';
  for (size_t i = 0; i <= word.size(); ++i) {
    const char32_t c = i < word.size() ? word[i] : U' ';
    if (c != ' ') add(uint64_t{c});
    run = (run << 21 | c) & ((uint64_t{1} << 63) - 1);  // a code point has 21 bits
    add(run & ((uint64_t{1} << 42) - 1));
    if (i > 0) add(run);
  }
}

// What speaks for which language: words, letters, and runs of up to three characters, whose shares in each language are those in its list
// of words. Short texts often hold no frequent word, but their spelling still tells the language.
class Evidence {
 public:
  using Score = std::array<double, kNumLanguages>;

  Evidence() {
    for (const auto& [code, weight] : kHeadStarts) head_start_[Index(code)] = weight;
    std::vector<absl::flat_hash_map<uint64_t, double>> counts(kNumLanguages);
    for (size_t i = 0; i < kNumLanguageWords; ++i) {
      const size_t language = Index(kLanguageWords[i].language);
      const Text list = Decode(kLanguageWords[i].words);
      for (const TextView word : SplitWords(list)) {
        words_[Text(word)].push_back(static_cast<uint8_t>(language));
        ForEachRun(word, [&](uint64_t run) { ++counts[language][run]; });
      }
    }
    // English has many more common words than the list; together they count as a list of some three hundred.
    const Text common = Decode(kCommonWords);
    for (const TextView word : SplitWords(common)) ForEachRun(word, [&](uint64_t run) { counts[Index("en")][run] += 0.05; });
    for (size_t language = 0; language < kNumLanguages; ++language) {
      double all[3] = {};
      for (const auto& [run, count] : counts[language]) all[Length(run) - 1] += count;
      for (const auto& [run, count] : counts[language])
        runs_[run].push_back({static_cast<uint8_t>(language), static_cast<float>(std::log(count / all[Length(run) - 1] / kUnseen + 1))});
    }
    for (size_t i = 0; i < kNumLanguages; ++i)
      for (const char32_t letter : kLanguages[i].letters) letters_[letter].push_back(static_cast<uint8_t>(i));
  }

  // Logarithms of likelihood, but for a common term. *spelled: the characters whose spelling may still be looked at, which takes longer
  // than looking up words; it is counted down.
  Score Weigh(TextView text, size_t* spelled) const {
    Score score = head_start_;
    Text word;
    for (const char32_t raw : text) {
      const char32_t c = raw == 0x2019 ? U'\'' : ToLower(raw);
      if (IsAlpha(c) || IsMark(c) || (c == '\'' && !word.empty())) {
        if (c >= 128)
          if (const auto found = letters_.find(c); found != letters_.end()) Add(found->second, kLetterWeight, score);
        if (word.size() < 64) word.push_back(c);
      } else if (!word.empty()) {
        AddWord(word, spelled, score);
      }
    }
    AddWord(word, spelled, score);
    return score;
  }

 private:
  struct Weight {
    uint8_t language;
    float weight;
  };

  static size_t Index(std::string_view code) { return static_cast<size_t>(FindLanguage(code) - kLanguages); }
  static size_t Length(uint64_t run) { return run >> 42 ? 3 : run >> 21 ? 2 : 1; }

  static void Add(const std::vector<uint8_t>& languages, double weight, Score& score) {
    for (const uint8_t language : languages) score[language] += weight;
  }

  void AddWord(Text& word, size_t* spelled, Score& score) const {
    static const size_t english = Index("en");
    while (!word.empty() && word.back() == '\'') word.pop_back();
    if (word.empty()) return;
    const auto found = words_.find(word);
    if (found != words_.end()) Add(found->second, kWordWeight, score);
    const bool listed = found != words_.end() && std::find(found->second.begin(), found->second.end(), english) != found->second.end();
    if (!listed && IsCommonWord(word)) score[english] += kCommonWordWeight;
    if (*spelled >= word.size()) {
      *spelled -= word.size();
      ForEachRun(word, [&](uint64_t run) {
        const auto weights = runs_.find(run);
        if (weights == runs_.end()) return;
        for (const Weight& w : weights->second) score[w.language] += w.weight;
      });
    }
    word.clear();
  }

  Score head_start_{};
  std::unordered_map<Text, std::vector<uint8_t>> words_;
  absl::flat_hash_map<char32_t, std::vector<uint8_t>> letters_;
  absl::flat_hash_map<uint64_t, std::vector<Weight>> runs_;
};

// The language among those of `script` that the text is most likely in.
std::string_view BestOfScript(TextView text, Script script, size_t* spelled) {
  static const Evidence& evidence = *new Evidence;
  const Evidence::Score score = evidence.Weigh(text, spelled);
  size_t best = kNumLanguages;
  for (size_t i = 0; i < kNumLanguages; ++i)
    if (kLanguages[i].script == script && (best == kNumLanguages || score[i] > score[best])) best = i;
  return kLanguages[best].code;
}

}  // namespace

Script ScriptOf(char32_t c) {
  if (!IsAlpha(c)) return Script::kNone;
  const auto* range =
      std::upper_bound(std::begin(kScripts), std::end(kScripts), c, [](char32_t value, const ScriptRange& r) { return value < r.first; });
  if (range == std::begin(kScripts) || c > std::prev(range)->last) return Script::kOther;
  return std::prev(range)->script;
}

std::string DetectLanguage(TextView text) {
  text = text.substr(0, kMaxWeighed);
  std::array<int64_t, kNumScripts> letters{};
  for (const char32_t c : text)
    if (const Script script = ScriptOf(c); script != Script::kNone) ++letters[static_cast<size_t>(script)];
  auto count = [&](Script script) -> int64_t& { return letters[static_cast<size_t>(script)]; };
  // A Latin word among others is often a name or a term, and a Chinese character is as much as two letters.
  count(Script::kLatin) = (count(Script::kLatin) + 1) / 2;
  const bool kana = IsJapanese(count(Script::kHan), count(Script::kKana));
  count(kana ? Script::kKana : Script::kHan) = count(Script::kKana) + count(Script::kHan);
  count(kana ? Script::kHan : Script::kKana) = 0;
  const size_t most = static_cast<size_t>(std::max_element(letters.begin(), letters.end()) - letters.begin());
  const auto script = static_cast<Script>(most);
  if (letters[most] == 0 || script == Script::kOther) return {};
  size_t spelled = kMaxSpelled;
  if (IsShared(script)) return std::string(BestOfScript(text, script, &spelled));
  for (const Language& language : kLanguages)
    if (language.script == script) return std::string(language.code);
  return {};
}

bool IsKnownLanguage(std::string_view language) {
  return FindLanguage(language) != nullptr;
}

std::string KnownLanguages() {
  std::vector<std::string_view> codes;
  for (const Language& language : kLanguages) codes.push_back(language.code);
  return fmt::format("{}", fmt::join(codes, ", "));
}

LetterCount CountLetters(TextView text, std::string_view code) {
  constexpr int64_t kMinLine = 20;
  const Language* language = FindLanguage(code);
  LetterCount total;
  if (language == nullptr) return total;
  const Script script = language->script;
  const std::string_view wanted = language->code;
  const bool shared = IsShared(script);
  size_t spelled = kMaxSpelled;
  const bool whole = shared && BestOfScript(text.substr(0, kMaxWeighed), script, &spelled) == wanted;
  spelled = kMaxSpelled;
  int64_t han = 0, kana = 0;
  for (const char32_t c : text) {
    const Script found = ScriptOf(c);
    han += found == Script::kHan;
    kana += found == Script::kKana;
  }
  const bool han_counts = script == (IsJapanese(han, kana) ? Script::kKana : Script::kHan);
  for (const TextView line : Split(text, U"\n")) {
    int64_t own = 0;
    for (const char32_t c : line) {
      const Script found = ScriptOf(c);
      if (found == Script::kNone) continue;
      ++total.all;
      own += found == Script::kHan ? han_counts : found == script;
    }
    if (!shared || (own < kMinLine ? whole : BestOfScript(line, script, &spelled) == wanted)) total.in_language += own;
  }
  return total;
}

}  // namespace hone::instruction
