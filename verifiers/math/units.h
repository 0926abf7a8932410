#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "verifiers/math/rational.h"

namespace hone::math {

// A unit of measurement: powers of base dimensions times an exact factor, so that 1 km and 1000 m are one quantity. A counted thing
// ("apples") is a dimension of its own.
struct Unit {
  std::map<std::string, int> powers;
  Rational factor{1};
  bool known = true;  // every word of it stands in the table

  void Multiply(const Unit& other, int power);
  // The dimension as text: "L*T^-2"; empty for a pure number.
  std::string Dimension() const;
};

// The unit that a word names: symbol, name or plural; an unknown word names a counted thing. nullopt for words that no unit can hold, such
// as "or", "not", "is", months.
std::optional<Unit> UnitOfWord(std::string_view word);
// Only what the table holds.
std::optional<Unit> KnownUnit(std::string_view word);

// Currency words: the ISO code and the share of the main unit ("cents": USD, 1/100).
struct CurrencyWord {
  const char* code;
  int64_t parts;
};
std::optional<CurrencyWord> CurrencyOfWord(std::string_view word);

// "million" is 6, others 0.
int ScaleOfWord(std::string_view word);
// 1 to 12 for the name of a month, else 0.
int MonthOfWord(std::string_view word);

std::string LowerCase(std::string_view word);

}  // namespace hone::math
