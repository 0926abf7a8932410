#pragma once

#include <memory>
#include <string>

#include "actor/engine/engine.h"
#include "lib/model/model_files.h"

namespace CLI {
class App;
}

namespace hone {

// A model loaded for the commands that run the engine on its own (generate, chat, logprobs, eval, bench).
struct ModelOptions {
  std::string path;
  std::string dtype = "bf16";  // bf16 or fp32
  int threads = 0;             // 0: all cores
  int64_t max_context = 0;     // 0: the model's
};
// Adds the positional model path and --dtype, --threads, --max-context.
void AddModelOptions(CLI::App& command, ModelOptions& options);

struct ModelSession {
  ModelFiles files;
  std::unique_ptr<ThreadPool> pool;
  ops::Context context;
  std::unique_ptr<Decoder> decoder;
  std::shared_ptr<WeightArena> weights;
};
absl::StatusOr<ModelSession> OpenSession(const ModelOptions& options);

// Greedy and sampled generation over a session, one request after another or many at once.
std::unique_ptr<Engine> MakeEngine(const ModelSession& session, int64_t max_batch, int64_t kv_budget_mb, uint64_t seed);

}  // namespace hone
