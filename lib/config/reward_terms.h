#pragma once
// The rules of a reward made of named terms (recipe: reward.terms). What the terms compute is in rewards/composition.h.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/config/recipe.h"

namespace hone {

// What an operation wants to be given.
struct TermOpRule {
  std::string_view name;
  size_t min_operands, max_operands;
  std::string_view fields;  // those of its own, comma-separated; other terms may not give them
  std::string_view comment;
};
std::span<const TermOpRule> TermOpRules();
// Null for an unknown name.
const TermOpRule* FindTermOp(std::string_view name);

// What an operand names.
struct OperandName {
  enum class Kind { kUnknown, kTerm, kVerdict };
  Kind kind = Kind::kUnknown;
  size_t index = 0;  // of the term, or of the verifier
  std::string part;  // of the verifier's score; empty: the score itself
};
// "total" (a term), "accuracy" (a verifier's name) or "accuracy/strict" (a part of its score).
OperandName ResolveOperand(std::string_view operand, const std::vector<VerifierUse>& verifiers, const std::vector<NamedTerm>& terms);

// Indices of the terms, each after those that it is made of. A term that depends on itself, and what is made of it, are left out.
std::vector<size_t> TermOrder(const std::vector<VerifierUse>& verifiers, const std::vector<NamedTerm>& terms);

// What is wrong with reward.terms and with what refers to it: each problem with the field to blame ("reward.terms[1].of[0]").
struct TermProblem {
  std::string field;
  std::string text;
};
std::vector<TermProblem> CheckTerms(const std::vector<VerifierUse>& verifiers, const RewardSection& reward);

}  // namespace hone
