#include "verifiers/math/units.h"

#include <algorithm>
#include <iterator>

#include "fmt/format.h"

namespace hone::math {
namespace {

struct UnitEntry {
  std::string_view name;
  std::string_view dimension;  // letters with optional powers: "LT-2"; a word in quotes for a dimension of its own
  int64_t num = 1, den = 1;
};

// Symbols: the case counts.
constexpr UnitEntry kSymbols[] = {
    {"m", "L"},
    {"km", "L", 1000},
    {"cm", "L", 1, 100},
    {"mm", "L", 1, 1000},
    {"nm", "L", 1, 1000000000},
    {"dm", "L", 1, 10},
    {"ft", "L", 3048, 10000},
    {"in", "L", 254, 10000},
    {"yd", "L", 9144, 10000},
    {"mi", "L", 1609344, 1000},
    {"g", "M", 1, 1000},
    {"kg", "M"},
    {"mg", "M", 1, 1000000},
    {"lb", "M", 45359237, 100000000},
    {"lbs", "M", 45359237, 100000000},
    {"oz", "M", 45359237, 1600000000},
    {"t", "M", 1000},
    {"s", "T"},
    {"sec", "T"},
    {"secs", "T"},
    {"ms", "T", 1, 1000},
    {"min", "T", 60},
    {"mins", "T", 60},
    {"h", "T", 3600},
    {"hr", "T", 3600},
    {"hrs", "T", 3600},
    {"L", "L3", 1, 1000},
    {"l", "L3", 1, 1000},
    {"mL", "L3", 1, 1000000},
    {"ml", "L3", 1, 1000000},
    {"cL", "L3", 1, 100000},
    {"cc", "L3", 1, 1000000},
    {"gal", "L3", 3785411784, 1000000000000},
    {"mph", "LT-1", 44704, 100000},
    {"kph", "LT-1", 1000, 3600},
    {"kmh", "LT-1", 1000, 3600},
    {"rpm", "'rev'T-1", 1, 60},
    {"N", "MLT-2"},
    {"J", "ML2T-2"},
    {"kJ", "ML2T-2", 1000},
    {"W", "ML2T-3"},
    {"kW", "ML2T-3", 1000},
    {"Pa", "ML-1T-2"},
    {"kPa", "ML-1T-2", 1000},
    {"Hz", "T-1"},
    {"kHz", "T-1", 1000},
    {"MHz", "T-1", 1000000},
    {"A", "I"},
    {"mA", "I", 1, 1000},
    {"V", "ML2T-3I-1"},
    {"C", "IT"},
    {"K", "K"},
    {"mol", "'mol'"},
    {"rad", "'rad'"},
    {"kWh", "ML2T-2", 3600000},
    {"MB", "'byte'", 1000000},
    {"GB", "'byte'", 1000000000},
    {"KB", "'byte'", 1000},
    {"ha", "L2", 10000},
    {"amu", "'amu'"},
    {"eV", "'eV'"},
    {"sqft", "L2", 3048 * 3048, 100000000},
};
// Names in the singular and lower case.
constexpr UnitEntry kWords[] = {
    {"meter", "L"},
    {"metre", "L"},
    {"kilometer", "L", 1000},
    {"kilometre", "L", 1000},
    {"centimeter", "L", 1, 100},
    {"centimetre", "L", 1, 100},
    {"millimeter", "L", 1, 1000},
    {"millimetre", "L", 1, 1000},
    {"foot", "L", 3048, 10000},
    {"feet", "L", 3048, 10000},
    {"inch", "L", 254, 10000},
    {"inche", "L", 254, 10000},
    {"yard", "L", 9144, 10000},
    {"mile", "L", 1609344, 1000},
    {"gram", "M", 1, 1000},
    {"kilogram", "M"},
    {"milligram", "M", 1, 1000000},
    {"pound", "M", 45359237, 100000000},
    {"ounce", "M", 45359237, 1600000000},
    {"ton", "'ton'"},
    {"tonne", "M", 1000},
    {"second", "T"},
    {"minute", "T", 60},
    {"hour", "T", 3600},
    {"day", "T", 86400},
    {"week", "T", 604800},
    {"month", "'month'"},
    {"year", "'month'", 12},
    {"decade", "'month'", 120},
    {"century", "'month'", 1200},
    {"centurie", "'month'", 1200},
    {"millisecond", "T", 1, 1000},
    {"liter", "L3", 1, 1000},
    {"litre", "L3", 1, 1000},
    {"milliliter", "L3", 1, 1000000},
    {"millilitre", "L3", 1, 1000000},
    {"gallon", "L3", 3785411784, 1000000000000},
    {"quart", "L3", 3785411784, 4000000000000},
    {"pint", "L3", 3785411784, 8000000000000},
    {"cup", "L3", 3785411784, 16000000000000},
    {"acre", "L2", 40468564224, 10000000},
    {"hectare", "L2", 10000},
    {"newton", "MLT-2"},
    {"joule", "ML2T-2"},
    {"watt", "ML2T-3"},
    {"pascal", "ML-1T-2"},
    {"hertz", "T-1"},
    {"ampere", "I"},
    {"amp", "I"},
    {"volt", "ML2T-3I-1"},
    {"coulomb", "IT"},
    {"kelvin", "K"},
    {"mole", "'mol'"},
    {"radian", "'rad'"},
    {"revolution", "'rev'"},
    {"byte", "'byte'"},
    {"knot", "LT-1", 1852, 3600},
    {"unit", ""},
};
// Words that make a text something else than a quantity.
constexpr std::string_view kNoUnits[] = {
    "a",         "about",     "above",     "all",      "almost",    "also",          "am",      "an",
    "and",       "another",   "answer",    "any",      "approx",    "approximately", "are",     "around",
    "as",        "at",        "be",        "because",  "below",     "but",           "by",      "can",
    "cannot",    "certainly", "choice",    "correct",  "could",     "definitely",    "does",    "each",
    "either",    "else",      "equal",     "equals",   "error",     "except",        "exactly", "fail",
    "false",     "final",     "for",       "from",     "greater",   "grader",        "half",    "has",
    "have",      "if",        "incorrect", "instead",  "is",        "isn",           "it",      "least",
    "less",      "likely",    "maybe",     "minus",    "mod",       "more",          "most",    "must",
    "neither",   "never",     "no",        "none",     "nor",       "not",           "note",    "of",
    "on",        "only",      "option",    "or",       "other",     "otherwise",     "pass",    "perhaps",
    "plus",      "pm",        "possibly",  "probably", "reference", "result",        "roughly", "same",
    "should",    "so",        "solution",  "some",     "sure",      "than",          "that",    "the",
    "then",      "there",     "this",      "times",    "to",        "true",          "unless",  "up",
    "value",     "versus",    "was",       "when",     "where",     "whether",       "which",   "while",
    "will",      "with",      "without",   "wrong",    "would",     "xor",           "yes",     "infinity",
    "undefined", "squared",   "cubed",     "square",   "cubic",     "first",         "last",    "between",
    "until",     "till",      "through",   "but",      "remainder", "factorial",     "st",      "nd",
    "rd",        "th"};
constexpr std::string_view kMonths[] = {"january", "february", "march",     "april",   "may",      "june",
                                        "july",    "august",   "september", "october", "november", "december"};

Unit FromEntry(const UnitEntry& entry) {
  Unit unit;
  unit.factor = Rational(entry.num, entry.den);
  const std::string_view d = entry.dimension;
  for (size_t i = 0; i < d.size();) {
    std::string base;
    if (d[i] == '\'') {
      const size_t close = d.find('\'', i + 1);
      base = d.substr(i + 1, close - i - 1);
      i = close + 1;
    } else {
      base = d.substr(i++, 1);
    }
    int sign = 1, power = 0;
    if (i < d.size() && d[i] == '-') {
      sign = -1;
      ++i;
    }
    while (i < d.size() && d[i] >= '0' && d[i] <= '9') power = power * 10 + (d[i++] - '0');
    unit.powers[base] += sign * (power == 0 ? 1 : power);
  }
  return unit;
}

}  // namespace

std::string LowerCase(std::string_view word) {
  std::string lower(word);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

void Unit::Multiply(const Unit& other, int power) {
  for (const auto& [base, exponent] : other.powers) {
    int& mine = powers[base];
    mine += exponent * power;
    if (mine == 0) powers.erase(base);
  }
  factor = factor * other.factor.Power(power);
  known = known && other.known;
}

std::string Unit::Dimension() const {
  std::string text;
  for (const auto& [base, exponent] : powers) text += fmt::format("{}{}^{}", text.empty() ? "" : "*", base, exponent);
  return text;
}

std::optional<Unit> KnownUnit(std::string_view word) {
  for (const UnitEntry& entry : kSymbols) {
    if (entry.name == word) return FromEntry(entry);
  }
  if (word.size() < 3) return std::nullopt;
  std::string lower = LowerCase(word);
  for (int plural = 0; plural < 2; ++plural) {
    for (const UnitEntry& entry : kWords) {
      if (entry.name == lower) return FromEntry(entry);
    }
    if (lower.back() != 's') break;
    lower.pop_back();
  }
  return std::nullopt;
}

std::optional<Unit> UnitOfWord(std::string_view word) {
  if (auto known = KnownUnit(word)) return known;
  std::string lower = LowerCase(word);
  if (std::find(std::begin(kNoUnits), std::end(kNoUnits), lower) != std::end(kNoUnits)) return std::nullopt;
  if (MonthOfWord(word) != 0) return std::nullopt;
  if (lower.size() > 3 && lower.back() == 's') lower.pop_back();
  Unit unit;
  unit.known = false;
  unit.powers[lower] = 1;
  return unit;
}

std::optional<CurrencyWord> CurrencyOfWord(std::string_view word) {
  const std::string lower = LowerCase(word);
  constexpr struct {
    std::string_view word;
    CurrencyWord currency;
  } kCurrencies[] = {{"dollar", {"USD", 1}}, {"usd", {"USD", 1}},     {"buck", {"USD", 1}},    {"cent", {"USD", 100}},
                     {"euro", {"EUR", 1}},   {"eur", {"EUR", 1}},     {"yen", {"JPY", 1}},     {"jpy", {"JPY", 1}},
                     {"rupee", {"INR", 1}},  {"rs", {"INR", 1}},      {"inr", {"INR", 1}},     {"yuan", {"CNY", 1}},
                     {"gbp", {"GBP", 1}},    {"pence", {"GBP", 100}}, {"penny", {"USD", 100}}, {"pennie", {"USD", 100}},
                     {"paise", {"INR", 100}}};
  for (const auto& entry : kCurrencies) {
    if (lower == entry.word || (lower.size() == entry.word.size() + 1 && lower.back() == 's' && lower.starts_with(entry.word)))
      return entry.currency;
  }
  return std::nullopt;
}

int ScaleOfWord(std::string_view word) {
  const std::string lower = LowerCase(word);
  constexpr struct {
    std::string_view word;
    int zeros;
  } kScales[] = {{"hundred", 2}, {"thousand", 3}, {"million", 6}, {"billion", 9}, {"trillion", 12}};
  for (const auto& scale : kScales) {
    if (lower == scale.word) return scale.zeros;
  }
  return 0;
}

int MonthOfWord(std::string_view word) {
  const std::string lower = LowerCase(word);
  for (int i = 0; i < 12; ++i) {
    if (lower == kMonths[i] || (lower.size() == 3 && i != 4 && kMonths[i].starts_with(lower)) || (lower == "sept" && i == 8)) return i + 1;
  }
  return 0;
}

}  // namespace hone::math
