// hone bench matmul: ops::Linear against LibTorch's at::linear. The two are run in turns, so that both meet the same neighbours, and the
// best of each counts. LibTorch is timed without the conversions of x and y between float32 and bf16, which ours does inside.
#include "cli/bench_matmul.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "lib/base/random.h"
#include "lib/ops/matmul.h"
#include "lib/torch/loader.h"
#include "nlohmann/json.hpp"

namespace hone {
namespace {

using nlohmann::ordered_json;

struct MatmulOptions {
  std::vector<int64_t> rows = {1, 16, 64, 256, 1024};
  std::vector<std::string> dtypes = {"bf16", "fp32"};
  int64_t repeats = 10;
  int threads = 0;
  bool head = false;
};

struct NamedShape {
  const char* name;
  ops::WeightShape shape;
};

std::vector<float> Random(uint64_t seed, int64_t count, double scale) {
  const RandomStream stream(seed);
  std::vector<float> values(count);
  for (int64_t i = 0; i < count; ++i) values[i] = static_cast<float>(scale * (2 * stream.OpenUniform(i) - 1));
  return values;
}

// One shape and dtype at all numbers of rows.
absl::Status MeasureShape(const MatmulOptions& options, const ops::Context& context, const TorchBackend& torch, const NamedShape& what,
                          DType dtype) {
  const ops::WeightShape shape = what.shape;
  const std::vector<float> rows = Random(1, shape.n * shape.k, 0.05);
  std::vector<uint8_t> packed(ops::PackedElements(shape) * SizeOf(dtype));
  ops::PackRows(shape, dtype, 0, shape.n, rows.data(), packed.data());
  const ops::Weight weight{shape, dtype, packed.data()};
  HONE_ASSIGN_OR_RETURN(const TorchLinear linear, TorchLinear::Create(torch, shape, dtype, rows.data()));
  for (const int64_t m : options.rows) {
    const std::vector<float> x = Random(2, m * shape.k, 1);
    std::vector<float> ours(m * shape.n), theirs(m * shape.n);
    double best_ours = 1e9, best_theirs = 1e9;
    for (int64_t repeat = 0; repeat < options.repeats; ++repeat) {
      const auto start = std::chrono::steady_clock::now();
      ops::Linear(context, m, x.data(), shape.k, weight, nullptr, ours.data(), shape.n, false);
      best_ours = std::min(best_ours, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
      HONE_ASSIGN_OR_RETURN(const double seconds, linear.Run(m, x.data(), theirs.data()));
      best_theirs = std::min(best_theirs, seconds);
    }
    double difference = 0;
    for (size_t i = 0; i < ours.size(); ++i) difference = std::max(difference, static_cast<double>(std::abs(ours[i] - theirs[i])));
    const double flops = 2e-9 * static_cast<double>(m * shape.n * shape.k);
    std::printf("%s\n", ordered_json{{"bench", "matmul"},
                                     {"weight", what.name},
                                     {"n", shape.n},
                                     {"k", shape.k},
                                     {"rows", m},
                                     {"dtype", dtype == DType::kBFloat16 ? "bf16" : "fp32"},
                                     {"isa", ops::Name(context.isa)},
                                     {"threads", context.pool->num_threads()},
                                     {"gflops", flops / best_ours},
                                     {"libtorch_gflops", flops / best_theirs},
                                     {"of_libtorch", best_theirs / best_ours},
                                     {"max_difference", difference}}
                            .dump()
                            .c_str());
    std::fflush(stdout);
  }
  return absl::OkStatus();
}

absl::Status Measure(const MatmulOptions& options) {
  // LibTorch's threads would spin on our cores between its turns. Read once, when its OpenMP is loaded; no other thread runs yet.
  ::setenv("OMP_WAIT_POLICY", "PASSIVE", 0);
  HONE_ASSIGN_OR_RETURN(const TorchBackend torch, TorchBackend::Load());
  ThreadPool pool(options.threads > 0 ? options.threads : UsableCores());
  HONE_RETURN_IF_ERROR(torch.SetNumThreads(pool.num_threads()));
  const ops::Context context{.device = {}, .pool = &pool, .isa = ops::BestIsa()};
  std::vector<NamedShape> shapes = {{"qkv", {960, 576}}, {"output", {576, 576}}, {"gate_up", {3072, 576}}, {"down", {576, 1536}}};
  if (options.head) shapes.push_back({"head", {49152, 576}});
  for (const std::string& dtype : options.dtypes) {
    for (const NamedShape& shape : shapes) {
      HONE_RETURN_IF_ERROR(MeasureShape(options, context, torch, shape, dtype == "bf16" ? DType::kBFloat16 : DType::kFloat32));
    }
  }
  return absl::OkStatus();
}

}  // namespace

void AddBenchMatmul(CLI::App& bench, int& exit_code) {
  auto* command = bench.add_subcommand("matmul", "The product with a weight against LibTorch's, at the shapes of SmolLM2-135M");
  auto options = std::make_shared<MatmulOptions>();
  command->add_option("--rows", options->rows, "Rows of x")->delimiter(',')->check(CLI::Range(1, 8192))->capture_default_str();
  command->add_option("--dtype", options->dtypes, "bf16, fp32 or both")
      ->delimiter(',')
      ->check(CLI::IsMember({"bf16", "fp32"}))
      ->capture_default_str();
  command->add_option("--repeats", options->repeats, "Best of so many turns")->check(CLI::PositiveNumber)->capture_default_str();
  command->add_option("--threads", options->threads, "Compute threads, 0: all cores")->check(CLI::Range(0, 1024))->capture_default_str();
  command->add_flag("--head", options->head, "The output head (49152 x 576) too");
  command->callback([=, &exit_code] {
    const absl::Status status = Measure(*options);
    exit_code = status.ok() ? kDone : Report(status);
  });
}

}  // namespace hone
