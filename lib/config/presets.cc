#include "lib/config/presets.h"

#include "fmt/format.h"
#include "lib/base/check.h"
#include "lib/config/nearest.h"
#include "lib/config/recipe.h"
#include "lib/config/schema.h"
#include "lib/config/strict_json.h"

namespace hone {

const std::vector<Preset>& Presets() {
  static const auto* const presets = new std::vector<Preset>{
      {"grpo", "The defaults: group mean and standard deviation, clipped ratio 0.2/0.2, token mean, no KL term (arXiv:2402.03300).", {}},
      {"dr_grpo",
       "Group mean without division, sum over a sequence divided by a constant (arXiv:2503.20783). Set algorithm.aggregation.constant.",
       {{"advantage.name", "\"dr_grpo\""}, {"aggregation.mode", "\"seq-mean-token-sum-norm\""}}},
      {"rloo",
       "Leave-one-out baseline and the plain policy gradient (arXiv:2402.14740), without the KL penalty in the reward that the paper has.",
       {{"advantage.name", "\"rloo\""}, {"loss.name", "\"reinforce\""}}},
      {"dapo",
       "Clip-higher 0.2/0.28, token mean, soft overlong penalty over the last fifth of the budget (arXiv:2503.14476). Its dynamic sampling "
       "is "
       "not part of the preset.",
       {{"loss.eps_high", "0.28"}, {"overlong.kind", "\"soft\""}}},
      {"cispo",
       "Clipped importance weight, every token keeps its gradient (arXiv:2506.13585), weight at most 5, no lower bound.",
       {{"loss.name", "\"cispo\""}, {"loss.is_weight_max", "5"}}},
      {"deepseekmath",
       "grpo with the KL loss k3 at 0.04 and sequence means (arXiv:2402.03300).",
       {{"kl.coef", "0.04"}, {"aggregation.mode", "\"seq-mean-token-mean\""}}},
      {"grpo-verl",
       "The numbers of verl on the same batch (no mismatch correction): dual clip 3, single samples keep their raw reward.",
       {{"loss.dual_clip", "3"}, {"singleton", "\"raw\""}}},
      {"grpo-trl",
       "The numbers of TRL on the same batch (no mismatch correction): eps 1e-4, no clamp of the log ratio.",
       {{"advantage.eps", "1e-4"}, {"log_ratio_clamp", "null"}}},
      {"grpo-slime",
       "The numbers of slime on the same batch (no mismatch correction): mean over sequences of their token means, no clamp of the log "
       "ratio.",
       {{"aggregation.mode", "\"seq-mean-token-mean\""}, {"log_ratio_clamp", "null"}}},
      {"grpo-open-instruct",
       "The numbers of open-instruct on the same batch (no mismatch correction): no division, clip 0.2/0.272, KL loss k3 at 0.05.",
       {{"advantage.name", "\"dr_grpo\""}, {"loss.eps_high", "0.272"}, {"kl.coef", "0.05"}, {"log_ratio_clamp", "null"}}},
  };
  return *presets;
}

std::vector<std::string> PresetNames() {
  std::vector<std::string> names;
  for (const Preset& preset : Presets()) names.push_back(preset.name);
  return names;
}

absl::Status ApplyPreset(std::string_view name, Recipe* recipe) {
  for (const Preset& preset : Presets()) {
    if (preset.name != name) continue;
    ReadLog log;
    for (const auto& [path, value] : preset.fields) {
      ReadAtPath(RecipeSchema(), "algorithm." + path, ParseStrictJson(value).root, fmt::format("preset {}", name), recipe, &log);
    }
    recipe->algorithm.preset = preset.name;
    HONE_CHECK_EQ(log.Text(), "");
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(fmt::format("no preset is named {}{}", JsonQuote(name), DidYouMean(name, PresetNames())));
}

absl::StatusOr<std::string> PrintPreset(std::string_view name) {
  Recipe recipe;
  HONE_RETURN_IF_ERROR(ApplyPreset(name, &recipe));
  Schema schema = Schema::For<Recipe>();
  for (const FieldSpec& field : RecipeSchema().fields()) {
    if (field.path.starts_with("algorithm.")) schema.Add(field);
  }
  return PrintObject(schema, &recipe);
}

}  // namespace hone
