#include "verifiers/external/command.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "fmt/format.h"
#include "lib/base/file.h"
#include "lib/base/hash.h"

namespace hone {
namespace {

absl::StatusOr<std::vector<std::string>> SplitWords(std::string_view text) {
  std::vector<std::string> words;
  std::optional<std::string> word;
  char quote = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\0') return absl::InvalidArgumentError("the command holds a NUL byte");
    if (c == '\\' && quote != '\'' && i + 1 < text.size()) {
      if (!word.has_value()) word.emplace();
      word->push_back(text[++i]);
    } else if (quote != 0 && c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '\'' || c == '"')) {
      quote = c;
      if (!word.has_value()) word.emplace();
    } else if (quote == 0 && (c == ' ' || c == '\t' || c == '\n')) {
      if (word.has_value()) words.push_back(*std::exchange(word, std::nullopt));
    } else {
      if (!word.has_value()) word.emplace();
      word->push_back(c);
    }
  }
  if (quote != 0) return absl::InvalidArgumentError(fmt::format("the command \"{}\" has a quote that is never closed", text));
  if (word.has_value()) words.push_back(*std::move(word));
  return words;
}

bool IsAssignment(const std::string& word) {
  const size_t equals = word.find('=');
  if (equals == std::string::npos || equals == 0 || (word[0] >= '0' && word[0] <= '9')) return false;
  return std::all_of(word.begin(), word.begin() + static_cast<std::ptrdiff_t>(equals),
                     [](char c) { return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
}

absl::StatusOr<std::string> FindProgram(const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  for (const char* folder : {"/usr/local/bin/", "/usr/bin/", "/bin/"}) {
    if (::access((folder + name).c_str(), X_OK) == 0) return folder + name;
  }
  return absl::NotFoundError(
      fmt::format("there is no program \"{}\" in /usr/local/bin, /usr/bin or /bin; for a file of your own write ./{}", name, name));
}

}  // namespace

absl::StatusOr<std::string> CheckOwnFile(const std::string& path) {
  std::error_code error;
  const std::filesystem::path real = std::filesystem::canonical(path, error);
  if (error) return absl::NotFoundError(fmt::format("there is no file {} ({})", path, error.message()));
  struct stat found;
  if (::stat(real.c_str(), &found) != 0 || !S_ISREG(found.st_mode)) {
    return absl::InvalidArgumentError(fmt::format("{} is no regular file", real.string()));
  }
  if ((found.st_mode & S_IWOTH) != 0) {
    return absl::PermissionDeniedError(
        fmt::format("{} may be written by every user, so it is not run; chmod o-w {}", real.string(), real.string()));
  }
  for (std::filesystem::path folder = real.parent_path();; folder = folder.parent_path()) {
    if (::stat(folder.c_str(), &found) == 0 && (found.st_mode & S_IWOTH) != 0 && (found.st_mode & S_ISVTX) == 0) {
      return absl::PermissionDeniedError(
          fmt::format("{} is not run: its folder {} may be written by every user, who could replace it; chmod o-w {}", real.string(),
                      folder.string(), folder.string()));
    }
    if (folder == folder.parent_path()) break;
  }
  return real.string();
}

absl::StatusOr<Command> ParseCommand(std::string_view text) {
  HONE_ASSIGN_OR_RETURN(std::vector<std::string> words, SplitWords(text));
  Command command;
  auto program = std::find_if_not(words.begin(), words.end(), IsAssignment);
  if (program == words.end()) return absl::InvalidArgumentError(fmt::format("the command \"{}\" names no program", text));
  command.environment.assign(words.begin(), program);
  command.arguments.assign(program, words.end());
  HONE_ASSIGN_OR_RETURN(const std::string path, FindProgram(command.arguments[0]));
  HONE_ASSIGN_OR_RETURN(command.program, CheckOwnFile(path));
  // Started under the name that was given: an interpreter finds its libraries by it.
  command.program = std::filesystem::absolute(path).string();
  if (::access(command.program.c_str(), X_OK) != 0) {
    return absl::PermissionDeniedError(fmt::format("{} may not be executed; chmod +x {}", command.program, command.program));
  }
  HONE_ASSIGN_OR_RETURN(command.sha256, Sha256HexOfFile(command.program));
  return command;
}

}  // namespace hone
