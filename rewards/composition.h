#pragma once
// A reward as data: named terms over the scores of verifiers, their parts and each other (recipe: reward.terms).

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/status.h"
#include "lib/config/recipe.h"
#include "lib/rollout/trajectory.h"

namespace hone {

// A number, or why there is none.
struct TermValue {
  enum class Kind : uint8_t {
    kNumber,
    kNotApplicable,  // nothing to say about this sample: whoever uses it leaves it out
    kFailed,         // a failure of ours: whoever needs it fails too
  };
  Kind kind = Kind::kNotApplicable;
  double number = 0;   // only with kNumber; finite
  std::string reason;  // only with kFailed
};

// The terms of one recipe, ready to be computed for any number of samples.
//
//   sum                sum of weight * x                      product   of the x
//   min, max           of the x                               gate      x >= at_least ? 1 : 0
//   first_applicable   the first x that applies               clamp     x, held between low and high
//   fallback           x1 >= at_least ? x1 : x2               negate    -x
//                                                             scale     factor * x
//
// Operands that do not apply are left out (a fallback takes the other one); a term without any does not apply. A sum may be scaled up by
// the share of the weights |w| that is left (renormalise). A failure of ours fails the term that needs the operand: all terms need all of
// their operands, but first_applicable none behind the first that applies, and fallback the second only when the first is not enough. A
// verifier or term that is optional does not apply where it would have failed. A part that a score does not have does not apply.
//
// Threads: const. The value does not depend on the order of terms and verdicts; sum and product are taken in the order of `of`.
class Composition {
 public:
  // verifiers and reward as a recipe has them after its checks. What the checks would have refused (an unknown operand, a term that depends
  // on itself) fails when it is computed.
  Composition(const std::vector<VerifierUse>& verifiers, const RewardSection& reward);

  struct Result {
    TermValue value;               // of reward.result
    std::vector<ScorePart> terms;  // every term that is a number, in the order of the recipe
  };
  Result Evaluate(std::span<const VerdictRecord> verdicts) const;

 private:
  struct Operand {
    int term = -1;  // index, or -1: a verdict
    std::string label, part;
    bool optional = false;
  };
  struct Term {
    NamedTerm spec;
    std::vector<Operand> operands;
  };
  static TermValue Read(const Operand& operand, std::span<const VerdictRecord> verdicts);
  static TermValue Compute(const Term& term, std::span<const TermValue> values);

  std::vector<Term> terms_;
  std::vector<size_t> order_;
  int result_ = -1;
};

// The verdict of `label`: null with *why set when there is none or more than one, which is a failure of ours.
const VerdictRecord* FindVerdict(std::span<const VerdictRecord> verdicts, std::string_view label, std::string* why);

// Whether the verifiers have the parts that reward.terms and reward.alarms name: parts[i] are the declared ones of recipe.verifiers[i].
// InvalidArgument naming the field, with the nearest part.
absl::Status CheckPartNames(const Recipe& recipe, std::span<const std::vector<std::string>> parts);

}  // namespace hone
