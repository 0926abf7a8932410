#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "verifiers/math/rational.h"

namespace hone {
class Params;
}

namespace hone::math {

// What a task calls equal where mathematics leaves it open. The defaults are the strict ones.
struct Policy {
  enum class Tolerance { kNone, kAbsolute, kRelative, kFromGoldDigits, kFloat64 };
  enum class Percent { kMustMatch, kMissingOk, kScaleOk };
  enum class Form { kValue, kReduced, kSimplified, kExact, kFactored };
  enum class Variables { kReal, kPositive, kInteger, kComplex };
  enum class Multi { kLast, kReject, kAll };
  enum class Mode { kAuto, kStrict, kLenient };
  enum class LikelyEqual { kZero, kAccept, kMask };

  Tolerance tolerance = Tolerance::kNone;
  Rational slack;  // of kAbsolute and kRelative
  Percent percent = Percent::kMustMatch;
  bool unit_may_be_missing = true;
  bool convert_units = true;
  bool currency_may_be_missing = true;
  bool convert_degrees = false;
  Form form = Form::kValue;
  bool ordered_lists = false;
  Variables variables = Variables::kReal;
  bool removable_singularities = true;
  bool base_may_be_dropped = false;
  bool ratios_scale = false;
  bool variables_may_be_renamed = false;
  LikelyEqual likely_equal = LikelyEqual::kZero;
  std::vector<std::pair<std::string, std::string>> synonyms;  // of whole text answers, in lower case

  // How the answer is found in a response.
  Mode mode = Mode::kAuto;
  Multi multi = Multi::kLast;
  bool anchor_is_tag = false;  // <answer>..</answer> instead of \boxed{..}
  std::string think_open = "<think>", think_close = "</think>";
};

// Defines and reads the parameters of the verifier; what does not fit is left in params.Finish().
Policy ReadPolicy(Params& params);

}  // namespace hone::math
