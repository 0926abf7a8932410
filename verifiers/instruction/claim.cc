#include "verifiers/instruction/claim.h"

#include <algorithm>

#include "fmt/format.h"

namespace hone::instruction {

std::string Claim::Shown() const {
  if (kind != Kind::kNumber) {
    const char* verb = kind == Kind::kIs ? "is" : kind == Kind::kBeginsWith ? "begins with" : "ends with";
    return fmt::format("{} {} \"{}\"", what, verb, Encode(TextView(text).substr(0, 60)));
  }
  if (min > max) return fmt::format("{}: at least {} and at most {}", what, min, max);
  if (min == max) return fmt::format("{}: {}", what, min);
  if (max == kNoLimit) return fmt::format("{}: at least {}", what, min);
  return min == 0 ? fmt::format("{}: at most {}", what, max) : fmt::format("{}: {} to {}", what, min, max);
}

std::string OccurrencesOf(TextView keyword) {
  return fmt::format("occurrences of \"{}\"", Encode(Lower(keyword)));
}

bool Contradict(const Claim& a, const Claim& b) {
  if (a.what != b.what) return false;
  if (a.kind == Claim::Kind::kNumber || b.kind == Claim::Kind::kNumber)
    return a.kind == b.kind && std::max(a.min, b.min) > std::min(a.max, b.max);
  const TextView first = a.text, second = b.text;
  auto begins = [](TextView text, TextView part) { return text.starts_with(part); };
  auto ends = [](TextView text, TextView part) { return text.ends_with(part); };
  using Kind = Claim::Kind;
  if (a.kind == Kind::kIs && b.kind == Kind::kIs) return first != second;
  if (a.kind == Kind::kIs) return b.kind == Kind::kBeginsWith ? !begins(first, second) : !ends(first, second);
  if (b.kind == Kind::kIs) return a.kind == Kind::kBeginsWith ? !begins(second, first) : !ends(second, first);
  if (a.kind != b.kind) return false;
  return a.kind == Kind::kBeginsWith ? !begins(first, second) && !begins(second, first) : !ends(first, second) && !ends(second, first);
}

}  // namespace hone::instruction
