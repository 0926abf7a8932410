#include "lib/config/reference_page.h"

#include <memory>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "lib/config/presets.h"
#include "lib/config/recipe.h"
#include "lib/config/schema.h"

namespace hone {
namespace {

constexpr const char* kOpening = R"(# Recipe reference

Printed from the table in `lib/config/recipe_fields.cc`; do not edit.

A recipe is one JSON object with `//` comments: no trailing commas, no field twice, no unknown field. Every field may be left out except the
model (`model.path` or `model.scratch`), the data (`data.path` or a generator in `data.source`) and one of `verifiers`. Values come from, each
over the one before: the defaults below, the preset named by `algorithm.preset`, the file, and `--set path=value` on the command line in turn.

`--set` takes the path of a field (`learner.lr=1e-6`), of an element (`verifiers.0.weight=0.5`), of something in a parameter object
(`data.params.digits=3`) or of a section (`'sampling={"temperature": 0.8}'`). The value is JSON, or else a string.

A mistake ends the program with exit code 2 before anything is started or written; all mistakes are shown at once, each with file, line and column.
)";

std::string InCell(std::string text) {
  for (size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) text.insert(at, 1, '\\');
  return text;
}

std::string Row(const FieldSpec& field, const std::string& shown_path, const void* object) {
  std::string limits = field.allowed.empty() ? field.AllowedText() : fmt::format("`{}`", fmt::join(field.allowed, "`, `"));
  if (!field.unit.empty()) limits = limits.empty() ? field.unit : fmt::format("{} {}", limits, field.unit);
  return fmt::format("| `{}` | {} | `{}` | {} | {} |\n", shown_path, TypeText(field, object), InCell(PrintField(field, object)),
                     InCell(limits), InCell(field.comment));
}

// The table of one section's own fields, then its sub-sections and the objects it holds.
void AppendSection(const Schema& schema, const std::string& section, const std::string& shown_prefix, const std::string& comment,
                   const void* object, std::string* out) {
  const auto path_of = [](const std::string& prefix, const std::string& name) {
    return prefix.empty() ? name : fmt::format("{}.{}", prefix, name);
  };
  std::string rows, objects;
  std::vector<std::string> parts;
  for (const std::string& name : schema.NamesIn(section)) {
    const std::string path = path_of(section, name), shown = path_of(shown_prefix, name);
    const FieldSpec* field = schema.FindField(path);
    if (field == nullptr) {
      parts.push_back(name);
      continue;
    }
    rows += Row(*field, shown, object);
    FieldRef ref = field->at(const_cast<void*>(object));
    if (const auto* slot = std::get_if<ObjectSlot>(&ref)) {
      const std::shared_ptr<void> element = slot->schema->MakeDefault();
      AppendSection(*slot->schema, "", slot->is_list ? shown + "[]" : shown, "", element.get(), &objects);
    }
  }
  if (!shown_prefix.empty()) *out += fmt::format("\n## {}\n\n", shown_prefix);
  if (!comment.empty()) *out += comment + "\n\n";
  if (!rows.empty()) *out += "| field | type | default | allowed | meaning |\n|---|---|---|---|---|\n" + rows;
  for (const std::string& name : parts) {
    const std::string path = path_of(section, name);
    std::string part_comment;
    for (const SectionSpec& spec : schema.sections()) {
      if (spec.path == path) part_comment = spec.comment;
    }
    AppendSection(schema, path, path_of(shown_prefix, name), part_comment, object, out);
  }
  *out += objects;
}

}  // namespace

std::string RecipeReferenceMarkdown() {
  const Recipe defaults;
  std::string page = kOpening;
  page += "\n## Fields at the top\n\n";
  AppendSection(RecipeSchema(), "", "", "", &defaults, &page);
  page += "\n## Presets\n\nValues of `algorithm.preset`. Paths are below `algorithm`.\n\n| preset | sets | meaning |\n|---|---|---|\n";
  for (const Preset& preset : Presets()) {
    std::string fields;
    for (const auto& [path, value] : preset.fields) fields += fmt::format("{}`{}` = `{}`", fields.empty() ? "" : ", ", path, value);
    page += fmt::format("| `{}` | {} | {} |\n", preset.name, fields, preset.comment);
  }
  return page;
}

}  // namespace hone
