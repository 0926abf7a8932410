#include "cli/commands.h"
#include "cli/engine_session.h"
#include "cli/exit_code.h"
#include "cli/lines.h"
#include "lib/ops/softmax.h"
#include "nlohmann/json.hpp"

namespace hone {
namespace {

using nlohmann::ordered_json;

// Rows of logits held at a time.
constexpr int64_t kChunkRows = 128;

absl::StatusOr<ordered_json> Answer(const ModelSession& session, bool with_logits, const ordered_json& input) {
  const Decoder& decoder = *session.decoder;
  const int64_t v = decoder.config().vocab_size;
  if (!input.contains("tokens")) return absl::InvalidArgumentError("the object needs \"tokens\"");
  HONE_ASSIGN_OR_RETURN(const auto tokens, ReadTokens(input["tokens"], v));
  const int64_t n = static_cast<int64_t>(tokens.size());
  if (n == 0) return absl::InvalidArgumentError("\"tokens\" is empty");
  std::vector<int32_t> positions(n);
  for (int64_t i = 0; i < n; ++i) positions[i] = static_cast<int32_t>(i);
  const std::vector<ops::Segment> segments = {{0, n, -1}};
  Workspace workspace(session.context.device, decoder.TrainFloats(n, n, /*keep=*/false));
  TrainState state;
  HONE_RETURN_IF_ERROR(decoder.TrainForward(session.context, *session.weights,
                                            {.tokens = tokens, .positions = positions, .segments = segments, .head_rows = positions}, false,
                                            workspace, &state));
  std::vector<float> logits(std::min(n, kChunkRows) * v), logprobs(n);
  ordered_json output;
  for (int64_t begin = 0; begin < n; begin += kChunkRows) {
    const int64_t rows = std::min(kChunkRows, n - begin);
    decoder.Head(session.context, *session.weights, rows, state.hidden + begin * decoder.config().hidden_size, logits.data());
    std::vector<int32_t> targets;
    for (int64_t i = begin; i < begin + rows; ++i) targets.push_back(i + 1 < n ? tokens[i + 1] : 0);
    ops::LogProbs(session.context, rows, v, logits.data(), v, std::vector<float>(rows, 1.0f), targets, logprobs.data() + begin, nullptr);
    if (with_logits && begin + rows == n) {
      output["last_logits"] = std::vector<float>(logits.begin() + (rows - 1) * v, logits.begin() + rows * v);
    }
  }
  logprobs.resize(n - 1);
  ordered_json answer = {{"logprobs", logprobs}};
  if (with_logits) answer["last_logits"] = output["last_logits"];
  return answer;
}

}  // namespace

void AddLogProbs(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("logprobs",
                                     "Log-probabilities of given tokens, one JSON object a line:\n"
                                     "  {\"tokens\":[..]} -> {\"logprobs\":[..]}, entry i that of token i+1 given tokens 0..i");
  auto options = std::make_shared<ModelOptions>();
  auto with_logits = std::make_shared<bool>(false);
  AddModelOptions(*command, *options);
  command->add_flag("--logits", *with_logits, "Add \"last_logits\", those after the last token");
  command->callback([=, &exit_code] {
    auto session = OpenSession(*options);
    if (!session.ok()) {
      exit_code = Report(session.status());
      return;
    }
    exit_code = AnswerLines([&](const ordered_json& input) { return Answer(*session, *with_logits, input); });
  });
}

}  // namespace hone
