#include "lib/data/generators/sequence.h"

#include <algorithm>
#include <string>
#include <vector>

#include "fmt/format.h"
#include "lib/base/random.h"
#include "lib/data/params.h"

namespace hone {
namespace {

struct Settings {
  std::vector<std::string> tasks;
  int64_t length_min, length_max, heldout_percent;
  std::string alphabet, separator;
};

std::string Solve(const std::string& task, const std::string& alphabet, std::string sequence) {
  if (task == "reverse") std::reverse(sequence.begin(), sequence.end());
  if (task == "sort") std::sort(sequence.begin(), sequence.end(), [&](char x, char y) { return alphabet.find(x) < alphabet.find(y); });
  if (task == "increment") {
    for (char& symbol : sequence) symbol = alphabet[(alphabet.find(symbol) + 1) % alphabet.size()];
  }
  return sequence;
}

class Sequence : public PromptSource {
 public:
  Sequence(const GeneratorOptions& options, Settings settings) : options_(options), settings_(std::move(settings)) {}

  std::optional<int64_t> size() const override { return std::nullopt; }

  absl::StatusOr<Prompt> Get(int64_t index) const override {
    if (index < 0) return absl::InvalidArgumentError(fmt::format("prompt index {} is negative", index));
    const uint64_t seed = TaskSeed(options_, index);
    RandomCursor random{RandomStream(seed)};
    for (int attempt = 0; attempt < kSplitTries; ++attempt) {
      const std::string& task = settings_.tasks[random.Below(settings_.tasks.size())];
      std::string sequence(random.Between(settings_.length_min, settings_.length_max), ' ');
      for (char& symbol : sequence) symbol = settings_.alphabet[random.Below(settings_.alphabet.size())];
      if (HeldOut(sequence, settings_.heldout_percent) != (options_.split == Split::kHeldout)) continue;
      Prompt prompt = MakePrompt("sequence", options_, index, fmt::format("{}:{}=>", task, Spaced(sequence)));
      prompt.reference = Spaced(Solve(task, settings_.alphabet, sequence));
      prompt.row = fmt::format(R"({{"task":"{}","sequence":"{}","seed":"{:016x}"}})", task, sequence, seed);
      return prompt;
    }
    return absl::InvalidArgumentError(fmt::format("sequence: no sequence for the {} split in {} draws; raise length_max or the alphabet",
                                                  Name(options_.split), kSplitTries));
  }

 private:
  std::string Spaced(const std::string& sequence) const {
    std::string text;
    for (size_t i = 0; i < sequence.size(); ++i) text += (i > 0 ? settings_.separator : "") + sequence[i];
    return text;
  }

  const GeneratorOptions options_;
  const Settings settings_;
};
}  // namespace

absl::StatusOr<std::unique_ptr<PromptSource>> CreateSequence(std::string_view params_json, const GeneratorOptions& options) {
  Params params("sequence", params_json);
  Settings settings;
  settings.tasks = params.TextList("tasks", {"sort"}, "any of copy, reverse, sort, increment; drawn evenly");
  settings.length_min = params.Int("length_min", 8, 1, 256, "fewest symbols");
  settings.length_max = params.Int("length_max", 8, 1, 256, "most symbols");
  settings.alphabet = params.Text("alphabet", "0123456789", "the symbols in their order; digits and lower-case letters");
  settings.separator = params.Choice("separator", "", {"", " "}, "between two symbols");
  settings.heldout_percent = params.Int("heldout_percent", 20, 1, 99, "share of the sequences that are held out");
  if (settings.length_min > settings.length_max) {
    params.Problem(fmt::format("length_min {} must be at most length_max {}", settings.length_min, settings.length_max));
  }
  if (settings.tasks.empty()) params.Problem("tasks must name at least one");
  for (const std::string& task : settings.tasks) {
    if (task != "copy" && task != "reverse" && task != "sort" && task != "increment") {
      params.Problem(fmt::format("unknown task \"{}\"; known: copy, increment, reverse, sort", task));
    }
  }
  bool good = settings.alphabet.size() >= 2;
  for (size_t i = 0; i < settings.alphabet.size(); ++i) {
    const char symbol = settings.alphabet[i];
    good = good && ((symbol >= '0' && symbol <= '9') || (symbol >= 'a' && symbol <= 'z')) && settings.alphabet.find(symbol) == i;
  }
  if (!good) params.Problem("alphabet must hold two or more different digits or lower-case letters");
  HONE_RETURN_IF_ERROR(params.Finish());
  GeneratorOptions raw = options;
  raw.chat = false;
  raw.system.clear();
  auto source = std::make_unique<Sequence>(raw, std::move(settings));
  HONE_RETURN_IF_ERROR(source->Get(0).status());  // parameters that leave no sequence are refused now
  return source;
}

}  // namespace hone
