#include "cli/lines.h"

#include <cstdio>
#include <iostream>

#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace hone {

using nlohmann::ordered_json;

std::string ToLine(const ordered_json& object) {
  return object.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

int AnswerLines(const std::function<absl::StatusOr<ordered_json>(const ordered_json&)>& answer) {
  std::ios::sync_with_stdio(false);
  std::string line;
  while (std::getline(std::cin, line)) {
    ordered_json output;
    const ordered_json input = ordered_json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!input.is_object()) {
      output = {{"error", "the line is not a JSON object"}};
    } else {
      auto answered = answer(input);
      output = answered.ok() ? std::move(answered).value() : ordered_json{{"error", std::string(answered.status().message())}};
    }
    std::cout << ToLine(output) << '\n' << std::flush;
    if (!std::cout) return 1;
  }
  return 0;
}

absl::StatusOr<std::vector<int32_t>> ReadTokens(const ordered_json& list, int64_t vocab_size) {
  if (!list.is_array()) return absl::InvalidArgumentError("\"tokens\" must be an array of token ids");
  std::vector<int32_t> tokens;
  for (const auto& id : list) {
    if (!id.is_number_integer() || id.get<int64_t>() < 0 || id.get<int64_t>() >= vocab_size) {
      return absl::InvalidArgumentError(fmt::format("token {} is not an integer in [0, {})", id.dump().substr(0, 40), vocab_size));
    }
    tokens.push_back(id.get<int32_t>());
  }
  return tokens;
}

}  // namespace hone
