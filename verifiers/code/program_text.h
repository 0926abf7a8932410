#pragma once
// From what a model wrote to a program: which part of it is code, and how it joins the text that the task gives.

#include <string>
#include <string_view>
#include <vector>

namespace hone {

// The last fenced block of a completion (lines of ``` or ~~~; a closing fence is at least as long as the opening one; a block that the end
// of the text cuts off counts), without the fences and without the indentation that its opening fence has (in a list); the whole completion
// when there is none, or what stands before a single fence with nothing behind it, whose block the prompt has opened. A byte order mark at
// the start is no part of it.
std::string ExtractCode(std::string_view completion);

// A Python program in pieces that run one after another in one namespace.
struct PythonProgram {
  std::string preamble;               // what the task defines before the function asked for: imports, helpers
  std::vector<std::string> variants;  // the first that compiles is meant
};

// Joins a prompt that ends in the head of `entry_point` (as HumanEval's do) with the code of a completion: a whole definition of it, or the
// body that goes on from the prompt, the body's first indentation possibly lost. entry_point may be empty, the prompt too.
PythonProgram JoinPython(std::string_view prompt, std::string_view code, std::string_view entry_point);

// The part of a prompt before the definition of `entry_point` begins, decorators not included; the whole prompt when it defines no such
// thing.
std::string_view PreambleOf(std::string_view prompt, std::string_view entry_point);

// Cuts at the first of the stop tokens.
std::string_view CutAtStops(std::string_view text, const std::vector<std::string>& stops);

}  // namespace hone
