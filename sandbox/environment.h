#pragma once

#include <utility>

namespace hone {

// The environment of every program: nothing of the host's, the same on every run.
inline constexpr std::pair<const char*, const char*> kProgramEnvironment[] = {
    {"PATH", "/usr/bin:/bin"}, {"HOME", "/tmp"}, {"LANG", "C.UTF-8"}, {"PYTHONDONTWRITEBYTECODE", "1"}, {"PYTHONHASHSEED", "0"}};

}  // namespace hone
