#include "verifiers/instruction/instruction.h"

#include "lib/data/params.h"
#include "nlohmann/json.hpp"
#include "verifiers/instruction/task.h"

namespace hone {
namespace {
using instruction::InstructionVerdict;

std::string Evidence(const std::vector<InstructionVerdict>& verdicts) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const InstructionVerdict& verdict : verdicts)
    list.push_back({{"id", verdict.id}, {"strict", verdict.strict}, {"loose", verdict.loose}, {"reason", verdict.why}});
  return list.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

double Share(const std::vector<InstructionVerdict>& verdicts, bool InstructionVerdict::*member) {
  double followed = 0;
  for (const InstructionVerdict& verdict : verdicts) followed += verdict.*member;
  return followed / static_cast<double>(verdicts.size());
}

class InstructionFollowing : public TextVerifier {
 public:
  explicit InstructionFollowing(const Params& params) {
    description_ = {
        .name = "instruction", .version = 1, .params_schema = params.Schema(), .parts = {"strict", "loose", "strict_all", "loose_all"}};
  }

 private:
  Judgement Judge(const VerifyRequest& request) const override {
    auto task = instruction::Task::Parse(request.row);
    if (!task.ok()) return {TaskError{std::string(task.status().message())}, "bad_row"};
    auto verdicts = task->Check(request.completion);
    if (!verdicts.ok()) return {InfraError{std::string(verdicts.status().message()), /*retryable=*/false}, "budget"};
    const double strict = Share(*verdicts, &InstructionVerdict::strict), loose = Share(*verdicts, &InstructionVerdict::loose);
    const Score score{
        strict, {{"strict", strict}, {"loose", loose}, {"strict_all", strict == 1 ? 1.0 : 0.0}, {"loose_all", loose == 1 ? 1.0 : 0.0}}};
    return {score, strict == 1 ? "followed" : strict > 0 ? "partly_followed" : "not_followed", Evidence(*verdicts)};
  }
};
}  // namespace

absl::StatusOr<std::unique_ptr<Verifier>> CreateInstruction(std::string_view params_json) {
  Params params("instruction", params_json);
  auto verifier = std::make_unique<InstructionFollowing>(params);
  HONE_RETURN_IF_ERROR(params.Finish());
  return verifier;
}

}  // namespace hone
