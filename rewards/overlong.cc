#include "rewards/overlong.h"

#include <algorithm>
#include <cmath>

#include "fmt/format.h"
#include "verifiers/length.h"

namespace hone {

absl::Status Validate(const OverlongConfig& config) {
  const std::string& kind = config.kind;
  if (kind == "none") return absl::OkStatus();
  if (kind == "stop_properly") {
    if (std::isfinite(config.coef) && config.coef <= 1) return absl::OkStatus();
    return absl::InvalidArgumentError(fmt::format("overlong: coef is {}, must be at most 1", config.coef));
  }
  if (kind != "soft" && kind != "linear") {
    return absl::InvalidArgumentError(fmt::format("overlong: unknown kind \"{}\"; known: none, soft, linear, stop_properly", kind));
  }
  if (config.buffer < 1 || config.buffer > config.max_len) {
    return absl::InvalidArgumentError(
        fmt::format("overlong: buffer is {}, must be between 1 and max_len {}", config.buffer, config.max_len));
  }
  if (!std::isfinite(config.factor) || config.factor < 0) {
    return absl::InvalidArgumentError(fmt::format("overlong: factor is {}, must be 0 or above", config.factor));
  }
  return absl::OkStatus();
}

double OverlongPenalty(const OverlongConfig& config, int64_t num_tokens) {
  if (config.kind == "soft") return SoftLengthPenalty(num_tokens, config.max_len, config.buffer, config.factor);
  if (config.kind != "linear") return 0;
  const int64_t excess = std::max<int64_t>(num_tokens - (config.max_len - config.buffer), 0);
  return excess == 0 ? 0.0 : -static_cast<double>(excess) / static_cast<double>(config.buffer) * config.factor;
}

double ApplyOverlong(const OverlongConfig& config, double reward, int64_t num_tokens, bool truncated) {
  if (config.kind == "stop_properly") return !truncated ? reward : config.coef < 0 ? config.coef : reward * config.coef;
  return reward + OverlongPenalty(config, num_tokens);
}

}  // namespace hone
