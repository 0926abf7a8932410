// The promises of every family, at every level: family.h lists them.

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <map>
#include <set>
#include <unordered_set>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/base/file.h"
#include "lib/base/hash.h"
#include "verifiers/puzzles/registry.h"

namespace hone {
namespace {

RandomCursor Seeded(uint64_t seed, int level) {
  return RandomCursor{RandomStream(seed, static_cast<uint64_t>(level))};
}

std::string Key(const Puzzle& puzzle) {
  return puzzle.key.empty() ? puzzle.data.ToJson() : puzzle.key;
}

// Whether an answer that stands at the end of a completion is accepted; a failed test when the puzzle itself is refused.
bool Scores(const PuzzleFamily& family, const Puzzle& puzzle, std::string_view completion) {
  const auto accepted = family.Accepts(puzzle.data, puzzle.answer, ExtractAnswer(completion, family.facts().form));
  EXPECT_TRUE(accepted.ok()) << family.facts().name << ": " << accepted.status();
  return accepted.ok() && *accepted;
}

class PuzzleFamilyTest : public ::testing::TestWithParam<const PuzzleFamily*> {
 protected:
  // Calls check(puzzle, random) for `seeds` puzzles of every level, with the puzzle in the failure message.
  template <class Check>
  void ForEachPuzzle(uint64_t seeds, const Check& check) const {
    for (int level = 1; level <= kPuzzleLevels; ++level) {
      for (uint64_t seed = 0; seed < seeds && !HasFailure(); ++seed) {
        RandomCursor random = Seeded(seed, level);
        const Puzzle puzzle = family().Generate(random, level);
        SCOPED_TRACE(fmt::format("{} level {} seed {}\n{}\nanswer: {}\ndata: {}", family().facts().name, level, seed,
                                 puzzle.question.substr(0, 4000), puzzle.answer, puzzle.data.ToJson().substr(0, 2000)));
        check(puzzle, random);
      }
    }
  }
  const PuzzleFamily& family() const { return *GetParam(); }
};

constexpr uint64_t kSeeds = 300;

TEST_P(PuzzleFamilyTest, ItsAnswersAndThoseOfItsSolverScore) {
  ForEachPuzzle(kSeeds, [&](const Puzzle& puzzle, RandomCursor&) {
    ASSERT_FALSE(puzzle.question.empty());
    EXPECT_LT(puzzle.answer.size(), kMaxAnswerBytes / 2);
    EXPECT_TRUE(Scores(family(), puzzle, puzzle.answer));
    EXPECT_TRUE(Scores(family(), puzzle, fmt::format("Let me see: 12 + 30.\n\n<answer>{}</answer>", puzzle.answer)));
    EXPECT_TRUE(Scores(family(), puzzle, fmt::format("12, 30\n\nAnswer: {}", puzzle.answer)));
    EXPECT_TRUE(Scores(family(), puzzle, fmt::format("\\boxed{{{}}}", puzzle.answer)) ||
                puzzle.answer.find_first_of("{}") != std::string::npos);
  });
}

TEST_P(PuzzleFamilyTest, TheSolverFindsARightAnswerInAnotherWay) {
  ForEachPuzzle(kSeeds, [&](const Puzzle& puzzle, RandomCursor&) {
    const std::string solved = family().Solve(puzzle.data);
    EXPECT_TRUE(Scores(family(), puzzle, solved)) << "solved: " << solved;
  });
}

TEST_P(PuzzleFamilyTest, FiveNearMissesScoreNothing) {
  ForEachPuzzle(kSeeds, [&](const Puzzle& puzzle, RandomCursor& random) {
    const std::vector<std::string> misses = family().NearMisses(puzzle, random);
    EXPECT_EQ(std::set<std::string>(misses.begin(), misses.end()).size(), kNumNearMisses) << fmt::format("{}", fmt::join(misses, " | "));
    for (const std::string& miss : misses) EXPECT_FALSE(Scores(family(), puzzle, miss)) << "near miss: " << miss;
  });
}

TEST_P(PuzzleFamilyTest, EmptyAnswersGarbageAndHedgesScoreNothing) {
  ForEachPuzzle(20, [&](const Puzzle& puzzle, RandomCursor& random) {
    const std::string miss = family().NearMisses(puzzle, random).at(0);
    for (const std::string& text :
         {std::string(), std::string("I do not know."), std::string("\0\xff\xfe", 3), puzzle.question,
          fmt::format("{} or {}", puzzle.answer, miss), fmt::format("{} or {}", miss, puzzle.answer),
          fmt::format("{} / {}", puzzle.answer, miss), fmt::format("<answer>{}</answer>\n<answer>{}</answer>", puzzle.answer, miss),
          fmt::format("not {}", puzzle.answer), std::string(10'000, '('), std::string(kMaxAnswerBytes, '7')}) {
      EXPECT_FALSE(Scores(family(), puzzle, text)) << text.substr(0, 300);
    }
  });
}

TEST_P(PuzzleFamilyTest, DataCrossARowUnchanged) {
  ForEachPuzzle(20, [&](const Puzzle& puzzle, RandomCursor&) {
    const auto row = PuzzleRow::Parse(fmt::format(R"({{"family":"{}","level":1,"data":{}}})", family().facts().name, puzzle.data.ToJson()));
    ASSERT_TRUE(row.ok()) << row.status();
    EXPECT_EQ(row->data.ToJson(), puzzle.data.ToJson());
    EXPECT_EQ(family().Solve(row->data), family().Solve(puzzle.data));
  });
}

// Damaged data are refused or judged, never a crash: every value in turn is dropped, emptied, cut, or set to numbers that no puzzle has.
TEST_P(PuzzleFamilyTest, DamagedDataDoNoHarm) {
  ForEachPuzzle(10, [&](const Puzzle& puzzle, RandomCursor& random) {
    const std::string json = puzzle.data.ToJson();
    for (int i = 0; i < 60; ++i) {
      std::string damaged = json;
      const size_t at = random.Below(damaged.size());
      switch (random.Below(4)) {
        case 0:
          damaged.erase(at, 1 + random.Below(5));
          break;
        case 1:
          damaged.insert(at, std::to_string(random.Between(-9, 9'000'000'000'000'000'000)));
          break;
        case 2:
          damaged[at] = static_cast<char>(random.Between(32, 126));
          break;
        default:
          damaged.insert(at, ",");
      }
      const auto row = PuzzleRow::Parse(fmt::format(R"({{"family":"x","level":1,"data":{}}})", damaged));
      if (!row.ok()) continue;
      for (const std::string& answer : {puzzle.answer, std::string("1, 2, 3"), std::string("a-b, b-table")})
        (void)family().Accepts(row->data, puzzle.answer, answer);
    }
    for (const char* answer : {"", "1", "a"}) (void)family().Accepts(PuzzleData(), "", answer);
  });
}

// Of n draws from N equally likely puzzles, n^2 / 2N pairs are equal; where they are not equally likely, more are. So few pairs mean at
// least so many puzzles.
TEST_P(PuzzleFamilyTest, BeyondTheFirstLevelThereAreAMillionPuzzles) {
  constexpr uint64_t kDraws = 20'000;
  for (int level = 2; level <= kPuzzleLevels; ++level) {
    std::unordered_set<uint64_t> seen;
    uint64_t draws = 0, pairs = 0;
    const uint64_t wanted = level == 2 ? kDraws : kDraws / 10;
    for (; draws < wanted; ++draws) {
      RandomCursor random = Seeded(1'000'000 + draws, level);
      pairs += !seen.insert(Hash64(Key(family().Generate(random, level)), 1)).second;
    }
    EXPECT_LE(pairs, wanted * wanted / 2'000'000) << family().facts().name << " level " << level << ": " << pairs << " pairs";
  }
}

#if defined(NDEBUG) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_P(PuzzleFamilyTest, FiveHundredPuzzlesASecondAreMadeAndScored) {
  constexpr uint64_t kPuzzles = 100;
  for (int level = 1; level <= kPuzzleLevels; ++level) {
    const std::clock_t begin = std::clock();  // processor time: a busy machine is not the generator's fault
    for (uint64_t seed = 0; seed < kPuzzles; ++seed) {
      RandomCursor random = Seeded(2'000'000 + seed, level);
      const Puzzle puzzle = family().Generate(random, level);
      EXPECT_TRUE(Scores(family(), puzzle, puzzle.answer));
    }
    const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    EXPECT_LT(seconds, kPuzzles / 500.0) << family().facts().name << " level " << level;
  }
}
#endif

std::vector<const PuzzleFamily*> Pointers() {
  std::vector<const PuzzleFamily*> families;
  for (const auto& family : KnownPuzzles()) families.push_back(family.get());
  return families;
}
INSTANTIATE_TEST_SUITE_P(All, PuzzleFamilyTest, ::testing::ValuesIn(Pointers()),
                         [](const auto& info) { return std::string(info.param->facts().name); });

TEST(PuzzleRegistryTest, KnowsFortyFamiliesAndMoreByName) {
  std::set<std::string> names;
  for (const auto& family : KnownPuzzles()) EXPECT_TRUE(names.insert(family->facts().name).second) << family->facts().name;
  EXPECT_GE(names.size(), 40u);
  EXPECT_EQ((*FindPuzzle("sudoku"))->facts().name, std::string("sudoku"));
  EXPECT_EQ(FindPuzzle("sudoko").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(FindPuzzle("sudoko").status().message(), "unknown puzzle family \"sudoko\"; did you mean \"sudoku\"?");
}

// The same on every machine: the hash of the first puzzles of every family and level. HONE_WRITE_PUZZLES=1 writes the file instead.
TEST(PuzzleGoldenTest, TheFirstPuzzlesAreTheseOnEveryMachine) {
  const std::string path = "tests/testdata/puzzles/first_puzzles.txt";
  std::string text =
      "# family level hash of the first 20 puzzles; written by HONE_WRITE_PUZZLES=1 puzzles_test --gtest_filter='PuzzleGolden*'\n";
  for (const auto& family : KnownPuzzles()) {
    for (int level = 1; level <= kPuzzleLevels; ++level) {
      uint64_t hash = 0;
      for (uint64_t seed = 0; seed < 20; ++seed) {
        RandomCursor random = Seeded(seed, level);
        const Puzzle puzzle = family->Generate(random, level);
        hash = Hash64(fmt::format("{:016x}\n{}\n{}\n{}\n{}", hash, puzzle.question, puzzle.answer, puzzle.data.ToJson(), puzzle.key), 0);
      }
      text += fmt::format("{} {} {:016x}\n", family->facts().name, level, hash);
    }
  }
  if (std::getenv("HONE_WRITE_PUZZLES") != nullptr) {
    ASSERT_TRUE(WriteFileAtomically(path, text).ok());
  }
  const auto written = ReadFile(path);
  ASSERT_TRUE(written.ok()) << written.status();
  EXPECT_TRUE(*written == text) << "a family makes other puzzles than " << path << " says";
}

// HONE_WRITE_PUZZLES=1 writes the page instead.
TEST(PuzzleDocsTest, DocsHaveThePageOfTheseFamilies) {
  const std::string page = PuzzlesMarkdown();
  if (std::getenv("HONE_WRITE_PUZZLES") != nullptr) {
    ASSERT_TRUE(WriteFileAtomically("docs/puzzles.md", page).ok());
  }
  const auto written = ReadFile("docs/puzzles.md");
  ASSERT_TRUE(written.ok()) << written.status();
  EXPECT_TRUE(*written == page) << "docs/puzzles.md is not what the families say; write it anew with\n"
                                   "  HONE_WRITE_PUZZLES=1 puzzles_test --gtest_filter='PuzzleDocs*'\nfrom the source folder";
}

}  // namespace
}  // namespace hone
