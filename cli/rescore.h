#pragma once

#include <optional>
#include <string>

namespace hone {

struct RescoreOptions {
  std::string run_dir;
  std::string label;                  // of one verifier of the recipe; empty: all
  std::optional<std::string> params;  // instead of the recipe's, with `label`
  bool json = false;                  // the summary too
};

// Makes the verdicts of a run again, from its ledger and its recipe, and compares them with those on record. Prints a JSON line for each
// that differs, then a summary. Returns the exit code: 0 all equal, 1 some differ, 2 wrong use.
//
// Compared are outcome, score and parts; reasons are for people. A verdict that is on record as a failure of ours and can be had now is
// counted as recovered, not as a difference. One whose input is not what it was (the data file has changed) is a difference.
int Rescore(const RescoreOptions& options);

}  // namespace hone
