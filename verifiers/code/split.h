#pragma once
// Tests of Python functions. The candidate's program runs in a sandbox of its own and only ever sees the arguments of calls; expected
// values stay in this process, or in a second sandbox that runs the test file. Between them goes plain data, which this process reads,
// checks and passes on.
//
// Messages (lists of plain data, one a frame):
//   to the candidate    first, once: by_handle (bool). Then requests [op, nonce, ..]: load preamble variants seed | call name args kwargs |
//                       in_place name args kwargs | next h | invoke h args kwargs | get h name | iter h | len h | item h key | in h item |
//                       bye
//   from the candidate  [ok, nonce, value] | [error, nonce, builtin type, text] | [stop, nonce] | [unplain, nonce, what, brings its own
//                       equality] | [callback, nonce, h, args, kwargs], to which [ok, value] or [error, type, text] is the answer
//   to the test file    first, once: entry point, calls check, preamble, source, seed. Then answers [ok, value] | [error, type, text] |
//   [stop]
//                       | [callback, h, args, kwargs]
//   from the test file  [ready], then requests [op, ..] as above without nonce, at last [done] | [fail, type, text, line, raised by the
//                       candidate] | [bad, what]
//
// Every request has a nonce of its own. A reply with another one, a second reply, one that comes before it was asked for or that is no
// plain data is FORGERY.

#include <string>
#include <string_view>

#include "verifiers/code/plain_value.h"
#include "verifiers/code/problem.h"
#include "verifiers/code/program_text.h"
#include "verifiers/code/test_result.h"

namespace hone {

// Calls problem.entry_point with the test's arguments in a fresh process.
TestResult RunCall(const TestBench& bench, const CodeProblem& problem, const PythonProgram& program, const CodeTest& test,
                   const PlainTolerance& tolerance);

// Runs problem.test_file against the program.
TestResult RunTestFile(const TestBench& bench, const CodeProblem& problem, const PythonProgram& program);

}  // namespace hone
