#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "verifiers/instruction/constraint.h"

namespace hone::instruction {

struct Constraint {
  Checker checker;
  std::vector<Claim> claims;
};

// The constraint `id` with the parameters `kwargs` (a JSON object or null).
// NotFound for an unknown id, with the nearest known one; InvalidArgument for missing, unknown or bad parameters, all of them at once.
absl::StatusOr<Constraint> MakeConstraint(std::string_view id, std::string_view kwargs);
// Its checker alone.
absl::StatusOr<Checker> MakeChecker(std::string_view id, std::string_view kwargs);

// Sorted.
std::vector<std::string> KnownConstraints();

}  // namespace hone::instruction
