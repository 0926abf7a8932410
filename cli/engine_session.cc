#include "cli/engine_session.h"

#include <algorithm>

#include "CLI/CLI.hpp"
#include "fmt/format.h"

namespace hone {

void AddModelOptions(CLI::App& command, ModelOptions& options) {
  command.add_option("model", options.path, "Hugging Face folder or .gguf file")->required();
  command.add_option("--dtype", options.dtype, "Type of weights and cache")->check(CLI::IsMember({"bf16", "fp32"}))->capture_default_str();
  command.add_option("--threads", options.threads, "Compute threads; 0: all cores")->check(CLI::Range(0, 1024))->capture_default_str();
  command.add_option("--max-context", options.max_context, "Tokens of prompt and completion; 0: the model's own limit, at most 32768")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
}

absl::StatusOr<ModelSession> OpenSession(const ModelOptions& options) {
  ModelSession session;
  HONE_ASSIGN_OR_RETURN(session.files, LoadModelFiles(options.path));
  const int threads = options.threads > 0 ? options.threads : UsableCores();
  session.pool = std::make_unique<ThreadPool>(threads);
  session.context = {.device = {}, .pool = session.pool.get(), .isa = ops::BestIsa()};
  const int64_t limit = session.files.config.max_positions;
  const int64_t context = options.max_context > 0 ? options.max_context : std::min<int64_t>(limit, 32768);
  HONE_ASSIGN_OR_RETURN(session.decoder, Decoder::Create(session.files.config, context));
  const DType dtype = options.dtype == "fp32" ? DType::kFloat32 : DType::kBFloat16;
  session.weights = std::make_shared<WeightArena>(session.context, session.decoder->layout(), dtype);
  HONE_RETURN_IF_ERROR(session.weights->Load(session.context, *session.files.tensors));
  return session;
}

std::unique_ptr<Engine> MakeEngine(const ModelSession& session, int64_t max_batch, int64_t kv_budget_mb, uint64_t seed) {
  EngineOptions options;
  options.max_batch = max_batch;
  options.kv_budget_bytes = kv_budget_mb << 20;
  options.seed = seed;
  auto engine =
      std::make_unique<Engine>(session.context, *session.decoder, session.files.tokenizer.get(), session.weights->dtype(), options);
  engine->SetWeights(session.weights, 0);
  return engine;
}

}  // namespace hone
