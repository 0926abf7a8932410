#pragma once

#include <string>

#include "lib/base/status.h"
#include "verifiers/external/hone_verifier.h"

namespace hone {

// A shared library that offers hone_verifier_entry, loaded for good: libraries are never unloaded.
struct PluginLibrary {
  const hone_verifier_v1* table = nullptr;
  std::string path;    // real
  std::string sha256;  // of the file when it was loaded
};

// Loads it, or finds it loaded. RTLD_LOCAL | RTLD_DEEPBIND: a library that carries its own copy of something hone links keeps to its own.
// Threads: any.
// Errors: NotFound, PermissionDenied (CheckOwnFile); InvalidArgument, no library for this machine, no hone_verifier_entry, no table for
// this major version of the interface or one that lacks functions; FailedPrecondition, the file is not the one that this process loaded
// before.
absl::StatusOr<PluginLibrary> LoadPluginLibrary(const std::string& path);

}  // namespace hone
