#pragma once

#include <string>
#include <string_view>

namespace hone {

struct ReadLog;
struct Recipe;

// What names of runs and verifiers are made of: letters, digits, '-', '_' and '.'; they end up as folders and metric names.
bool IsNameCharacter(char c);
inline constexpr size_t kMaxNameLength = 100;
// 1 to kMaxNameLength of these, not starting with '.'.
bool IsName(std::string_view name);
inline constexpr std::string_view kNameRule = "it must be 1 to 100 letters, digits, '-', '_' or '.', not starting with '.'";

// The rules that look at several fields. A rule whose fields have problems already is silent. Problems are placed at the first field of the
// rule that the recipe gives, else at the start of the section or file.
void CheckRecipe(const Recipe& recipe, const std::string& file_name, ReadLog* log);

}  // namespace hone
