#include <algorithm>
#include <cstdio>
#include <ctime>
#include <memory>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"
#include "verifiers/puzzles/registry.h"
#include "verifiers/puzzles/source.h"

namespace hone {
namespace {

struct ShowOptions {
  std::string family;
  int64_t level = 1, seed = 0, count = 1;
  bool json = false, heldout = false;
};

absl::Status Show(const ShowOptions& show) {
  const nlohmann::json params = {{"families", nlohmann::json::array({show.family})}, {"level", show.level}};
  const GeneratorOptions options{
      .seed = static_cast<uint64_t>(show.seed), .split = show.heldout ? Split::kHeldout : Split::kTrain, .chat = false};
  HONE_ASSIGN_OR_RETURN(const auto source, CreatePuzzles(params.dump(), options));
  for (int64_t i = 0; i < show.count; ++i) {
    HONE_ASSIGN_OR_RETURN(const Prompt prompt, source->Get(i));
    if (show.json) {
      nlohmann::ordered_json line = {{"id", prompt.id}, {"question", prompt.text}, {"reference", prompt.reference}};
      line.update(nlohmann::ordered_json::parse(prompt.row));
      std::printf("%s\n", line.dump().c_str());
    } else {
      std::printf("%s%s\n\nReference:\n%s\n", i == 0 ? "" : "\n----\n\n", prompt.text.c_str(), prompt.reference.c_str());
    }
  }
  return absl::OkStatus();
}

bool IsRight(const PuzzleFamily& family, const PuzzleData& data, const std::string& answer) {
  return family.Accepts(data, answer, ExtractAnswer(answer, family.facts().form)).value_or(false);
}

// Makes and scores puzzle number `index` of a family; as a recipe draws them from the held-out split, which drops most that it makes, when
// there is a source.
bool MakeAndScore(const PuzzleFamily& family, const PromptSource* heldout, uint64_t seed, int64_t index, int level) {
  if (heldout == nullptr) {
    RandomCursor random{RandomStream(seed + static_cast<uint64_t>(index), static_cast<uint64_t>(level))};
    const Puzzle puzzle = family.Generate(random, level);
    return IsRight(family, puzzle.data, puzzle.answer);
  }
  const auto prompt = heldout->Get(index);
  if (!prompt.ok()) return false;
  const auto row = PuzzleRow::Parse(prompt->row);
  return row.ok() && IsRight(family, row->data, prompt->reference);
}

// Puzzles a second on one core, made and scored: one line a family, one column a level.
absl::Status Rates(double seconds, uint64_t seed, bool heldout) {
  std::printf("%-22s", "puzzles/s at level");
  for (int level = 1; level <= kPuzzleLevels; ++level) std::printf(" %9d", level);
  double slowest = 0;
  for (const auto& family : KnownPuzzles()) {
    std::printf("\n%-22s", family->facts().name);
    for (int level = 1; level <= kPuzzleLevels; ++level) {
      std::unique_ptr<PromptSource> source;
      if (heldout) {
        const nlohmann::json params = {{"families", nlohmann::json::array({family->facts().name})}, {"level", level}};
        HONE_ASSIGN_OR_RETURN(source, CreatePuzzles(params.dump(), {.seed = seed, .split = Split::kHeldout, .chat = false}));
      }
      int64_t made = 0, right = 0;
      const std::clock_t begin = std::clock(), end = begin + static_cast<std::clock_t>(seconds * CLOCKS_PER_SEC);
      for (; std::clock() < end; ++made) right += MakeAndScore(*family, source.get(), seed, made, level);
      const double rate = static_cast<double>(made) * CLOCKS_PER_SEC / static_cast<double>(std::clock() - begin);
      slowest = slowest == 0 ? rate : std::min(slowest, rate);
      std::printf(" %9.0f%s", rate, right == made ? "" : "!");
    }
  }
  std::printf("\nslowest %.0f\n", slowest);
  return absl::OkStatus();
}

}  // namespace

void AddPuzzles(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("puzzles", "Procedural puzzles: the families, their tasks, their speed");
  command->require_subcommand(1);

  auto* list = command->add_subcommand("list", "All families with their levels");
  auto markdown = std::make_shared<bool>(false);
  list->add_flag("--markdown", *markdown, "As the page docs/puzzles.md");
  list->callback([=] {
    if (*markdown) {
      std::printf("%s", PuzzlesMarkdown().c_str());
      return;
    }
    for (const auto& family : KnownPuzzles()) {
      std::printf("%s: %s (answer: %s)\n", family->facts().name, family->facts().description, Name(family->facts().form));
      for (int level = 1; level <= kPuzzleLevels; ++level) std::printf("  %d  %s\n", level, family->LevelText(level).c_str());
    }
  });

  auto* show = command->add_subcommand("show", "Tasks of one family with their answers");
  auto options = std::make_shared<ShowOptions>();
  show->add_option("family", options->family, "Its name")->required();
  show->add_option("--level", options->level, "1 the easiest")->capture_default_str()->check(CLI::Range(1, kPuzzleLevels));
  show->add_option("--seed", options->seed, "Seed of the data")->capture_default_str();
  show->add_option("--count", options->count, "Tasks")->capture_default_str()->check(CLI::Range(int64_t{1}, int64_t{1} << 40));
  show->add_flag("--heldout", options->heldout, "Held-out tasks");
  show->add_flag("--json", options->json, "One JSON object a line, ready to be a data set");
  show->callback([=, &exit_code] {
    const absl::Status status = Show(*options);
    if (!status.ok()) exit_code = Report(status, kWrongUse);
  });

  auto* rates = command->add_subcommand("rates", "Puzzles a second, made and scored, on one core");
  auto seconds = std::make_shared<double>(0.1);
  rates->add_option("--seconds", *seconds, "Processor time for each family and level")
      ->capture_default_str()
      ->check(CLI::Range(0.001, 60.0));
  auto rates_seed = std::make_shared<uint64_t>(0);
  auto rates_heldout = std::make_shared<bool>(false);
  rates->add_option("--seed", *rates_seed, "Seed of the data")->capture_default_str();
  rates->add_flag("--heldout", *rates_heldout, "Held-out tasks, as a recipe draws them: four of five that are made belong to training");
  rates->callback([=, &exit_code] {
    const absl::Status status = Rates(*seconds, *rates_seed, *rates_heldout);
    if (!status.ok()) exit_code = Report(status, kWrongUse);
  });
}

}  // namespace hone
