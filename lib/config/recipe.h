#pragma once
// A recipe: everything that one run is told, as one tree of plain structs.
//
// This file has the types and the defaults. Meaning, unit and range of every field stand in the table in recipe_fields.cc, and
// docs/recipe.md is printed from it. To add a field: one line here, one line there. A path in a recipe is the path of the member:
// "learner.lr" is recipe.learner.lr. Integers are int64_t; their ranges in the table make narrowing safe where the table says at most
// 2147483647 or less.
//
// An empty string means "not given". std::optional is used where 0 means something.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/status.h"

namespace hone {

class Schema;

struct RunSection {
  std::string name;  // filled in from the recipe's file name when not given
  std::string dir;
  int64_t seed = 1;
  int64_t steps = 100;
  bool in_process = false;
  int64_t threads = 0;
  std::string log_level = "info";
  std::optional<double> time_limit_minutes;
  bool operator==(const RunSection&) const = default;
};

// A model made from nothing, instead of one that is read.
struct ScratchModel {
  std::string vocab = "char";
  std::string characters;
  int64_t hidden_size = 128;
  int64_t layers = 4;
  int64_t heads = 4;
  int64_t kv_heads = 4;
  std::optional<int64_t> head_dim;
  int64_t intermediate_size = 384;
  bool tie_embeddings = true;
  double rope_theta = 10000;
  double norm_eps = 1e-5;
  double init_std = 0.02;
  std::optional<int64_t> seed;
  bool operator==(const ScratchModel&) const = default;
};

struct ModelSection {
  std::string path;
  std::optional<ScratchModel> scratch;
  std::string dtype = "bf16";
  std::optional<int64_t> max_context;
  std::string device = "cpu";
  bool chat = true;
  bool operator==(const ModelSection&) const = default;
};

// Where in a row of a JSONL file each thing stands: the name of a field, or a JSON pointer ("/extra/answer").
struct DataFields {
  std::string prompt = "prompt";
  std::string messages;
  std::string reference = "reference";
  std::string id;
  bool operator==(const DataFields&) const = default;
};

// Tasks: the rows of a file, or a generator.
struct DataSource {
  std::string source = "jsonl";
  std::string path;
  DataFields fields;
  std::string reference_pattern;
  bool reference_strip_commas = false;
  std::string prompt_template = "{prompt}";
  std::string system;
  std::string params = "{}";  // canonical JSON object
  bool operator==(const DataSource&) const = default;
};

struct DataSection : DataSource {
  int64_t prompts_per_step = 16;
  bool shuffle = true;
  int64_t seed = 1;
  double heldout_fraction = 0;
  bool operator==(const DataSection&) const = default;
};

struct RolloutSection {
  int64_t group_size = 8;
  int64_t max_new_tokens = 256;
  double lease_seconds = 600;
  int64_t max_attempts = 3;
  bool operator==(const RolloutSection&) const = default;
};

struct SamplingSection {
  double temperature = 1;
  int64_t top_k = 0;
  double top_p = 1;
  double min_p = 0;
  std::vector<std::string> stop;
  std::vector<int64_t> stop_token_ids;
  bool ignore_eos = false;
  bool operator==(const SamplingSection&) const = default;
};

// One use of a verifier: what it scores becomes a part of the reward, a gate, or (weight 0) a metric only.
struct VerifierUse {
  std::string name;  // filled in with the verifier's when not given
  std::string verifier;
  std::string params = "{}";  // canonical JSON object
  double weight = 1;
  bool optional = false;
  std::optional<double> gate;
  std::optional<double> timeout_seconds;
  int64_t max_attempts = 3;
  double inject_infra_errors = 0;
  bool operator==(const VerifierUse&) const = default;
};

// A number with a name, made of verifiers' scores and other terms (rewards/composition.h).
struct NamedTerm {
  std::string name;
  std::string op = "sum";
  std::vector<std::string> of;
  std::vector<double> weights;
  std::optional<double> at_least;
  std::optional<double> low;
  std::optional<double> high;
  std::optional<double> factor;
  bool optional = false;
  bool renormalise = false;
  bool operator==(const NamedTerm&) const = default;
};

// A verifier that judges a share of the samples a second time; its verdict is compared, never rewarded (rewards/second_checker.h).
struct SecondChecker {
  std::string of;
  std::string verifier;
  std::string params = "{}";  // canonical JSON object
  double share = 0.01;
  bool operator==(const SecondChecker&) const = default;
};

// Signs that the reward is being earned in another way than meant (rewards/alarms.h). null: this one is off.
struct AlarmsSection {
  std::string on_alarm = "warn";
  std::string accuracy;
  std::string format;
  int64_t baseline_steps = 10;
  int64_t min_samples = 32;
  std::optional<double> visible_hidden_gap = 0.1;
  std::optional<double> several_answers = 0.2;
  std::optional<double> length_drift = 1.5;
  std::optional<double> length_correlation = 0.6;
  std::optional<double> format_without_accuracy = 0.7;
  std::optional<double> second_disagreement = 0.05;
  std::optional<double> forgery = 0.01;
  std::optional<double> undecided = 0.2;
  std::optional<double> malformed = 0.3;
  std::optional<double> part_rise = 0.4;
  bool operator==(const AlarmsSection&) const = default;
};

struct RewardSection {
  std::string combine = "weighted_sum";
  bool renormalise = false;
  std::vector<NamedTerm> terms;
  std::string result;
  double bias = 0;
  double scale = 1;
  std::optional<double> clip;
  std::optional<SecondChecker> second;
  AlarmsSection alarms;
  bool operator==(const RewardSection&) const = default;
};

struct AdvantageSection {
  std::string name = "grpo";
  int64_t ddof = 1;
  std::optional<double> eps;
  bool operator==(const AdvantageSection&) const = default;
};

struct LossSection {
  std::string name = "ppo_clip";
  double eps_low = 0.2;
  double eps_high = 0.2;
  std::optional<double> dual_clip;
  std::optional<double> ratio_cap;
  std::optional<double> is_weight_min;
  double is_weight_max = 5;
  std::string behaviour = "old";
  bool operator==(const LossSection&) const = default;
};

struct KlSection {
  double coef = 0;
  std::string estimator = "k3";
  std::string place = "loss";
  std::optional<double> log_clamp = 20;
  std::optional<double> value_clamp = 10;
  bool operator==(const KlSection&) const = default;
};

struct EntropySection {
  double coef = 0;
  bool operator==(const EntropySection&) const = default;
};

struct AggregationSection {
  std::string mode = "token-mean";
  std::optional<double> constant;
  bool operator==(const AggregationSection&) const = default;
};

struct OverlongSection {
  std::string kind = "none";
  std::optional<int64_t> max_len;
  std::optional<int64_t> buffer;
  double factor = 1;
  bool operator==(const OverlongSection&) const = default;
};

struct StalenessSection {
  int64_t eta = 0;
  bool operator==(const StalenessSection&) const = default;
};

// A preset (presets.h) sets these fields before the recipe does.
struct AlgorithmSection {
  std::string preset = "grpo";
  AdvantageSection advantage;
  LossSection loss;
  KlSection kl;
  EntropySection entropy;
  AggregationSection aggregation;
  std::optional<double> log_ratio_clamp = 20;
  std::string singleton = "zero";
  bool skip_zero_variance = true;
  bool mask_truncated = false;
  bool mask_truncated_in_baseline = true;
  OverlongSection overlong;
  StalenessSection staleness;
  bool operator==(const AlgorithmSection&) const = default;
};

struct LearnerSection {
  double lr = 1e-6;
  std::array<double, 2> betas = {0.9, 0.99};
  double eps = 1e-8;
  double weight_decay = 0;
  double clip_norm = 1;
  int64_t warmup_steps = 0;
  std::string schedule = "constant";
  double min_lr_ratio = 0;
  int64_t micro_batch_tokens = 4096;
  int64_t minibatches = 1;
  int64_t epochs = 1;
  int64_t max_nonfinite = 3;
  int64_t threads = 0;
  bool operator==(const LearnerSection&) const = default;
};

struct WeightsSection {
  double push_timeout_seconds = 60;
  bool operator==(const WeightsSection&) const = default;
};

struct ActorsSection {
  int64_t count = 1;
  int64_t max_batch = 128;
  int64_t kv_block_tokens = 16;
  int64_t kv_budget_mb = 0;
  int64_t prefill_chunk_tokens = 512;
  int64_t threads = 0;
  int64_t max_restarts = 10;
  int64_t verifier_workers = 0;
  bool operator==(const ActorsSection&) const = default;
};

struct CheckpointSection {
  int64_t every_steps = 50;
  int64_t keep_last = 2;
  bool keep_best = false;
  bool operator==(const CheckpointSection&) const = default;
};

struct SampledEvalSection {
  int64_t n = 0;
  double temperature = 1;
  bool operator==(const SampledEvalSection&) const = default;
};

struct EvalSection {
  int64_t prompts = 0;
  int64_t every_steps = 0;
  std::optional<DataSource> data;
  std::optional<int64_t> max_new_tokens;
  std::optional<int64_t> baseline_max_new_tokens;
  double temperature = 0;
  SampledEvalSection sampled;
  bool operator==(const EvalSection&) const = default;
};

struct ObserveSection {
  std::string progress = "auto";
  bool operator==(const ObserveSection&) const = default;
};

// Supervised steps on prompt + reference before the RL steps.
struct WarmStartSection {
  int64_t steps = 0;
  double lr = 1e-3;
  int64_t batch_prompts = 64;
  int64_t warmup_steps = 10;
  bool operator==(const WarmStartSection&) const = default;
};

struct StagesSection {
  WarmStartSection warm_start;
  bool operator==(const StagesSection&) const = default;
};

struct Recipe {
  RunSection run;
  ModelSection model;
  DataSection data;
  RolloutSection rollout;
  SamplingSection sampling;
  std::vector<VerifierUse> verifiers;
  RewardSection reward;
  AlgorithmSection algorithm;
  LearnerSection learner;
  WeightsSection weights;
  ActorsSection actors;
  CheckpointSection checkpoint;
  EvalSection eval;
  ObserveSection observe;
  StagesSection stages;
  bool operator==(const Recipe&) const = default;

  // Values that follow from others when they are not given.
  std::string RunDir() const;          // run.dir or "runs/<name>"
  const DataSource& EvalData() const;  // eval.data or data
  bool EvalUsesHeldoutSplit() const { return !eval.data.has_value(); }
  int64_t EvalMaxNewTokens() const;      // eval.max_new_tokens or rollout.max_new_tokens
  int64_t BaselineMaxNewTokens() const;  // eval.baseline_max_new_tokens or EvalMaxNewTokens()
  int64_t OverlongMaxLen() const;        // algorithm.overlong.max_len or rollout.max_new_tokens
  int64_t OverlongBuffer() const;        // algorithm.overlong.buffer or a fifth of OverlongMaxLen(), at least 1
  int64_t SamplesPerStep() const { return data.prompts_per_step * rollout.group_size; }

  // SHA-256 (hex) of the resolved text without run.dir: equal for recipes that mean the same.
  std::string Fingerprint() const;
};

// Reads a recipe file, puts `overrides` ("learner.lr=1e-6") on top, and checks everything.
//
// Order: defaults, the preset named by algorithm.preset, the file, the overrides in turn.
// Errors (the command line exits with 2 for both): NotFound without such a file, naming the nearest one in its folder; InvalidArgument with
// all problems of file and overrides, one a line, in the form `recipes/gsm8k.json:14:5: unknown field "grup_size"; did you mean
// "group_size"?` or `--set learner.lr=abc: "learner.lr" must be a number, found the string "abc"`. No bytes can do worse; files over 1 MiB
// are refused.
absl::StatusOr<Recipe> LoadRecipe(const std::string& path, const std::vector<std::string>& overrides = {});

// The same for a text; `file_name` is used in messages and gives run.name.
absl::StatusOr<Recipe> ParseRecipe(std::string_view text, const std::string& file_name, const std::vector<std::string>& overrides = {});

// The resolved recipe as JSON: every field, in the order of docs/recipe.md. ParseRecipe gives an equal recipe back.
std::string PrintRecipe(const Recipe& recipe);

// The table of all fields.
const Schema& RecipeSchema();

}  // namespace hone
