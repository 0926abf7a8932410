#include "lib/config/reward_terms.h"

#include <algorithm>
#include <set>

#include "fmt/format.h"
#include "lib/config/nearest.h"
#include "lib/config/recipe_checks.h"
#include "lib/config/strict_json.h"

namespace hone {
namespace {

constexpr size_t kMany = 64;
constexpr TermOpRule kTermOps[] = {
    {"sum", 1, kMany, "weights,renormalise", "of weight * operand"},
    {"product", 1, kMany, "", "of the operands"},
    {"min", 1, kMany, "", "the least operand"},
    {"max", 1, kMany, "", "the greatest operand"},
    {"first_applicable", 1, kMany, "", "the first operand that applies"},
    {"fallback", 2, 2, "at_least", "the first operand when it is at least at_least (null: 1), else the second"},
    {"gate", 1, 1, "at_least", "1 when the operand is at least at_least, else 0"},
    {"clamp", 1, 1, "low,high", "the operand, held between low and high"},
    {"negate", 1, 1, "", "minus the operand"},
    {"scale", 1, 1, "factor", "factor * operand"},
};

// A name in a message: cut, because a recipe may have one of any length.
std::string Shown(std::string_view name) {
  return JsonQuote(name.substr(0, 60));
}

class TermChecker {
 public:
  TermChecker(const std::vector<VerifierUse>& verifiers, const RewardSection& reward) : verifiers_(verifiers), reward_(reward) {}

  std::vector<TermProblem> Check() {
    if (reward_.terms.empty()) {
      if (!reward_.result.empty())
        Add("reward.result", fmt::format("\"reward.result\" is {}, and there are no \"reward.terms\"", Shown(reward_.result)));
      return std::move(problems_);
    }
    for (size_t i = 0; i < reward_.terms.size(); ++i) CheckTerm(i);
    CheckCycles();
    CheckResult();
    if (problems_.empty()) CheckUse();
    CheckVerifiers();
    return std::move(problems_);
  }

 private:
  void Add(std::string field, std::string text) { problems_.push_back({std::move(field), std::move(text)}); }

  OperandName Resolve(std::string_view operand) const { return ResolveOperand(operand, verifiers_, reward_.terms); }

  std::vector<std::string> KnownOperands() const {
    std::vector<std::string> known;
    for (const VerifierUse& use : verifiers_) known.push_back(use.name);
    for (const NamedTerm& term : reward_.terms) known.push_back(term.name);
    return known;
  }

  void CheckTerm(size_t i) {
    const NamedTerm& term = reward_.terms[i];
    const std::string path = fmt::format("reward.terms[{}]", i);
    if (!IsName(term.name)) {
      Add(path + ".name", fmt::format("\"{}.name\" is {}; {}", path, Shown(term.name), kNameRule));
    }
    for (size_t j = 0; j < i; ++j) {
      if (reward_.terms[j].name == term.name && !term.name.empty()) {
        Add(path + ".name", fmt::format("two terms are named {}; give one of them another name", Shown(term.name)));
        break;
      }
    }
    if (std::any_of(verifiers_.begin(), verifiers_.end(), [&](const VerifierUse& use) { return use.name == term.name; })) {
      Add(path + ".name", fmt::format("{} is the name of a verifier already; give the term another", Shown(term.name)));
    }
    const TermOpRule* rule = FindTermOp(term.op);
    if (rule == nullptr) return;  // the schema has refused it
    CheckOperands(term, *rule, path);
    CheckFields(term, *rule, path);
  }

  void CheckOperands(const NamedTerm& term, const TermOpRule& rule, const std::string& path) {
    if (term.of.size() < rule.min_operands || term.of.size() > rule.max_operands) {
      const std::string wanted = rule.min_operands == rule.max_operands ? fmt::format("{}", rule.min_operands)
                                                                        : fmt::format("{} to {}", rule.min_operands, rule.max_operands);
      Add(path + ".of", fmt::format("\"{}.of\" has {} operands; {} takes {}", path, term.of.size(), rule.name, wanted));
    }
    std::set<std::string_view> seen;
    for (size_t k = 0; k < term.of.size(); ++k) {
      const std::string field = fmt::format("{}.of[{}]", path, k);
      const std::string& operand = term.of[k];
      if (!seen.insert(operand).second) Add(field, fmt::format("\"{}\" names {} a second time", field, Shown(operand)));
      if (Resolve(operand).kind != OperandName::Kind::kUnknown) continue;
      const size_t slash = operand.find('/');
      const std::string_view whole = std::string_view(operand).substr(0, slash);
      if (slash != std::string::npos && Resolve(whole).kind == OperandName::Kind::kTerm) {
        Add(field, fmt::format("\"{}\" is {}; a term has no parts, only a verifier has", field, Shown(operand)));
      } else {
        Add(field,
            fmt::format("\"{}\" is {}; no verifier or term has this name{}", field, Shown(operand), DidYouMean(whole, KnownOperands())));
      }
    }
  }

  void CheckFields(const NamedTerm& term, const TermOpRule& rule, const std::string& path) {
    const auto own = [&](std::string_view field) {
      return fmt::format(",{},", rule.fields).find(fmt::format(",{},", field)) != std::string::npos;
    };
    const std::pair<std::string_view, bool> given[] = {
        {"weights", !term.weights.empty()}, {"renormalise", term.renormalise}, {"at_least", term.at_least.has_value()},
        {"low", term.low.has_value()},      {"high", term.high.has_value()},   {"factor", term.factor.has_value()},
    };
    for (const auto& [field, is_given] : given) {
      if (is_given && !own(field)) {
        Add(fmt::format("{}.{}", path, field), fmt::format("\"{}.{}\" is not read by the operation {}", path, field, rule.name));
      }
    }
    const auto need = [&](std::string_view field, bool there, std::string_view meaning) {
      if (!there) Add(path + ".op", fmt::format("\"{}.{}\" is needed by {}: {}", path, field, rule.name, meaning));
    };
    if (rule.name == "gate") need("at_least", term.at_least.has_value(), "what the operand must reach");
    if (rule.name == "scale") need("factor", term.factor.has_value(), "what multiplies the operand");
    if (rule.name == "clamp") {
      need("low", term.low.has_value() || term.high.has_value(), "a bound, or \"high\", or both");
      if (term.low && term.high && *term.low > *term.high) {
        Add(path + ".low", fmt::format("\"{}.low\" is {}; it must be at most \"high\" ({})", path, *term.low, *term.high));
      }
    }
    if (rule.name == "sum" && !term.weights.empty() && term.weights.size() != term.of.size()) {
      Add(path + ".weights", fmt::format("\"{}.weights\" has {} numbers for {} operands; give one each, or none for a plain sum", path,
                                         term.weights.size(), term.of.size()));
    }
  }

  // Every term of a cycle would be left out of the order; the first of them is named with the way back to it.
  void CheckCycles() {
    const std::vector<size_t> order = TermOrder(verifiers_, reward_.terms);
    std::set<size_t> left;
    for (size_t i = 0; i < reward_.terms.size(); ++i) left.insert(i);
    for (const size_t i : order) left.erase(i);
    for (const size_t start : left) {
      std::vector<size_t> way = {start};
      if (!FindWay(left, start, &way)) continue;  // only made of a term that depends on itself
      std::string text;
      for (const size_t i : way) text += reward_.terms[i].name.substr(0, 60) + " -> ";
      Add(fmt::format("reward.terms[{}].of", start), fmt::format("the term {} depends on itself: {}{}", Shown(reward_.terms[start].name),
                                                                 text, reward_.terms[start].name.substr(0, 60)));
      return;  // others in the cycle would say the same
    }
  }

  // Depth first from way->back() to `target`, through `among`; each term is entered once.
  bool FindWay(const std::set<size_t>& among, size_t target, std::vector<size_t>* way) const {
    std::set<size_t> entered;
    return FindWay(among, target, &entered, way);
  }
  bool FindWay(const std::set<size_t>& among, size_t target, std::set<size_t>* entered, std::vector<size_t>* way) const {
    for (const std::string& operand : reward_.terms[way->back()].of) {
      const OperandName name = Resolve(operand);
      if (name.kind != OperandName::Kind::kTerm || among.count(name.index) == 0) continue;
      if (name.index == target) return true;
      if (!entered->insert(name.index).second) continue;
      way->push_back(name.index);
      if (FindWay(among, target, entered, way)) return true;
      way->pop_back();
    }
    return false;
  }

  void CheckResult() {
    std::vector<std::string> names;
    for (const NamedTerm& term : reward_.terms) names.push_back(term.name);
    if (reward_.result.empty()) {
      Add("reward.terms", "\"reward.result\" is needed with \"reward.terms\": the term that is the reward");
    } else if (std::find(names.begin(), names.end(), reward_.result) == names.end()) {
      Add("reward.result",
          fmt::format("\"reward.result\" is {}; no term has this name{}", Shown(reward_.result), DidYouMean(reward_.result, names)));
    }
  }

  // Everything that is named leads to the result: a term that does not is a mistake.
  void CheckUse() {
    std::set<size_t> used_terms;
    std::set<size_t> used_verifiers;
    std::vector<size_t> open;
    for (size_t i = 0; i < reward_.terms.size(); ++i) {
      if (reward_.terms[i].name == reward_.result) open.push_back(i);
    }
    while (!open.empty()) {
      const size_t i = open.back();
      open.pop_back();
      if (!used_terms.insert(i).second) continue;
      for (const std::string& operand : reward_.terms[i].of) {
        const OperandName name = Resolve(operand);
        if (name.kind == OperandName::Kind::kTerm) open.push_back(name.index);
        if (name.kind == OperandName::Kind::kVerdict) used_verifiers.insert(name.index);
      }
    }
    for (size_t i = 0; i < reward_.terms.size(); ++i) {
      if (used_terms.count(i) > 0) continue;
      Add(fmt::format("reward.terms[{}].name", i), fmt::format("nothing that leads to {} uses the term {}; use it or leave it out",
                                                               Shown(reward_.result), Shown(reward_.terms[i].name)));
    }
    for (size_t i = 0; i < verifiers_.size(); ++i) {
      const bool used = used_verifiers.count(i) > 0, counts = verifiers_[i].weight != 0;
      if (used == counts) continue;
      const std::string field = fmt::format("verifiers[{}].weight", i), name = Shown(verifiers_[i].name);
      Add(field, used ? fmt::format("\"{}\" is 0, a metric only, and \"reward.terms\" uses {}; leave the weight out", field, name)
                      : fmt::format("no term uses the verifier {}; use it, or give it weight 0 to keep it as a metric only", name));
    }
  }

  void CheckVerifiers() {
    for (size_t i = 0; i < verifiers_.size(); ++i) {
      const std::string path = fmt::format("verifiers[{}]", i);
      if (verifiers_[i].weight != 0 && verifiers_[i].weight != 1) {
        Add(path + ".weight",
            fmt::format("\"{}.weight\" is {}; with \"reward.terms\" weights stand in the terms: leave it out, or give 0 for "
                        "a metric only",
                        path, verifiers_[i].weight));
      }
      if (verifiers_[i].gate) {
        Add(path + ".gate", fmt::format("\"{}.gate\" is not read with \"reward.terms\"; make it a term with the operation gate", path));
      }
    }
    if (reward_.renormalise) {
      Add("reward.renormalise", "\"reward.renormalise\" is not read with \"reward.terms\"; give it in the term");
    }
  }

  const std::vector<VerifierUse>& verifiers_;
  const RewardSection& reward_;
  std::vector<TermProblem> problems_;
};

}  // namespace

std::span<const TermOpRule> TermOpRules() {
  return kTermOps;
}

const TermOpRule* FindTermOp(std::string_view name) {
  for (const TermOpRule& rule : kTermOps) {
    if (rule.name == name) return &rule;
  }
  return nullptr;
}

OperandName ResolveOperand(std::string_view operand, const std::vector<VerifierUse>& verifiers, const std::vector<NamedTerm>& terms) {
  for (size_t i = 0; i < terms.size(); ++i) {
    if (!operand.empty() && terms[i].name == operand) return {OperandName::Kind::kTerm, i, {}};
  }
  const size_t slash = operand.find('/');
  const std::string_view label = operand.substr(0, slash);
  const std::string_view part = slash == std::string_view::npos ? std::string_view() : operand.substr(slash + 1);
  if (label.empty() || (slash != std::string_view::npos && part.empty())) return {};
  for (size_t i = 0; i < verifiers.size(); ++i) {
    if (verifiers[i].name == label) return {OperandName::Kind::kVerdict, i, std::string(part)};
  }
  return {};
}

std::vector<size_t> TermOrder(const std::vector<VerifierUse>& verifiers, const std::vector<NamedTerm>& terms) {
  std::vector<size_t> order;
  std::vector<bool> placed(terms.size(), false);
  for (bool grown = true; grown;) {
    grown = false;
    for (size_t i = 0; i < terms.size(); ++i) {
      if (placed[i]) continue;
      const bool ready = std::all_of(terms[i].of.begin(), terms[i].of.end(), [&](const std::string& operand) {
        const OperandName name = ResolveOperand(operand, verifiers, terms);
        return name.kind != OperandName::Kind::kTerm || placed[name.index];
      });
      if (!ready) continue;
      placed[i] = grown = true;
      order.push_back(i);
    }
  }
  return order;
}

std::vector<TermProblem> CheckTerms(const std::vector<VerifierUse>& verifiers, const RewardSection& reward) {
  return TermChecker(verifiers, reward).Check();
}

}  // namespace hone
