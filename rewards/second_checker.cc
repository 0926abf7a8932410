#include "rewards/second_checker.h"

#include <cmath>
#include <string>

#include "lib/base/random.h"
#include "rewards/composition.h"

namespace hone {
namespace {
constexpr std::string_view kPrefix = "second/";
// Keeps this draw apart from those that the same seed gives the sampler.
constexpr uint64_t kStream = 0x5ec0'0dc4'ec4e'5000;
constexpr double kDifferent = 0.5;
}  // namespace

std::optional<VerifierUse> SecondUse(const Recipe& recipe) {
  if (!recipe.reward.second.has_value()) return std::nullopt;
  const SecondChecker& second = *recipe.reward.second;
  return VerifierUse{
      .name = std::string(kPrefix) + second.of, .verifier = second.verifier, .params = second.params, .weight = 0, .optional = true};
}

bool IsSecondLabel(std::string_view label) {
  return label.starts_with(kPrefix);
}

bool InSecondShare(double share, uint64_t run_seed, int64_t group, int32_t sample) {
  return RandomStream(run_seed ^ kStream, static_cast<uint64_t>(group), static_cast<uint64_t>(sample)).Uniform(0) < share;
}

std::optional<bool> SecondDisagrees(const SecondChecker& second, std::span<const VerdictRecord> verdicts) {
  std::string why;
  const VerdictRecord* first = FindVerdict(verdicts, second.of, &why);
  const VerdictRecord* other = FindVerdict(verdicts, std::string(kPrefix) + second.of, &why);
  if (first == nullptr || other == nullptr) return std::nullopt;
  if (first->outcome != OutcomeKind::kScore || other->outcome != OutcomeKind::kScore) return std::nullopt;
  return !(std::abs(first->score - other->score) < kDifferent);
}

}  // namespace hone
