#pragma once

#include <memory>
#include <string_view>

#include "lib/data/generators/interface.h"

namespace hone {

// Every character that a sequence task or its answer can hold: the vocabulary of a character-level model. A new line ends an answer.
inline constexpr std::string_view kSequenceCharacters = "\n 0123456789:=>abcdefghijklmnopqrstuvwxyz";

// Toy tasks on short sequences for models made from nothing, as in "sort:31425926=>" with the answer "12234569".
//   copy       the sequence itself
//   reverse    from back to front
//   sort       in the order of the alphabet
//   increment  each symbol replaced by the next of the alphabet, the last by the first
//
// Always raw text (chat and system are not used: a model that knows these characters only cannot read a template). The sequence decides
// the split, the same for every task. Parameters: tasks, length_min, length_max, alphabet, separator, heldout_percent.
absl::StatusOr<std::unique_ptr<PromptSource>> CreateSequence(std::string_view params_json, const GeneratorOptions& options);

}  // namespace hone
