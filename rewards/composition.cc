#include "rewards/composition.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "fmt/format.h"
#include "lib/config/nearest.h"
#include "lib/config/reward_terms.h"

namespace hone {
namespace {

TermValue Number(double x) {
  return {.kind = TermValue::Kind::kNumber, .number = x};
}
TermValue FailedBecause(std::string reason) {
  return {.kind = TermValue::Kind::kFailed, .reason = std::move(reason)};
}
bool Is(const TermValue& value, TermValue::Kind kind) {
  return value.kind == kind;
}
bool Reaches(const TermValue& value, double bound) {
  return Is(value, TermValue::Kind::kNumber) && value.number >= bound;
}

// The operands of a term: values in the order of `of`, those that do not apply among them.
using Inputs = std::span<const TermValue>;
using Operation = TermValue (*)(const NamedTerm& term, Inputs x);

// `fold` over the operands that apply, from the left.
template <class Fold>
TermValue FoldApplicable(Inputs x, Fold fold) {
  TermValue total;
  for (const TermValue& value : x) {
    if (Is(value, TermValue::Kind::kFailed)) return value;
    if (Is(value, TermValue::Kind::kNotApplicable)) continue;
    total = Is(total, TermValue::Kind::kNumber) ? Number(fold(total.number, value.number)) : value;
  }
  return total;
}

// The one operand, changed by `change` where it applies.
template <class Change>
TermValue Changed(Inputs x, Change change) {
  return x.size() == 1 && Is(x[0], TermValue::Kind::kNumber) ? Number(change(x[0].number)) : FoldApplicable(x, std::plus<>());
}

TermValue SumOp(const NamedTerm& term, Inputs x) {
  double sum = 0, all = 0, used = 0;
  bool any = false;
  for (size_t i = 0; i < x.size(); ++i) {
    const double weight = i < term.weights.size() ? term.weights[i] : 1;
    all += std::abs(weight);
    if (Is(x[i], TermValue::Kind::kFailed)) return x[i];
    if (Is(x[i], TermValue::Kind::kNotApplicable)) continue;
    any = true;
    used += std::abs(weight);
    sum += weight * x[i].number;
  }
  if (!any) return {};
  if (term.renormalise && used > 0 && used != all) sum *= all / used;
  return Number(sum);
}
TermValue ProductOp(const NamedTerm&, Inputs x) {
  return FoldApplicable(x, std::multiplies<>());
}
TermValue MinOp(const NamedTerm&, Inputs x) {
  return FoldApplicable(x, [](double a, double b) { return std::min(a, b); });
}
TermValue MaxOp(const NamedTerm&, Inputs x) {
  return FoldApplicable(x, [](double a, double b) { return std::max(a, b); });
}
TermValue FirstApplicableOp(const NamedTerm&, Inputs x) {
  const auto first = std::find_if(x.begin(), x.end(), [](const TermValue& v) { return v.kind != TermValue::Kind::kNotApplicable; });
  return first == x.end() ? TermValue{} : *first;
}
TermValue FallbackOp(const NamedTerm& term, Inputs x) {
  if (Is(x[0], TermValue::Kind::kFailed) || Reaches(x[0], term.at_least.value_or(1))) return x[0];
  return Is(x[1], TermValue::Kind::kNotApplicable) ? x[0] : x[1];
}
TermValue GateOp(const NamedTerm& term, Inputs x) {
  return Changed(x, [&](double v) { return v >= term.at_least.value_or(0) ? 1.0 : 0.0; });
}
TermValue ClampOp(const NamedTerm& term, Inputs x) {
  return Changed(x, [&](double v) { return std::min(std::max(v, term.low.value_or(-INFINITY)), term.high.value_or(INFINITY)); });
}
TermValue NegateOp(const NamedTerm&, Inputs x) {
  return Changed(x, [](double v) { return v == 0 ? 0 : -v; });
}
TermValue ScaleOp(const NamedTerm& term, Inputs x) {
  return Changed(x, [&](double v) { return term.factor.value_or(1) * v; });
}

constexpr std::pair<std::string_view, Operation> kOps[] = {
    {"sum", SumOp},           {"product", ProductOp}, {"min", MinOp},     {"max", MaxOp},       {"first_applicable", FirstApplicableOp},
    {"fallback", FallbackOp}, {"gate", GateOp},       {"clamp", ClampOp}, {"negate", NegateOp}, {"scale", ScaleOp},
};

}  // namespace

const VerdictRecord* FindVerdict(std::span<const VerdictRecord> verdicts, std::string_view label, std::string* why) {
  const VerdictRecord* found = nullptr;
  *why = "no verdict";
  for (const VerdictRecord& verdict : verdicts) {
    if (verdict.label != label) continue;
    if (found != nullptr) {
      *why = "more than one verdict";
      return nullptr;
    }
    found = &verdict;
  }
  return found;
}

Composition::Composition(const std::vector<VerifierUse>& verifiers, const RewardSection& reward)
    : order_(TermOrder(verifiers, reward.terms)) {
  for (const NamedTerm& spec : reward.terms) {
    if (spec.name == reward.result) result_ = static_cast<int>(terms_.size());
    Term& term = terms_.emplace_back(Term{.spec = spec});
    for (const std::string& name : spec.of) {
      const OperandName operand = ResolveOperand(name, verifiers, reward.terms);
      if (operand.kind == OperandName::Kind::kTerm) {
        term.operands.push_back({.term = static_cast<int>(operand.index)});
      } else {
        const bool known = operand.kind == OperandName::Kind::kVerdict;
        term.operands.push_back({.label = known ? verifiers[operand.index].name : name,
                                 .part = operand.part,
                                 .optional = known && verifiers[operand.index].optional});
      }
    }
  }
}

TermValue Composition::Read(const Operand& operand, std::span<const VerdictRecord> verdicts) {
  std::string why;
  const VerdictRecord* verdict = FindVerdict(verdicts, operand.label, &why);
  const auto failed = [&](const std::string& reason) {
    return operand.optional ? TermValue{} : FailedBecause(fmt::format("{}: {}", operand.label, reason));
  };
  if (verdict == nullptr) return failed(why);
  if (verdict->outcome == OutcomeKind::kNotApplicable) return {};
  if (verdict->outcome != OutcomeKind::kScore) return failed(verdict->reason);
  double score = verdict->score;
  if (!operand.part.empty()) {
    const auto part =
        std::find_if(verdict->parts.begin(), verdict->parts.end(), [&](const ScorePart& p) { return p.name == operand.part; });
    if (part == verdict->parts.end()) return {};
    score = part->value;
  }
  return std::isfinite(score) ? Number(score) : failed("the score is not finite");
}

TermValue Composition::Compute(const Term& term, std::span<const TermValue> values) {
  TermValue value = FailedBecause("an operation that does not exist");
  const TermOpRule* rule = FindTermOp(term.spec.op);
  for (const auto& [name, op] : kOps) {
    if (name == term.spec.op && values.size() >= rule->min_operands) value = op(term.spec, values);
  }
  if (Is(value, TermValue::Kind::kNumber) && !std::isfinite(value.number)) value = FailedBecause("the value is not finite");
  if (!Is(value, TermValue::Kind::kFailed)) return value;
  return term.spec.optional ? TermValue{} : FailedBecause(fmt::format("{}: {}", term.spec.name, value.reason));
}

Composition::Result Composition::Evaluate(std::span<const VerdictRecord> verdicts) const {
  std::vector<TermValue> values(terms_.size(), FailedBecause("the term depends on itself"));
  std::vector<TermValue> operands;
  for (const size_t i : order_) {
    operands.clear();
    for (const Operand& operand : terms_[i].operands) {
      operands.push_back(operand.term >= 0 ? values[static_cast<size_t>(operand.term)] : Read(operand, verdicts));
    }
    values[i] = Compute(terms_[i], operands);
  }
  Result result{.value = result_ >= 0 ? values[static_cast<size_t>(result_)] : FailedBecause("the reward has no result")};
  for (size_t i = 0; i < terms_.size(); ++i) {
    if (Is(values[i], TermValue::Kind::kNumber)) result.terms.push_back({terms_[i].spec.name, values[i].number});
  }
  return result;
}

absl::Status CheckPartNames(const Recipe& recipe, std::span<const std::vector<std::string>> parts) {
  const auto check = [&](const std::string& field, const std::string& name) -> absl::Status {
    const OperandName operand = ResolveOperand(name, recipe.verifiers, recipe.reward.terms);
    if (operand.kind != OperandName::Kind::kVerdict || operand.part.empty() || operand.index >= parts.size()) return absl::OkStatus();
    const std::vector<std::string>& known = parts[operand.index];
    if (std::find(known.begin(), known.end(), operand.part) != known.end()) return absl::OkStatus();
    const VerifierUse& use = recipe.verifiers[operand.index];
    return absl::InvalidArgumentError(fmt::format("\"{}\" is \"{}\"; the verifier {} has {}{}", field, name, use.verifier,
                                                  known.empty() ? "no parts" : fmt::format("no part \"{}\"", operand.part),
                                                  DidYouMean(operand.part, known)));
  };
  for (size_t i = 0; i < recipe.reward.terms.size(); ++i) {
    const NamedTerm& term = recipe.reward.terms[i];
    for (size_t k = 0; k < term.of.size(); ++k) {
      HONE_RETURN_IF_ERROR(check(fmt::format("reward.terms[{}].of[{}]", i, k), term.of[k]));
    }
  }
  HONE_RETURN_IF_ERROR(check("reward.alarms.accuracy", recipe.reward.alarms.accuracy));
  return check("reward.alarms.format", recipe.reward.alarms.format);
}

}  // namespace hone
