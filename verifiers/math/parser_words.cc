#include "verifiers/math/parser_words.h"

#include <algorithm>
#include <iterator>

#include "verifiers/math/units.h"

namespace hone::math {
namespace {

struct FunctionName {
  std::string_view name;
  Function function;
};
constexpr FunctionName kFunctions[] = {
    {"sin", Function::kSin},     {"cos", Function::kCos},     {"tan", Function::kTan},     {"tg", Function::kTan},
    {"cot", Function::kCot},     {"ctg", Function::kCot},     {"sec", Function::kSec},     {"csc", Function::kCsc},
    {"cosec", Function::kCsc},   {"asin", Function::kAsin},   {"acos", Function::kAcos},   {"atan", Function::kAtan},
    {"acot", Function::kAcot},   {"arcsin", Function::kAsin}, {"arccos", Function::kAcos}, {"arctan", Function::kAtan},
    {"arccot", Function::kAcot}, {"sinh", Function::kSinh},   {"cosh", Function::kCosh},   {"tanh", Function::kTanh},
    {"exp", Function::kExp},     {"ln", Function::kLn},       {"log", Function::kLog},     {"lg", Function::kLog},
    {"Re", Function::kRe},       {"Im", Function::kIm},       {"arg", Function::kArg},     {"conj", Function::kConjugate},
    {"gcd", Function::kGcd},     {"lcm", Function::kLcm},     {"max", Function::kMax},     {"min", Function::kMin},
};
constexpr std::string_view kGreek[] = {"alpha", "beta",   "gamma", "delta", "epsilon", "zeta",    "eta",   "theta",  "iota",
                                       "kappa", "lambda", "mu",    "nu",    "xi",      "rho",     "sigma", "tau",    "upsilon",
                                       "phi",   "chi",    "psi",   "omega", "Gamma",   "Delta",   "Theta", "Lambda", "Xi",
                                       "Pi",    "Sigma",  "Phi",   "Psi",   "Omega",   "Upsilon", "ell",   "hbar"};
// Runs of letters that are words of a sentence, not products.
constexpr std::string_view kEnglish[] = {"and", "or",  "to",  "mod", "is",  "the", "not", "for", "if",  "of",  "in",
                                         "no",  "yes", "are", "any", "all", "one", "two", "six", "ten", "odd", "dne",
                                         "DNE", "on",  "so",  "it",  "at",  "by",  "we",  "am",  "pm",  "AM",  "PM"};
// Those of them that letters of a formula make too.
constexpr std::string_view kAmbiguous[] = {"is", "on", "so", "it", "at", "by", "we", "am", "pm"};
constexpr size_t kLongestProduct = 3;

}  // namespace

std::optional<Function> FunctionNamed(std::string_view name) {
  if (name.size() < 2) return std::nullopt;
  for (const FunctionName& entry : kFunctions) {
    if (entry.name == name) return entry.function;
  }
  return std::nullopt;
}

bool IsGreek(std::string_view name) {
  return OneOf(name, kGreek);
}

bool AllDigits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool IsHexLetters(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'F'; });
}

bool IsMathWord(std::string_view word) {
  constexpr std::string_view kOthers[] = {"pi",  "inf", "infinity", "Infinity", "sqrt", "cbrt", "floor", "ceil", "abs",
                                          "cis", "dx",  "dy",       "dz",       "dt",   "du",   "dv",    "dr"};
  return OneOf(word, kOthers) || FunctionNamed(word).has_value() || IsGreek(word);
}

bool IsProduct(std::string_view word, const ParseOptions& options, bool is_formula) {
  for (const char c : word) {
    if (static_cast<unsigned char>(c) >= 0x80) return false;
    if (!options.letters_are_products && options.product_letters.find(c) == std::string_view::npos) return false;
  }
  if (word == "per" || (word.size() == 3 && word[0] <= 'Z' && CurrencyOfWord(word).has_value())) return false;
  if (OneOf(word, kEnglish) && !(is_formula && OneOf(word, kAmbiguous))) return false;
  return word.size() <= kLongestProduct;
}

bool IsRunOfCapitals(std::string_view word) {
  return word.size() >= 2 && word.size() <= 4 && !OneOf(word, kEnglish) &&
         std::all_of(word.begin(), word.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

std::string BaseOfScript(std::string_view script) {
  if (script.size() > 2 && script.front() == '(' && script.back() == ')') script = script.substr(1, script.size() - 2);
  if (AllDigits(script) && script.size() <= 2) return std::string(script);
  constexpr std::string_view kNames[] = {"two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"};
  for (size_t i = 0; i < std::size(kNames); ++i) {
    if (script == kNames[i]) return std::to_string(i + 2);
  }
  return script == "sixteen" ? "16" : "";
}

}  // namespace hone::math
