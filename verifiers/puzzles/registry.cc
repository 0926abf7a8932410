#include "verifiers/puzzles/registry.h"

#include <algorithm>

#include "fmt/format.h"
#include "lib/config/nearest.h"
#include "verifiers/puzzles/families.h"

namespace hone {
namespace {
PuzzleFamilies MakeAll() {
  PuzzleFamilies all;
  // By hand: objects that register themselves are dropped from static libraries.
  for (PuzzleFamilies (*make)() : {ArcFamilies, ArithmeticFamilies, CountdownFamilies, DecimalFamilies, EquationFamilies, GeometryFamilies,
                                   GraphFamilies, GridFamilies, LogicFamilies, NeedleFamilies, NumberTheoryFamilies, PlanningFamilies,
                                   PolynomialFamilies, SortingFamilies, StringFamilies, SudokuFamilies, TimeFamilies}) {
    for (auto& family : make()) all.push_back(std::move(family));
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return std::string_view(a->facts().name) < b->facts().name; });
  return all;
}
}  // namespace

const PuzzleFamilies& KnownPuzzles() {
  static const auto& all = *new PuzzleFamilies(MakeAll());
  return all;
}

absl::StatusOr<const PuzzleFamily*> FindPuzzle(std::string_view name) {
  std::vector<std::string> names;
  for (const auto& family : KnownPuzzles()) {
    if (name == family->facts().name) return family.get();
    names.emplace_back(family->facts().name);
  }
  return absl::NotFoundError(fmt::format("unknown puzzle family \"{}\"{}", name.substr(0, 80), DidYouMean(name.substr(0, 80), names)));
}

}  // namespace hone
