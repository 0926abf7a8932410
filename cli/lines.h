#pragma once

#include <functional>
#include <string>

#include "lib/base/status.h"
#include "nlohmann/json_fwd.hpp"

namespace hone {

// The machine interface of a command: one JSON object a line in, one line out per input line in the same order. A line that is not a JSON
// object, or that `answer` refuses, gives {"error": "..."} in its place; empty lines too. Returns the exit code: 0 also with bad lines; 1
// when stdout cannot be written.
//
// threads: lines answered at once, 1 and up; with more than one, `answer` is called on several threads. Each answer is written as soon as
// those before it are, so that a caller may wait for one before it sends the next line.
int AnswerLines(const std::function<absl::StatusOr<nlohmann::ordered_json>(const nlohmann::ordered_json&)>& answer, int threads = 1);

// One JSON object as one line of output; bytes that are not UTF-8 are replaced.
std::string ToLine(const nlohmann::ordered_json& object);

// The token ids of a JSON array of integers in [0, vocab_size); InvalidArgument names the first that is not.
absl::StatusOr<std::vector<int32_t>> ReadTokens(const nlohmann::ordered_json& list, int64_t vocab_size);

}  // namespace hone
