#include "verifiers/instruction/unicode_text.h"

#include <algorithm>

#include "utf8proc.h"

namespace hone::instruction {
namespace {
utf8proc_category_t Category(char32_t c) {
  return utf8proc_category(static_cast<utf8proc_int32_t>(c));
}

template <typename Keep>
Text Filtered(TextView text, Keep keep) {
  Text out;
  out.reserve(text.size());
  std::copy_if(text.begin(), text.end(), std::back_inserter(out), keep);
  return out;
}
}  // namespace

Text Decode(std::string_view utf8) {
  Text out;
  out.reserve(utf8.size());
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(utf8.data());
  for (size_t i = 0; i < utf8.size();) {
    if (bytes[i] < 0x80) {
      out.push_back(bytes[i++]);
      continue;
    }
    utf8proc_int32_t c = -1;
    const utf8proc_ssize_t length = utf8proc_iterate(bytes + i, static_cast<utf8proc_ssize_t>(utf8.size() - i), &c);
    out.push_back(length > 0 ? static_cast<char32_t>(c) : U'\uFFFD');
    i += length > 0 ? static_cast<size_t>(length) : 1;
  }
  return out;
}

std::string Encode(TextView text) {
  std::string out;
  out.reserve(text.size());
  for (const char32_t c : text) {
    utf8proc_uint8_t bytes[4];
    const utf8proc_ssize_t length = utf8proc_encode_char(static_cast<utf8proc_int32_t>(c), bytes);
    out.append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(length));
  }
  return out;
}

namespace beyond_ascii {
bool IsSpace(char32_t c) {
  return c == 0x85 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
         c == 0x205f || c == 0x3000;
}

bool IsAlpha(char32_t c) {
  const utf8proc_category_t category = Category(c);
  return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
}

bool IsDecimal(char32_t c) {
  return Category(c) == UTF8PROC_CATEGORY_ND;
}

bool IsWordChar(char32_t c) {
  const utf8proc_category_t category = Category(c);
  return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO) ||
         (category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO);
}

bool IsUpper(char32_t c) {
  return utf8proc_isupper(static_cast<utf8proc_int32_t>(c)) != 0;
}
bool IsLower(char32_t c) {
  return utf8proc_islower(static_cast<utf8proc_int32_t>(c)) != 0;
}

char32_t ToLower(char32_t c) {
  return static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c)));
}
}  // namespace beyond_ascii

Text Lower(TextView text) {
  Text out(text);
  for (char32_t& c : out) c = ToLower(c);
  return out;
}

bool IsAllUpper(TextView text) {
  bool cased = false;
  for (const char32_t c : text) {
    if (IsLower(c)) return false;
    cased = cased || IsUpper(c);
  }
  return cased;
}
bool IsAllLower(TextView text) {
  bool cased = false;
  for (const char32_t c : text) {
    if (IsUpper(c)) return false;
    cased = cased || IsLower(c);
  }
  return cased;
}

std::vector<TextView> SplitWords(TextView text) {
  std::vector<TextView> words;
  words.reserve(text.size() / 6 + 1);
  for (size_t i = 0; i < text.size();) {
    if (IsSpace(text[i])) {
      ++i;
      continue;
    }
    const size_t begin = i;
    while (i < text.size() && !IsSpace(text[i])) ++i;
    words.push_back(text.substr(begin, i - begin));
  }
  return words;
}

std::vector<TextView> Split(TextView text, TextView separator) {
  std::vector<TextView> parts;
  size_t begin = 0;
  for (size_t at; (at = text.find(separator, begin)) != TextView::npos; begin = at + separator.size())
    parts.push_back(text.substr(begin, at - begin));
  parts.push_back(text.substr(begin));
  return parts;
}

std::vector<TextView> WordRuns(TextView text) {
  std::vector<TextView> runs;
  runs.reserve(text.size() / 6 + 1);
  for (size_t i = 0; i < text.size();) {
    if (!IsWordChar(text[i])) {
      ++i;
      continue;
    }
    const size_t begin = i;
    while (i < text.size() && IsWordChar(text[i])) ++i;
    runs.push_back(text.substr(begin, i - begin));
  }
  return runs;
}

TextView Trim(TextView text) {
  while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
  return text;
}

TextView TrimLeft(TextView text, TextView set) {
  const size_t begin = text.find_first_not_of(set);
  return begin == TextView::npos ? TextView() : text.substr(begin);
}

TextView TrimRight(TextView text, TextView set) {
  return text.substr(0, text.find_last_not_of(set) + 1);
}

TextView TrimBoth(TextView text, TextView set) {
  return TrimRight(TrimLeft(text, set), set);
}

TextView TrimMarksLeft(TextView text) {
  while (!text.empty() && (IsPunctuation(text.front()) || text.front() == ' ')) text.remove_prefix(1);
  return text;
}
TextView TrimMarksRight(TextView text) {
  while (!text.empty() && (IsPunctuation(text.back()) || text.back() == ' ')) text.remove_suffix(1);
  return text;
}
TextView TrimMarks(TextView text) {
  return TrimMarksRight(TrimMarksLeft(text));
}

TextView FirstPiece(TextView text) {
  while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
  size_t end = 0;
  while (end < text.size() && !IsSpace(text[end])) ++end;
  return text.substr(0, end);
}
TextView LastPiece(TextView text) {
  while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
  size_t begin = text.size();
  while (begin > 0 && !IsSpace(text[begin - 1])) --begin;
  return text.substr(begin);
}

Text WithoutPunctuation(TextView text) {
  return Filtered(text, [](char32_t c) { return !IsPunctuation(c); });
}

Text WithoutChar(TextView text, char32_t c) {
  return Filtered(text, [c](char32_t other) { return other != c; });
}

Text ToAscii(TextView text) {
  Text out;
  for (const char32_t c : text) {
    if (c < 128) {
      out.push_back(c);
      continue;
    }
    utf8proc_int32_t parts[32];
    int boundary = 0;
    const utf8proc_ssize_t count = utf8proc_decompose_char(static_cast<utf8proc_int32_t>(c), parts, 32,
                                                           static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT), &boundary);
    for (utf8proc_ssize_t i = 0; i < std::min<utf8proc_ssize_t>(count, 32); ++i)
      if (parts[i] >= 0 && parts[i] < 128) out.push_back(static_cast<char32_t>(parts[i]));
  }
  return out;
}

int64_t CountOccurrences(TextView text, TextView part) {
  int64_t count = 0;
  if (part.empty()) return 0;
  for (size_t at = 0; (at = text.find(part, at)) != TextView::npos; at += part.size()) ++count;
  return count;
}

bool ContainsWholeWord(TextView text, TextView word) {
  if (word.empty()) return false;
  const bool word_begins = IsWordChar(word.front()), word_ends = IsWordChar(word.back());
  for (size_t at = 0; (at = text.find(word, at)) != TextView::npos; ++at) {
    const size_t end = at + word.size();
    // A boundary stands where exactly one of the two sides is a word character.
    const bool before = at > 0 && IsWordChar(text[at - 1]), after = end < text.size() && IsWordChar(text[end]);
    if (before != word_begins && after != word_ends) return true;
  }
  return false;
}

}  // namespace hone::instruction
