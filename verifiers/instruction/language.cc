#include "verifiers/instruction/language.h"

#include <algorithm>
#include <array>
#include <map>
#include <unordered_map>

#include "fmt/format.h"
#include "utf8proc.h"
#include "verifiers/instruction/language_words.h"

namespace hone::instruction {
namespace {
constexpr size_t kNumScripts = static_cast<size_t>(Script::kNone);
constexpr size_t kMaxWeighed = 200'000;

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
constexpr double kLetterWeight = 0.4;  // of a special letter against a frequent word that no other language has

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

// By word or by letter: the languages it speaks for.
struct Evidence {
  std::unordered_map<Text, std::vector<size_t>> words;
  std::unordered_map<char32_t, std::vector<size_t>> letters;

  Evidence() {
    for (size_t i = 0; i < kNumLanguageWords; ++i) {
      const auto language = static_cast<size_t>(FindLanguage(kLanguageWords[i].language) - kLanguages);
      const Text list = Decode(kLanguageWords[i].words);
      for (const TextView word : SplitWords(list)) words[Text(word)].push_back(language);
    }
    for (size_t i = 0; i < kNumLanguages; ++i)
      for (const char32_t letter : kLanguages[i].letters) letters[letter].push_back(i);
  }
};

bool IsMark(char32_t c) {
  if (c < 0x300) return false;
  const auto category = utf8proc_category(static_cast<utf8proc_int32_t>(c));
  return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC || c == 0x200c;
}

// The language among those of `script` that most words and letters of the text speak for; the first of them in the table's order of
// preference when nothing does.
std::string_view BestOfScript(TextView text, Script script) {
  static const Evidence& evidence = *new Evidence;
  std::array<double, kNumLanguages> score{};
  auto add = [&](const std::vector<size_t>& languages, double weight) {
    for (const size_t language : languages) score[language] += weight / static_cast<double>(languages.size());
  };
  Text word;
  auto end_word = [&] {
    if (const auto found = evidence.words.find(word); found != evidence.words.end()) add(found->second, 1);
    word.clear();
  };
  for (const char32_t raw : text) {
    const char32_t c = raw == 0x2019 ? U'\'' : ToLower(raw);
    if (IsAlpha(c) || IsMark(c) || (c == '\'' && !word.empty())) {
      if (const auto found = evidence.letters.find(c); found != evidence.letters.end()) add(found->second, kLetterWeight);
      if (word.size() < 64) word.push_back(c);
    } else {
      while (!word.empty() && word.back() == '\'') word.pop_back();
      end_word();
    }
  }
  end_word();
  const std::string_view fallback = script == Script::kLatin      ? "en"
                                    : script == Script::kCyrillic ? "ru"
                                    : script == Script::kArabic   ? "ar"
                                                                  : "hi";
  size_t best = static_cast<size_t>(FindLanguage(fallback) - kLanguages);
  for (size_t i = 0; i < kNumLanguages; ++i)
    if (kLanguages[i].script == script && score[i] > score[best]) best = i;
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
  if (IsShared(script)) return std::string(BestOfScript(text, script));
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
  const bool whole = shared && BestOfScript(text.substr(0, kMaxWeighed), script) == wanted;
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
    if (!shared || (own < kMinLine ? whole : BestOfScript(line, script) == wanted)) total.in_language += own;
  }
  return total;
}

}  // namespace hone::instruction
