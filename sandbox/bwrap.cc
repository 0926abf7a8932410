#include "sandbox/bwrap.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "fmt/format.h"
#include "lib/base/file.h"
#include "sandbox/environment.h"

namespace hone {
namespace {

constexpr const char* kCure = "apt-get install bubblewrap";

std::string Setting(const char* name) {
  const auto content = ReadFile(std::string("/proc/sys/") + name, 4096);
  return content.ok() ? fmt::format("{} = {}", name, std::string(absl::StripAsciiWhitespace(*content))) : std::string();
}

// What the host has below /usr and what only links there.
void BindSystem(std::vector<std::string>& arguments) {
  arguments.insert(arguments.end(), {"--ro-bind", "/usr", "/usr"});
  for (const char* name : {"lib", "lib32", "lib64", "libx32", "bin", "sbin"}) {
    const std::filesystem::path path = std::filesystem::path("/") / name;
    std::error_code error;
    if (std::filesystem::is_symlink(path, error)) {
      arguments.insert(arguments.end(), {"--symlink", std::filesystem::read_symlink(path, error).string(), path.string()});
    } else if (std::filesystem::is_directory(path, error)) {
      arguments.insert(arguments.end(), {"--ro-bind", path.string(), path.string()});
    }
  }
  // Compilers and some interpreters are found through the first; the second spares each start a search for libraries.
  arguments.insert(arguments.end(), {"--ro-bind-try", "/etc/alternatives", "/etc/alternatives"});
  arguments.insert(arguments.end(), {"--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"});
}

std::string VersionOf(const std::string& bwrap) {
  FILE* pipe = ::popen(fmt::format("'{}' --version 2>&1", bwrap).c_str(), "r");
  if (pipe == nullptr) return "unknown version";
  char line[256] = "unknown version";
  if (std::fgets(line, sizeof(line), pipe) == nullptr) line[0] = '\0';
  ::pclose(pipe);
  return std::string(absl::StripAsciiWhitespace(line));
}

bool Says(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

absl::StatusOr<std::string> FindBwrap(const std::string& wanted) {
  if (!wanted.empty()) {
    if (::access(wanted.c_str(), X_OK) == 0) return wanted;
    return absl::NotFoundError(
        fmt::format("sandbox: {} cannot be executed; programs are only run inside of bubblewrap: {}", wanted, kCure));
  }
  const char* path = std::getenv("PATH");
  for (const auto folder : absl::StrSplit(path != nullptr ? path : "/usr/bin:/bin", ':', absl::SkipEmpty())) {
    const std::string candidate = fmt::format("{}/bwrap", std::string_view(folder.data(), folder.size()));
    struct stat info;
    if (::stat(candidate.c_str(), &info) == 0 && S_ISREG(info.st_mode) && ::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return absl::NotFoundError(fmt::format("sandbox: bwrap is not in PATH ({}); programs are only run inside of bubblewrap: {}",
                                         path != nullptr ? path : "not set", kCure));
}

std::string BwrapArguments(bool own_network, const std::string& headers) {
  using D = BwrapDescriptors;
  const auto number = [](int value) { return std::to_string(value); };
  std::vector<std::string> arguments = {
      "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup",  "--uid",         "65534",
      "--gid",          "65534",         "--hostname",    "box",           "--die-with-parent", "--new-session", "--clearenv"};
  if (own_network) arguments.push_back("--unshare-net");
  for (const auto& [name, value] : kProgramEnvironment) arguments.insert(arguments.end(), {"--setenv", name, value});
  BindSystem(arguments);
  arguments.insert(arguments.end(), {"--perms", "0444", "--file", number(D::kPasswd), "/etc/passwd"});
  arguments.insert(arguments.end(), {"--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev/pts", "--remount-ro", "/dev"});
  // Each run mounts its own over these two.
  arguments.insert(arguments.end(), {"--dir", "/tmp", "--dir", "/box"});
  arguments.insert(arguments.end(), {"--perms", "0555", "--dir", "/.cage"});
  arguments.insert(arguments.end(), {"--perms", "0444", "--file", number(D::kPythonProgram), "/.cage/program.py"});
  arguments.insert(arguments.end(), {"--perms", "0555", "--file", number(D::kCageLibrary), "/.cage/cage.so"});
  if (!headers.empty()) arguments.insert(arguments.end(), {"--ro-bind", headers, "/.cage/headers"});
  arguments.insert(arguments.end(), {"--chdir", "/tmp", "--remount-ro", "/proc", "--remount-ro", "/"});
  // CAP_SYS_ADMIN of the sandbox's own user namespace: a run's mounts and namespaces are made with it, and it is dropped before its
  // program.
  arguments.insert(arguments.end(), {"--as-pid-1", "--seccomp", number(D::kSeccomp), "--cap-drop", "ALL", "--cap-add", "CAP_SYS_ADMIN"});
  std::string packed;
  for (const std::string& argument : arguments) packed.append(argument).push_back('\0');
  return packed;
}

absl::Status ExplainBwrap(const std::string& bwrap, const std::string& said) {
  const std::string quoted = said.empty() ? "it ended without a word" : std::string(absl::StripAsciiWhitespace(said));
  if (Says(said, "nknown option")) {
    return absl::FailedPreconditionError(
        fmt::format("sandbox: {} is too old ({}; 0.5 or later is needed): {}; {}", bwrap, VersionOf(bwrap), quoted, kCure));
  }
  if (Says(said, "namespace") || Says(said, "uid map") || Says(said, "unshare") || Says(said, "clone")) {
    std::string settings;
    for (const char* name :
         {"kernel/unprivileged_userns_clone", "user/max_user_namespaces", "kernel/apparmor_restrict_unprivileged_userns"}) {
      const std::string setting = Setting(name);
      if (!setting.empty()) settings += (settings.empty() ? "" : ", ") + setting;
    }
    return absl::FailedPreconditionError(
        fmt::format("sandbox: user namespaces are not usable here, and programs are only run inside of one: {} ({}). On the host: sysctl "
                    "kernel.unprivileged_userns_clone=1 user.max_user_namespaces=10000 kernel.apparmor_restrict_unprivileged_userns=0 "
                    "(those that exist); in a "
                    "container: allow user namespaces and mounts, for example docker run --security-opt seccomp=unconfined --security-opt "
                    "systempaths=unconfined",
                    quoted, settings));
  }
  return absl::FailedPreconditionError(fmt::format("sandbox: {} ({}) could not start a sandbox: {}", bwrap, VersionOf(bwrap), quoted));
}

}  // namespace hone
