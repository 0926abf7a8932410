#include "verifiers/math/text_answer.h"

#include <algorithm>
#include <iterator>

#include "verifiers/math/units.h"

namespace hone::math {
namespace {

char LetterOf(const Token& token) {
  if (token.kind != TokenKind::kWord || token.text.size() != 1) return 0;
  const char c = token.text[0];
  if (c >= 'A' && c <= 'H') return c;
  if (c >= 'a' && c <= 'd') return static_cast<char>(c - 'a' + 'A');
  return 0;
}

bool IsLabel(const Token& token) {
  if (token.Is(':')) return true;
  if (token.kind != TokenKind::kWord) return false;
  constexpr std::string_view kLabels[] = {"the", "answer", "answers", "option", "options", "choice", "choices",
                                          "is",  "are",    "correct", "final",  "letter",  "so",     "therefore"};
  return std::find(std::begin(kLabels), std::end(kLabels), LowerCase(token.text)) != std::end(kLabels);
}

int SmallInteger(const Token& token) {
  if (token.kind != TokenKind::kNumber || token.text.empty() || token.text.size() > 4) return -1;
  int value = 0;
  for (const char c : token.text) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

std::vector<std::string> Phrases(std::string_view text) {
  std::vector<std::string> phrases(1);
  while (!text.empty()) {
    const size_t space = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, space);
    text.remove_prefix(std::min(space + 1, text.size()));
    if (word == "and" || word == "or" || word == "," || word == ";" || word == "&") {
      if (!phrases.back().empty()) phrases.emplace_back();
      continue;
    }
    if (!phrases.back().empty()) phrases.back() += ' ';
    phrases.back() += word;
  }
  if (phrases.back().empty()) phrases.pop_back();
  std::sort(phrases.begin(), phrases.end());
  return phrases;
}

}  // namespace

std::optional<std::string> ChosenLetters(const std::vector<Token>& all) {
  std::vector<Token> tokens;
  for (const Token& token : all) {
    if (token.kind != TokenKind::kEnd && token.kind != TokenKind::kOpenBrace && token.kind != TokenKind::kCloseBrace)
      tokens.push_back(token);
  }
  size_t i = 0;
  while (i < tokens.size() && IsLabel(tokens[i])) ++i;
  std::string letters;
  bool marked = false;  // the letter stands in brackets or before a full stop, as options do
  const auto at = [&](size_t k) { return k < tokens.size() ? tokens[k] : Token{}; };
  while (i < tokens.size()) {
    const bool bracket = tokens[i].Is('(') || tokens[i].Is('[');
    const char letter = LetterOf(at(i + bracket));
    if (letter == 0) return std::nullopt;
    i += 1 + bracket;
    if (bracket && !at(i).Is(')') && !at(i).Is(']')) return std::nullopt;
    const bool stop = at(i).Is(')') || at(i).Is('.') || at(i).Is(':');
    i += bracket || stop;
    marked = bracket || stop;
    letters += letter;
    if (i == tokens.size()) break;
    const bool separator = at(i).Is(',') || at(i).Is(';') ||
                           (at(i).kind == TokenKind::kWord && (LowerCase(at(i).text) == "and" || LowerCase(at(i).text) == "or"));
    if (separator) {
      while (i < tokens.size() &&
             (tokens[i].Is(',') || tokens[i].Is(';') || LowerCase(tokens[i].text) == "and" || LowerCase(tokens[i].text) == "or"))
        ++i;
      if (i == tokens.size()) return std::nullopt;
      continue;
    }
    // The option's own text, which must not choose again.
    if (!marked || letters.size() != 1) return std::nullopt;
    if (tokens[i - 1].Is(':') && LetterOf(at(i)) != 0) return std::nullopt;  // a:b:c is a ratio
    for (; i < tokens.size(); ++i) {
      const bool again = tokens[i].Is('(') && LetterOf(at(i + 1)) != 0 && at(i + 2).Is(')');
      const bool connective =
          tokens[i].kind == TokenKind::kWord && (LowerCase(tokens[i].text) == "or" || LowerCase(tokens[i].text) == "not");
      if (again || connective) return std::nullopt;
    }
  }
  if (letters.empty()) return std::nullopt;
  std::sort(letters.begin(), letters.end());
  letters.erase(std::unique(letters.begin(), letters.end()), letters.end());
  return letters;
}

std::optional<Moment> ReadMoment(const std::vector<Token>& all, bool clock) {
  std::vector<Token> tokens;
  for (const Token& token : all) {
    bool filler =
        token.kind == TokenKind::kOpenBrace || token.kind == TokenKind::kCloseBrace || token.Is('.') || token.kind == TokenKind::kEnd;
    if (!tokens.empty() && token.kind == TokenKind::kWord) {  // the 4th of July
      const bool ordinal = token.text == "th" || token.text == "st" || token.text == "nd" || token.text == "rd";
      filler = filler || token.text == "of" || (ordinal && tokens.back().kind == TokenKind::kNumber);
    }
    if (!filler) tokens.push_back(token);
  }
  const size_t n = tokens.size();
  if (n == 1 && tokens[0].kind == TokenKind::kWord) {
    const std::string word = LowerCase(tokens[0].text);
    if (word == "noon") return Moment{Moment::Type::kTime, {12 * 60, 0, 0}};
    if (word == "midnight") return Moment{Moment::Type::kTime, {0, 0, 0}};
  }
  if (n < 2 || n > 7) return std::nullopt;
  const auto number = [&](size_t i) { return i < n ? SmallInteger(tokens[i]) : -1; };
  const auto month = [&](size_t i) { return i < n && tokens[i].kind == TokenKind::kWord ? MonthOfWord(tokens[i].text) : 0; };
  const auto date = [](int year, int m, int d) -> std::optional<Moment> {
    if (m < 1 || m > 12 || d < 1 || d > 31) return std::nullopt;
    return Moment{Moment::Type::kDate, {year, m, d}};
  };
  // 2024-07-04
  if (n == 5 && tokens[0].text.size() == 4 && tokens[1].Is('-') && tokens[2].text.size() == 2 && tokens[3].Is('-') &&
      tokens[4].text.size() == 2 && number(0) > 0 && number(2) > 0 && number(4) > 0) {
    return date(number(0), number(2), number(4));
  }
  // July 4, 2024; 4 July 2024
  const bool month_first = month(0) != 0;
  if (month_first || month(1) != 0) {
    const int m = month_first ? month(0) : month(1), d = month_first ? number(1) : number(0);
    size_t i = 2;
    if (i < n && tokens[i].Is(',')) ++i;
    int year = 0;
    if (i < n) {
      year = number(i);
      if (year < 100 || ++i != n) return std::nullopt;
    }
    return d < 0 ? std::nullopt : date(year, m, d);
  }
  // 9:05 a.m.
  int hour = number(0), minute = 0;
  size_t i = 1;
  if (hour < 0 || hour > 24) return std::nullopt;
  const bool colon = tokens[1].Is(':');
  if (colon) {
    minute = number(2);
    if (minute < 0 || minute > 59 || n < 3 || tokens[2].text.size() != 2) return std::nullopt;
    i = 3;
  }
  if (i == n)
    return colon && clock && hour < 24 ? std::optional<Moment>(Moment{Moment::Type::kTime, {hour * 60 + minute, 0, 0}}) : std::nullopt;
  std::string half;
  for (; i < n; ++i) {
    if (tokens[i].kind != TokenKind::kWord) return std::nullopt;
    half += LowerCase(tokens[i].text);
  }
  if ((half != "am" && half != "pm") || hour < 1 || hour > 12) return std::nullopt;
  hour = hour % 12 + (half == "pm" ? 12 : 0);
  return Moment{Moment::Type::kTime, {hour * 60 + minute, 0, 0}};
}

bool SamePhrase(std::string_view a, std::string_view b) {
  if (a == b) return true;
  const std::vector<std::string> x = Phrases(a), y = Phrases(b);
  return x.size() > 1 && x == y;
}

}  // namespace hone::math
