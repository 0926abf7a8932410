// Attention, softmax, sampling, element-wise operators and AdamW at the shapes of SmolLM2-135M (9 query heads, 3 key/value heads of 64;
// width 576; vocabulary 49152). Items are floating-point operations for attention, else tokens or elements. The last argument is the
// threads.

#include <cmath>

#include "benchmark/benchmark.h"
#include "lib/ops/attention.h"
#include "lib/ops/elementwise.h"
#include "lib/ops/optimizer.h"
#include "lib/ops/softmax.h"
#include "lib/ops/test_util.h"

namespace hone::ops {
namespace {

const AttentionShape kShape = {.heads = 9, .kv_heads = 3, .head_dim = 64, .scale = 0.125f};

// Multiply-adds count two; `seen` is the sum over the rows of the tokens they see.
double ForwardFlops(double seen) {
  return 4.0 * static_cast<double>(kShape.heads * kShape.head_dim) * seen;
}

// args: sequences, context, threads.
void BM_CachedAttention_Decode(benchmark::State& state) {
  const int64_t batch = state.range(0);
  const int64_t tokens = state.range(1);
  const int64_t block_tokens = 32;
  const int64_t blocks = tokens / block_tokens + 1;
  std::vector<uint16_t> pool(batch * blocks * KvBlockElements(kShape, block_tokens), 0x3c00);
  std::vector<int32_t> ids(batch * blocks);
  for (size_t i = 0; i < ids.size(); ++i) ids[i] = static_cast<int32_t>(i);
  std::vector<CachedSequence> sequences;
  for (int64_t i = 0; i < batch; ++i) sequences.push_back({i, 1, tokens, absl::MakeConstSpan(ids).subspan(i * blocks, blocks)});
  const auto qkv = RandomFloats(1, batch * kShape.qkv_width());
  std::vector<float> out(batch * 576);
  TestContext context(static_cast<int>(state.range(2)));
  for (auto _ : state) {
    CachedAttention(context, kShape, sequences, qkv.data(), kShape.qkv_width(), DType::kBFloat16, pool.data(), block_tokens, out.data(),
                    576);
  }
  state.SetItemsProcessed(
      static_cast<int64_t>(ForwardFlops(static_cast<double>(batch * tokens)) * static_cast<double>(state.iterations())));
  state.SetBytesProcessed(state.iterations() * batch * tokens * 2 * 3 * 64 * 2);
}
BENCHMARK(BM_CachedAttention_Decode)->Args({16, 512, 1})->Args({16, 2048, 1})->Args({64, 512, 2})->UseRealTime();

// A prompt of range(0) rows with 8 completions of range(1); threads.
std::vector<Segment> TreeOf(int64_t prompt, int64_t completion) {
  std::vector<Segment> segments = {{0, prompt, -1}};
  if (completion > 0) {
    for (int64_t i = 0; i < 8; ++i) segments.push_back({prompt + i * completion, completion, 0});
  }
  return segments;
}
double Seen(int64_t prompt, int64_t completion) {
  const double p = static_cast<double>(prompt);
  const double c = static_cast<double>(completion);
  return p * (p + 1) / 2 + 8 * c * (p + (c + 1) / 2);
}

void BM_TreeAttention_Forward(benchmark::State& state) {
  const auto segments = TreeOf(state.range(0), state.range(1));
  const int64_t rows = state.range(0) + 8 * state.range(1);
  const auto qkv = RandomFloats(1, rows * kShape.qkv_width());
  std::vector<float> out(rows * 576), lse(rows * 9);
  TestContext context(static_cast<int>(state.range(2)));
  for (auto _ : state) {
    TreeAttention(context, kShape, segments, qkv.data(), kShape.qkv_width(), DType::kBFloat16, out.data(), 576, lse.data());
  }
  state.SetItemsProcessed(
      static_cast<int64_t>(ForwardFlops(Seen(state.range(0), state.range(1))) * static_cast<double>(state.iterations())));
}
BENCHMARK(BM_TreeAttention_Forward)->Args({128, 256, 1})->Args({1024, 0, 1})->Args({4096, 0, 1})->Args({128, 256, 2})->UseRealTime();

void BM_TreeAttention_Backward(benchmark::State& state) {
  const auto segments = TreeOf(state.range(0), state.range(1));
  const int64_t rows = state.range(0) + 8 * state.range(1);
  const auto qkv = RandomFloats(1, rows * kShape.qkv_width());
  const auto dout = RandomFloats(2, rows * 576);
  std::vector<float> out(rows * 576), lse(rows * 9), dqkv(qkv.size());
  TestContext context(static_cast<int>(state.range(2)));
  TreeAttention(context, kShape, segments, qkv.data(), kShape.qkv_width(), DType::kBFloat16, out.data(), 576, lse.data());
  for (auto _ : state) {
    TreeAttentionGrad(context, kShape, segments, qkv.data(), kShape.qkv_width(), DType::kBFloat16, out.data(), 576, lse.data(), dout.data(),
                      576, dqkv.data(), kShape.qkv_width());
  }
  state.SetItemsProcessed(
      static_cast<int64_t>(2.5 * ForwardFlops(Seen(state.range(0), state.range(1))) * static_cast<double>(state.iterations())));
}
BENCHMARK(BM_TreeAttention_Backward)->Args({128, 256, 1})->Args({1024, 0, 1})->Args({4096, 0, 1})->Args({128, 256, 2})->UseRealTime();

void BM_LogProbs_ForwardAndGradient(benchmark::State& state) {
  const int64_t m = 64;
  const int64_t v = state.range(0);
  const auto logits = RandomFloats(1, m * v);
  auto work = logits;
  const std::vector<float> temperature(m, 1.0f), coef(m, state.range(2) != 0 ? 0.5f : 0.0f);
  const std::vector<int32_t> targets(m, 5);
  std::vector<float> logprob(m);
  std::vector<SoftmaxStats> stats(m);
  TestContext context(static_cast<int>(state.range(1)));
  for (auto _ : state) {
    LogProbs(context, m, v, work.data(), v, temperature, targets, logprob.data(), stats.data());
    if (state.range(2) != 0) LogProbsGrad(context, m, v, work.data(), v, temperature, targets, stats, coef, {});
  }
  state.SetItemsProcessed(state.iterations() * m * v);
}
BENCHMARK(BM_LogProbs_ForwardAndGradient)->Args({49152, 1, 0})->Args({49152, 1, 1})->Args({49152, 2, 1})->UseRealTime();

// args: vocabulary, top_k, 100 top_p.
void BM_SampleRows(benchmark::State& state) {
  const int64_t m = 16;
  const int64_t v = state.range(0);
  const auto logits = RandomFloats(1, m * v, 2);
  const std::vector<SampleParams> params(m, {1.0f, static_cast<int32_t>(state.range(1)), static_cast<float>(state.range(2)) / 100, 0});
  const std::vector<float> uniform(m, 0.7f);
  std::vector<Sample> samples(m);
  TestContext context(1);
  for (auto _ : state) SampleRows(context, m, v, logits.data(), v, params, uniform, samples.data());
  state.SetItemsProcessed(state.iterations() * m);
}
BENCHMARK(BM_SampleRows)
    ->Args({49152, 0, 100})
    ->Args({151936, 0, 100})
    ->Args({151936, 50, 100})
    ->Args({151936, 0, 95})
    ->Args({151936, 50, 95});

void BM_RmsNorm(benchmark::State& state) {
  const int64_t m = 1024;
  const auto x = RandomFloats(1, m * 576);
  const auto weight = RandomFloats(2, 576);
  std::vector<float> y(m * 576);
  TestContext context(1);
  for (auto _ : state) RmsNorm(context, m, 576, x.data(), 576, weight.data(), 1e-5f, y.data(), 576, nullptr);
  state.SetItemsProcessed(state.iterations() * m * 576);
}
BENCHMARK(BM_RmsNorm);

void BM_SwiGlu(benchmark::State& state) {
  const int64_t m = 256;
  const auto gate_up = RandomFloats(1, m * 2 * 1536);
  std::vector<float> y(m * 1536);
  TestContext context(1);
  for (auto _ : state) SwiGlu(context, m, 1536, gate_up.data(), y.data());
  state.SetItemsProcessed(state.iterations() * m * 1536);
}
BENCHMARK(BM_SwiGlu);

void BM_AdamW(benchmark::State& state) {
  const int64_t n = 1 << 22;
  const auto grad = RandomFloats(1, n);
  auto master = grad, moment1 = grad, moment2 = grad;
  for (float& value : moment2) value *= value;
  std::vector<uint16_t> weights(n);
  TestContext context(static_cast<int>(state.range(0)));
  for (auto _ : state) {
    AdamW(context, n, {.lr = 1e-6f}, grad.data(), master.data(), moment1.data(), moment2.data(), DType::kBFloat16, weights.data(), true);
  }
  state.SetItemsProcessed(state.iterations() * n);
  state.SetBytesProcessed(state.iterations() * n * 30);
}
BENCHMARK(BM_AdamW)->Arg(1)->Arg(2)->UseRealTime();

void BM_Norm(benchmark::State& state) {
  const int64_t n = 1 << 23;
  const auto x = RandomFloats(1, n);
  TestContext context(1);
  for (auto _ : state) benchmark::DoNotOptimize(Norm(context, n, x.data()));
  state.SetBytesProcessed(state.iterations() * n * 4);
}
BENCHMARK(BM_Norm);

}  // namespace
}  // namespace hone::ops
