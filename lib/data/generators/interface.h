#pragma once

#include <string_view>

#include "lib/data/prompt_source.h"

namespace hone {

// What every procedural generator is made with besides its own parameters.
//
// A generator is a PromptSource without end. Its implementer keeps three promises:
//   1. Get(i) is a pure function of (seed, split, parameters, i), the same on every machine: integers and lib/base/random.h only.
//   2. The two splits never meet: TaskStream gives them different seeds, and what makes a task (its operands, its sequence) is dealt to
//      one split for good by HeldOut, whatever the seed of the run.
//   3. `reference` is the gold answer, `row` a JSON object that says how the task was made.
struct GeneratorOptions {
  uint64_t seed = 0;
  Split split = Split::kTrain;
  bool chat = true;    // a user message; false: raw text
  std::string system;  // a system message before it, when not empty
};

// Seed of task `index`: 64 bits whose lowest says the split, so no seed belongs to both.
uint64_t TaskSeed(const GeneratorOptions& options, int64_t index);

// Whether what `key` names (for example "3,4") belongs to the held-out split when `percent` of all keys do.
bool HeldOut(std::string_view key, int64_t percent);
// Tasks drawn until one belongs to the wanted split; none in so many: the parameters leave it empty.
inline constexpr int kSplitTries = 10'000;

// A prompt with its id ("word_problems/train/7/12" for seed 7, index 12) and the question as message or text.
Prompt MakePrompt(std::string_view generator, const GeneratorOptions& options, int64_t index, std::string question);

}  // namespace hone
