#include "lib/config/recipe.h"

#include <cstdio>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "lib/config/presets.h"
#include "lib/config/reference_page.h"

namespace hone {

void AddRecipe(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("recipe", "Recipes: the reference of all fields, presets, and what one resolves to");
  command->require_subcommand(1);
  command->add_subcommand("reference", "Every field with type, default, range and meaning (docs/recipe.md)")->callback([] {
    std::printf("%s", RecipeReferenceMarkdown().c_str());
  });
  auto* preset = command->add_subcommand("preset", "A named algorithm as the `algorithm` section of a recipe");
  auto name = std::make_shared<std::string>();
  preset->add_option("name", *name, "grpo, dr_grpo, dapo, ...")->required();
  preset->callback([=, &exit_code] {
    auto text = PrintPreset(*name);
    if (!text.ok()) {
      exit_code = Report(text.status(), kWrongUse);
      return;
    }
    std::printf("%s", text->c_str());
  });
  auto* print = command->add_subcommand("print", "A recipe with every field resolved");
  auto path = std::make_shared<std::string>();
  auto overrides = std::make_shared<std::vector<std::string>>();
  print->add_option("recipe", *path, "Recipe file")->required();
  print->add_option("--set", *overrides, "Override a field")->allow_extra_args(false);
  print->callback([=, &exit_code] {
    auto recipe = LoadRecipe(*path, *overrides);
    if (!recipe.ok()) {
      exit_code = Report(recipe.status(), kWrongUse);
      return;
    }
    std::printf("%s", PrintRecipe(*recipe).c_str());
  });
}

}  // namespace hone
