#include "lib/base/log.h"

#include <memory>
#include <vector>

#include "spdlog/sinks/basic_file_sink.h"
#include "spdlog/sinks/stdout_sinks.h"

namespace hone {

absl::Status StartLogging(const std::string& role, const std::string& file, const std::string& level) {
  std::vector<spdlog::sink_ptr> sinks;
  auto console = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  sinks.push_back(console);
  if (!file.empty()) {
    try {
      sinks.push_back(std::make_shared<spdlog::sinks::basic_file_sink_mt>(file));
      console->set_level(spdlog::level::warn);  // the file has everything; the terminal only what needs attention
    } catch (const spdlog::spdlog_ex& error) {
      return absl::InternalError(absl::StrCat(file, ": cannot open the log: ", error.what()));
    }
  }
  auto logger = std::make_shared<spdlog::logger>(role, sinks.begin(), sinks.end());
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e %L %n: %v");
  logger->set_level(spdlog::level::from_str(level));
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
  return absl::OkStatus();
}

}  // namespace hone
