// hone bench: the figures of docs/performance.md on this machine, each beside its bound: multiply-adds the kernels can do per second and
// bytes the memory gives per second, both measured in the same run.

#include <chrono>
#include <cstdio>
#include <cstring>
#include <functional>

#include "cli/bench_matmul.h"
#include "cli/bench_sandbox.h"
#include "cli/bench_verifier.h"
#include "cli/commands.h"
#include "cli/engine_session.h"
#include "cli/exit_code.h"
#include "fmt/format.h"
#include "learner/policy_update.h"
#include "lib/base/random.h"
#include "lib/ops/matmul.h"
#include "lib/transport/push_benchmark.h"
#include "nlohmann/json.hpp"

namespace hone {
namespace {

using nlohmann::ordered_json;

struct BenchOptions {
  ModelOptions model;
  std::vector<int64_t> batch = {1, 16, 64, 128};
  int64_t prompt = 64, new_tokens = 64, sequences = 16, length = 128, repeats = 3, bytes = 269 << 20;
};

double Seconds(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

struct Bounds {
  double flops = 0;             // of a large matrix product of ours, best of several
  double bytes_per_second = 0;  // streaming reads by all threads
};

// Raises `bounds` to what the machine reaches now. Called before and after what is measured: on a busy host either may be a slow moment.
void MeasureBounds(const ops::Context& context, DType dtype, Bounds& bounds) {
  const ops::WeightShape shape{1536, 576};
  std::vector<float> rows(shape.n * shape.k, 0.5f), x(1024 * shape.k, 0.25f), y(1024 * shape.n);
  std::vector<uint8_t> packed(ops::PackedElements(shape) * SizeOf(dtype));
  ops::PackRows(shape, dtype, 0, shape.n, rows.data(), packed.data());
  const ops::Weight weight{shape, dtype, packed.data()};
  for (int i = 0; i < 20; ++i) {
    const double s = Seconds([&] { ops::Linear(context, 1024, x.data(), shape.k, weight, nullptr, y.data(), shape.n, false); });
    bounds.flops = std::max(bounds.flops, 2.0 * 1024 * shape.n * shape.k / s);
  }
  std::vector<uint64_t> memory((256 << 20) / 8, 1);
  const int64_t parts = context.pool->num_threads() * 8, step = static_cast<int64_t>(memory.size()) / parts;
  std::vector<uint64_t> sums(parts * 8);
  for (int i = 0; i < 15; ++i) {
    const double s = Seconds([&] {
      context.pool->ParallelFor(parts, [&](int64_t p) {
        uint64_t a = 0, b = 0, c = 0, d = 0;
        const uint64_t* at = memory.data() + p * step;
        for (int64_t j = 0; j + 4 <= step; j += 4) {
          a += at[j];
          b += at[j + 1];
          c += at[j + 2];
          d += at[j + 3];
        }
        sums[p * 8] = a + b + c + d;
      });
    });
    bounds.bytes_per_second = std::max(bounds.bytes_per_second, 8.0 * static_cast<double>(memory.size()) / s);
  }
}

int64_t MatrixParameters(const Decoder& decoder) {
  int64_t total = 0;
  for (const Parameter& p : decoder.layout()->parameters()) {
    if (p.matrix) total += p.shape.n * p.shape.k;
  }
  // An untied embedding is looked up, not multiplied.
  if (decoder.layout()->head() != decoder.layout()->embedding()) total -= decoder.config().vocab_size * decoder.config().hidden_size;
  return total;
}

void Print(ordered_json line, const Bounds& bounds) {
  line["gemm_gflops"] = bounds.flops / 1e9;
  line["memory_gb_per_s"] = bounds.bytes_per_second / 1e9;
  std::printf("%s\n", line.dump().c_str());
  std::fflush(stdout);
}

std::vector<int32_t> RandomPrompt(int64_t length, int64_t vocab, uint64_t seed) {
  RandomCursor random{RandomStream(seed)};
  std::vector<int32_t> tokens;
  for (int64_t i = 0; i < length; ++i) tokens.push_back(static_cast<int32_t>(random.Below(static_cast<uint64_t>(vocab))));
  return tokens;
}

int Decode(const BenchOptions& options) {
  auto session = OpenSession(options.model);
  if (!session.ok()) return Report(session.status());
  const Decoder& decoder = *session->decoder;
  const double parameters = static_cast<double>(MatrixParameters(decoder));
  const double kv_bytes = static_cast<double>(KvPool::BlockBytes(decoder.config(), session->weights->dtype(), 1));
  Bounds bounds;
  MeasureBounds(session->context, session->weights->dtype(), bounds);
  for (const int64_t batch : options.batch) {
    double best = 1e9;
    for (int64_t repeat = 0; repeat < options.repeats; ++repeat) {
      auto engine = MakeEngine(*session, batch, 4096, 1);
      for (int64_t b = 0; b < batch; ++b) {
        GenerateRequest request{.group = b, .prompt = RandomPrompt(options.prompt, decoder.config().vocab_size, b), .samples = {0}};
        request.sampling.max_new_tokens = static_cast<int32_t>(options.new_tokens);
        request.sampling.temperature = 0;
        if (const auto added = engine->Add(std::move(request)); !added.ok()) return Report(added);
      }
      absl::Status status;
      const double s = Seconds([&] {
        while (!engine->idle() && status.ok()) status = engine->Step().status();
      });
      if (!status.ok()) return Report(status);
      best = std::min(best, s);
    }
    MeasureBounds(session->context, session->weights->dtype(), bounds);
    // Bound of a step: weights and cache once from memory, or the multiply-adds of the batch.
    const double context = static_cast<double>(options.prompt) + static_cast<double>(options.new_tokens) / 2;
    const double memory =
        (parameters * SizeOf(session->weights->dtype()) + static_cast<double>(batch) * context * kv_bytes) / bounds.bytes_per_second;
    const double compute = static_cast<double>(batch) * 2 * parameters / bounds.flops;
    const double prefill = static_cast<double>(batch * options.prompt) * 2 * parameters / bounds.flops;
    const double bound =
        static_cast<double>(batch * options.new_tokens) / (prefill + static_cast<double>(options.new_tokens) * std::max(memory, compute));
    const double rate = static_cast<double>(batch * options.new_tokens) / best;
    Print({{"bench", "decode"},
           {"batch", batch},
           {"prompt_tokens", options.prompt},
           {"new_tokens", options.new_tokens},
           {"dtype", options.model.dtype},
           {"tokens_per_second", rate},
           {"bound_tokens_per_second", bound},
           {"of_bound", rate / bound}},
          bounds);
  }
  return kDone;
}

int Prefill(const BenchOptions& options) {
  auto session = OpenSession(options.model);
  if (!session.ok()) return Report(session.status());
  const Decoder& decoder = *session->decoder;
  Bounds bounds;
  MeasureBounds(session->context, session->weights->dtype(), bounds);
  double best = 1e9;
  for (int64_t repeat = 0; repeat < options.repeats; ++repeat) {
    auto engine = MakeEngine(*session, 1, 4096, 1);
    GenerateRequest request{.prompt = RandomPrompt(options.length * options.sequences, decoder.config().vocab_size, 1), .samples = {0}};
    request.sampling.max_new_tokens = 1;
    if (const auto added = engine->Add(std::move(request)); !added.ok()) return Report(added);
    absl::Status status;
    best = std::min(best, Seconds([&] {
                      while (!engine->idle() && status.ok()) status = engine->Step().status();
                    }));
    if (!status.ok()) return Report(status);
  }
  MeasureBounds(session->context, session->weights->dtype(), bounds);
  const double tokens = static_cast<double>(options.length * options.sequences);
  const double head = static_cast<double>(decoder.config().vocab_size * decoder.config().hidden_size);
  const double bound = bounds.flops / (2 * (static_cast<double>(MatrixParameters(decoder)) - head));
  Print({{"bench", "prefill"},
         {"tokens", tokens},
         {"dtype", options.model.dtype},
         {"tokens_per_second", tokens / best},
         {"bound_tokens_per_second", bound},
         {"of_bound", tokens / best / bound}},
        bounds);
  return kDone;
}

int Learner(const BenchOptions& options) {
  auto session = OpenSession(options.model);
  if (!session.ok()) return Report(session.status());
  const Decoder& decoder = *session->decoder;
  PolicyUpdateConfig config;
  config.micro_batch_tokens = 1024;
  const DType dtype = session->weights->dtype();
  PolicyUpdater updater(session->context, decoder, dtype, config);
  session->weights.reset();
  if (const auto loaded = updater.Load(*session->files.tensors); !loaded.ok()) return Report(loaded);
  // Sequences of their own: no prompt is shared, every position but the first is a target.
  std::vector<TrainGroup> groups;
  for (int64_t i = 0; i < options.sequences; ++i) {
    auto tokens = RandomPrompt(options.length + 1, decoder.config().vocab_size, i);
    TrainGroup group{.group = i, .prompt = {tokens[0]}};
    TrainSample sample;
    sample.tokens.assign(tokens.begin() + 1, tokens.end());
    sample.mask.assign(sample.tokens.size(), 1);
    group.samples.push_back(std::move(sample));
    groups.push_back(std::move(group));
  }
  Bounds bounds;
  MeasureBounds(session->context, dtype, bounds);
  double best = 1e9;
  for (int64_t repeat = 0; repeat < options.repeats; ++repeat) {
    absl::Status status;
    best = std::min(best, Seconds([&] { status = updater.SupervisedStep(groups, 1e-6).status(); }));
    if (!status.ok()) return Report(status);
  }
  MeasureBounds(session->context, dtype, bounds);
  const double tokens = static_cast<double>(options.sequences * options.length);
  const double bound = bounds.flops / (6 * static_cast<double>(MatrixParameters(decoder)));
  Print({{"bench", "learner"},
         {"sequences", options.sequences},
         {"length", options.length},
         {"dtype", options.model.dtype},
         {"tokens_per_second", tokens / best},
         {"bound_tokens_per_second", bound},
         {"of_bound", tokens / best / bound}},
        bounds);
  return kDone;
}

int Push(const BenchOptions& options) {
  for (const PushPath path : {PushPath::kPeerMemory, PushPath::kUnixSocket, PushPath::kLoopback}) {
    auto figures = BenchmarkPush(options.bytes, path, static_cast<int>(options.repeats));
    if (!figures.ok()) return Report(figures.status());
    std::printf("%s\n", ordered_json{{"bench", "push"},
                                     {"over", Name(path)},
                                     {"bytes", figures->bytes},
                                     {"median_gb_per_s", figures->median_gb_per_s},
                                     {"best_gb_per_s", figures->best_gb_per_s},
                                     {"memcpy_gb_per_s", figures->memcpy_gb_per_s},
                                     {"checksum_gb_per_s", figures->checksum_gb_per_s}}
                            .dump()
                            .c_str());
  }
  return kDone;
}

}  // namespace

void AddBench(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("bench", "Speed of this machine, each figure beside its bound, one JSON object a line");
  command->require_subcommand(1);
  auto options = std::make_shared<BenchOptions>();
  auto* decode = command->add_subcommand("decode", "Greedy decoding of random prompts at several batch sizes");
  AddModelOptions(*decode, options->model);
  decode->add_option("--batch", options->batch, "Batch sizes")->delimiter(',')->check(CLI::PositiveNumber)->capture_default_str();
  decode->add_option("--prompt-tokens", options->prompt, "Tokens of a prompt")->check(CLI::PositiveNumber)->capture_default_str();
  decode->add_option("--new-tokens", options->new_tokens, "Tokens of a completion")->check(CLI::PositiveNumber)->capture_default_str();
  decode->add_option("--repeats", options->repeats, "Best of so many")->check(CLI::PositiveNumber)->capture_default_str();
  decode->callback([=, &exit_code] { exit_code = Decode(*options); });
  AddBenchMatmul(*command, exit_code);
  AddBenchVerifier(*command, exit_code);
  AddBenchSandbox(*command, exit_code);
  auto* prefill = command->add_subcommand("prefill", "One long prompt in chunks");
  AddModelOptions(*prefill, options->model);
  prefill->add_option("--repeats", options->repeats, "Best of so many")->check(CLI::PositiveNumber)->capture_default_str();
  prefill->callback([=, &exit_code] { exit_code = Prefill(*options); });
  auto* learner = command->add_subcommand("learner", "Forward, backward and AdamW without shared prompts");
  AddModelOptions(*learner, options->model);
  learner->add_option("--sequences", options->sequences, "Sequences a step")->check(CLI::PositiveNumber)->capture_default_str();
  learner->add_option("--length", options->length, "Tokens of each")->check(CLI::PositiveNumber)->capture_default_str();
  learner->add_option("--repeats", options->repeats, "Best of so many")->check(CLI::PositiveNumber)->capture_default_str();
  learner->callback([=, &exit_code] { exit_code = Learner(*options); });
  auto* push = command->add_subcommand("push", "Weights from a server to a client over a Unix socket and loopback, verified");
  push->add_option("--bytes", options->bytes, "Bytes of one push")->check(CLI::PositiveNumber)->capture_default_str();
  push->add_option("--repeats", options->repeats, "Pushes")->check(CLI::PositiveNumber)->capture_default_str();
  push->callback([=, &exit_code] { exit_code = Push(*options); });
}

}  // namespace hone
