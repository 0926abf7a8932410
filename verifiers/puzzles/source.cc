#include "verifiers/puzzles/source.h"

#include <algorithm>

#include "fmt/format.h"
#include "lib/data/params.h"
#include "verifiers/puzzles/registry.h"

namespace hone {
namespace {

// From task `from` on, levels between low and high.
struct Stage {
  int64_t from = 0, low = 1, high = 1;
};

// "2000:1-3"
bool ReadStage(std::string_view text, Stage* stage) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos || !ReadInt(text.substr(0, colon), &stage->from)) return false;
  const std::string_view levels = text.substr(colon + 1);
  const size_t minus = levels.find('-');
  if (!ReadInt(levels.substr(0, minus), &stage->low)) return false;
  stage->high = stage->low;
  return minus == std::string_view::npos || ReadInt(levels.substr(minus + 1), &stage->high);
}

class PuzzleSource : public PromptSource {
 public:
  PuzzleSource(const GeneratorOptions& options, std::vector<const PuzzleFamily*> families, std::vector<Stage> stages,
               int64_t heldout_percent)
      : options_(options), families_(std::move(families)), stages_(std::move(stages)), heldout_percent_(heldout_percent) {
    for (const Stage& stage : stages_) all_.low = std::min(all_.low, stage.low), all_.high = std::max(all_.high, stage.high);
  }

  std::optional<int64_t> size() const override { return std::nullopt; }

  absl::StatusOr<Prompt> Get(int64_t index) const override {
    if (index < 0) return absl::InvalidArgumentError(fmt::format("prompt index {} is negative", index));
    const uint64_t seed = TaskSeed(options_, index);
    RandomCursor random{RandomStream(seed)};
    const PuzzleFamily& family = *families_[random.Below(families_.size())];
    const Stage& stage = StageOf(index);
    const int level = static_cast<int>(random.Between(stage.low, stage.high));
    for (int attempt = 0; attempt < kSplitTries; ++attempt) {
      Puzzle puzzle = family.Generate(random, level);
      std::string data = puzzle.data.ToJson();
      const std::string key = fmt::format("{} {}", family.facts().name, puzzle.key.empty() ? data : puzzle.key);
      if (HeldOut(key, heldout_percent_) != (options_.split == Split::kHeldout)) continue;
      Prompt prompt = MakePrompt("puzzles", options_, index, std::move(puzzle.question));
      prompt.reference = std::move(puzzle.answer);
      prompt.row = fmt::format(R"({{"family":"{}","level":{},"data":{},"seed":"{:016x}"}})", family.facts().name, level, data, seed);
      return prompt;
    }
    return absl::InternalError(fmt::format("puzzles: no {} puzzle of level {} for the {} split in {} draws", family.facts().name, level,
                                           Name(options_.split), kSplitTries));
  }

 private:
  const Stage& StageOf(int64_t index) const {
    if (options_.split == Split::kHeldout) return all_;
    return *std::prev(
        std::upper_bound(stages_.begin(), stages_.end(), index, [](int64_t i, const Stage& stage) { return i < stage.from; }));
  }

  const GeneratorOptions options_;
  const std::vector<const PuzzleFamily*> families_;
  const std::vector<Stage> stages_;  // ascending, the first from 0
  const int64_t heldout_percent_;
  Stage all_{0, kPuzzleLevels, 1};  // every level that some stage has
};

}  // namespace

absl::StatusOr<std::unique_ptr<PromptSource>> CreatePuzzles(std::string_view params_json, const GeneratorOptions& options) {
  Params params("puzzles", params_json);
  const std::vector<std::string> names =
      params.TextList("families", {}, "families to draw from, all equally often; all that there are when empty");
  const int64_t level = params.Int("level", 1, 1, kPuzzleLevels, "level of the puzzles, 1 the easiest");
  const int64_t level_max = params.Int("level_max", 0, 0, kPuzzleLevels, "levels are drawn from level to here; 0: level alone");
  const std::vector<std::string> schedule = params.TextList(
      "schedule", {}, "levels by task instead, as in [\"0:1\", \"2000:1-2\", \"6000:3\"]: from task 2000 on, levels 1 and 2");
  const int64_t heldout_percent = params.Int("heldout_percent", 20, 1, 99, "share of all puzzles that are held out");

  std::vector<const PuzzleFamily*> families;
  for (const std::string& name : names) {
    const auto family = FindPuzzle(name);
    if (family.ok()) {
      families.push_back(*family);
    } else {
      params.Problem(
          fmt::format("parameter \"families\": {}", std::string_view(family.status().message().data(), family.status().message().size())));
    }
  }
  if (names.empty()) {
    for (const auto& family : KnownPuzzles()) families.push_back(family.get());
  }
  if (level_max != 0 && level_max < level)
    params.Problem(fmt::format("parameter \"level_max\" is {}, must not be below level, {}", level_max, level));
  std::vector<Stage> stages = {{0, level, std::max(level, level_max)}};
  for (size_t i = 0; i < schedule.size(); ++i) {
    Stage stage;
    if (!ReadStage(schedule[i], &stage) || stage.low < 1 || stage.high < stage.low || stage.high > kPuzzleLevels) {
      params.Problem(fmt::format("parameter \"schedule\": \"{}\" must be FROM:LEVEL or FROM:LEVEL-LEVEL with levels from 1 to {}",
                                 schedule[i].substr(0, 80), kPuzzleLevels));
    } else if (i == 0 ? stage.from != 0 : stage.from <= stages.back().from) {
      params.Problem(
          fmt::format("parameter \"schedule\": \"{}\" must begin {}", schedule[i], i == 0 ? "at task 0" : "behind the entry before it"));
    } else {
      if (i == 0) stages.clear();
      stages.push_back(stage);
    }
  }
  HONE_RETURN_IF_ERROR(params.Finish());
  return std::make_unique<PuzzleSource>(options, std::move(families), std::move(stages), heldout_percent);
}

}  // namespace hone
