#include "verifiers/external/plugin_library.h"

#include <dlfcn.h>

#include <map>

#include "fmt/format.h"
#include "lib/base/hash.h"
#include "lib/base/log.h"
#include "lib/base/mutex.h"
#include "verifiers/external/command.h"

// The sanitizers intercept dlopen and refuse RTLD_DEEPBIND.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HONE_DEEPBIND 0
#else
#define HONE_DEEPBIND RTLD_DEEPBIND
#endif

namespace hone {
namespace {

absl::StatusOr<const hone_verifier_v1*> FindTable(const std::string& path) {
  void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | HONE_DEEPBIND);
  if (library == nullptr) {
    const char* error = ::dlerror();
    return absl::InvalidArgumentError(fmt::format("the plugin {} cannot be loaded: {}", path, error == nullptr ? "unknown error" : error));
  }
  const auto entry = reinterpret_cast<decltype(&hone_verifier_entry)>(::dlsym(library, "hone_verifier_entry"));
  if (entry == nullptr) {
    return absl::InvalidArgumentError(
        fmt::format("{} is no verifier plugin: it has no function hone_verifier_entry (hone_verifier.h, extern \"C\")", path));
  }
  const hone_verifier_v1* table = entry(HONE_VERIFIER_ABI_MAJOR);
  if (table == nullptr) {
    return absl::InvalidArgumentError(
        fmt::format("the plugin {} was made for another version of the plugin interface than {}, which is hone's; "
                    "build it again with the hone_verifier.h of this hone (hone new-verifier writes it)",
                    path, HONE_VERIFIER_ABI_MAJOR));
  }
  // What version 1.0 has; a newer minor version may have more behind it.
  if (table->struct_size < sizeof(hone_verifier_v1) || table->describe == nullptr || table->create == nullptr || table->verify == nullptr ||
      table->destroy == nullptr) {
    return absl::InvalidArgumentError(
        fmt::format("the plugin {} offers an incomplete table: {} bytes of {}, or without describe, create, verify or destroy", path,
                    table->struct_size, sizeof(hone_verifier_v1)));
  }
  return table;
}

}  // namespace

absl::StatusOr<PluginLibrary> LoadPluginLibrary(const std::string& path) {
  HONE_ASSIGN_OR_RETURN(const std::string real, CheckOwnFile(path));
  HONE_ASSIGN_OR_RETURN(const std::string sha256, Sha256HexOfFile(real));
  static Mutex mu;
  static auto* loaded = new std::map<std::string, PluginLibrary>;  // stays, as the libraries do
  MutexLock lock(mu);
  if (auto it = loaded->find(real); it != loaded->end()) {
    if (it->second.sha256 == sha256) return it->second;
    return absl::FailedPreconditionError(
        fmt::format("{} has changed since this process loaded it, and a library cannot be loaded twice; start again", real));
  }
  HONE_ASSIGN_OR_RETURN(const hone_verifier_v1* table, FindTable(real));
  HONE_LOG_INFO("loaded the plugin {}, sha256 {}, plugin interface {}.{}", real, sha256, HONE_VERIFIER_ABI_MAJOR, table->abi_minor);
  return loaded->emplace(real, PluginLibrary{table, real, sha256}).first->second;
}

}  // namespace hone
