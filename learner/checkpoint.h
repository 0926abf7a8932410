#pragma once

#include <string>
#include <thread>

#include "learner/policy_update.h"
#include "lib/model/model_files.h"

namespace hone {

// A checkpoint is a Hugging Face folder with, beside it, trainer/state.bin: what the learner needs to go on with the same bits.
//
// trainer/state.bin, little-endian: "HONETRN1"; i64 step; i64 optimizer steps; i64 elements n; u64 hash of the layout; then master weights,
// first and second moments, n float32 each; then the XXH3 of each of the three.
struct TrainerState {
  int64_t step = 0;
  int64_t adam_step = 0;
};

// Writes the folder under a temporary name, syncs, renames. files: config and tokenizer to carry on.
absl::Status WriteCheckpoint(const std::string& folder, const Decoder& decoder, PolicyUpdater& updater, const ModelFiles& files,
                             int64_t step);
// Reads trainer/state.bin into the updater. DataLoss names the file and what is wrong with it; then the updater is not to be used.
absl::StatusOr<TrainerState> ReadCheckpoint(const std::string& folder, const Decoder& decoder, PolicyUpdater& updater);

// Writes checkpoints beside the trainer: while rollouts are generated the updater rests, so no copy of its state is needed. Wait before the
// next update.
// Threads: one caller.
class CheckpointWriter {
 public:
  ~CheckpointWriter() { Wait().IgnoreError(); }
  // `write` runs on a thread of its own. Waits for the one before.
  void Start(std::function<absl::Status()> write);
  // The result of the last Start; ok when there was none.
  absl::Status Wait();

 private:
  std::thread thread_;
  absl::Status result_;
};

// Removes all but the newest `keep` of these checkpoints, and `best` (a step, or -1).
void PruneCheckpoints(const std::string& folder, std::vector<int64_t> steps, int64_t keep, int64_t best);

}  // namespace hone
