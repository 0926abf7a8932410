#pragma once

#include "verifiers/puzzles/family.h"

namespace hone {

// The families of one theme each, in the file of that name.
PuzzleFamilies ArcFamilies();
PuzzleFamilies ArithmeticFamilies();
PuzzleFamilies CountdownFamilies();
PuzzleFamilies DecimalFamilies();
PuzzleFamilies EquationFamilies();
PuzzleFamilies GeometryFamilies();
PuzzleFamilies GraphFamilies();
PuzzleFamilies GridFamilies();
PuzzleFamilies LogicFamilies();
PuzzleFamilies NeedleFamilies();
PuzzleFamilies NumberTheoryFamilies();
PuzzleFamilies PlanningFamilies();
PuzzleFamilies PolynomialFamilies();
PuzzleFamilies SortingFamilies();
PuzzleFamilies StringFamilies();
PuzzleFamilies SudokuFamilies();
PuzzleFamilies TimeFamilies();

}  // namespace hone
