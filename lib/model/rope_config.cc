#include "lib/model/rope_config.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace hone {
namespace {

// A finite number of the object, or `fallback` when absent or null.
absl::StatusOr<double> Number(const nlohmann::json& rope, const char* name, double fallback) {
  if (!rope.is_object() || !rope.contains(name) || rope[name].is_null()) return fallback;
  if (!rope[name].is_number()) return absl::InvalidArgumentError(fmt::format("config.json: rope field {} must be a number", name));
  const double value = rope[name].get<double>();
  if (!std::isfinite(value)) return absl::InvalidArgumentError(fmt::format("config.json: rope field {} must be finite", name));
  return value;
}

double YarnScale(double factor, double s) {
  return factor <= 1 ? 1.0 : 0.1 * s * std::log(factor) + 1.0;
}

absl::Status ApplyLlama3(const nlohmann::json& rope, double max_positions, RopeFrequencies& out) {
  HONE_ASSIGN_OR_RETURN(const double factor, Number(rope, "factor", 1));
  HONE_ASSIGN_OR_RETURN(const double low, Number(rope, "low_freq_factor", 1));
  HONE_ASSIGN_OR_RETURN(const double high, Number(rope, "high_freq_factor", 4));
  HONE_ASSIGN_OR_RETURN(const double length, Number(rope, "original_max_position_embeddings", max_positions));
  if (factor <= 0 || high <= low) {
    return absl::InvalidArgumentError(
        fmt::format("config.json: llama3 rope needs factor > 0 and high_freq_factor > low_freq_factor, got {}, {}, {}", factor, high, low));
  }
  for (double& f : out.inv_freq) {
    const double wavelength = 2 * M_PI / f;
    const double smooth = std::clamp((length / wavelength - low) / (high - low), 0.0, 1.0);
    f = (1 - smooth) * f / factor + smooth * f;
  }
  return absl::OkStatus();
}

absl::Status ApplyYarn(const nlohmann::json& rope, double theta, double max_positions, RopeFrequencies& out) {
  const double width = 2.0 * out.inv_freq.size();
  HONE_ASSIGN_OR_RETURN(const double length, Number(rope, "original_max_position_embeddings", max_positions));
  HONE_ASSIGN_OR_RETURN(const double factor, Number(rope, "factor", max_positions / length));
  HONE_ASSIGN_OR_RETURN(const double beta_fast, Number(rope, "beta_fast", 32));
  HONE_ASSIGN_OR_RETURN(const double beta_slow, Number(rope, "beta_slow", 1));
  HONE_ASSIGN_OR_RETURN(const double given, Number(rope, "attention_factor", 0));
  HONE_ASSIGN_OR_RETURN(const double mscale, Number(rope, "mscale", 0));
  HONE_ASSIGN_OR_RETURN(const double mscale_all, Number(rope, "mscale_all_dim", 0));
  if (factor <= 0 || length <= 0 || beta_fast <= 0 || beta_slow <= 0) {
    return absl::InvalidArgumentError(
        "config.json: yarn rope needs positive factor, original_max_position_embeddings, beta_fast and beta_slow");
  }
  auto correction = [&](double turns) { return width * std::log(length / (2 * M_PI * turns)) / (2 * std::log(theta)); };
  double low = correction(beta_fast), high = correction(beta_slow);
  if (rope.value("truncate", true)) {
    low = std::floor(low);
    high = std::ceil(high);
  }
  low = std::max(low, 0.0);
  high = std::min(high, width - 1);
  if (low == high) high += 0.001;
  for (size_t k = 0; k < out.inv_freq.size(); ++k) {
    const double ramp = std::clamp((static_cast<double>(k) - low) / (high - low), 0.0, 1.0);
    out.inv_freq[k] = ramp * out.inv_freq[k] / factor + (1 - ramp) * out.inv_freq[k];
  }
  if (given > 0) {
    out.attention_factor = given;
  } else if (mscale != 0 && mscale_all != 0) {
    out.attention_factor = YarnScale(factor, mscale) / YarnScale(factor, mscale_all);
  } else {
    out.attention_factor = YarnScale(factor, 1);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<RopeFrequencies> MakeRopeFrequencies(const nlohmann::json& rope, double theta, int64_t width, int64_t max_positions) {
  HONE_ASSIGN_OR_RETURN(theta, Number(rope, "rope_theta", theta));
  if (theta <= 1) return absl::InvalidArgumentError(fmt::format("config.json: rope_theta must be above 1, got {}", theta));
  std::string type = "default";
  if (rope.is_object()) {
    for (const char* name : {"rope_type", "type"}) {
      if (rope.contains(name) && rope[name].is_string()) {
        type = rope[name].get<std::string>();
        break;
      }
    }
    if (rope.contains("truncate") && !rope["truncate"].is_boolean()) {
      return absl::InvalidArgumentError("config.json: rope field truncate must be true or false");
    }
  }
  RopeFrequencies out;
  for (int64_t k = 0; k < width / 2; ++k) out.inv_freq.push_back(std::pow(theta, -2.0 * k / width));
  if (type == "linear") {
    HONE_ASSIGN_OR_RETURN(const double factor, Number(rope, "factor", 1));
    if (factor <= 0) return absl::InvalidArgumentError(fmt::format("config.json: rope factor must be positive, got {}", factor));
    for (double& f : out.inv_freq) f /= factor;
  } else if (type == "llama3") {
    HONE_RETURN_IF_ERROR(ApplyLlama3(rope, static_cast<double>(max_positions), out));
  } else if (type == "yarn") {
    HONE_RETURN_IF_ERROR(ApplyYarn(rope, theta, static_cast<double>(max_positions), out));
  } else if (type != "default") {
    return absl::InvalidArgumentError(
        fmt::format("config.json: rope type \"{}\" is not known; known: default, linear, llama3, yarn", type));
  }
  return out;
}

}  // namespace hone
