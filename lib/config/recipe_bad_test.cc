// Bad recipes and the exact messages that they get.

#include "gtest/gtest.h"
#include "lib/config/recipe.h"

namespace hone {
namespace {

// A good recipe on one line, so that what a case adds stands from line 2 on.
std::string Good(const std::string& more) {
  return R"({"model": {"path": "m"}, "data": {"source": "g"}, "verifiers": [{"verifier": "v"}])" + (more.empty() ? "" : ",\n" + more) + "}";
}

std::string Message(const std::string& text, const std::vector<std::string>& overrides = {}) {
  const auto recipe = ParseRecipe(text, "r.json", overrides);
  if (recipe.ok()) return "ok";
  EXPECT_EQ(recipe.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(recipe.status().message());
}

TEST(BadRecipeTest, GetsTheMessageOfItsMistake) {
  const struct {
    std::string text, message;
  } kCases[] = {
      {Good(""), "ok"},
      // Names.
      {Good(R"("rollout": {"grup_size": 4})"), R"(r.json:2:13: unknown field "grup_size"; did you mean "group_size"?)"},
      {Good(R"("rolout": {})"), R"(r.json:2:1: unknown field "rolout"; did you mean "rollout"?)"},
      {Good(R"("group_size": 4)"), R"(r.json:2:1: unknown field "group_size"; did you mean "rollout.group_size"?)"},
      {Good(R"("rollout": {"zzz": 1})"),
       R"(r.json:2:13: unknown field "zzz"; known here: group_size, max_new_tokens, lease_seconds, max_attempts)"},
      {Good(R"("algorithm": {"loss": {"epshigh": 1}})"), R"(r.json:2:24: unknown field "epshigh"; did you mean "eps_high"?)"},
      {Good(R"("model": {})"), "r.json:2:1: duplicate field \"model\"; it was given in line 1 already"},
      {Good("\"rollout\": {\"group_size\": 4,\n \"group_size\": 5}"),
       "r.json:3:2: duplicate field \"group_size\"; it was given in line 2 already"},
      {Good("\"rollout\": {\"" + std::string(5000, 'x') + "\": 1}"),
       "r.json:2:13: unknown field \"" + std::string(60, 'x') +
           "...\"; known here: group_size, max_new_tokens, lease_seconds, max_attempts"},
      // Types.
      {Good(R"("learner": {"lr": "1e-6"})"), R"(r.json:2:19: "learner.lr" must be a number, found the string "1e-6")"},
      {Good(R"("rollout": {"group_size": 4.0})"), R"(r.json:2:27: "rollout.group_size" must be an integer, found 4.0)"},
      {Good(R"("run": {"seed": 99999999999999999999})"), R"(r.json:2:17: "run.seed" must be an integer, found 99999999999999999999)"},
      {Good(R"("run": {"in_process": 1})"), R"(r.json:2:23: "run.in_process" must be true or false, found 1)"},
      {Good(R"("run": {"name": 7})"), R"(r.json:2:17: "run.name" must be a string, found 7)"},
      {Good(R"("run": {"steps": null})"), R"(r.json:2:18: "run.steps" must be an integer, found null)"},
      {Good(R"("run": 5)"), R"(r.json:2:8: "run" must be an object { ... }, found 5)"},
      {Good(R"("learner": {"betas": [0.9]})"), R"(r.json:2:22: "learner.betas" must be a list of two numbers, found a list)"},
      {Good(R"("learner": {"betas": [0.9, "x"]})"), R"(r.json:2:28: "learner.betas[1]" must be a number, found the string "x")"},
      {Good(R"("sampling": {"stop": "x"})"), R"(r.json:2:22: "sampling.stop" must be a list [ ... ], found the string "x")"},
      {Good(R"("sampling": {"stop": ["x", ""]})"), R"(r.json:2:28: "sampling.stop[1]" must not be empty)"},
      {Good(R"("eval": {"data": []})"), R"(r.json:2:18: "eval.data" must be an object { ... } or null, found a list)"},
      {Good(R"("eval": {"sampled": 1})"), R"(r.json:2:21: "eval.sampled" must be an object { ... }, found 1)"},
      {R"({"model": {"path": "m"}, "data": {"source": "g"}, "verifiers": ["numeric"]})",
       R"(r.json:1:65: "verifiers[0]" must be an object { ... }, found the string "numeric")"},
      {"[]", "r.json:1:1: a recipe must be an object { ... }, found a list"},
      // Values.
      {Good(R"("rollout": {"group_size": 0})"), R"(r.json:2:27: "rollout.group_size" is 0; it must be at least 1 and at most 65536)"},
      {Good(R"("learner": {"lr": -1})"), R"(r.json:2:19: "learner.lr" is -1; it must be at least 0 and at most 10)"},
      {Good(R"("sampling": {"top_p": 0})"), R"(r.json:2:23: "sampling.top_p" is 0; it must be above 0 and at most 1)"},
      {Good(R"("learner": {"betas": [0.9, 1]})"), R"(r.json:2:28: "learner.betas[1]" is 1; it must be at least 0 and below 1)"},
      {Good(R"("algorithm": {"loss": {"dual_clip": 1}})"), R"(r.json:2:37: "algorithm.loss.dual_clip" is 1; it must be above 1)"},
      {Good(R"("algorithm": {"aggregation": {"mode": "token_men"}})"),
       R"(r.json:2:39: "algorithm.aggregation.mode" is "token_men"; it must be one of token-mean, token-sum, seq-mean-token-sum, )"
       R"(seq-mean-token-sum-norm, seq-mean-token-mean, prompt-mean; did you mean "token-mean"?)"},
      {Good(R"("model_": 1)"), R"(r.json:2:1: unknown field "model_"; did you mean "model"?)"},
      {Good(R"("run": {"name": "a/b"})"),
       R"(r.json:2:17: "run.name" is "a/b"; it must be 1 to 100 letters, digits, '-', '_' or '.', not starting with '.')"},
      // JSON.
      {"", "r.json:1:1: expected a value, found the end of the text"},
      {Good("\"run\": {\"steps\": 1,}"), "r.json:2:19: a comma before '}' is not allowed"},
      {"{\"model\": {\"path\": \"m\"}", "r.json:1:1: this '{' is never closed"},
  };
  for (const auto& c : kCases) EXPECT_EQ(Message(c.text), c.message) << c.text;
}

TEST(BadRecipeTest, GetsTheMessageOfFieldsThatDoNotFitTogether) {
  const struct {
    std::string text, message;
  } kCases[] = {
      {"{}",
       "r.json:1:1: a model is needed: give \"model.path\" (a folder or a .gguf file) or \"model.scratch\"\n"
       "r.json:1:1: \"data.path\" is needed when \"data.source\" is \"jsonl\"\n"
       "r.json:1:1: \"verifiers\" is empty: nothing would be rewarded"},
      {Good(R"("rollout": {"group_size": 1})"),
       R"(r.json:2:27: "rollout.group_size" is 1; grpo compares the completions of a prompt and needs at least 2 (or "algorithm.singleton" "raw"))"},
      {Good(R"("rollout": {"group_size": 1}, "algorithm": {"singleton": "raw"})"), "ok"},
      {Good(R"("algorithm": {"preset": "dr_grpo"}, "rollout": {"max_new_tokens": 24})"),
       R"(r.json:2:25: "algorithm.aggregation.constant" is needed for the mode "seq-mean-token-sum-norm"; usually "rollout.max_new_tokens" (24))"},
      {Good(R"("algorithm": {"aggregation": {"constant": 5}})"),
       R"(r.json:2:43: "algorithm.aggregation.constant" is read only with the mode "seq-mean-token-sum-norm", and it is "token-mean")"},
      {Good(R"("algorithm": {"kl": {"coef": 0.1, "estimator": "k1"}})"),
       R"(r.json:2:48: "algorithm.kl.estimator" is "k1", whose expected gradient as a loss is 0; use k3 or k2)"},
      {Good(R"("algorithm": {"kl": {"coef": 0.1, "place": "reward"}})"),
       R"(r.json:2:44: "algorithm.kl.place" is "reward", a reserved name that nothing computes yet; use "loss")"},
      {Good(R"("algorithm": {"loss": {"is_weight_min": 6}})"),
       R"(r.json:2:41: "algorithm.loss.is_weight_min" is 6; it must be at most "algorithm.loss.is_weight_max" (5))"},
      {Good(R"("algorithm": {"overlong": {"kind": "soft", "max_len": 300}})"),
       R"(r.json:2:55: "algorithm.overlong.max_len" is 300; it must be at most "rollout.max_new_tokens" (256))"},
      {Good(R"("algorithm": {"overlong": {"kind": "soft", "max_len": 30, "buffer": 30}})"),
       R"(r.json:2:69: "algorithm.overlong.buffer" is 30; it must be below "algorithm.overlong.max_len" (30))"},
      {Good(R"("learner": {"minibatches": 3})"), R"(r.json:2:28: "learner.minibatches" is 3; it must divide "data.prompts_per_step" (16))"},
      {Good(R"("learner": {"micro_batch_tokens": 256})"),
       R"(r.json:2:35: "learner.micro_batch_tokens" is 256; a prompt with its longest completion must fit, "rollout.max_new_tokens" is 256)"},
      {Good(R"("learner": {"warmup_steps": 100, "schedule": "cosine"})"),
       R"(r.json:2:29: "learner.warmup_steps" is 100; it must be below "run.steps" (100))"},
      {Good(R"("eval": {"every_steps": 5})"), R"(r.json:2:25: "eval.prompts" is 0; "eval.every_steps" needs prompts to evaluate on)"},
      {Good(R"("checkpoint": {"keep_best": true})"),
       R"(r.json:2:29: "checkpoint.keep_best" needs evaluation during the run: set "eval.prompts" and "eval.every_steps")"},
      {R"({"model": {"path": "m"}, "data": {"path": "d.jsonl"}, "verifiers": [{"verifier": "v"}], "eval": {"prompts": 8}})",
       "r.json:1:109: evaluation needs prompts that are not trained on: give \"eval.data\" or a \"data.heldout_fraction\" above 0, or set "
       "\"eval.prompts\" to 0"},
      {R"({"model": {"path": "m", "max_context": 256}, "data": {"source": "g"}, "verifiers": [{"verifier": "v"}]})",
       R"(r.json:1:40: "rollout.max_new_tokens" is 256; with the prompt it must fit into "model.max_context" (256))"},
      {R"({"model": {"path": "m", "scratch": {}, "max_context": 512}, "data": {"source": "g"}, "verifiers": [{"verifier": "v"}]})",
       R"(r.json:1:20: "model.path" and "model.scratch" exclude each other: give one)"},
      {R"({"model": {"scratch": {"heads": 4, "kv_heads": 3}}, "data": {"source": "g"}, "verifiers": [{"verifier": "v"}]})",
       "r.json:1:23: \"model.max_context\" is needed for a model from scratch\n"
       "r.json:1:48: \"model.scratch.kv_heads\" is 3; it must divide \"model.scratch.heads\" (4)"},
      {R"({"model": {"path": "m"}, "data": {"source": "g", "path": "x", "prompt_template": "none"}, "verifiers": [{"verifier": "v"}]})",
       "r.json:1:58: \"data.path\" is read only when \"data.source\" is \"jsonl\", and it is \"g\"\n"
       "r.json:1:82: \"data.prompt_template\" must hold {prompt} once"},
      {R"({"model": {"path": "m"}, "data": {"source": "g"}, "verifiers": [{"verifier": "v"}, {"verifier": "v"}, {"weight": 2}]})",
       "r.json:1:97: two verifiers are named \"v\"; give one of them another \"name\"\n"
       "r.json:1:103: \"verifiers[2].verifier\" is needed: the name of a verifier, such as \"numeric\""},
      {R"({"model": {"path": "m"}, "data": {"source": "g"}, "verifiers": [{"verifier": "v", "weight": 0}]})",
       "r.json:1:64: every verifier has weight 0: nothing would be rewarded"},
  };
  for (const auto& c : kCases) EXPECT_EQ(Message(c.text), c.message) << c.text;
}

TEST(BadRecipeTest, ReportsAllMistakesOfFileAndOverridesAtOnce) {
  EXPECT_EQ(Message("{\n"
                    "  \"model\": {\"path\": \"m\", \"dtype\": \"bf61\"},\n"
                    "  \"data\": {\"source\": \"g\",},\n"
                    "  \"rollout\": {\"grup_size\": 4, \"max_new_tokens\": \"many\"},\n"
                    "  \"verifiers\": [{\"verifer\": \"v\"}]\n"
                    "}",
                    {"learner.lr=abc", "learner.lrr=1"}),
            "r.json:2:35: \"model.dtype\" is \"bf61\"; it must be one of bf16, fp32; did you mean \"bf16\"?\n"
            "r.json:3:25: a comma before '}' is not allowed\n"
            "r.json:4:15: unknown field \"grup_size\"; did you mean \"group_size\"?\n"
            "r.json:4:49: \"rollout.max_new_tokens\" must be an integer, found the string \"many\"\n"
            "r.json:5:18: unknown field \"verifer\"; did you mean \"verifier\"?\n"
            "--set learner.lr=abc: \"learner.lr\" must be a number, found the string \"abc\"\n"
            "--set learner.lrr=1: unknown field \"learner.lrr\"; did you mean \"learner.lr\"?");
}

TEST(BadRecipeTest, NamesTheOverride) {
  const struct {
    std::string assignment, message;
  } kCases[] = {
      {"learner.lr=abc", R"("learner.lr" must be a number, found the string "abc")"},
      {"learner.lr=", R"("learner.lr" must be a number, found the string "")"},
      {"learner.lr=-1", R"("learner.lr" is -1; it must be at least 0 and at most 10)"},
      {"lr=1", R"(unknown field "lr"; did you mean "learner.lr"?)"},
      {"learner.zzzzzz=1",
       R"(unknown field "learner.zzzzzz"; known in "learner": lr, betas, eps, weight_decay, clip_norm, warmup_steps, schedule, min_lr_ratio, )"
       R"(micro_batch_tokens, minibatches, epochs, max_nonfinite, threads)"},
      {"learner=5", R"("learner" must be an object { ... }, found 5)"},
      {"learner={\"lrr\":1}", R"(unknown field "lrr"; did you mean "lr"?)"},
      {"learner={\"lr\":1", "column 1 of the value: this '{' is never closed"},
      {"learner", "an override is path=value, as in --set learner.lr=1e-6"},
      {"=1", "an override is path=value, as in --set learner.lr=1e-6"},
      {"verifiers.3.weight=1", R"("verifiers" has 1 elements, numbered from 0; "3" is none of them)"},
      {"verifiers.v.weight=1", R"("verifiers" has 1 elements, numbered from 0; "v" is none of them)"},
      {"verifiers.0.wight=1", R"(unknown field "verifiers[0].wight"; did you mean "verifiers[0].weight"?)"},
      {"rollout.group_size=1",
       R"("rollout.group_size" is 1; grpo compares the completions of a prompt and needs at least 2 (or "algorithm.singleton" "raw"))"},
      {"run.name=\xff", "the value is not UTF-8"},
  };
  for (const auto& c : kCases) EXPECT_EQ(Message(Good(""), {c.assignment}), "--set " + c.assignment + ": " + c.message);
  EXPECT_EQ(Message(Good(""), {"data.params.a=1", "data.params.a.b=2"}), "--set data.params.a.b=2: \"data.params.a\" is 1, not an object");
}

}  // namespace
}  // namespace hone
