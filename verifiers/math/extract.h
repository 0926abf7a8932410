#pragma once

#include <string>
#include <string_view>

#include "verifiers/math/policy.h"

namespace hone::math {

struct Extraction {
  bool found = false;
  bool joint = false;     // several neighbouring boxes make one list
  std::string answer;     // at most kMaxAnswer bytes
  bool too_long = false;  // what was found is longer
  const char* rule =
      "";  // "box", "tag", "answer_is", .. or why there is none: "no_box", "unterminated", "empty", "open_reasoning", "several"

  static constexpr size_t kMaxAnswer = 4096;
};

// The final answer in a whole response, by the policy's mode (kAuto is taken as kStrict here) and anchor. The text may be of any size and
// hold any bytes; it is read linearly. Where every box counts (Policy::multi), those in its last MiB do.
Extraction Extract(std::string_view response, const Policy& policy);

// Whether a text is a response rather than a bare answer: it holds a box or a tag of the reasoning, or is far too long for an answer.
bool IsResponse(std::string_view text, const Policy& policy);

}  // namespace hone::math
