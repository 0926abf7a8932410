// The table of all fields of a recipe. docs/recipe.md is printed from it: after a change, write it anew (reference_page_test.cc says how).

#include "lib/config/presets.h"
#include "lib/config/recipe.h"
#include "lib/config/reward_terms.h"
#include "lib/config/schema.h"

#define FIELD(member) HONE_FIELD(Struct, member)

namespace hone {
namespace {

constexpr double kMaxInt32 = 2147483647;
constexpr double kMaxSteps = 1e9;

const Schema& ScratchModelSchema() {
  static const Schema* const schema = [] {
    using Struct = ScratchModel;
    auto* s = new Schema(Schema::For<Struct>());
    s->Add(FIELD(vocab).OneOf({"char"}).Says("Vocabulary: char = one token a character, and the special tokens."));
    s->Add(FIELD(characters).Says("Characters of the vocabulary. Empty: the printable ASCII characters and the line end."));
    s->Add(FIELD(hidden_size).Between(8, 65536).Says("Width of the residual stream."));
    s->Add(FIELD(layers).Between(1, 1024).Says("Decoder layers."));
    s->Add(FIELD(heads).Between(1, 1024).Says("Query heads of a layer."));
    s->Add(FIELD(kv_heads).Between(1, 1024).Says("Key and value heads of a layer; divides heads. Fewer make the KV cache smaller."));
    s->Add(FIELD(head_dim).Between(2, 1024).Says("Size of a head. null: hidden_size / heads."));
    s->Add(FIELD(intermediate_size).Between(8, 262144).Says("Width of the feed-forward layer."));
    s->Add(FIELD(tie_embeddings).Says("One matrix for input and output embedding."));
    s->Add(FIELD(rope_theta).Above(0).Says("Base of the rotary frequencies."));
    s->Add(FIELD(norm_eps).Above(0).AtMost(0.1).Says("Added to the mean square in the norms."));
    s->Add(FIELD(init_std).Above(0).AtMost(1).Says("Standard deviation of the initial weights."));
    s->Add(FIELD(seed).AtLeast(0).Says("Seed of the initial weights. null: run.seed."));
    return s;
  }();
  return *schema;
}

const Schema& DataSourceSchema() {
  static const Schema* const schema = [] {
    using Struct = DataSource;
    auto* s = new Schema(Schema::For<Struct>());
    s->Add(FIELD(source).NotEmpty().Says(
        "Where tasks come from: jsonl (a file with one JSON object a line, see path), puzzles (see docs/puzzles.md) or the name of a "
        "generator: decimals, sequence, word_problems."));
    s->Add(FIELD(path).Says("The JSONL file."));
    s->Section("fields", "Where in a row each thing stands: the name of a field, or a JSON pointer such as /extra/answer.");
    s->Add(FIELD(fields.prompt).Says("The prompt's text."));
    s->Add(FIELD(fields.messages).Says("A list of {role, content} to use instead of the prompt's text. Empty: none."));
    s->Add(FIELD(fields.reference).Says("The gold answer, for the verifiers only."));
    s->Add(FIELD(fields.id).Says("A unique id. Empty: file name and line number."));
    s->Add(FIELD(reference_pattern)
               .Says("PCRE2 pattern searched in the reference field; the reference is group 1 of its last match. GSM8K: \"#### "
                     "([^\\n]+)\". Empty: the "
                     "field as it is."));
    s->Add(FIELD(reference_strip_commas).Says("Makes 1,234 into 1234 in the reference and drops spaces around it."));
    s->Add(FIELD(prompt_template).Says("Text around the prompt; {prompt} stands in it once."));
    s->Add(FIELD(system).Says("System message before the prompt. Empty: none."));
    s->Add(FIELD(params).Json().Says("Parameters of the generator; it says which it knows."));
    return s;
  }();
  return *schema;
}

const Schema& VerifierUseSchema() {
  static const Schema* const schema = [] {
    using Struct = VerifierUse;
    auto* s = new Schema(Schema::For<Struct>());
    s->Add(FIELD(name).Says("Label of this part of the reward in metrics and records; unique. Empty: the verifier's name."));
    s->Add(FIELD(verifier).NotEmpty().Says("The verifier, by its name in the registry. Required."));
    s->Add(FIELD(params).Json().Says("Parameters of the verifier; it says which it knows."));
    s->Add(FIELD(weight).Between(-1e6, 1e6).Says("Factor of its score in the sum; 0 makes it a metric only."));
    s->Add(FIELD(optional).Says("A failure of this verifier drops its term only, instead of masking the sample."));
    s->Add(FIELD(gate).Says("When given, the reward is 0 unless this verifier's score is at least this. null: no gate."));
    s->Add(
        FIELD(timeout_seconds)
            .Between(0.01, 86400)
            .Unit("seconds")
            .Says("From the request to the verdict, all attempts together; after it the sample is masked. null: 10 for rules, 60 for what "
                  "runs programs, 120 for judges and processes."));
    s->Add(FIELD(max_attempts).Between(1, 100).Says("Calls of the verifier for one completion when its failures can be repeated."));
    s->Add(FIELD(inject_infra_errors)
               .AtLeast(0)
               .AtMost(1)
               .Says("For tests only: this share of the calls fails on purpose, always the same ones. Such samples are masked, never 0."));
    return s;
  }();
  return *schema;
}

std::vector<std::string> TermOpNames() {
  std::vector<std::string> names;
  for (const TermOpRule& rule : TermOpRules()) names.emplace_back(rule.name);
  return names;
}

const Schema& NamedTermSchema() {
  static const Schema* const schema = [] {
    using Struct = NamedTerm;
    auto* s = new Schema(Schema::For<Struct>());
    s->Add(FIELD(name).Says("Name of the term in other terms, metrics and records; unique among terms and verifiers. Required."));
    s->Add(FIELD(op).OneOf(TermOpNames()).Says("What it computes; see docs/rewards.md."));
    s->Add(
        FIELD(of).NotEmpty().MaxItems(64).Says("What it is made of: names of verifiers (\"accuracy\"), of parts of their scores "
                                               "(\"accuracy/strict\") or of other terms, in any order "
                                               "of definition. An operand that does not apply to a sample is left out."));
    s->Add(FIELD(weights).Between(-1e6, 1e6).MaxItems(64).Says("sum: a factor for each operand. Empty: 1 each."));
    s->Add(FIELD(at_least).Between(-1e6, 1e6).Says("gate: what the operand must reach. fallback: what the first must reach; null: 1."));
    s->Add(FIELD(low).Between(-1e6, 1e6).Says("clamp: lower bound. null: none."));
    s->Add(FIELD(high).Between(-1e6, 1e6).Says("clamp: upper bound. null: none."));
    s->Add(FIELD(factor).Between(-1e6, 1e6).Says("scale: the factor."));
    s->Add(FIELD(optional).Says("A failure of ours in what it is made of makes the term not apply, instead of masking the sample."));
    s->Add(FIELD(renormalise).Says("sum: scales the weights of the remaining operands up when some do not apply."));
    return s;
  }();
  return *schema;
}

const Schema& SecondCheckerSchema() {
  static const Schema* const schema = [] {
    using Struct = SecondChecker;
    auto* s = new Schema(Schema::For<Struct>());
    s->Add(FIELD(of).NotEmpty().Says("The verifier, by its name in this recipe, whose scores are compared. Required."));
    s->Add(FIELD(verifier).NotEmpty().Says("Who checks, by its name in the registry. Required."));
    s->Add(FIELD(params).Json().Says("Its parameters."));
    s->Add(FIELD(share).Above(0).AtMost(1).Says("Share of the samples, drawn by the run's seed, that it judges too."));
    return s;
  }();
  return *schema;
}

using Struct = Recipe;

void AddRunAndModel(Schema& s) {
  s.Section("run", "The run as a whole.");
  s.Add(FIELD(run.name).Says("Name of the run. Empty: the recipe's file name without its ending."));
  s.Add(FIELD(run.dir).Says("Folder of the run. Empty: runs/ and the name."));
  s.Add(FIELD(run.seed).AtLeast(0).Says("Everything random in the run follows from this number."));
  s.Add(FIELD(run.steps).Between(0, kMaxSteps).Unit("steps").Says("Optimizer steps (rollout batches) in all."));
  s.Add(FIELD(run.in_process).Says("Learner and actor in one process, for debugging; else separate processes over gRPC."));
  s.Add(FIELD(run.threads).Between(0, 4096).Says("Compute threads of the run, shared among its processes. 0: all cores."));
  s.Add(FIELD(run.log_level).OneOf({"trace", "debug", "info", "warn", "error"}).Says("The least serious messages that are logged."));
  s.Add(FIELD(run.time_limit_minutes)
            .Above(0)
            .Unit("minutes")
            .Says("The run writes a checkpoint and stops when it has lasted this long; it can be resumed. null: no limit."));

  s.Section("model", "The model that is trained: one that is read (path) or one made from nothing (scratch).");
  s.Add(FIELD(model.path).Says("A Hugging Face folder or a .gguf file. Empty when scratch is given."));
  s.Add(HONE_OBJECTS(Struct, model.scratch, ScratchModelSchema()).Says("A model made from nothing, with random weights."));
  s.Add(FIELD(model.dtype)
            .OneOf({"bf16", "fp32"})
            .Says("Type of the weights in forward and backward; the optimizer always keeps fp32 copies."));
  s.Add(FIELD(model.max_context)
            .Between(2, 1 << 20)
            .Unit("tokens")
            .Says("Longest prompt and completion together. null: what the model was made for; needed with scratch."));
  s.Add(FIELD(model.device).OneOf({"cpu"}).Says("Where it computes."));
  s.Add(FIELD(model.chat).Says("Puts prompts through the model's chat template; false: raw text."));
}

void AddDataAndRollout(Schema& s) {
  s.Section("data", "The tasks, and how many of them make a step.");
  s.Embed("data", DataSourceSchema(), [](void* object) -> void* { return static_cast<DataSource*>(&static_cast<Recipe*>(object)->data); });
  s.Add(FIELD(data.prompts_per_step)
            .Between(1, 1 << 20)
            .Unit("prompts")
            .Says("Prompts of a step; with rollout.group_size it is the size of the batch."));
  s.Add(FIELD(data.shuffle).Says("Another order in every pass over a file."));
  s.Add(FIELD(data.seed).AtLeast(0).Says("Seed of the order, and of the tasks that a generator makes."));
  s.Add(FIELD(data.heldout_fraction)
            .AtLeast(0)
            .Below(1)
            .Says("Share of a file's rows that is never trained on and serves evaluation when eval.data is null. Generators keep their own "
                  "held-out tasks."));

  s.Section("rollout", "What actors are asked for.");
  s.Add(FIELD(rollout.group_size)
            .Between(1, 65536)
            .Unit("completions")
            .Says("Completions of each prompt; their rewards are compared with each other."));
  s.Add(FIELD(rollout.max_new_tokens)
            .Between(1, 1 << 20)
            .Unit("tokens")
            .Says("Longest completion; it is cut there. Time and memory grow with it."));
  s.Add(FIELD(rollout.lease_seconds)
            .Between(1, 1e6)
            .Unit("seconds")
            .Says("A prompt group is given to another actor when its actor has not been heard of for this long."));
  s.Add(FIELD(rollout.max_attempts)
            .Between(1, 1000)
            .Says("Times a prompt group is given out before its missing completions are left out of the step."));

  s.Section("sampling", "How completions are drawn in training.");
  s.Add(FIELD(sampling.temperature).Between(0.01, 100).Says("Divides the logits, in the actor and in the learner."));
  s.Add(FIELD(sampling.top_k)
            .Between(0, kMaxInt32)
            .Says("Only the k most likely tokens. 0: all. Anything but all makes actor and learner differ."));
  s.Add(FIELD(sampling.top_p).Above(0).AtMost(1).Says("Only the most likely tokens that together reach this probability. 1: all."));
  s.Add(FIELD(sampling.min_p).AtLeast(0).AtMost(1).Says("Only tokens at least this likely relative to the most likely one. 0: all."));
  s.Add(FIELD(sampling.stop).NotEmpty().MaxItems(64).Says("A completion ends before the first of these texts."));
  s.Add(FIELD(sampling.stop_token_ids)
            .Between(0, kMaxInt32)
            .MaxItems(64)
            .Says("A completion ends with the first of these tokens, beside the model's own."));
  s.Add(FIELD(sampling.ignore_eos).Says("Goes on after the model's end token, up to the limit; for measurements."));
}

void AddReward(Schema& s) {
  s.Add(HONE_OBJECTS(Struct, verifiers, VerifierUseSchema()).MaxItems(64).Says("What scores a completion; at least one with a weight."));
  s.Section("reward",
            "How verdicts become the reward: clip(((all gates passed) * (weighted sum) + bias) * scale), or the result of the terms in the "
            "place of the gated sum.");
  s.Add(FIELD(reward.combine).OneOf({"weighted_sum"}).Says("How the scores are put together when there are no terms."));
  s.Add(FIELD(reward.renormalise).Says("Scales the weights of the remaining parts up when a verifier does not apply to a sample."));
  s.Add(
      HONE_OBJECTS(Struct, reward.terms, NamedTermSchema())
          .MaxItems(64)
          .Says("Named terms, for a reward that is more than a weighted sum with gates. Then weights and gates of verifiers are not read, "
                "but for weight 0, which keeps a verifier a metric only."));
  s.Add(FIELD(reward.result).Says("The term that is the reward; needed with terms."));
  s.Add(FIELD(reward.bias).Between(-1e6, 1e6).Says("Added to the sum."));
  s.Add(FIELD(reward.scale).Between(-1e6, 1e6).Says("Multiplies sum and bias."));
  s.Add(FIELD(reward.clip).Above(0).Says("Bound of the reward's absolute value. null: none."));
  s.Add(
      HONE_OBJECTS(Struct, reward.second, SecondCheckerSchema())
          .Says(
              "A second verifier that judges a share of the samples; disagreement is a metric and an alarm, never a reward. null: none."));
  s.Section("reward.alarms",
            "Signs that the reward is earned in another way than meant. Each alarm has a threshold; null switches it off. docs/rewards.md "
            "explains them.");
  s.Add(FIELD(reward.alarms.on_alarm)
            .OneOf({"off", "warn", "stop"})
            .Says("off: nothing is looked at; warn: a metric and a line of warning; stop: the run writes a checkpoint and ends as well."));
  s.Add(FIELD(reward.alarms.accuracy)
            .Says("The verifier, part or term that says whether an answer is right. Empty: the one named \"accuracy\", else the first "
                  "verifier."));
  s.Add(FIELD(reward.alarms.format)
            .Says("The verifier, part or term that judges the form only. Empty: the one named \"format\", if there is one."));
  s.Add(FIELD(reward.alarms.baseline_steps)
            .Between(1, 10000)
            .Unit("steps")
            .Says("The first steps of a run, whose means later ones are compared with; alarms that compare are silent until then."));
  s.Add(FIELD(reward.alarms.min_samples).Between(2, 1e6).Unit("samples").Says("A step with fewer scored samples raises no alarm."));
  s.Add(FIELD(reward.alarms.visible_hidden_gap)
            .Above(0)
            .Says("Growth of (visible - hidden) over the baseline, of a verifier with parts of these names."));
  s.Add(FIELD(reward.alarms.several_answers).Above(0).AtMost(1).Says("Share of completions with more than one different final answer."));
  s.Add(FIELD(reward.alarms.length_drift)
            .Above(1)
            .Says("Mean length over that of the baseline, or the inverse, while accuracy has not risen."));
  s.Add(FIELD(reward.alarms.length_correlation)
            .Above(0)
            .AtMost(1)
            .Says("Correlation of reward and length within the groups: the longer answer is paid more."));
  s.Add(FIELD(reward.alarms.format_without_accuracy)
            .Above(0)
            .Says("Mean of format less mean of accuracy, while accuracy has not risen over the baseline."));
  s.Add(FIELD(reward.alarms.second_disagreement)
            .Above(0)
            .AtMost(1)
            .Says("Share of twice judged samples, over the last 50 steps, on which reward.second disagrees."));
  s.Add(FIELD(reward.alarms.forgery).Above(0).AtMost(1).Says("Share of verdicts that found a forged result."));
  s.Add(FIELD(reward.alarms.undecided).Above(0).AtMost(1).Says("Share of verdicts that could not decide."));
  s.Add(FIELD(reward.alarms.malformed).Above(0).AtMost(1).Says("Share of verdicts that could not read the answer that was given."));
  s.Add(FIELD(reward.alarms.part_rise).Above(0).Says("Rise of the mean of one part over its mean of the last five steps."));
}

void AddAlgorithm(Schema& s) {
  s.Section("algorithm",
            "The estimator and the loss. A preset sets the fields of this section first; every field given here overrides it.");
  s.Add(FIELD(algorithm.preset).OneOf(PresetNames()).Says("Named setting of the fields below; see the table of presets."));
  s.Section("algorithm.advantage", "From rewards to advantages, within the group of a prompt.");
  s.Add(FIELD(algorithm.advantage.name)
            .OneOf({"grpo", "dr_grpo", "rloo", "grpo_loo", "grpo_batch_std", "opo", "maxrl", "gpg", "pass_at_k", "reinforce_pp",
                    "reinforce_pp_baseline"})
            .Says("grpo: (r - mean) / (std + eps); dr_grpo: r - mean; rloo: r - mean of the others; the rest in rewards/advantage.h."));
  s.Add(
      FIELD(algorithm.advantage.ddof).Between(0, 1).Says("Taken from the count in the standard deviation: 1 = unbiased, 0 = population."));
  s.Add(FIELD(algorithm.advantage.eps).Between(0, 1).Says("Added to the standard deviation. null: the estimator's own (grpo 1e-6)."));
  s.Section("algorithm.loss", "The policy loss of a token. u is the ratio of its probability now and before the step, A its advantage.");
  s.Add(
      FIELD(algorithm.loss.name)
          .OneOf({"ppo_clip", "reinforce", "cispo"})
          .Says("ppo_clip: max(-A u, -A clip(u)); reinforce: -A log p; cispo: -clip(u) A log p, with no gradient through the clipped u."));
  s.Add(FIELD(algorithm.loss.eps_low).AtLeast(0).AtMost(1).Says("ppo_clip: u is clipped below at 1 - eps_low."));
  s.Add(FIELD(algorithm.loss.eps_high)
            .Between(0, 1e6)
            .Says("ppo_clip: u is clipped above at 1 + eps_high. More than eps_low leaves room to explore."));
  s.Add(FIELD(algorithm.loss.dual_clip).Above(1).Says("ppo_clip: for A < 0 the loss is at most -A times this. null: no bound."));
  s.Add(FIELD(algorithm.loss.ratio_cap).Above(1).Says("ppo_clip: bound of u in the unclipped branch. null: none."));
  s.Add(FIELD(algorithm.loss.is_weight_min).Between(0, 1e6).Says("cispo: least weight, a ratio and not an offset. null: none."));
  s.Add(FIELD(algorithm.loss.is_weight_max).Above(0).AtMost(1e6).Says("cispo: greatest weight, a ratio and not an offset."));
  s.Add(FIELD(algorithm.loss.behaviour)
            .OneOf({"old", "rollout"})
            .Says("Whose probability is below the line in u: old = recomputed by the learner before the step, rollout = reported by the "
                  "actor."));
  s.Section("algorithm.kl", "Distance to the model the run started from. With coef 0 that model is not even loaded.");
  s.Add(FIELD(algorithm.kl.coef).Between(0, 1e3).Says("Weight of the term; 0: none."));
  s.Add(FIELD(algorithm.kl.estimator)
            .OneOf({"k1", "k2", "k3", "abs", "k3_plus", "k3_unbiased", "k3_score", "ratio_d"})
            .Says("With d = log p - log p_ref: k1 = d; k2 = d^2/2; k3 = exp(-d) + d - 1; k3_plus: k3 with the gradient of k2; the rest in "
                  "learner/loss/kl.h."));
  s.Add(FIELD(algorithm.kl.place)
            .OneOf({"loss", "reward"})
            .Says("loss: added to the loss, aggregated like it. reward (taken off the token's reward) is a reserved name."));
  s.Add(FIELD(algorithm.kl.log_clamp).Above(0).Says("k3: d is clipped to plus and minus this first. null: not."));
  s.Add(FIELD(algorithm.kl.value_clamp).Above(0).Says("k3: its value is clipped to plus and minus this. null: not."));
  s.Section("algorithm.entropy", "Bonus for uncertainty.");
  s.Add(FIELD(algorithm.entropy.coef)
            .Between(-1e3, 1e3)
            .Says("Weight of the mean entropy of the tokens, taken off the loss. 0: logged only."));
  s.Section("algorithm.aggregation",
            "From losses of tokens to the loss of a step. Counts are those of the whole step, never of a micro-batch.");
  s.Add(FIELD(algorithm.aggregation.mode)
            .OneOf({"token-mean", "token-sum", "seq-mean-token-sum", "seq-mean-token-sum-norm", "seq-mean-token-mean", "prompt-mean"})
            .Says("What is summed over and divided by: all tokens, or the tokens of a sequence or prompt first."));
  s.Add(FIELD(algorithm.aggregation.constant)
            .Above(0)
            .Unit("tokens")
            .Says("Divisor of seq-mean-token-sum-norm, usually rollout.max_new_tokens. Needed with that mode, refused with others."));
  s.Section("algorithm.overlong", "Penalty for long completions, added to the reward.");
  s.Add(FIELD(algorithm.overlong.kind)
            .OneOf({"none", "soft", "linear"})
            .Says("soft: falls from 0 to -factor over the last `buffer` tokens before max_len and stays there; linear: goes on falling."));
  s.Add(FIELD(algorithm.overlong.max_len)
            .Between(1, 1 << 20)
            .Unit("tokens")
            .Says("Length with the full penalty. null: rollout.max_new_tokens."));
  s.Add(FIELD(algorithm.overlong.buffer)
            .Between(1, 1 << 20)
            .Unit("tokens")
            .Says("Length over which the penalty grows. null: a fifth of max_len."));
  s.Add(FIELD(algorithm.overlong.factor).Between(0, 1e6).Says("The full penalty."));
  s.Section("algorithm.staleness", "How far actors may be behind the learner.");
  s.Add(FIELD(algorithm.staleness.eta)
            .Between(0, 1000)
            .Unit("versions")
            .Says("0: synchronous; n: completions may be from a policy n versions old."));
  s.Add(FIELD(algorithm.log_ratio_clamp).Above(0).Says("log u is clipped to plus and minus this before exp. null: not."));
  s.Add(FIELD(algorithm.singleton)
            .OneOf({"zero", "raw"})
            .Says("A group with a single scored completion: zero = no advantage; raw = its reward, without baseline."));
  s.Add(FIELD(algorithm.skip_zero_variance)
            .Says("Groups whose rewards are all equal are not computed, when no KL or entropy term needs them."));
  s.Add(FIELD(algorithm.mask_truncated).Says("Completions cut by the length limit are not trained on."));
  s.Add(FIELD(algorithm.mask_truncated_in_baseline).Says("Their rewards still count in the mean and deviation of their group."));
}

void AddLearner(Schema& s) {
  s.Section("learner", "The optimizer (AdamW) and its batches.");
  s.Add(FIELD(learner.lr).AtLeast(0).AtMost(10).Says("Peak learning rate."));
  s.Add(FIELD(learner.betas).AtLeast(0).Below(1).Says("Decay of the first and second moment."));
  s.Add(FIELD(learner.eps).Above(0).AtMost(1).Says("Added to the root of the second moment."));
  s.Add(FIELD(learner.weight_decay).Between(0, 10).Says("Decoupled weight decay; norms and biases have none."));
  s.Add(FIELD(learner.clip_norm).AtLeast(0).Says("Largest norm of the gradient over all weights. 0: no bound."));
  s.Add(FIELD(learner.warmup_steps).Between(0, kMaxSteps).Unit("steps").Says("The learning rate rises linearly over these steps."));
  s.Add(
      FIELD(learner.schedule).OneOf({"constant", "cosine", "linear"}).Says("After the warm-up: constant, or falling until the last step."));
  s.Add(FIELD(learner.min_lr_ratio).Between(0, 1).Says("Where a falling learning rate ends, as a share of lr."));
  s.Add(FIELD(learner.micro_batch_tokens)
            .Between(16, 1 << 26)
            .Unit("tokens")
            .Says("Tokens that go through the model at once; bounds the memory and does not change the result."));
  s.Add(FIELD(learner.minibatches).Between(1, 65536).Says("Optimizer updates from one rollout batch; divides data.prompts_per_step."));
  s.Add(FIELD(learner.epochs).Between(1, 1000).Says("Passes over one rollout batch."));
  s.Add(FIELD(learner.max_nonfinite)
            .Between(1, 1000)
            .Unit("steps")
            .Says("Steps in a row that may end in NaN or infinity before the run stops; each is skipped and its batch is kept for "
                  "inspection."));
  s.Add(FIELD(learner.threads).Between(0, 4096).Says("Compute threads of the learner. 0: what run.threads allows."));

  s.Section("weights", "How new weights reach the actors.");
  s.Add(FIELD(weights.push_timeout_seconds).Between(1, 1e5).Unit("seconds").Says("A push that takes longer has failed and is repeated."));
}

void AddActorsAndRest(Schema& s) {
  s.Section("actors", "The processes that generate.");
  s.Add(FIELD(actors.count).Between(1, 4096).Says("Actors that hone run starts on this machine."));
  s.Add(FIELD(actors.max_batch)
            .Between(1, 65536)
            .Unit("sequences")
            .Says("Sequences decoded together; more are faster in all and need more memory."));
  s.Add(FIELD(actors.kv_block_tokens).Between(1, 4096).Unit("tokens").Says("Size of a block of the KV cache."));
  s.Add(FIELD(actors.kv_budget_mb)
            .Between(0, 1 << 24)
            .Unit("MiB")
            .Says("Memory of the KV cache of an actor. 0: enough for max_batch full sequences."));
  s.Add(FIELD(actors.prefill_chunk_tokens).Between(1, 1 << 20).Unit("tokens").Says("Prompt tokens computed between two decode steps."));
  s.Add(FIELD(actors.threads).Between(0, 4096).Says("Compute threads of an actor. 0: what run.threads allows."));
  s.Add(FIELD(actors.max_restarts)
            .Between(0, 1e6)
            .Says("Times an actor or verifier worker that died is started again before the run stops."));
  s.Add(FIELD(actors.verifier_workers)
            .Between(0, 1024)
            .Says("Processes that run the verifiers for all actors, so that a crash of one costs an actor nothing. 0: each actor runs them "
                  "itself."));

  s.Section("checkpoint", "Hugging Face folders with the trainer's state beside, written in the background.");
  s.Add(FIELD(checkpoint.every_steps)
            .Between(0, kMaxSteps)
            .Unit("steps")
            .Says("Distance of two checkpoints. 0: only at the end and on Ctrl-C."));
  s.Add(FIELD(checkpoint.keep_last).Between(1, 1e6).Says("Older checkpoints are removed."));
  s.Add(FIELD(checkpoint.keep_best).Says("Keeps the one with the best evaluation too; needs eval.every_steps."));

  s.Section("eval", "Evaluation on prompts that are not trained on, before, during and after the run.");
  s.Add(FIELD(eval.prompts).Between(0, 1e6).Unit("prompts").Says("How many. 0: no evaluation."));
  s.Add(FIELD(eval.every_steps).Between(0, kMaxSteps).Unit("steps").Says("Distance of two evaluations. 0: only before and after the run."));
  s.Add(HONE_OBJECTS(Struct, eval.data, DataSourceSchema()).Says("Where the prompts come from. null: the held-out tasks of data."));
  s.Add(FIELD(eval.max_new_tokens).Between(1, 1 << 20).Unit("tokens").Says("Longest completion. null: rollout.max_new_tokens."));
  s.Add(FIELD(eval.baseline_max_new_tokens)
            .Between(1, 1 << 20)
            .Unit("tokens")
            .Says("Longest completion of the untrained model, which may need more room to be measured fairly. null: as after training."));
  s.Add(FIELD(eval.temperature).Between(0, 100).Says("0: the most likely token each time (greedy)."));
  s.Section("eval.sampled", "A second measurement with several samples of each prompt.");
  s.Add(FIELD(eval.sampled.n).Between(0, 4096).Says("Samples of each prompt. 0: not measured."));
  s.Add(FIELD(eval.sampled.temperature).Between(0.01, 100).Says("Divides the logits."));

  s.Section("observe", "What a run shows. metrics.jsonl in its folder is always written.");
  s.Add(FIELD(observe.progress)
            .OneOf({"auto", "plain", "none"})
            .Says("auto: a live line on a terminal, else plain; plain: one line a step; none: nothing."));

  s.Section("stages", "What comes before the RL steps.");
  s.Section("stages.warm_start", "Supervised steps on prompts with their references, for a model made from nothing.");
  s.Add(FIELD(stages.warm_start.steps).Between(0, kMaxSteps).Unit("steps").Says("How many. 0: none."));
  s.Add(FIELD(stages.warm_start.lr).AtLeast(0).AtMost(10).Says("Peak learning rate of these steps."));
  s.Add(FIELD(stages.warm_start.batch_prompts).Between(1, 1 << 20).Unit("prompts").Says("Prompts of a step."));
  s.Add(
      FIELD(stages.warm_start.warmup_steps).Between(0, kMaxSteps).Unit("steps").Says("The learning rate rises linearly over these steps."));
}

}  // namespace

const Schema& RecipeSchema() {
  static const Schema* const schema = [] {
    auto* s = new Schema(Schema::For<Recipe>());
    AddRunAndModel(*s);
    AddDataAndRollout(*s);
    AddReward(*s);
    AddAlgorithm(*s);
    AddLearner(*s);
    AddActorsAndRest(*s);
    return s;
  }();
  return *schema;
}

}  // namespace hone
