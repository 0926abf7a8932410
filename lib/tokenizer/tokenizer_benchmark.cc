#include <iterator>

#include "benchmark/benchmark.h"
#include "lib/base/check.h"
#include "lib/tokenizer/test_support.h"

namespace hone {
namespace {

// English sentences of varied words; the same on every machine.
std::string English(size_t bytes) {
  static const char* const kWords[] = {"the",          "quick", "answer",    "is",       "found",   "by",      "adding", "twelve",
                                       "apples",       "to",    "seventeen", "oranges,", "so",      "Natalia", "has",    "48",
                                       "clips",        "left;", "however",   "she",      "doesn't", "know",    "that",   "multiplication",
                                       "distributes.", "\n"};
  std::string text;
  for (size_t i = 0; text.size() < bytes; ++i) {
    text += kWords[(i * 7 + i / 5 * 3 + i / 31) % std::size(kWords)];
    text += ' ';
  }
  return text;
}

const char* const kNames[] = {"smollm2", "qwen3", "tiny_llama3", "tiny_o200k", "mistral_sp", "deepseek"};

void BM_Tokenizer_Encode(benchmark::State& state) {
  const auto tokenizer = GoldenTokenizer(kNames[state.range(0)]);
  const std::string text = English(1 << 20);
  for (auto _ : state) benchmark::DoNotOptimize(tokenizer->Encode(text));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * text.size()));
  state.SetLabel(kNames[state.range(0)]);
}
BENCHMARK(BM_Tokenizer_Encode)->DenseRange(0, 5)->Unit(benchmark::kMillisecond);

void BM_Tokenizer_EncodeOneLongWord(benchmark::State& state) {
  const auto tokenizer = GoldenTokenizer("smollm2");
  const std::string text(static_cast<size_t>(state.range(0)), 'a');
  for (auto _ : state) benchmark::DoNotOptimize(tokenizer->Encode(text));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * text.size()));
}
BENCHMARK(BM_Tokenizer_EncodeOneLongWord)->RangeMultiplier(8)->Range(32, 1 << 20);

void BM_Tokenizer_Decode(benchmark::State& state) {
  const auto tokenizer = GoldenTokenizer(kNames[state.range(0)]);
  const std::vector<int32_t> ids = tokenizer->Encode(English(1 << 20));
  for (auto _ : state) benchmark::DoNotOptimize(tokenizer->Decode(ids));
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * ids.size()));
  state.SetLabel(kNames[state.range(0)]);
}
BENCHMARK(BM_Tokenizer_Decode)->DenseRange(0, 5)->Unit(benchmark::kMillisecond);

void BM_Tokenizer_Load(benchmark::State& state) {
  const std::string json = GoldenTokenizerJson(kNames[state.range(0)]).value();
  for (auto _ : state) {
    const auto tokenizer = Tokenizer::FromJson(json, "benchmark");
    HONE_CHECK(tokenizer.ok());
  }
  state.SetLabel(kNames[state.range(0)]);
}
BENCHMARK(BM_Tokenizer_Load)->DenseRange(0, 1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace hone
