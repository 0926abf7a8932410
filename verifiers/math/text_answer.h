#pragma once
// Answers that are words: letters of a multiple choice, dates and times, phrases.

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "verifiers/math/lexer.h"

namespace hone::math {

// The letters A to H that an answer chooses, upper case, sorted: "C", "(C)", "C. 12", "The answer is (D)", "A, C". nullopt for anything
// else, among them a letter with a word that is no label ("not C").
std::optional<std::string> ChosenLetters(const std::vector<Token>& tokens);

// A date (year 0 when it is not given, month, day) or a time of day in minutes.
struct Moment {
  enum class Type { kDate, kTime } type;
  std::array<int, 3> value;
  bool operator==(const Moment&) const = default;
};
// "July 4", "4 July 2024", "2024-07-04", "9:05 a.m.", "5 PM". A time without a.m. or p.m. is read as 24 hours and only when `clock` is set.
std::optional<Moment> ReadMoment(const std::vector<Token>& tokens, bool clock);

// Whether two phrases, as Parser::Words gives them, are the same words, or the same list of phrases in another order.
bool SamePhrase(std::string_view a, std::string_view b);

}  // namespace hone::math
