#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/status.h"

namespace hone {

struct Recipe;

// A named algorithm: values for fields below `algorithm`, put in before the recipe's own. What is not listed keeps its default.
struct Preset {
  std::string name;
  std::string comment;                                      // what it is, source, what it leaves to the recipe
  std::vector<std::pair<std::string, std::string>> fields;  // path, value as JSON
};

// In the order of docs/recipe.md; the first ("grpo") is the defaults.
const std::vector<Preset>& Presets();
std::vector<std::string> PresetNames();

// Sets the preset's fields and algorithm.preset. InvalidArgument for an unknown name, with the nearest one.
absl::Status ApplyPreset(std::string_view name, Recipe* recipe);

// The preset as the `algorithm` section of a recipe, every field of it, ready to be pasted.
absl::StatusOr<std::string> PrintPreset(std::string_view name);

}  // namespace hone
