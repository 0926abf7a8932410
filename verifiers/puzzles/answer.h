#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hone {

// What the answer to a puzzle looks like, and when two of them are the same.
enum class AnswerForm {
  kNumber,  // one number, compared exactly: 7, -5, 3/4, 2.50; "x = 7" is 7
  kText,    // one line; case and the amount of white space do not count
  kList,    // items between commas or spaces, brackets around them or not; numbers among them are compared as numbers
  kSet,     // as kList, in any order; an item that comes twice counts twice
  kGrid,    // lines; white space in them and empty lines do not count
};
const char* Name(AnswerForm form);

// A longer answer is a wrong one: no puzzle needs as many bytes.
inline constexpr size_t kMaxAnswerBytes = 16 << 10;

// The final answer of a completion: the last <answer>..</answer>; else the last balanced \boxed{..}; else what follows the last "answer:"
// or "answer is" (any case); else the last line that is not blank (a grid: all lines behind the last blank line). White space, quotes,
// asterisks, backticks and dollar signs around it are taken off, and a final point. Linear in the text.
std::string_view ExtractAnswer(std::string_view completion, AnswerForm form);

// Whether `answer` is `reference`. Only the whole answer counts: "7 or 8" is not 7.
bool SameAnswer(AnswerForm form, std::string_view reference, std::string_view answer);

// The items of a list in lower case, without brackets around the whole.
std::vector<std::string> ListItems(std::string_view text);
// The lines of a grid, without white space and empty lines, in lower case.
std::vector<std::string> GridRows(std::string_view text);
// The text as a whole number of at most 18 digits, nothing around it but white space.
bool ReadInt(std::string_view text, int64_t* value);

}  // namespace hone
