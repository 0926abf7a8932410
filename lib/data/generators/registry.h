#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lib/data/generators/interface.h"

namespace hone {

// Names of the procedural generators, sorted.
std::vector<std::string> KnownGenerators();

// Makes the generator `name` with its parameters (a JSON object; empty text means {}).
// NotFound for an unknown name, with the nearest known one; InvalidArgument for bad parameters.
absl::StatusOr<std::unique_ptr<PromptSource>> CreateGenerator(std::string_view name, std::string_view params_json,
                                                              const GeneratorOptions& options);

}  // namespace hone
