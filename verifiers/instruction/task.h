#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "verifiers/instruction/constraint.h"

namespace hone::instruction {

struct InstructionVerdict {
  std::string id;
  bool strict = false;
  bool loose = false;
  std::string why;  // what the strict check found
};

// The instructions of one row of a data set.
//
// Threads: const; calls may overlap.
class Task {
 public:
  // row: a JSON object with `instruction_id_list` (texts) and `kwargs` (objects or nulls, one for each id). InvalidArgument when it is
  // none, when an id is unknown, when parameters are missing or bad, or when no response can follow all instructions as far as their claims
  // tell (claim.h); the message names the row (its `key` or `id`) and the constraint.
  static absl::StatusOr<Task> Parse(std::string_view row);

  // One verdict for each instruction, in order. strict: the response as it stands follows. loose: one of eight variants does: as it stands,
  // without its first line, without its last, without both; each also without every '*'. A blank text follows nothing.
  // ResourceExhausted from a keyword that is a regular expression and exceeds its budget of work.
  absl::StatusOr<std::vector<InstructionVerdict>> Check(std::string_view response) const;

 private:
  struct Instruction {
    std::string id;
    Checker checker;
  };
  std::vector<Instruction> instructions_;
};

}  // namespace hone::instruction
