#include "lib/checkpoint/json_text.h"

#include <string>
#include <unordered_set>
#include <vector>

#include "fmt/format.h"
#include "lib/checkpoint/format_error.h"
#include "nlohmann/json.hpp"

namespace hone {

absl::StatusOr<nlohmann::json> ParseJsonFile(std::string_view path, std::string_view text) {
  constexpr int kMostLevels = 64;
  std::vector<std::unordered_set<std::string>> keys;  // of the objects being read, outermost first
  std::string problem;
  const auto watch = [&](int depth, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
    using Event = nlohmann::json::parse_event_t;
    if (depth > kMostLevels && problem.empty()) problem = fmt::format("is nested deeper than {} levels", kMostLevels);
    if (!problem.empty()) return false;  // drops the value: nothing is built any more
    if (event == Event::object_start) keys.emplace_back();
    if (event == Event::object_end && !keys.empty()) keys.pop_back();
    if (event == Event::key && !keys.empty() && !keys.back().insert(parsed.get_ref<const std::string&>()).second) {
      problem = fmt::format("key {} occurs twice", Quoted(parsed.get_ref<const std::string&>()));
    }
    return true;
  };
  nlohmann::json value;
  try {
    value = nlohmann::json::parse(text.begin(), text.end(), watch);
  } catch (const nlohmann::json::parse_error& error) {
    return CorruptFile(path, "JSON", error.byte > 0 ? error.byte - 1 : 0, "is not valid JSON");
  } catch (const nlohmann::json::exception&) {
    return CorruptFile(path, "JSON", 0, "holds a number out of range");
  }
  if (!problem.empty()) return CorruptFile(path, "JSON", 0, problem);
  return value;
}

}  // namespace hone
