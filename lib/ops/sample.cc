#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "lib/ops/logarithm.h"
#include "lib/ops/parallel.h"
#include "lib/ops/softmax.h"
#include "lib/ops/softmax_kernels.h"

// How a truncated row is sampled. Top-k, top-p and min-p each keep the first tokens in the order of falling logit, ties by rising index.
//   1. A bound on the logit is found that no token kept by all of them can lie below; one vector pass gathers the candidates above it.
//   2. On the candidates, few where a model knows what it says, the truncations run one after the other: top-k by selection, top-p by a
//      histogram of masses of which one bucket is sorted, min-p by comparison.
//   3. The draw walks over the survivors in the order of their ids.

namespace hone::ops {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// The candidates of one row by rising token: d = z - max z and e = exp(d). The buffers of a thread serve all its rows.
struct Scratch {
  std::vector<double> block_sums;
  std::vector<float> group_max;
  std::vector<int32_t> tokens;
  std::vector<float> logits, d, e;
  std::vector<int32_t> order;  // places among the candidates
  std::vector<double> bucket_mass;

  bool Before(int32_t a, int32_t b) const { return logits[a] > logits[b] || (logits[a] == logits[b] && a < b); }
  // Keeps the places for which keep(place) holds.
  template <class Keep>
  void Filter(Keep&& keep) {
    size_t count = 0;
    for (size_t i = 0; i < tokens.size(); ++i) {
      if (!keep(static_cast<int32_t>(i))) continue;
      tokens[count] = tokens[i];
      logits[count] = logits[i];
      d[count] = d[i];
      e[count] = e[i];
      ++count;
    }
    tokens.resize(count);
    logits.resize(count);
    d.resize(count);
    e.resize(count);
  }
  double Mass() const {
    double mass = 0;
    for (const float value : e) mass += value;
    return mass;
  }
};

// A logit that the k-th largest does not lie below: the k-th largest of the maxima of groups.
float TopKBound(int64_t v, const float* logits, int32_t k, Scratch& scratch) {
  const int64_t groups = (v + avx2::kMaxGroup - 1) / avx2::kMaxGroup;
  if (k > groups) return -kInfinity;
  scratch.group_max.resize(groups);
  avx2::GroupMax(v, logits, scratch.group_max.data());
  std::nth_element(scratch.group_max.begin(), scratch.group_max.begin() + (k - 1), scratch.group_max.end(), std::greater<float>());
  return scratch.group_max[k - 1];
}

// The logit whose exp(z - max) is `least`, with room for rounding.
float LogitBound(double least, float temperature, const avx2::RowSums& sums) {
  if (!(least > 0)) return -kInfinity;
  const double z = sums.max + Logarithm(least) - 1e-3;
  return static_cast<float>(z * temperature - 1e-6 * std::abs(z * temperature));
}

void KeepTopK(int32_t k, Scratch& row) {
  if (k >= static_cast<int64_t>(row.tokens.size())) return;
  row.order.resize(row.tokens.size());
  for (size_t i = 0; i < row.order.size(); ++i) row.order[i] = static_cast<int32_t>(i);
  std::nth_element(row.order.begin(), row.order.begin() + (k - 1), row.order.end(), [&](int32_t a, int32_t b) { return row.Before(a, b); });
  const float cut_logit = row.logits[row.order[k - 1]];
  const int32_t cut = row.order[k - 1];
  row.Filter([&](int32_t i) { return row.logits[i] > cut_logit || (row.logits[i] == cut_logit && i <= cut); });
}

// Buckets of d by the upper bits of the float32 -d, which rise as d falls: 64 to each power of two.
constexpr int kBucketShift = 17;
constexpr size_t kBuckets = (0x44800000u >> kBucketShift) + 1;  // to d = -1024, where e is long 0
size_t BucketOf(float d) {
  const float fall = d < 0 ? -d : 0.0f;
  uint32_t bits;
  std::memcpy(&bits, &fall, sizeof(bits));
  return std::min<size_t>(bits >> kBucketShift, kBuckets - 1);
}

// Keeps the first tokens whose mass reaches `wanted`.
void KeepTopP(double wanted, Scratch& row) {
  row.bucket_mass.assign(kBuckets, 0.0);
  for (size_t i = 0; i < row.tokens.size(); ++i) row.bucket_mass[BucketOf(row.d[i])] += row.e[i];
  double reached = 0;
  size_t bucket = 0;
  while (bucket + 1 < kBuckets && reached + row.bucket_mass[bucket] < wanted) reached += row.bucket_mass[bucket++];
  row.order.clear();
  for (size_t i = 0; i < row.tokens.size(); ++i) {
    if (BucketOf(row.d[i]) == bucket) row.order.push_back(static_cast<int32_t>(i));
  }
  if (row.order.empty()) return;  // only rounding kept the masses from reaching it: all are needed
  std::sort(row.order.begin(), row.order.end(), [&](int32_t a, int32_t b) { return row.Before(a, b); });
  size_t last = 0;
  for (; last + 1 < row.order.size(); ++last) {
    reached += row.e[row.order[last]];
    if (reached >= wanted) break;
  }
  const int32_t cut = row.order[last];
  const float cut_logit = row.logits[cut];
  row.Filter([&](int32_t i) { return row.logits[i] > cut_logit || (row.logits[i] == cut_logit && i <= cut); });
}

// Fills token and processed_logprob of a row that is truncated.
void DrawTruncated(int64_t v, const float* logits, const SampleParams& params, const avx2::RowSums& sums, double uniform, Scratch& row,
                   Sample& sample) {
  const bool top_k = params.top_k > 0 && params.top_k < v;
  // Tokens below (1 - p) / V of the mass cannot fill the 1 - p that top-p may leave out.
  const float bound = top_k              ? TopKBound(v, logits, params.top_k, row)
                      : params.top_p < 1 ? LogitBound((1 - static_cast<double>(params.top_p)) * sums.exp_sum / static_cast<double>(v),
                                                      params.temperature, sums)
                                         : LogitBound(params.min_p, params.temperature, sums);
  row.tokens.resize(v);
  const int64_t count = avx2::Gather(v, logits, bound, row.tokens.data());
  row.tokens.resize(count);
  row.logits.resize(count);
  row.d.resize(count);
  row.e.resize(count);
  for (int64_t i = 0; i < count; ++i) row.logits[i] = logits[row.tokens[i]];
  avx2::ExpRow(count, row.logits.data(), params.temperature, sums.max, row.d.data(), row.e.data());

  if (top_k) KeepTopK(params.top_k, row);
  if (params.top_p < 1) KeepTopP(params.top_p * (top_k ? row.Mass() : sums.exp_sum), row);
  if (params.min_p > 0) row.Filter([&](int32_t i) { return row.e[i] >= params.min_p; });  // the largest e is 1

  const double mass = row.Mass();
  const double target = uniform * mass;
  double reached = 0;
  size_t drawn = 0;
  for (size_t i = 0; i < row.tokens.size(); ++i) {
    if (row.e[i] == 0) continue;
    drawn = i;
    reached += row.e[i];
    if (reached > target) break;
  }
  sample.token = row.tokens[drawn];
  sample.processed_logprob = static_cast<float>(row.d[drawn] - Logarithm(mass));
}

// The token at which the running sum of e over the whole row passes `target`, which is below the row's sum.
int32_t DrawFromAll(int64_t v, const float* logits, float temperature, const avx2::RowSums& sums, double target, const Scratch& scratch) {
  double reached = 0;
  int64_t chosen = 0;  // the block in which the sum passes the target, at worst the last one with a probability above 0
  for (int64_t block = 0; block < avx2::SumBlocks(v); ++block) {
    if (scratch.block_sums[block] > 0) chosen = block;
    if (reached + scratch.block_sums[block] > target) break;
    reached += scratch.block_sums[block];
  }
  const int64_t begin = chosen * avx2::kSumBlock;
  const int64_t count = std::min(avx2::kSumBlock, v - begin);
  float d[avx2::kSumBlock];
  float e[avx2::kSumBlock];
  avx2::ExpRow(count, logits + begin, temperature, sums.max, d, e);
  int64_t token = 0;
  for (int64_t i = 0; i < count; ++i) {
    if (e[i] == 0) continue;
    token = i;
    reached += e[i];
    if (reached > target) break;
  }
  return static_cast<int32_t>(begin + token);
}

Sample SampleRow(int64_t v, const float* logits, const SampleParams& params, float uniform, Scratch& scratch) {
  const bool greedy = params.temperature == 0;
  const float temperature = greedy ? 1.0f : params.temperature;
  const bool truncated = (params.top_k > 0 && params.top_k < v) || params.top_p < 1 || params.min_p > 0;
  scratch.block_sums.resize(avx2::SumBlocks(v));
  const avx2::RowSums sums = avx2::SumRow(v, logits, temperature, scratch.block_sums.data());
  const double log_sum = Logarithm(sums.exp_sum);
  Sample sample;
  if (std::isnan(log_sum)) {
    sample.logprob = sample.processed_logprob = sample.entropy = kNan;
    return sample;
  }
  if (greedy) {
    sample.token = static_cast<int32_t>(avx2::ArgMax(v, logits, sums.max));
  } else if (truncated) {
    DrawTruncated(v, logits, params, sums, uniform, scratch, sample);
  } else {
    sample.token = DrawFromAll(v, logits, temperature, sums, uniform * sums.exp_sum, scratch);
  }
  sample.logprob = static_cast<float>(static_cast<double>(logits[sample.token] / temperature - sums.max) - log_sum);
  sample.entropy = static_cast<float>(log_sum - sums.weighted_sum / sums.exp_sum);
  if (!greedy && !truncated) sample.processed_logprob = sample.logprob;
  return sample;
}

}  // namespace

void SampleRows(const Context& context, int64_t m, int64_t v, const float* logits, int64_t ldl, absl::Span<const SampleParams> params,
                absl::Span<const float> uniform, Sample* out) {
  ParallelFor(context, m, [&](int64_t i) {
    thread_local Scratch scratch;
    out[i] = SampleRow(v, logits + i * ldl, params[i], uniform[i], scratch);
  });
}

}  // namespace hone::ops
