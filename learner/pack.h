#pragma once

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "lib/ops/attention.h"

namespace hone {

// A completion to train on. Spans are borrowed.
struct PackSample {
  absl::Span<const int32_t> tokens;
  absl::Span<const uint8_t> mask;  // 1: a target; 0: seen, not trained on
};
struct PackGroup {
  absl::Span<const int32_t> prompt;
  std::vector<PackSample> samples;
};

// Where a target came from.
struct Target {
  int32_t group = 0, sample = 0, token = 0;  // indices into the input
};

// Groups laid out for one forward and backward pass: each prompt once, then its completions, which see the prompt and themselves. No
// padding. A completion's last token is a target but never an input, so it takes no row; a prompt's last row predicts the first token of
// each of its completions and stands in head_rows once for each.
struct PackedMicroBatch {
  std::vector<int32_t> tokens, positions;
  std::vector<ops::Segment> segments;
  std::vector<int32_t> head_rows;   // the row that predicts the target
  std::vector<int32_t> target_ids;  // token ids
  std::vector<Target> targets;
  int64_t rows() const { return static_cast<int64_t>(tokens.size()); }
};

// Fills micro-batches of at most max_tokens rows in the order given. A group that does not fit is continued in the next one with its prompt
// repeated; a single sample longer than max_tokens stands alone. Samples without targets are left out.
std::vector<PackedMicroBatch> Pack(absl::Span<const PackGroup> groups, int64_t max_tokens);

}  // namespace hone
