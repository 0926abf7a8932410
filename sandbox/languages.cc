#include "sandbox/languages.h"

#include <unistd.h>

#include <filesystem>

#include "absl/strings/str_split.h"
#include "fmt/format.h"

namespace hone {
namespace {

// Only /usr exists inside, so PATH of the host says nothing.
absl::StatusOr<std::string> Installed(const std::string& language, const std::string& name, const std::string& package) {
  for (const char* folder : {"/usr/bin/", "/usr/local/bin/"}) {
    std::string path = folder + name;
    if (::access(path.c_str(), X_OK) == 0) return path;
  }
  return absl::FailedPreconditionError(
      fmt::format("sandbox: programs in {} need {} below /usr, and there is none: apt-get install {}", language, name, package));
}

absl::StatusOr<Language> CompiledLanguage(const std::string& name, const std::string& file, const std::string& compiler,
                                          const std::string& dialect, const std::string& standard) {
  HONE_ASSIGN_OR_RETURN(const std::string path, Installed(name, compiler, compiler));
  Language language{.name = name, .file = file};
  // The flags are the operator's: a task that could add to them could load a plug-in into the compiler.
  language.compiler = {path, "-x", dialect, "-O2", standard, "-pipe", "/box/" + file, "-o", "/tmp/program", "-lm", "-pthread"};
  return language;
}

}  // namespace

absl::StatusOr<Language> FindLanguage(const std::string& name) {
  if (name == "python") {
    HONE_ASSIGN_OR_RETURN(const std::string path, Installed(name, "python3", "python3"));
    return Language{.name = name, .file = "main.py", .command = {path}, .python = true, .memory_bytes = 256LL << 20};
  }
  if (name == "c") return CompiledLanguage(name, "main.c", "gcc", "c", "-std=c17");
  if (name == "cpp") return CompiledLanguage(name, "main.cpp", "g++", "c++", "-std=c++20");
  if (name == "bash") {
    HONE_ASSIGN_OR_RETURN(const std::string path, Installed(name, "bash", "bash"));
    return Language{.name = name, .file = "main.sh", .command = {path, "--noprofile", "--norc"}};
  }
  if (name.compare(0, 5, "/usr/") == 0) {
    const std::vector<std::string> command = absl::StrSplit(name, ' ', absl::SkipEmpty());
    // Inside, other folders do not exist, whatever a path with dots means out here.
    if (std::filesystem::path(command[0]).lexically_normal() != command[0]) {
      return absl::InvalidArgumentError(fmt::format("sandbox: the interpreter {} is not named by a plain path below /usr", command[0]));
    }
    std::error_code error;
    if (!std::filesystem::is_regular_file(command[0], error) || ::access(command[0].c_str(), X_OK) != 0) {
      return absl::FailedPreconditionError(
          fmt::format("sandbox: there is no interpreter {} on this machine; install it or name another", command[0]));
    }
    return Language{.name = name, .file = "main", .command = command, .memory_bytes = 256LL << 20};
  }
  return absl::InvalidArgumentError(
      fmt::format("sandbox: unknown language \"{}\"; known are python, c, cpp, bash and the path of an interpreter below /usr", name));
}

}  // namespace hone
