#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "verifiers/math/policy.h"

namespace hone::math {

enum class Result { kEqual, kDifferent, kUndecided, kUnparsedAnswer, kOverBudget, kBadGold };

struct CheckVerdict {
  Result result = Result::kUndecided;
  const char* stage = "";              // what decided: "bytes", "number", "algebra", "ball", ...
  const char* reason = "";             // a short code
  int64_t work = 0;                    // units of Budget
  bool likely_equal = false;           // undecided, and no difference was found at 512 bits
  std::string gold_form, answer_form;  // both sides as they were read, cut at 512 bytes; only when asked for
};

// The two sides have types of their own, so that they cannot be swapped by accident.
struct Gold {
  std::string_view text;
};
struct Answer {
  std::string_view text;
  bool joint = false;  // a list made of several boxes: equal members count once
};

// Whether an answer is the gold answer.
//
// kBadGold: the gold answer cannot be read; the task is broken. Everything else is about the answer. Work is counted, so that a verdict is
// the same on every machine; the worst case takes a few milliseconds. Threads: any; the scratch memory is per thread and bounded.
CheckVerdict Check(Gold gold, Answer answer, const Policy& policy, bool with_forms = false);

}  // namespace hone::math
