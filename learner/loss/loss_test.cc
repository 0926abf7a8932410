// Policy losses, KL estimators and aggregation against the golden vectors, whole and cut into micro-batches.

#include <cmath>
#include <fstream>
#include <map>

#include "gtest/gtest.h"
#include "learner/loss/aggregation.h"
#include "learner/loss/kl.h"
#include "learner/loss/policy_loss.h"
#include "nlohmann/json.hpp"

namespace hone {
namespace {

using nlohmann::json;

const json& Golden() {
  static const json* const golden = [] {
    std::ifstream file("tests/testdata/golden/algorithms.json");
    return new json(json::parse(file));
  }();
  return *golden;
}

std::vector<json> Cases(const std::string& family) {
  std::vector<json> cases;
  for (const json& entry : Golden()["cases"]) {
    if (entry["family"] == family) cases.push_back(entry);
  }
  return cases;
}

json Inputs(const json& entry) {
  json inputs = Golden()["fixtures"][entry["fixture"].get<std::string>()];
  if (entry.contains("override")) inputs.update(entry["override"]);
  return inputs;
}

std::optional<double> Optional(const json& object, const char* name) {
  if (!object.contains(name) || object[name].is_null()) return std::nullopt;
  return object[name].get<double>();
}

void ExpectNear(double got, double want, const json& entry, const std::string& what) {
  const json& tolerance = entry.contains("tol") ? entry["tol"] : Golden()["tolerance"][entry["source"].get<std::string>()];
  const double bound = tolerance["abs"].get<double>() + tolerance["rel"].get<double>() * std::abs(want);
  EXPECT_LE(std::abs(got - want), bound) << entry["id"] << " " << what << ": got " << got << ", want " << want;
}

AggregationConfig ReadAggregation(const json& config) {
  AggregationConfig out;
  out.mode = *ParseAggregation(config["mode"].get<std::string>());
  if (config.contains("constant")) out.constant = config["constant"].get<double>();
  return out;
}

std::vector<SequenceTokens> Sequences(const json& inputs) {
  std::vector<SequenceTokens> out;
  std::map<std::string, int64_t> numbers;  // of the groups, which have labels
  for (size_t i = 0; i < inputs["mask"].size(); ++i) {
    int64_t trainable = 0;
    for (const json& bit : inputs["mask"][i]) trainable += bit.get<double>() == 1;
    const std::string label = inputs.contains("group") ? inputs["group"][i].dump() : std::to_string(i);
    out.push_back({numbers.emplace(label, static_cast<int64_t>(numbers.size())).first->second, trainable});
  }
  return out;
}

KlConfig ReadKl(const json& config) {
  KlConfig out;
  out.estimator = *ParseKlEstimator(config["estimator"].get<std::string>());
  out.log_clamp = Optional(config, "log_clamp");
  out.value_clamp = Optional(config, "value_clamp");
  return out;
}

double Advantage(const json& inputs, size_t i, size_t t) {
  return inputs["adv"][i].is_array() ? inputs["adv"][i][t].get<double>() : inputs["adv"][i].get<double>();
}

TEST(PolicyLossTest, AgreesWithTheGoldenVectors) {
  int tried = 0;
  for (const json& entry : Cases("policy_loss")) {
    const json& c = entry["config"]["loss"];
    const auto loss = ParsePolicyLoss(c["name"].get<std::string>());
    if (!loss.ok()) continue;  // sequence and batch losses: not per token
    PolicyLossConfig config{.loss = *loss,
                            .behaviour_rollout = c.value("behaviour", "old") == "rollout",
                            .eps_low = c.value("eps_low", 0.2),
                            .eps_high = c.value("eps_high", 0.2),
                            .dual_clip = Optional(c, "dual_clip"),
                            .ratio_cap = Optional(c, "ratio_cap"),
                            .is_weight_min = Optional(c, "is_weight_min"),
                            .is_weight_max = Optional(c, "is_weight_max"),
                            .log_ratio_clamp = Optional(c, "log_ratio_clamp")};
    const json inputs = Inputs(entry);
    const auto weights = AggregationWeights(ReadAggregation(entry["config"]["aggregation"]), Sequences(inputs));
    double total = 0, clipped = 0, tokens = 0, kl_total = 0;
    for (size_t i = 0; i < inputs["mask"].size(); ++i) {
      for (size_t t = 0; t < inputs["mask"][i].size(); ++t) {
        const std::string place = "[" + std::to_string(i) + "][" + std::to_string(t) + "]";
        const double want_grad = entry["expect"]["grad"][i][t].get<double>();
        if (inputs["mask"][i][t].get<double>() != 1) {
          EXPECT_EQ(want_grad, 0);
          continue;
        }
        const TokenContext token{Advantage(inputs, i, t), inputs["logp_old"][i][t].get<double>(),
                                 inputs["logp_rollout"][i][t].get<double>()};
        const double logprob = inputs["logp"][i][t].get<double>();
        const TokenLoss got = EvaluatePolicyLoss(config, token, logprob);
        double loss_here = got.loss, grad_here = got.dlogprob;
        if (entry["config"].contains("kl")) {
          const KlTerm kl = EvaluateKl(ReadKl(entry["config"]["kl"]), logprob, inputs["logp_ref"][i][t].get<double>(), token.logprob_old);
          const double coef = entry["config"]["kl"]["coef"].get<double>();
          loss_here += coef * kl.value;
          grad_here += coef * kl.dlogprob;
          kl_total += weights[i] * kl.value;
        }
        if (entry["expect"].contains("token_loss"))
          ExpectNear(got.loss, entry["expect"]["token_loss"][i][t].get<double>(), entry, "token_loss" + place);
        ExpectNear(weights[i] * grad_here, want_grad, entry, "grad" + place);
        total += weights[i] * loss_here;
        clipped += got.clipped;
        tokens += 1;
      }
    }
    ExpectNear(total, entry["expect"]["loss"].get<double>(), entry, "loss");
    if (entry["expect"].contains("clip_frac")) ExpectNear(clipped / tokens, entry["expect"]["clip_frac"].get<double>(), entry, "clip_frac");
    if (entry["expect"].contains("kl")) ExpectNear(kl_total, entry["expect"]["kl"].get<double>(), entry, "kl");
    ++tried;
  }
  EXPECT_GE(tried, 18) << "most of the per-token cases were found";
}

TEST(KlTest, AgreesWithTheGoldenVectors) {
  int tried = 0;
  for (const json& entry : Cases("kl")) {
    const json inputs = Inputs(entry);
    const KlConfig config = ReadKl(entry["config"]);
    for (size_t i = 0; i < inputs["mask"].size(); ++i) {
      for (size_t t = 0; t < inputs["mask"][i].size(); ++t) {
        if (inputs["mask"][i][t].get<double>() != 1) continue;
        const KlTerm got = EvaluateKl(config, inputs["logp"][i][t].get<double>(), inputs["logp_ref"][i][t].get<double>(),
                                      inputs["logp_old"][i][t].get<double>());
        const std::string place = "[" + std::to_string(i) + "][" + std::to_string(t) + "]";
        if (entry["expect"].contains("value")) ExpectNear(got.value, entry["expect"]["value"][i][t].get<double>(), entry, "value" + place);
        if (entry["expect"].contains("grad")) ExpectNear(got.dlogprob, entry["expect"]["grad"][i][t].get<double>(), entry, "grad" + place);
      }
    }
    ++tried;
  }
  EXPECT_EQ(tried, 17);
}

TEST(KlTest, K3IsNeverNegativeAndKeepsItsDigitsNearZero) {
  KlConfig config;
  for (double d : {0.0, 1e-12, -1e-12, 1e-8, -1e-8, 1e-3, -3.0, 3.0, 50.0, -50.0}) {
    const double value = EvaluateKl(config, d, 0, 0).value;
    EXPECT_GE(value, 0) << d;
    if (std::abs(d) < 1e-6) {
      EXPECT_NEAR(value, d * d / 2, 1e-3 * d * d) << d;
    }
  }
}

TEST(AggregationTest, AgreesWithTheGoldenVectors) {
  int tried = 0;
  for (const json& entry : Cases("aggregation")) {
    const json inputs = Inputs(entry);
    const auto weights = AggregationWeights(ReadAggregation(entry["config"]), Sequences(inputs));
    double total = 0;
    for (size_t i = 0; i < inputs["mask"].size(); ++i) {
      for (size_t t = 0; t < inputs["mask"][i].size(); ++t) {
        const bool on = inputs["mask"][i][t].get<double>() == 1;
        if (on) total += weights[i] * inputs["token_loss"][i][t].get<double>();
        ExpectNear(on ? weights[i] : 0.0, entry["expect"]["grad"][i][t].get<double>(), entry, "grad");
      }
    }
    ExpectNear(total, entry["expect"]["loss"].get<double>(), entry, "loss");
    ++tried;
  }
  EXPECT_EQ(tried, 6);
}

TEST(AggregationTest, EmptySequencesCountNowhere) {
  for (auto mode : {AggregationMode::kTokenMean, AggregationMode::kSeqMeanTokenMean, AggregationMode::kPromptMean}) {
    const auto with = AggregationWeights({mode, 1}, {{0, 3}, {1, 0}, {2, 5}});
    const auto without = AggregationWeights({mode, 1}, {{0, 3}, {2, 5}});
    EXPECT_EQ(with[0], without[0]);
    EXPECT_EQ(with[2], without[1]);
    EXPECT_EQ(with[1], 0);
    EXPECT_EQ(AggregationWeights({mode, 1}, {{0, 0}})[0], 0);
  }
}

}  // namespace
}  // namespace hone
