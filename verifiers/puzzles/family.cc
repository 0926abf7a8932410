#include "verifiers/puzzles/family.h"

#include "fmt/format.h"

namespace hone {

absl::Status BadPuzzle(std::string_view what) {
  return absl::InvalidArgumentError(fmt::format("not a puzzle of this family: {}", what));
}

absl::StatusOr<bool> PuzzleFamily::Accepts(const PuzzleData&, std::string_view reference, std::string_view answer) const {
  if (!SameAnswer(facts_.form, reference, reference) || ListItems(reference).empty())
    return BadPuzzle(fmt::format("the reference is no {}", Name(facts_.form)));
  return SameAnswer(facts_.form, reference, answer);
}

std::vector<std::string> PuzzleFamily::NearMisses(const Puzzle& puzzle, RandomCursor& random) const {
  return NearMissesOf(facts_.form, puzzle.answer, random);
}

}  // namespace hone
