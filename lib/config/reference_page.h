#pragma once

#include <string>

namespace hone {

// docs/recipe.md: every field with type, default, allowed values, unit and meaning, and the presets, from the table in recipe_fields.cc.
std::string RecipeReferenceMarkdown();

}  // namespace hone
