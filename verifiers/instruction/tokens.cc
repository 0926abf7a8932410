#include "verifiers/instruction/tokens.h"

#include <algorithm>
#include <utility>

#include "verifiers/instruction/sentences.h"

namespace hone::instruction {
namespace {
constexpr AsciiSet kAlone(";@#$%&?!*[](){}<>");  // marks that are always tokens
constexpr AsciiSet kInWords("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+/=\\^|~");

bool In(TextView set, char32_t c) {
  return set.find(c) != TextView::npos;
}

bool EqualsIgnoreCase(TextView text, TextView lower) {
  return text.size() == lower.size() &&
         std::equal(text.begin(), text.end(), lower.begin(), [](char32_t a, char32_t b) { return ToLower(a) == b; });
}

// Where the period that ends the sentence stands: only closing marks and white space follow it. npos when there is none.
size_t FinalPeriod(TextView sentence) {
  TextView rest = sentence;
  while (!rest.empty() && IsSpace(rest.back())) rest.remove_suffix(1);
  rest = TrimRight(rest, U"])}>\"'\u00bb\u201d\u2019 ");
  if (rest.size() < 2 || rest.back() != '.' || rest[rest.size() - 2] == '.') return TextView::npos;
  const TextView behind = sentence.substr(rest.size());
  // A quote behind a space opens, and does not close.
  const bool opens = behind.find(U" \"") != TextView::npos || behind.find(U" ''") != TextView::npos;
  return opens ? TextView::npos : rest.size() - 1;
}

// Length of the part of `word` that is split off its end ("'s", "n't"); 0 when there is none.
size_t CliticLength(TextView word) {
  auto follows_letter = [&](size_t length) { return word.size() > length && word[word.size() - length - 1] != '\''; };
  if (word.size() < 2 || word.substr(word.size() < 3 ? 0 : word.size() - 3).find(U'\'') == TextView::npos) return 0;
  const char32_t last = word.back(), before = word[word.size() - 2];
  if (before == '\'' && In(U"sSmMdD", last) && follows_letter(2)) return 2;
  if (last == '\'' && follows_letter(1)) return 1;
  if (word.size() < 4) return 0;
  const TextView end = word.substr(word.size() - 3);
  for (const TextView clitic : {U"'ll", U"'LL", U"'re", U"'RE", U"'ve", U"'VE", U"n't", U"N'T"})
    if (end == clitic && follows_letter(3)) return 3;
  return 0;
}

// Two words written as one; the first number is the length of the first.
struct Contraction {
  TextView text;
  size_t head;
};
constexpr Contraction kContractions[] = {{U"cannot", 3}, {U"d'ye", 1},  {U"gimme", 3},  {U"gonna", 3},
                                         {U"gotta", 3},  {U"lemme", 3}, {U"more'n", 4}, {U"wanna", 3}};

void AddWord(TextView word, std::vector<TextView>& words) {
  constexpr AsciiSet kFirst("'cdglmwCDGLMW");
  if (word.size() < 4 || word.size() > 6 || !kFirst.Has(word[0])) {
    words.push_back(word);
    return;
  }
  for (const TextView lead : {U"'tis", U"'twas"}) {
    if (EqualsIgnoreCase(word, lead)) {
      words.push_back(word.substr(0, 2));
      words.push_back(word.substr(2));
      return;
    }
  }
  for (const Contraction& contraction : kContractions) {
    if (EqualsIgnoreCase(word, contraction.text)) {
      words.push_back(word.substr(0, contraction.head));
      words.push_back(word.substr(contraction.head));
      return;
    }
  }
  words.push_back(word);
}
}  // namespace

void Tokens::AddPiece(TextView piece) {
  const size_t clitic = CliticLength(piece);
  AddWord(piece.substr(0, piece.size() - clitic), words_);
  if (clitic > 0) words_.push_back(piece.substr(piece.size() - clitic));
}

void Tokens::CutSentence(TextView sentence) {
  const size_t final_period = FinalPeriod(sentence);
  auto at = [&](size_t i) { return i < sentence.size() ? sentence[i] : U'\0'; };
  size_t piece = 0;                 // where the piece at hand begins
  bool separator_is_plain = false;  // a comma or colon right behind another one is not cut off
  // Ends the piece at hand before `i`; the next one begins at `next`.
  auto cut = [&](size_t i, size_t next) {
    if (i > piece) AddPiece(sentence.substr(piece, i - piece));
    piece = next;
  };
  auto cut_out = [&](size_t i, size_t length) {
    cut(i, i + length);
    words_.push_back(sentence.substr(i, length));
  };
  for (size_t i = 0; i < sentence.size(); ++i) {
    const char32_t c = sentence[i];
    const bool plain = std::exchange(separator_is_plain, false);
    if (kInWords.Has(c)) continue;
    if (IsSpace(c)) {
      cut(i, i + 1);
    } else if (c == '.' && at(i + 1) == '.') {
      const size_t end = std::min(sentence.find_first_not_of(c, i), sentence.size());
      cut_out(i, end - i);
      i = end - 1;
    } else if (c == '`') {
      const size_t length = at(i + 1) == '`' ? 2 : 1;
      cut_out(i, length);
      i += length - 1;
    } else if (c == '"' || (c == '\'' && at(i + 1) == '\'')) {
      const size_t length = c == '"' ? 1 : 2;
      const bool opens = i == 0 ? c == '"' : In(U" ([{<\u00ab\u201c\u2018\u201e`", sentence[i - 1]);
      cut(i, i + length);
      words_.push_back(opens ? TextView(U"``") : TextView(U"''"));
      i += length - 1;
    } else if (c == '\'' && IsWordChar(at(i + 1)) && !IsWordChar(at(i + 2)) && !In(U"mtsdn", ToLower(sentence[i + 1]))) {
      cut(i + 1, i + 1);
    } else if (c == ',' || c == ':') {
      const bool last = i + 1 == sentence.size();
      separator_is_plain = !plain && (last || !IsDecimal(sentence[i + 1]));
      if (separator_is_plain || last) cut_out(i, 1);
    } else if (c == '-' && at(i + 1) == '-') {
      cut_out(i, 2);
      ++i;
    } else if (i == final_period || kAlone.Has(c) || (c >= 128 && In(U"\u00ab\u201c\u2018\u201e\u00bb\u201d\u2019", c))) {
      cut_out(i, 1);
    }
  }
  cut(sentence.size(), sentence.size());
}

Tokens::Tokens(TextView text) : Tokens(SplitSentences(text)) {}

Tokens::Tokens(const std::vector<TextView>& sentences) {
  size_t size = 0;
  for (const TextView sentence : sentences) size += sentence.size();
  words_.reserve(size / 5 + 1);
  for (const TextView sentence : sentences) CutSentence(sentence);
}

}  // namespace hone::instruction
