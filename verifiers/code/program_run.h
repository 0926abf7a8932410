#pragma once
// Tests of whole programs: by what they print, and, in C and C++, with the test's own main behind them in one process.

#include <string>
#include <string_view>

#include "verifiers/code/output_comparison.h"
#include "verifiers/code/problem.h"
#include "verifiers/code/test_result.h"

namespace hone {

// Gives the program the test's input and judges what it prints: by the problem's checker when there is one, else by `comparison`.
//
// A checker is run as CHECKER input output answer (names of files in its folder) in a sandbox of its own: it exits with 0 for accepted, 1
// for wrong, 2 for a wrong format; anything else is a fault of the task, and so is Python that does not compile or lacks a name or module.
TestResult RunProgram(const TestBench& bench, const CodeProblem& problem, std::string_view language, std::string_view source,
                      const CodeTest& test, const OutputComparison& comparison);

// Compiles and runs code and the problem's test file as one program (language "c" or "cpp"). A pass needs more than exit code 0: the end of
// the test's main sends a token that is made afresh for every program. Code and tests share a process, so code that reads its own memory
// for the token, redefines the operators that the tests compare with, or changes the stack can still pass: see README.md.
TestResult RunAppended(const TestBench& bench, const CodeProblem& problem, std::string_view language, std::string_view code);

}  // namespace hone
