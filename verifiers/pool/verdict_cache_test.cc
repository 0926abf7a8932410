#include "verifiers/pool/verdict_cache.h"

#include "gtest/gtest.h"

namespace hone {
namespace {

Verdict ScoreOf(double value) {
  Verdict verdict;
  verdict.outcome = Score{value, {}};
  return verdict;
}

TEST(VerdictCache, GivesBackWhatItKeeps) {
  VerdictCache cache(1 << 20);
  cache.Insert("a", ScoreOf(0.25));
  ASSERT_NE(cache.Find("a"), nullptr);
  EXPECT_EQ(std::get<Score>(cache.Find("a")->outcome).value, 0.25);
  EXPECT_EQ(cache.Find("b"), nullptr);
}

TEST(VerdictCache, KeepsFactsOnly) {
  VerdictCache cache(1 << 20);
  Verdict verdict;
  verdict.outcome = InfraError{"down", true};
  cache.Insert("infra", verdict);
  verdict.outcome = NotApplicable{"no"};
  cache.Insert("none", verdict);
  verdict.outcome = TaskError{"no tests"};
  cache.Insert("task", verdict);
  EXPECT_EQ(cache.Find("infra"), nullptr);
  EXPECT_EQ(cache.Find("none"), nullptr);
  EXPECT_NE(cache.Find("task"), nullptr);
}

TEST(VerdictCache, StaysWithinItsBytesAndDropsTheLeastUsed) {
  VerdictCache cache(10'000);
  for (int i = 0; i < 1000; ++i) {
    Verdict verdict = ScoreOf(i);
    verdict.evidence.assign(500, 'x');
    cache.Insert(std::to_string(i), verdict);
    EXPECT_NE(cache.Find("0"), nullptr) << i;  // used all the time
    EXPECT_LE(cache.bytes(), 10'000);
  }
  EXPECT_GT(cache.size(), 4u);
  EXPECT_EQ(cache.Find("1"), nullptr);
  EXPECT_NE(cache.Find("999"), nullptr);
}

TEST(VerdictCache, LeavesOutWhatIsTooLarge) {
  VerdictCache cache(10'000);
  cache.Insert("small", ScoreOf(1));
  Verdict verdict = ScoreOf(1);
  verdict.evidence.assign(20'000, 'x');
  cache.Insert("large", verdict);
  EXPECT_EQ(cache.Find("large"), nullptr);
  EXPECT_NE(cache.Find("small"), nullptr);
}

}  // namespace
}  // namespace hone
