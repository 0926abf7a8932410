#include "learner/pack.h"

#include <algorithm>

#include "lib/base/check.h"

namespace hone {

std::vector<PackedMicroBatch> Pack(absl::Span<const PackGroup> groups, int64_t max_tokens) {
  std::vector<PackedMicroBatch> batches;
  PackedMicroBatch batch;
  auto flush = [&] {
    if (!batch.tokens.empty()) batches.push_back(std::move(batch));
    batch = {};
  };
  auto add_segment = [&](absl::Span<const int32_t> tokens, int64_t position, int32_t parent) {
    batch.segments.push_back({batch.rows(), static_cast<int64_t>(tokens.size()), parent});
    for (size_t i = 0; i < tokens.size(); ++i) {
      batch.tokens.push_back(tokens[i]);
      batch.positions.push_back(static_cast<int32_t>(position + static_cast<int64_t>(i)));
    }
  };
  for (size_t g = 0; g < groups.size(); ++g) {
    const PackGroup& group = groups[g];
    const int64_t prompt = static_cast<int64_t>(group.prompt.size());
    HONE_CHECK_GT(prompt, 0);
    int32_t root = -1;  // segment of this group's prompt in the open batch
    for (size_t s = 0; s < group.samples.size(); ++s) {
      const PackSample& sample = group.samples[s];
      HONE_CHECK_EQ(sample.tokens.size(), sample.mask.size());
      if (std::find(sample.mask.begin(), sample.mask.end(), 1) == sample.mask.end()) continue;
      const int64_t inputs = static_cast<int64_t>(sample.tokens.size()) - 1;
      if (batch.rows() + inputs + (root < 0 ? prompt : 0) > max_tokens) {
        flush();
        root = -1;
      }
      if (root < 0) {
        root = static_cast<int32_t>(batch.segments.size());
        add_segment(group.prompt, 0, -1);
      }
      const int64_t first = batch.rows();
      const int32_t prompt_end = static_cast<int32_t>(batch.segments[root].row_begin + prompt - 1);
      if (inputs > 0) add_segment(sample.tokens.subspan(0, inputs), prompt, root);
      for (size_t t = 0; t < sample.tokens.size(); ++t) {
        if (sample.mask[t] != 1) continue;
        batch.head_rows.push_back(t == 0 ? prompt_end : static_cast<int32_t>(first + static_cast<int64_t>(t) - 1));
        batch.target_ids.push_back(sample.tokens[t]);
        batch.targets.push_back({static_cast<int32_t>(g), static_cast<int32_t>(s), static_cast<int32_t>(t)});
      }
    }
  }
  flush();
  return batches;
}

}  // namespace hone
