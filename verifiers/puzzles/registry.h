#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "verifiers/puzzles/family.h"

namespace hone {

// All families, sorted by name; made once, kept to the end of the process.
const PuzzleFamilies& KnownPuzzles();

// NotFound for an unknown name, with the nearest known one.
absl::StatusOr<const PuzzleFamily*> FindPuzzle(std::string_view name);

// docs/puzzles.md: what puzzles are, and every family with its levels and an example.
std::string PuzzlesMarkdown();

}  // namespace hone
