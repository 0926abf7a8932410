#include "lib/config/recipe_checks.h"

#include <algorithm>
#include <set>
#include <vector>

#include "fmt/format.h"
#include "lib/config/nearest.h"
#include "lib/config/recipe.h"
#include "lib/config/reward_terms.h"
#include "lib/config/schema.h"
#include "lib/config/strict_json.h"

namespace hone {
namespace {

class Checker {
 public:
  Checker(const Recipe& recipe, const std::string& file_name, ReadLog* log) : r_(recipe), file_name_(file_name), log_(*log) {}

  void CheckAll() {
    CheckRun();
    CheckModel();
    CheckData();
    CheckTokens();
    CheckVerifiers();
    CheckReward();
    CheckAlgorithm();
    CheckLearner();
    CheckEval();
  }

 private:
  // `fields`: those the rule looks at, the one to blame first.
  void Require(bool condition, const std::vector<std::string>& fields, const std::string& message) {
    if (condition || std::any_of(fields.begin(), fields.end(), [&](const std::string& field) { return IsDoubtful(field); })) return;
    log_.Add(Place(fields), message);
  }

  // A field with a problem, or one that lies in such a field or holds one.
  bool IsDoubtful(const std::string& field) const {
    for (const std::string& bad : log_.doubtful) {
      const std::string_view longer = bad.size() > field.size() ? bad : field, shorter = bad.size() > field.size() ? field : bad;
      if (!longer.starts_with(shorter)) continue;
      if (longer.size() == shorter.size() || longer[shorter.size()] == '.' || longer[shorter.size()] == '[') return true;
    }
    return false;
  }

  Origin Place(const std::vector<std::string>& fields) const {
    for (const std::string& field : fields) {
      if (const auto it = log_.given.find(field); it != log_.given.end()) return it->second;
    }
    for (std::string section : fields) {
      for (size_t dot; (dot = section.find_last_of(".[")) != std::string::npos;) {
        section.resize(dot);
        if (const auto it = log_.given.find(section); it != log_.given.end()) return it->second;
      }
    }
    return {file_name_, 1, 1};
  }

  void CheckRun() {
    Require(IsName(r_.run.name), {"run.name"}, fmt::format("\"run.name\" is {}; {}", JsonQuote(r_.run.name.substr(0, 40)), kNameRule));
  }

  void CheckModel() {
    const std::vector<std::string> fields = {"model.path", "model.scratch"};
    Require(!r_.model.path.empty() || r_.model.scratch, fields,
            "a model is needed: give \"model.path\" (a folder or a .gguf file) or \"model.scratch\"");
    Require(r_.model.path.empty() || !r_.model.scratch, fields, "\"model.path\" and \"model.scratch\" exclude each other: give one");
    if (!r_.model.scratch) return;
    const ScratchModel& s = *r_.model.scratch;
    Require(r_.model.max_context.has_value(), {"model.max_context", "model.scratch"},
            "\"model.max_context\" is needed for a model from scratch");
    Require(s.kv_heads <= s.heads && s.heads % s.kv_heads == 0, {"model.scratch.kv_heads", "model.scratch.heads"},
            fmt::format("\"model.scratch.kv_heads\" is {}; it must divide \"model.scratch.heads\" ({})", s.kv_heads, s.heads));
    Require(s.head_dim || s.hidden_size % s.heads == 0, {"model.scratch.hidden_size", "model.scratch.heads", "model.scratch.head_dim"},
            fmt::format("\"model.scratch.hidden_size\" is {}; without \"head_dim\" it must be a multiple of \"heads\" ({})", s.hidden_size,
                        s.heads));
    const int64_t head_dim = s.head_dim.value_or(s.hidden_size / s.heads);
    Require(head_dim % 2 == 0, {"model.scratch.head_dim", "model.scratch.hidden_size", "model.scratch.heads"},
            fmt::format("the size of a head is {}; it must be even (rotary positions turn pairs)", head_dim));
  }

  void CheckSource(const DataSource& data, const std::string& prefix) {
    const bool jsonl = data.source == "jsonl";
    Require(!jsonl || !data.path.empty(), {prefix + ".path", prefix + ".source"},
            fmt::format("\"{0}.path\" is needed when \"{0}.source\" is \"jsonl\"", prefix));
    Require(jsonl || data.path.empty(), {prefix + ".path", prefix + ".source"},
            fmt::format("\"{0}.path\" is read only when \"{0}.source\" is \"jsonl\", and it is {1}", prefix, JsonQuote(data.source)));
    Require(!jsonl || data.params == "{}", {prefix + ".params", prefix + ".source"},
            fmt::format("\"{0}.params\" goes to a generator, and \"{0}.source\" is \"jsonl\"", prefix));
    Require(jsonl || data.reference_pattern.empty(), {prefix + ".reference_pattern", prefix + ".source"},
            fmt::format("\"{0}.reference_pattern\" is read only when \"{0}.source\" is \"jsonl\"", prefix));
    Require(!jsonl || !data.fields.prompt.empty() || !data.fields.messages.empty(),
            {prefix + ".fields.prompt", prefix + ".fields.messages"},
            fmt::format("\"{0}.fields.prompt\" or \"{0}.fields.messages\" must name a field of the rows", prefix));
    const size_t hole = data.prompt_template.find("{prompt}");
    Require(hole != std::string::npos && data.prompt_template.find("{prompt}", hole + 1) == std::string::npos,
            {prefix + ".prompt_template"}, fmt::format("\"{}.prompt_template\" must hold {{prompt}} once", prefix));
  }

  void CheckData() {
    CheckSource(r_.data, "data");
    if (r_.eval.data) CheckSource(*r_.eval.data, "eval.data");
    Require(r_.rollout.group_size >= 2 || r_.algorithm.singleton == "raw",
            {"rollout.group_size", "algorithm.singleton", "algorithm.advantage.name"},
            fmt::format("\"rollout.group_size\" is {}; {} compares the completions of a prompt and needs at least 2 (or "
                        "\"algorithm.singleton\" \"raw\")",
                        r_.rollout.group_size, r_.algorithm.advantage.name));
  }

  void CheckTokens() {
    if (r_.model.max_context) {
      const auto check = [&](const std::string& field, int64_t tokens) {
        Require(
            tokens < *r_.model.max_context, {field, "model.max_context"},
            fmt::format("\"{}\" is {}; with the prompt it must fit into \"model.max_context\" ({})", field, tokens, *r_.model.max_context));
      };
      check("rollout.max_new_tokens", r_.rollout.max_new_tokens);
      if (r_.eval.max_new_tokens) check("eval.max_new_tokens", *r_.eval.max_new_tokens);
      if (r_.eval.baseline_max_new_tokens) check("eval.baseline_max_new_tokens", *r_.eval.baseline_max_new_tokens);
    }
    const OverlongSection& overlong = r_.algorithm.overlong;
    if (overlong.kind == "none") return;
    Require(r_.OverlongMaxLen() <= r_.rollout.max_new_tokens, {"algorithm.overlong.max_len", "rollout.max_new_tokens"},
            fmt::format("\"algorithm.overlong.max_len\" is {}; it must be at most \"rollout.max_new_tokens\" ({})", r_.OverlongMaxLen(),
                        r_.rollout.max_new_tokens));
    Require(r_.OverlongBuffer() < r_.OverlongMaxLen(),
            {"algorithm.overlong.buffer", "algorithm.overlong.max_len", "rollout.max_new_tokens"},
            fmt::format("\"algorithm.overlong.buffer\" is {}; it must be below \"algorithm.overlong.max_len\" ({})", r_.OverlongBuffer(),
                        r_.OverlongMaxLen()));
  }

  void CheckVerifiers() {
    std::set<std::string> names;
    bool weighted = false;
    for (size_t i = 0; i < r_.verifiers.size(); ++i) {
      const VerifierUse& use = r_.verifiers[i];
      const std::string prefix = fmt::format("verifiers[{}].", i);
      Require(!use.verifier.empty(), {prefix + "verifier"},
              fmt::format("\"{}verifier\" is needed: the name of a verifier, such as \"numeric\"", prefix));
      if (!use.verifier.empty()) {
        Require(IsName(use.name), {prefix + "name", prefix + "verifier"},
                fmt::format("\"{}name\" is {}; {}", prefix, JsonQuote(use.name.substr(0, 40)), kNameRule));
        Require(names.insert(use.name).second, {prefix + "name", prefix + "verifier"},
                fmt::format("two verifiers are named {}; give one of them another \"name\"", JsonQuote(use.name.substr(0, 40))));
      }
      weighted = weighted || use.weight != 0;
    }
    Require(!r_.verifiers.empty() || r_.run.steps == 0, {"verifiers", "run.steps"}, "\"verifiers\" is empty: nothing would be rewarded");
    Require(r_.verifiers.empty() || weighted, {"verifiers"}, "every verifier has weight 0: nothing would be rewarded");
  }

  void CheckReward() {
    // Terms refer to verifiers and to each other: where either could not be read, what they say means nothing.
    if (IsDoubtful("verifiers") || IsDoubtful("reward.terms") || IsDoubtful("reward.result")) return;
    for (const TermProblem& problem : CheckTerms(r_.verifiers, r_.reward)) Require(false, {problem.field}, problem.text);
    std::vector<std::string> labels, known;
    for (const VerifierUse& use : r_.verifiers) labels.push_back(use.name);
    known = labels;
    for (const NamedTerm& term : r_.reward.terms) known.push_back(term.name);
    if (r_.reward.second) {
      const SecondChecker& second = *r_.reward.second;
      Require(!second.verifier.empty(), {"reward.second.verifier", "reward.second"},
              "\"reward.second.verifier\" is needed: the name of a verifier, such as \"numeric\"");
      Require(std::find(labels.begin(), labels.end(), second.of) != labels.end(), {"reward.second.of", "reward.second"},
              fmt::format("\"reward.second.of\" is {}; no verifier has this name{}", JsonQuote(second.of.substr(0, 40)),
                          DidYouMean(second.of, labels)));
    }
    const auto check_part = [&](const std::string& field, const std::string& name) {
      const bool exists = name.empty() || ResolveOperand(name, r_.verifiers, r_.reward.terms).kind != OperandName::Kind::kUnknown;
      Require(exists, {field},
              fmt::format("\"{}\" is {}; no verifier or term has this name{}", field, JsonQuote(name.substr(0, 40)),
                          DidYouMean(std::string_view(name).substr(0, name.find('/')), known)));
    };
    check_part("reward.alarms.accuracy", r_.reward.alarms.accuracy);
    check_part("reward.alarms.format", r_.reward.alarms.format);
  }

  void CheckAlgorithm() {
    const AlgorithmSection& a = r_.algorithm;
    const std::string constant = "algorithm.aggregation.constant", mode = "algorithm.aggregation.mode";
    Require(a.aggregation.mode != "seq-mean-token-sum-norm" || a.aggregation.constant, {constant, mode, "algorithm.preset"},
            fmt::format("\"{}\" is needed for the mode \"seq-mean-token-sum-norm\"; usually \"rollout.max_new_tokens\" ({})", constant,
                        r_.rollout.max_new_tokens));
    Require(a.aggregation.mode == "seq-mean-token-sum-norm" || !a.aggregation.constant, {constant, mode},
            fmt::format("\"{}\" is read only with the mode \"seq-mean-token-sum-norm\", and it is {}", constant,
                        JsonQuote(a.aggregation.mode)));
    if (a.loss.is_weight_min) {
      Require(*a.loss.is_weight_min <= a.loss.is_weight_max, {"algorithm.loss.is_weight_min", "algorithm.loss.is_weight_max"},
              fmt::format("\"algorithm.loss.is_weight_min\" is {}; it must be at most \"algorithm.loss.is_weight_max\" ({})",
                          *a.loss.is_weight_min, a.loss.is_weight_max));
    }
    const bool kl = a.kl.coef != 0;
    Require(!kl || a.kl.estimator != "k1", {"algorithm.kl.estimator", "algorithm.preset"},
            "\"algorithm.kl.estimator\" is \"k1\", whose expected gradient as a loss is 0; use k3 or k2");
    Require(!kl || a.kl.place == "loss", {"algorithm.kl.place"},
            "\"algorithm.kl.place\" is \"reward\", a reserved name that nothing computes yet; use \"loss\"");
  }

  void CheckLearner() {
    const LearnerSection& l = r_.learner;
    Require(r_.data.prompts_per_step % l.minibatches == 0, {"learner.minibatches", "data.prompts_per_step"},
            fmt::format("\"learner.minibatches\" is {}; it must divide \"data.prompts_per_step\" ({})", l.minibatches,
                        r_.data.prompts_per_step));
    Require(
        l.micro_batch_tokens > r_.rollout.max_new_tokens, {"learner.micro_batch_tokens", "rollout.max_new_tokens"},
        fmt::format("\"learner.micro_batch_tokens\" is {}; a prompt with its longest completion must fit, \"rollout.max_new_tokens\" is {}",
                    l.micro_batch_tokens, r_.rollout.max_new_tokens));
    Require(r_.run.steps == 0 || l.schedule == "constant" || l.warmup_steps < r_.run.steps, {"learner.warmup_steps", "run.steps"},
            fmt::format("\"learner.warmup_steps\" is {}; it must be below \"run.steps\" ({})", l.warmup_steps, r_.run.steps));
    const WarmStartSection& w = r_.stages.warm_start;
    Require(w.steps == 0 || w.warmup_steps < w.steps, {"stages.warm_start.warmup_steps", "stages.warm_start.steps"},
            fmt::format("\"stages.warm_start.warmup_steps\" is {}; it must be below \"stages.warm_start.steps\" ({})", w.warmup_steps,
                        w.steps));
  }

  void CheckEval() {
    const EvalSection& e = r_.eval;
    Require(e.every_steps == 0 || e.prompts > 0, {"eval.prompts", "eval.every_steps"},
            "\"eval.prompts\" is 0; \"eval.every_steps\" needs prompts to evaluate on");
    Require(e.prompts == 0 || e.data || r_.data.source != "jsonl" || r_.data.heldout_fraction > 0,
            {"eval.prompts", "eval.data", "data.heldout_fraction", "data.source"},
            "evaluation needs prompts that are not trained on: give \"eval.data\" or a \"data.heldout_fraction\" above 0, or set "
            "\"eval.prompts\" to 0");
    Require(!r_.checkpoint.keep_best || (e.prompts > 0 && e.every_steps > 0), {"checkpoint.keep_best", "eval.prompts", "eval.every_steps"},
            "\"checkpoint.keep_best\" needs evaluation during the run: set \"eval.prompts\" and \"eval.every_steps\"");
  }

  const Recipe& r_;
  const std::string& file_name_;
  ReadLog& log_;
};

}  // namespace

bool IsNameCharacter(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.';
}

bool IsName(std::string_view name) {
  return !name.empty() && name.size() <= kMaxNameLength && name[0] != '.' && std::all_of(name.begin(), name.end(), IsNameCharacter);
}

void CheckRecipe(const Recipe& recipe, const std::string& file_name, ReadLog* log) {
  Checker(recipe, file_name, log).CheckAll();
}

}  // namespace hone
