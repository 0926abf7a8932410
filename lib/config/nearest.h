#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hone {

// Edits that turn `a` into `b`: insert, delete or replace a character, or swap two neighbours; no part is edited twice ("optimal string
// alignment", the restricted Damerau-Levenshtein distance). Upper and lower case are equal, and so are '-' and '_'. Cost O(|a| |b|).
int EditDistance(std::string_view a, std::string_view b);

// The known name that a typing mistake most likely meant, or nullopt when none is near: at most one edit in three characters (two in five
// for names of five and more), or `name` (three characters or more) is the beginning of exactly one known name. Ties go to the earlier one.
// Names longer than 64 characters have no neighbour.
std::optional<std::string> Nearest(std::string_view name, std::span<const std::string> known);

// The end of a message about an unknown name: `; did you mean "numeric"?` when one is near, else `; known: exact, numeric`, else (nothing
// is known) empty.
std::string DidYouMean(std::string_view name, std::span<const std::string> known);

}  // namespace hone
