#pragma once
// Logs go to stderr (and to a file when asked), one line each: time, level, role, text. Results and progress go to stdout elsewhere.

#include <string>

#include "lib/base/status.h"
#include "spdlog/spdlog.h"

namespace hone {

// Sets the process-wide logger. role: "learner", "actor-0", ...; file: also append there when not empty; level:
// trace|debug|info|warn|error.
absl::Status StartLogging(const std::string& role, const std::string& file, const std::string& level);

}  // namespace hone

#define HONE_LOG_DEBUG(...) SPDLOG_DEBUG(__VA_ARGS__)
#define HONE_LOG_INFO(...) ::spdlog::info(__VA_ARGS__)
#define HONE_LOG_WARN(...) ::spdlog::warn(__VA_ARGS__)
#define HONE_LOG_ERROR(...) ::spdlog::error(__VA_ARGS__)
