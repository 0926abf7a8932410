#include "verifiers/external/new_verifier.h"

#include <algorithm>
#include <filesystem>

#include "absl/strings/ascii.h"
#include "absl/strings/str_replace.h"
#include "fmt/format.h"
#include "lib/base/file.h"
#include "lib/config/nearest.h"
#include "lib/config/strict_json.h"
#include "verifiers/external/templates.h"

namespace hone {
namespace {
constexpr size_t kMaxNameLength = 64;

}  // namespace

std::vector<std::string> TemplateLanguages() {
  return {"cpp", "python", "any"};
}

absl::StatusOr<std::string> WriteNewVerifier(const std::string& parent, const std::string& name, const std::string& language) {
  if (name.empty() || name.size() > kMaxNameLength || !absl::ascii_isalpha(name[0]) ||
      !std::all_of(name.begin(), name.end(), [](char c) { return absl::ascii_isalnum(c) || c == '_'; })) {
    return absl::InvalidArgumentError(fmt::format("the name {} must be 1 to {} letters, digits and '_', beginning with a letter",
                                                  JsonQuote(name.substr(0, kMaxNameLength)), kMaxNameLength));
  }
  const std::vector<std::string> languages = TemplateLanguages();
  if (std::find(languages.begin(), languages.end(), language) == languages.end()) {
    return absl::InvalidArgumentError(
        fmt::format("unknown language {}{}", JsonQuote(language.substr(0, 40)), DidYouMean(language, languages)));
  }
  const std::filesystem::path folder = std::filesystem::path(parent) / name;
  std::error_code error;
  if (std::filesystem::exists(std::filesystem::symlink_status(folder, error))) {
    return absl::AlreadyExistsError(fmt::format("{} is there already; choose another name, or remove it", folder.string()));
  }
  HONE_RETURN_IF_ERROR(MakeDirectories(folder.string()));
  for (int i = 0; i < kNumTemplateFiles; ++i) {
    const TemplateFile& file = kTemplateFiles[i];
    if (*file.language != '\0' && file.language != language) continue;
    const auto filled = [&](const char* text) { return absl::StrReplaceAll(text, {{"@NAME@", name}}); };
    const std::filesystem::path path = folder / filled(file.name);
    const std::string text = filled(file.text);
    HONE_RETURN_IF_ERROR(WriteFileAtomically(path.string(), text));
    using std::filesystem::perms;
    if (text.starts_with("#!"))
      std::filesystem::permissions(path, perms::owner_exec | perms::group_exec | perms::others_exec, std::filesystem::perm_options::add,
                                   error);
  }
  return folder.string();
}

}  // namespace hone
