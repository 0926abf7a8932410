#include "lib/rollout/codec.h"

#include <cmath>
#include <cstring>
#include <functional>
#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/base/random.h"

namespace hone {
namespace {

using ::testing::HasSubstr;

// Every field set, with bytes that are no UTF-8 where text may hold any.
Trajectory FullTrajectory() {
  Trajectory t;
  t.run = "quickstart-2";
  t.group = 41;
  t.sample = 7;
  t.attempt = 2;
  t.prompt_id = "row\xff";
  t.actor = "actor-1";
  t.prompt_tokens = {1, 0, 49151};
  t.tokens = {5, 6, 7, 2};
  t.mask = {1, 0, 1, 1};
  t.logprobs = {-0.5f, -1.25f, -0.f, -3e-8f};
  t.processed_logprobs = {-0.25f, -1.f, 0.f, -1e-9f};
  t.entropies = {1.8f, 0.1f, 2.f, 0.f};
  t.versions = {{0, 3}, {2, 4}};
  t.sampling.temperature = 0.7f;
  t.sampling.top_k = 50;
  t.sampling.top_p = 0.95f;
  t.sampling.min_p = 0.05f;
  t.sampling.max_new_tokens = 24;
  t.sampling.stop_token_ids = {2, 0};
  t.sampling.stop = {"\n\n", "\xf0\x28"};
  t.sampling.ignore_eos = true;
  t.seed = 0xfedcba9876543210u;
  t.finish_reason = FinishReason::kLength;
  t.text = std::string("7 \xe2\x82 apples\0!", 13);
  t.verdicts = {{"correct", "numeric@1", OutcomeKind::kScore, 0.5, {{"number", 1}, {"\xc3", -2.5}}, "7 = 7", 0.25},
                {"judge", "rubric@2", OutcomeKind::kInfraError, 0, {}, "\x80 timed out", 30000}};
  VerdictRecord& judged = t.verdicts[0];
  judged.queue_ms = 3.5;
  judged.attempts = 2;
  judged.cached = true;
  judged.config_hash = std::string("\0config\xff hash..", 16);
  judged.input_hash = "0123456789abcdef";
  judged.evidence = std::string("saw \0 and \xff", 11);
  t.generate_ms = 12.5;
  t.verify_ms = 0.75;
  return t;
}

// SerializeTrajectory writes floats bit for bit and is deterministic, so equal bytes mean equal structs.
TEST(Codec, KeepsEveryFieldOfATrajectory) {
  const Trajectory sent = FullTrajectory();
  const std::string bytes = SerializeTrajectory(sent);
  absl::StatusOr<Trajectory> got = ParseTrajectory(bytes);
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(SerializeTrajectory(*got), bytes);
  EXPECT_EQ(got->run, sent.run);
  EXPECT_EQ(got->group, 41);
  EXPECT_EQ(got->sample, 7);
  EXPECT_EQ(got->attempt, 2);
  EXPECT_EQ(got->prompt_id, sent.prompt_id);
  EXPECT_EQ(got->actor, sent.actor);
  EXPECT_EQ(got->prompt_tokens, sent.prompt_tokens);
  EXPECT_EQ(got->tokens, sent.tokens);
  EXPECT_EQ(got->mask, sent.mask);
  EXPECT_EQ(got->logprobs, sent.logprobs);
  EXPECT_EQ(got->processed_logprobs, sent.processed_logprobs);
  EXPECT_EQ(got->entropies, sent.entropies);
  ASSERT_EQ(got->versions.size(), 2u);
  EXPECT_EQ(got->versions[1].begin, 2);
  EXPECT_EQ(got->versions[1].policy_version, 4);
  EXPECT_EQ(got->sampling.temperature, 0.7f);
  EXPECT_EQ(got->sampling.top_k, 50);
  EXPECT_EQ(got->sampling.top_p, 0.95f);
  EXPECT_EQ(got->sampling.min_p, 0.05f);
  EXPECT_EQ(got->sampling.max_new_tokens, 24);
  EXPECT_EQ(got->sampling.stop_token_ids, sent.sampling.stop_token_ids);
  EXPECT_EQ(got->sampling.stop, sent.sampling.stop);
  EXPECT_TRUE(got->sampling.ignore_eos);
  EXPECT_EQ(got->seed, sent.seed);
  EXPECT_EQ(got->finish_reason, FinishReason::kLength);
  EXPECT_EQ(got->text, sent.text);
  ASSERT_EQ(got->verdicts.size(), 2u);
  EXPECT_EQ(got->verdicts[0].label, "correct");
  EXPECT_EQ(got->verdicts[0].verifier, "numeric@1");
  EXPECT_EQ(got->verdicts[0].outcome, OutcomeKind::kScore);
  EXPECT_EQ(got->verdicts[0].score, 0.5);
  ASSERT_EQ(got->verdicts[0].parts.size(), 2u);
  EXPECT_EQ(got->verdicts[0].parts[1].name, "\xc3");
  EXPECT_EQ(got->verdicts[0].parts[1].value, -2.5);
  EXPECT_EQ(got->verdicts[0].reason, "7 = 7");
  EXPECT_EQ(got->verdicts[0].queue_ms, 3.5);
  EXPECT_EQ(got->verdicts[0].attempts, 2);
  EXPECT_TRUE(got->verdicts[0].cached);
  EXPECT_EQ(got->verdicts[0].config_hash, sent.verdicts[0].config_hash);
  EXPECT_EQ(got->verdicts[0].input_hash, sent.verdicts[0].input_hash);
  EXPECT_EQ(got->verdicts[0].evidence, sent.verdicts[0].evidence);
  EXPECT_FALSE(got->verdicts[1].cached);
  EXPECT_EQ(got->verdicts[1].outcome, OutcomeKind::kInfraError);
  EXPECT_EQ(got->verdicts[1].wall_ms, 30000);
  EXPECT_EQ(got->generate_ms, 12.5);
  EXPECT_EQ(got->verify_ms, 0.75);
}

// What the first release wrote: a verdict ends with wall_ms, field 7.
TEST(Codec, ReadsVerdictsWithoutTheNewerFields) {
  Trajectory t;
  t.verdicts = {{"accuracy", "exact@1", OutcomeKind::kScore, 1, {}, "correct", 0.5}};
  const std::string bytes = SerializeTrajectory(t);
  const std::string old_verdict = std::string(
      "\x0a\x08"
      "accuracy"
      "\x12\x07"
      "exact@1"
      "\x18\x01\x21\0\0\0\0\0\0\xf0\x3f"
      "2\x07"
      "correct"
      "9\0\0\0\0\0\0\xe0\x3f",
      10 + 9 + 11 + 9 + 9);
  EXPECT_NE(bytes.find(old_verdict), std::string::npos);  // fields that are not set take no bytes, so an old record reads as this one
  absl::StatusOr<Trajectory> got = ParseTrajectory(bytes);
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(got->verdicts[0].score, 1);
  EXPECT_EQ(got->verdicts[0].attempts, 0);
  EXPECT_EQ(got->verdicts[0].input_hash, "");
}

TEST(Codec, KeepsAnEmptyCompletion) {
  Trajectory t;
  t.finish_reason = FinishReason::kAborted;
  absl::StatusOr<Trajectory> got = ParseTrajectory(SerializeTrajectory(t));
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_TRUE(got->tokens.empty());
  EXPECT_EQ(got->finish_reason, FinishReason::kAborted);
}

TEST(Codec, CarriesNonFiniteLogprobsBitForBit) {
  Trajectory t = FullTrajectory();
  const uint32_t bits[4] = {0x7fc01234, 0xff800000, 0x7f800000, 0xffc00001};  // two NaNs with payloads, both infinities
  std::memcpy(t.logprobs.data(), bits, sizeof(bits));
  absl::StatusOr<Trajectory> got = ParseTrajectory(SerializeTrajectory(t));
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(std::memcmp(got->logprobs.data(), bits, sizeof(bits)), 0);
}

TEST(Codec, RefusesTrajectoriesThatBreakARule) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  struct Case {
    const char* field;  // named by the message
    std::function<void(Trajectory&)> damage;
  };
  const Case cases[] = {
      {"group", [](Trajectory& t) { t.group = -1; }},
      {"sample", [](Trajectory& t) { t.sample = -1; }},
      {"attempt", [](Trajectory& t) { t.attempt = -5; }},
      {"prompt_tokens[1]", [](Trajectory& t) { t.prompt_tokens[1] = -1; }},
      {"tokens[3]", [](Trajectory& t) { t.tokens[3] = -100; }},
      {"mask: 3", [](Trajectory& t) { t.mask.pop_back(); }},
      {"mask[2]", [](Trajectory& t) { t.mask[2] = 2; }},
      {"logprobs: 5", [](Trajectory& t) { t.logprobs.push_back(0); }},
      {"processed_logprobs: 1", [](Trajectory& t) { t.processed_logprobs.resize(1); }},
      {"entropies: 0", [](Trajectory& t) { t.entropies.clear(); }},
      {"versions: no span", [](Trajectory& t) { t.versions.clear(); }},
      {"versions[0]", [](Trajectory& t) { t.versions[0].begin = 1; }},
      {"versions[1]", [](Trajectory& t) { t.versions[1].begin = 0; }},
      {"versions[1]", [](Trajectory& t) { t.versions[1].begin = 4; }},
      {"policy_version", [](Trajectory& t) { t.versions[1].policy_version = -1; }},
      {"temperature", [](Trajectory& t) { t.sampling.temperature = std::numeric_limits<float>::infinity(); }},
      {"top_p", [](Trajectory& t) { t.sampling.top_p = -0.1f; }},
      {"min_p", [](Trajectory& t) { t.sampling.min_p = std::numeric_limits<float>::quiet_NaN(); }},
      {"max_new_tokens", [](Trajectory& t) { t.sampling.max_new_tokens = -1; }},
      {"stop_token_ids[0]", [](Trajectory& t) { t.sampling.stop_token_ids[0] = -2; }},
      {"sampling.stop", [](Trajectory& t) { t.sampling.stop.resize(kMaxStops + 1); }},
      {"finish_reason", [](Trajectory& t) { t.finish_reason = static_cast<FinishReason>(3); }},
      {"outcome", [](Trajectory& t) { t.verdicts[0].outcome = static_cast<OutcomeKind>(200); }},
      {"verdict.score", [&](Trajectory& t) { t.verdicts[0].score = nan; }},
      {"verdict part", [&](Trajectory& t) { t.verdicts[0].parts[0].value = nan; }},
      {"verdict.parts", [](Trajectory& t) { t.verdicts[0].parts.resize(kMaxScoreParts + 1); }},
      {"verdicts", [](Trajectory& t) { t.verdicts.resize(kMaxVerdicts + 1); }},
      {"wall_ms", [](Trajectory& t) { t.verdicts[1].wall_ms = -1; }},
      {"queue_ms", [&](Trajectory& t) { t.verdicts[0].queue_ms = nan; }},
      {"attempts", [](Trajectory& t) { t.verdicts[0].attempts = -1; }},
      {"config_hash", [](Trajectory& t) { t.verdicts[0].config_hash.pop_back(); }},
      {"input_hash", [](Trajectory& t) { t.verdicts[0].input_hash += "0"; }},
      {"evidence", [](Trajectory& t) { t.verdicts[0].evidence.assign(kMaxEvidenceBytes + 1, 'x'); }},
      {"generate_ms", [&](Trajectory& t) { t.generate_ms = nan; }},
      {"verify_ms", [](Trajectory& t) { t.verify_ms = -1; }},
      {"prompt_id", [](Trajectory& t) { t.prompt_id.assign(kMaxNameBytes + 1, 'x'); }},
      {"text", [](Trajectory& t) { t.text.assign(kMaxTextBytes + 1, 'x'); }},
      {"tokens", [](Trajectory& t) { t.prompt_tokens.assign(kMaxTokensPerSequence + 1, 1); }},
  };
  for (const Case& c : cases) {
    Trajectory t = FullTrajectory();
    c.damage(t);
    const absl::Status valid = Validate(t);
    EXPECT_EQ(valid.code(), absl::StatusCode::kInvalidArgument) << c.field;
    EXPECT_THAT(std::string(valid.message()), HasSubstr(c.field));
    absl::StatusOr<Trajectory> parsed = ParseTrajectory(SerializeTrajectory(t));
    EXPECT_EQ(parsed.status().code(), absl::StatusCode::kDataLoss) << c.field;
  }
}

TEST(Codec, RefusesBytesThatAreNoTrajectory) {
  const std::string good = SerializeTrajectory(FullTrajectory());
  for (const std::string& bytes : {std::string(), std::string("\xff\xff\xff"), good.substr(0, good.size() - 1), std::string(100, '\0')}) {
    EXPECT_EQ(ParseTrajectory(bytes).status().code(), absl::StatusCode::kDataLoss) << bytes.size() << " bytes";
  }
}

TEST(Codec, SurvivesMutatedBytesAndWhatItAcceptsIsValid) {
  const std::string good = SerializeTrajectory(FullTrajectory());
  RandomCursor random{RandomStream(20)};
  int accepted = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string bytes = good;
    for (uint64_t edits = 1 + random.Below(4); edits > 0 && !bytes.empty(); --edits) {
      const size_t at = random.Below(bytes.size());
      switch (random.Below(4)) {
        case 0:
          bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.Below(8)));
          break;
        case 1:
          bytes.resize(at);
          break;
        case 2:
          bytes.insert(at, 1, static_cast<char>(random.Below(256)));
          break;
        case 3:
          bytes.erase(at, 1 + random.Below(8));
          break;
      }
    }
    absl::StatusOr<Trajectory> got = ParseTrajectory(bytes);
    if (!got.ok()) continue;
    ++accepted;
    ASSERT_TRUE(Validate(*got).ok()) << "iteration " << i;
    const std::string again = SerializeTrajectory(*got);
    ASSERT_TRUE(ParseTrajectory(again).ok()) << "iteration " << i;
  }
  EXPECT_GT(accepted, 100);  // flipped bits of a float or a text are a valid trajectory: checksums are the ledger's part
}

TEST(Codec, NamesEnumValues) {
  EXPECT_STREQ(Name(FinishReason::kStop), "stop");
  EXPECT_STREQ(Name(FinishReason::kAborted), "aborted");
  EXPECT_STREQ(Name(OutcomeKind::kScore), "score");
  EXPECT_STREQ(Name(OutcomeKind::kInfraError), "infra_error");
}

}  // namespace
}  // namespace hone
