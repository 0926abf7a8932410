#pragma once
// The protocol of commands: one JSON object a line, UTF-8, at most 16 MiB, described in docs/verifiers.md.
//
//   -> {"id":1,"op":"describe","protocol":1,"params":{..}}        <- {"id":1,"description":{..}} or {"id":1,"error":".."}
//   -> {"id":2,"op":"verify","requests":[{"id":..,..},..]}        <- {"id":2,"results":[{"id":..,"outcome":"score","score":1},..]}
//   -> {"id":2,"op":"cancel"}                                     (no answer)
//
// An answer with "more":true is followed by others of its call. Each reader leaves keys alone that it does not know.
//
// Texts are UTF-8 in "completion"; those that are not, or whose JSON form would be much longer than they are, stand in "completion_base64",
// and in "completion" only as far as they can be shown: with U+FFFD for what is no UTF-8, or null when they are long. Likewise prompt,
// reference, answer.

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/status.h"
#include "verifiers/external/answer_table.h"
#include "verifiers/verifier.h"

namespace hone {

inline constexpr size_t kMaxLineBytes = 16 << 20;
inline constexpr int kLineProtocol = 1;

// Lines to the verifier, with their newline.
std::string DescribeLine(uint64_t call, std::string_view params_json);
// The requests under their ids on the wire, with what is left of their time at `now`.
std::string VerifyLine(uint64_t call, std::span<const VerifyRequest> batch, const AnswerTable& table, absl::Time now);
std::string CancelLine(uint64_t call);

// A line of the verifier.
struct AnswerLine {
  uint64_t call = 0;
  bool more = false;
  std::optional<std::string> error;        // the call was refused
  std::optional<std::string> description;  // JSON
  std::vector<Verdict> verdicts;           // ids as on the wire; a result that cannot be read has the reason "bad_answer"
  int num_nameless = 0;                    // results without a readable id
};
// DataLoss when it is no such line.
absl::StatusOr<AnswerLine> ParseAnswerLine(std::string_view line);

// A line to the verifier, as the serving side reads it.
struct CallLine {
  enum class Op { kDescribe, kVerify, kCancel };
  uint64_t call = 0;
  Op op = Op::kDescribe;
  std::string params_json;
  std::vector<VerifyRequest> requests;  // point into `texts` and `token_ids`
  std::deque<std::string> texts;
  std::deque<std::vector<int32_t>> token_ids;
};
// DataLoss when it is no such line.
absl::StatusOr<CallLine> ParseCallLine(std::string_view line, absl::Time now);

// Lines of the verifier, with their newline.
std::string DescriptionLine(uint64_t call, const VerifierDescription& description);
std::string ErrorLine(uint64_t call, std::string_view error);
// In as many lines as their size asks for.
std::string ResultLines(uint64_t call, std::span<const Verdict> verdicts);

}  // namespace hone
