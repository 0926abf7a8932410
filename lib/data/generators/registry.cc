#include "lib/data/generators/registry.h"

#include "fmt/format.h"
#include "lib/config/nearest.h"
#include "lib/data/generators/decimals.h"
#include "lib/data/generators/sequence.h"
#include "lib/data/generators/word_problems.h"

namespace hone {
namespace {
struct Entry {
  const char* name;
  absl::StatusOr<std::unique_ptr<PromptSource>> (*create)(std::string_view params_json, const GeneratorOptions& options);
};
// By hand and sorted: objects that register themselves are dropped from static libraries.
constexpr Entry kGenerators[] = {
    {"decimals", CreateDecimals},
    {"sequence", CreateSequence},
    {"word_problems", CreateWordProblems},
};
}  // namespace

std::vector<std::string> KnownGenerators() {
  std::vector<std::string> names;
  for (const Entry& entry : kGenerators) names.emplace_back(entry.name);
  return names;
}

absl::StatusOr<std::unique_ptr<PromptSource>> CreateGenerator(std::string_view name, std::string_view params_json,
                                                              const GeneratorOptions& options) {
  for (const Entry& entry : kGenerators) {
    if (name == entry.name) return entry.create(params_json, options);
  }
  return absl::NotFoundError(fmt::format("unknown generator \"{}\"{}", name, DidYouMean(name, KnownGenerators())));
}

}  // namespace hone
