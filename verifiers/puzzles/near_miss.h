#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/random.h"
#include "verifiers/puzzles/answer.h"

namespace hone {

// Every family gives this many wrong answers that are close to a right one.
inline constexpr size_t kNumNearMisses = 5;

// Wrong answers to a puzzle with one right answer: one digit or letter changed, swapped, dropped or doubled; one item of a list; one cell
// of a grid. No two are the same answer, and none is the reference. The reference must leave room for so many.
std::vector<std::string> NearMissesOf(AnswerForm form, std::string_view reference, RandomCursor& random);

// Wrong answers out of `choices`, of which one is right.
std::vector<std::string> OtherChoices(std::vector<std::string> choices, std::string_view reference, RandomCursor& random);

// Wrong subsets of `universe` (five items or more), in its order: one item too many or too few. None at all is "none".
std::vector<std::string> SubsetNearMisses(const std::vector<std::string>& universe, std::string_view reference, RandomCursor& random);

// Calls `draw` until it has given five different texts that are not empty (empty: a draw that led nowhere), a hundred thousand times at
// most.
std::vector<std::string> CollectNearMisses(const std::function<std::string()>& draw);

// The items as a subset in the answer's words.
std::string SubsetText(const std::vector<std::string>& items);

}  // namespace hone
