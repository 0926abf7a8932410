#pragma once

#include <string>
#include <string_view>

#include "verifiers/code/problem.h"

namespace hone {

// C or C++ source of a candidate with the tests of its problem behind it, ready to compile.
//
// The code is a whole program, which brings its own includes and may have a main of its own, or the body that goes on from the prompt. What
// keeps it from answering for the tests: its main gets another name, macros that it defines are undone where the tests use the word, assert
// is defined anew behind it (a failed one sends "F" and never returns), and the last brace of the tests sends `token`.
std::string AppendTests(const CodeProblem& problem, std::string_view code, std::string_view token);

// The same with a body that does nothing: whether the tests compile by themselves. Empty when the prompt does not end in a function's head.
std::string TestsAlone(const CodeProblem& problem, std::string_view token);

}  // namespace hone
