#pragma once
// What an instruction says about a response in figures, so that two of a task can be seen to contradict before any response is judged.

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "verifiers/instruction/unicode_text.h"

namespace hone::instruction {

// A response that follows the instruction has the property `what` ("words", "the language") so: a number between two limits, or a text.
struct Claim {
  static constexpr int64_t kNoLimit = std::numeric_limits<int64_t>::max();
  enum class Kind { kNumber, kIs, kBeginsWith, kEndsWith };

  std::string what;
  Kind kind = Kind::kNumber;
  int64_t min = 0, max = kNoLimit;
  Text text;  // of the other kinds

  // "words: at least 100"
  std::string Shown() const;
};

// What claims about a keyword are made of: "occurrences of cat".
std::string OccurrencesOf(TextView keyword);

// No response can be as both say; with the claim itself, as it says.
bool Contradict(const Claim& a, const Claim& b);

}  // namespace hone::instruction
