// Items per second are floating-point operations; `peak` is their share of what the same threads reach with multiply-adds on registers
// alone, measured in the same process between the runs. For few rows, `bandwidth` is the share of a plain streaming read of the memory.

#include <immintrin.h>
#include <time.h>

#include <algorithm>
#include <vector>

#include "benchmark/benchmark.h"
#include "lib/base/random.h"
#include "lib/ops/matmul.h"

namespace hone::ops {
namespace {

// Seconds that `body` takes on a pool of `threads`: of one thread the processor time, which other programs do not disturb.
template <class Body>
double TimeOf(int threads, Body&& body) {
  const auto now = [threads] {
    timespec time;
    clock_gettime(threads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  };
  const double begin = now();
  body();
  return now() - begin;
}

// 12 chains of multiply-adds, as many as a tile of the AVX2 kernels has. In assembly, so that no compiler puts anything between them.
double MultiplyAdds(int64_t rounds) {
  int64_t left = rounds;
  __asm__ volatile(
      "vxorps %%ymm12, %%ymm12, %%ymm12\n"
      "1:\n"
      "vfmadd231ps %%ymm12, %%ymm12, %%ymm0\n"
      "vfmadd231ps %%ymm12, %%ymm12, %%ymm1\n"
      "vfmadd231ps %%ymm12, %%ymm12, %%ymm2\n"
      "vfmadd231ps %%ymm12, %%ymm12, %%ymm3\n"
      "vfmadd231ps %%ymm12, %%ymm12, %%ymm4\n"
      "vfmadd231ps %%ymm12, %%ymm12, %%ymm5\n"
      "vfmadd231ps %%ymm12, %%ymm12, %%ymm6\n"
      "vfmadd231ps %%ymm12, %%ymm12, %%ymm7\n"
      "vfmadd231ps %%ymm12, %%ymm12, %%ymm8\n"
      "vfmadd231ps %%ymm12, %%ymm12, %%ymm9\n"
      "vfmadd231ps %%ymm12, %%ymm12, %%ymm10\n"
      "vfmadd231ps %%ymm12, %%ymm12, %%ymm11\n"
      "dec %0\n"
      "jnz 1b\n"
      "vzeroupper\n"
      : "+r"(left)
      :
      : "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12");
  return static_cast<double>(rounds) * 12 * 8 * 2;
}

__attribute__((target("avx2"))) void Read(const char* begin, const char* end) {
  __m256i sum[8] = {};
  for (const char* p = begin; p + 256 <= end; p += 256) {
#pragma GCC unroll 8
    for (int i = 0; i < 8; ++i) sum[i] = _mm256_xor_si256(sum[i], _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 32 * i)));
  }
  benchmark::DoNotOptimize(sum);
}

// Operations a second of all threads on registers: one short round.
double MeasurePeak(ThreadPool& pool) {
  double operations = 0;
  const double seconds =
      TimeOf(pool.num_threads(), [&] { pool.ParallelFor(pool.num_threads(), [&](int64_t) { operations = MultiplyAdds(20000); }); });
  return operations * pool.num_threads() / seconds;
}

double MeasureBandwidth(ThreadPool& pool, const Tensor& tensor) {
  constexpr int64_t kParts = 64;
  const char* const memory = static_cast<const char*>(tensor.raw());
  const int64_t part = static_cast<int64_t>(tensor.bytes()) / kParts;
  const double seconds =
      TimeOf(pool.num_threads(), [&] { pool.ParallelFor(kParts, [&](int64_t i) { Read(&memory[i * part], &memory[i * part] + part); }); });
  return static_cast<double>(part * kParts) / seconds;
}

Tensor Values(int64_t count) {
  Tensor values = Tensor::Empty({}, DType::kFloat32, {count});
  for (int64_t i = 0; i < count; ++i) values.data<float>()[i] = static_cast<float>((i * 2654435761u >> 8) % 2001) * 1e-3f - 1;
  return values;
}

enum Operator { kLinear, kInputGrad, kWeightGrad };

// Arguments: M, K, N, 1 for bf16 weights, threads. The best of the rounds counts for peak: other programs may hold the cores at times.
void Run(benchmark::State& state, Operator op) {
  const int64_t m = state.range(0), k = state.range(1), n = state.range(2);
  const DType dtype = state.range(3) == 1 ? DType::kBFloat16 : DType::kFloat32;
  ThreadPool pool(static_cast<int>(state.range(4)));
  const Context context{.pool = &pool, .isa = BestIsa()};
  const WeightShape shape{n, k};
  const Tensor x_values = Values(m * k), dy_values = Values(m * n);
  Tensor y_values = Values(m * n), dx_values = Values(m * k), dw_values = Values(PackedElements(shape));
  const float* const x = x_values.data<float>();
  const float* const dy = dy_values.data<float>();
  float* const y = y_values.data<float>();
  float* const dx = dx_values.data<float>();
  float* const dw = dw_values.data<float>();
  Tensor packed = Tensor::Empty({}, dtype, {PackedElements(shape)});
  PackRows(shape, dtype, 0, n, Values(n * k).data<float>(), packed.raw());
  const Weight weight{shape, dtype, packed.raw()};
  double best = 1e30, best_peak = 0;
  for (auto _ : state) {
    const double seconds = TimeOf(pool.num_threads(), [&] {
      if (op == kLinear) Linear(context, m, x, k, weight, nullptr, y, n, false);
      if (op == kInputGrad) LinearInputGrad(context, m, dy, n, weight, dx, k, false);
      if (op == kWeightGrad) LinearWeightGrad(context, m, x, k, dy, n, {shape, dw}, dtype, true);
    });
    best = std::min(best, seconds);
    state.SetIterationTime(seconds);
    best_peak = std::max(best_peak, MeasurePeak(pool));
  }
  const double operations = 2.0 * static_cast<double>(m * k * n);
  state.counters["best_GFLOP/s"] = operations / best * 1e-9;
  state.counters["peak_GFLOP/s"] = best_peak * 1e-9;
  state.counters["peak"] = operations / best / best_peak;
}

// All weights of a model of 135M parameters, once, by few rows: bound by the memory. Arguments: M, 1 for bf16 weights, threads.
void BM_Matmul_WholeModel(benchmark::State& state) {
  constexpr WeightShape kLayer[] = {{960, 576}, {576, 576}, {3072, 576}, {576, 1536}};
  constexpr int kLayers = 30;
  const int64_t m = state.range(0);
  const DType dtype = state.range(1) == 1 ? DType::kBFloat16 : DType::kFloat32;
  ThreadPool pool(static_cast<int>(state.range(2)));
  const Context context{.pool = &pool, .isa = BestIsa()};
  std::vector<WeightShape> shapes;
  for (int i = 0; i < kLayers; ++i) shapes.insert(shapes.end(), std::begin(kLayer), std::end(kLayer));
  shapes.push_back({49152, 576});
  int64_t bytes = 0;
  for (const WeightShape& shape : shapes) bytes += PackedElements(shape) * static_cast<int64_t>(SizeOf(dtype));
  const Tensor memory = Tensor::Zeros({}, DType::kFloat32, {bytes / 4});
  const Tensor other = Tensor::Zeros({}, DType::kFloat32, {64 << 20});
  const Tensor x = Values(m * 1536);
  Tensor y = Values(m * 49152);
  double best = 1e30, best_bandwidth = 0;
  for (auto _ : state) {
    const double seconds = TimeOf(pool.num_threads(), [&] {
      const char* data = static_cast<const char*>(memory.raw());
      for (const WeightShape& shape : shapes) {
        Linear(context, m, x.data<float>(), shape.k, {shape, dtype, data}, nullptr, y.data<float>(), shape.n, false);
        data += PackedElements(shape) * static_cast<int64_t>(SizeOf(dtype));
      }
    });
    best = std::min(best, seconds);
    state.SetIterationTime(seconds);
    best_bandwidth = std::max(best_bandwidth, MeasureBandwidth(pool, other));
  }
  state.counters["best_ms"] = best * 1e3;
  state.counters["best_GB/s"] = static_cast<double>(bytes) / best * 1e-9;
  state.counters["read_GB/s"] = best_bandwidth * 1e-9;
  state.counters["bandwidth"] = static_cast<double>(bytes) / best / best_bandwidth;
}

void BM_Matmul_Linear(benchmark::State& state) {
  Run(state, kLinear);
}
void BM_Matmul_InputGrad(benchmark::State& state) {
  Run(state, kInputGrad);
}
void BM_Matmul_WeightGrad(benchmark::State& state) {
  Run(state, kWeightGrad);
}

constexpr int64_t kWeights[][2] = {{576, 960}, {576, 576}, {576, 3072}, {1536, 576}, {576, 49152}};

void Args(benchmark::internal::Benchmark* b, std::initializer_list<int64_t> rows) {
  b->ArgNames({"m", "k", "n", "bf16", "threads"})->UseManualTime()->Unit(benchmark::kMicrosecond);
  for (int64_t threads : {1, 2}) {
    for (int64_t bf16 : {0, 1}) {
      for (const auto& w : kWeights) {
        for (int64_t m : rows) {
          if (w[1] < 10000 || m <= 256) b->Args({m, w[0], w[1], bf16, threads});
        }
      }
    }
  }
}

BENCHMARK(BM_Matmul_Linear)->Apply([](auto* b) { Args(b, {1, 2, 4, 8, 16, 64, 128, 256, 1024}); });
BENCHMARK(BM_Matmul_InputGrad)->Apply([](auto* b) { Args(b, {256, 1024}); });
BENCHMARK(BM_Matmul_WeightGrad)->Apply([](auto* b) { Args(b, {256, 1024}); });
BENCHMARK(BM_Matmul_WholeModel)
    ->ArgNames({"m", "bf16", "threads"})
    ->ArgsProduct({{1, 2, 4, 8, 16}, {0, 1}, {1, 2}})
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace hone::ops
