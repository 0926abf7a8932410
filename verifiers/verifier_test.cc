#include "verifiers/verifier.h"

#include "gtest/gtest.h"

namespace hone {
namespace {

static_assert(!std::is_convertible_v<Outcome, double>);

TEST(VerifierTest, ARecordKeepsOutcomeScorePartsAndReason) {
  Verdict verdict{
      .id = 1, .outcome = Score{0.5, {{"part", 0.25}}}, .verifier = "v@1", .reason = "partial", .wall_time = absl::Milliseconds(2)};
  VerdictRecord record = ToRecord("label", verdict);
  EXPECT_EQ(record.label, "label");
  EXPECT_EQ(record.verifier, "v@1");
  EXPECT_EQ(record.outcome, OutcomeKind::kScore);
  EXPECT_EQ(record.score, 0.5);
  ASSERT_EQ(record.parts.size(), 1u);
  EXPECT_EQ(record.parts[0].value, 0.25);
  EXPECT_EQ(record.reason, "partial");
  EXPECT_DOUBLE_EQ(record.wall_ms, 2);

  verdict.outcome = TaskError{"no tests"};
  EXPECT_EQ(ToRecord("", verdict).reason, "partial: no tests");
  verdict.reason = "";
  EXPECT_EQ(ToRecord("", verdict).reason, "no tests");
}

TEST(VerifierTest, AnUnsetVerdictIsAnInfraErrorAndNeverAScore) {
  EXPECT_EQ(KindOf(Verdict{}.outcome), OutcomeKind::kInfraError);
  EXPECT_EQ(KindOf(NotApplicable{}), OutcomeKind::kNotApplicable);
  EXPECT_EQ(KindOf(TaskError{}), OutcomeKind::kTaskError);
  EXPECT_EQ(KindOf(Score{}), OutcomeKind::kScore);
}

}  // namespace
}  // namespace hone
