#pragma once

#include <functional>
#include <string>

#include "lib/base/status.h"
#include "lib/config/recipe.h"
#include "lib/model/model_files.h"

namespace hone {

struct LearnerArguments {
  std::string run_dir;  // an existing run
  std::string address;  // to listen at; empty: no server (in-process)
  std::string token;
  bool in_process = false;  // run one actor on a thread of this process
};

// The learner of a run from its folder to its end. Returns the exit code; prints progress and summary to stdout.
int RunLearner(const LearnerArguments& arguments);

// The model of a recipe, and the folder that actors read config and tokenizer from. A model made from nothing is written to `scratch_dir`
// first, with random weights, so that both ways look alike from here on.
struct RecipeModel {
  ModelFiles files;
  std::string folder;
};
absl::StatusOr<RecipeModel> OpenRecipeModel(const Recipe& recipe, const std::string& scratch_dir);

// Bytes that learner and actors of this recipe will hold, in lines for people.
struct MemoryPlan {
  int64_t learner_bytes = 0;
  int64_t actor_bytes = 0;
  std::string text;
};
absl::StatusOr<MemoryPlan> PlanMemory(const Recipe& recipe, const DecoderConfig& config);

}  // namespace hone
