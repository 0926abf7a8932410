#include "lib/config/recipe.h"

#include <algorithm>
#include <filesystem>

#include "fmt/format.h"
#include "lib/base/file.h"
#include "lib/base/hash.h"
#include "lib/config/nearest.h"
#include "lib/config/presets.h"
#include "lib/config/recipe_checks.h"
#include "lib/config/schema.h"
#include "lib/config/strict_json.h"

namespace hone {
namespace {

constexpr uint64_t kMaxRecipeBytes = 1 << 20;
constexpr size_t kMaxFilesListed = 10000;  // of a folder, in search of a near name

// "recipes/gsm8k.json" -> "gsm8k", with nothing in it that a run's name may not have.
std::string NameFromFile(const std::string& file_name) {
  std::string name = file_name.substr(file_name.rfind('/') + 1);
  name = name.substr(0, name.find('.'));
  for (char& c : name) {
    if (!IsNameCharacter(c)) c = '-';
  }
  return name.empty() ? "run" : name.substr(0, kMaxNameLength);
}

absl::Status NoSuchRecipe(const std::string& path) {
  const std::filesystem::path wanted(path);
  const std::string folder = wanted.parent_path().string();
  std::vector<std::string> names;
  std::error_code error;
  std::filesystem::directory_iterator entry(folder.empty() ? "." : folder, error), end;
  for (; !error && entry != end && names.size() < kMaxFilesListed; entry.increment(error)) {
    std::error_code ignored;
    if (entry->is_regular_file(ignored)) names.push_back(entry->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  auto nearest = Nearest(wanted.filename().string(), names);
  if (!nearest && std::find(names.begin(), names.end(), wanted.filename().string() + ".json") != names.end()) {
    nearest = wanted.filename().string() + ".json";
  }
  const std::string slash = folder.empty() || folder.ends_with('/') ? "" : "/";
  const std::string hint = nearest ? fmt::format("; did you mean {}?", JsonQuote(folder + slash + *nearest)) : "";
  return absl::NotFoundError(fmt::format("{}: no such recipe{}", path, hint));
}

}  // namespace

std::string Recipe::RunDir() const {
  return run.dir.empty() ? "runs/" + run.name : run.dir;
}

const DataSource& Recipe::EvalData() const {
  return eval.data.has_value() ? *eval.data : data;
}

int64_t Recipe::EvalMaxNewTokens() const {
  return eval.max_new_tokens.value_or(rollout.max_new_tokens);
}

int64_t Recipe::BaselineMaxNewTokens() const {
  return eval.baseline_max_new_tokens.value_or(EvalMaxNewTokens());
}

int64_t Recipe::OverlongMaxLen() const {
  return algorithm.overlong.max_len.value_or(rollout.max_new_tokens);
}

int64_t Recipe::OverlongBuffer() const {
  return algorithm.overlong.buffer.value_or(std::max<int64_t>(1, OverlongMaxLen() / 5));
}

std::string Recipe::Fingerprint() const {
  Recipe without_dir = *this;
  without_dir.run.dir.clear();
  return Sha256Hex(PrintRecipe(without_dir));
}

absl::StatusOr<Recipe> ParseRecipe(std::string_view text, const std::string& file_name, const std::vector<std::string>& overrides) {
  if (text.size() > kMaxRecipeBytes) {
    return absl::InvalidArgumentError(
        fmt::format("{}: {} bytes are too many for a recipe; the limit is {}", file_name, text.size(), kMaxRecipeBytes));
  }
  const JsonDocument document = ParseStrictJson(text);
  const Schema& schema = RecipeSchema();
  const auto read = [&](Recipe* recipe, ReadLog* log) {
    ReadObject(schema, document.root, file_name, "", recipe, log);
    for (const std::string& assignment : overrides) ReadOverride(schema, assignment, recipe, log);
  };

  // The first reading finds out which preset goes below the second.
  Recipe draft, recipe;
  ReadLog ignored, log;
  read(&draft, &ignored);
  HONE_RETURN_IF_ERROR(ApplyPreset(draft.algorithm.preset, &recipe));
  for (const JsonProblem& problem : document.problems) log.Add({file_name, problem.where.line, problem.where.column}, problem.text);
  read(&recipe, &log);

  if (recipe.run.name.empty()) recipe.run.name = NameFromFile(file_name);
  for (VerifierUse& use : recipe.verifiers) {
    if (use.name.empty()) use.name = use.verifier;
  }
  // What a file cut short would have said is unknown: its fields are not compared.
  if (document.complete && document.root.is(JsonNode::Kind::kObject)) CheckRecipe(recipe, file_name, &log);
  if (!log.problems.empty()) return absl::InvalidArgumentError(log.Text());
  return recipe;
}

absl::StatusOr<Recipe> LoadRecipe(const std::string& path, const std::vector<std::string>& overrides) {
  std::error_code error;
  const auto kind = std::filesystem::status(path, error).type();
  if (kind == std::filesystem::file_type::not_found) return NoSuchRecipe(path);
  if (kind == std::filesystem::file_type::directory) return absl::InvalidArgumentError(fmt::format("{}: is a folder, not a recipe", path));
  absl::StatusOr<std::string> text = ReadFile(path, kMaxRecipeBytes);
  if (!text.ok()) return absl::InvalidArgumentError(text.status().message());
  return ParseRecipe(*text, path, overrides);
}

std::string PrintRecipe(const Recipe& recipe) {
  return PrintObject(RecipeSchema(), &recipe);
}

}  // namespace hone
