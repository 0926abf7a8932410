#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "lib/base/random.h"
#include "lib/base/status.h"
#include "verifiers/puzzles/answer.h"
#include "verifiers/puzzles/data.h"
#include "verifiers/puzzles/near_miss.h"

namespace hone {

// Every family has these levels, 1 the easiest.
inline constexpr int kPuzzleLevels = 5;

// One task: the question says everything that is needed, the form of the answer included.
struct Puzzle {
  std::string question;
  std::string answer;  // a right one
  PuzzleData data;     // what solver and scorer need
  std::string key;     // what makes the task, for the deal between the splits; empty: the data
};

// A kind of puzzle: its generator, solver and scorer.
//
// The implementer's promises:
//   1. Generate is a pure function of the random numbers and the level: integers only, no order that a container is free to choose.
//   2. Solve works from the data alone and, where that is feasible, in another way than Generate, so that each checks the other.
//   3. Accepts takes every right answer and no other. The answer comes from a model: work is bounded (it has at most kMaxAnswerBytes
//      bytes), nothing recurses on it. The data may come from a file: they are checked before they are used.
//   4. NearMisses are truly wrong and differ from each other.
//
// Threads: const; calls may overlap.
class PuzzleFamily {
 public:
  struct Facts {
    const char* name;
    const char* description;  // one line
    AnswerForm form;
  };
  explicit PuzzleFamily(const Facts& facts) : facts_(facts) {}
  virtual ~PuzzleFamily() = default;

  const Facts& facts() const { return facts_; }
  // What `level` (1 to kPuzzleLevels) is, in a few words.
  virtual std::string LevelText(int level) const = 0;

  virtual Puzzle Generate(RandomCursor& random, int level) const = 0;
  // A right answer to a puzzle of this family's own making.
  virtual std::string Solve(const PuzzleData& data) const = 0;
  // Whether `answer` (extracted already) is right. InvalidArgument when data or reference cannot be a puzzle of this family. As it stands:
  // the reference is the only right answer.
  virtual absl::StatusOr<bool> Accepts(const PuzzleData& data, std::string_view reference, std::string_view answer) const;
  // Five wrong answers to a puzzle of this family's own making. As it stands: edits of the only right answer.
  virtual std::vector<std::string> NearMisses(const Puzzle& puzzle, RandomCursor& random) const;

 private:
  const Facts facts_;
};

// A key for puzzles that are the same in whatever order their items stand.
template <class Item>
std::string SortedKey(std::vector<Item> items) {
  std::sort(items.begin(), items.end());
  return fmt::format("{}", fmt::join(items, ","));
}

// For Accepts: data that cannot be a puzzle of the family.
absl::Status BadPuzzle(std::string_view what);

using PuzzleFamilies = std::vector<std::unique_ptr<const PuzzleFamily>>;
template <class... Family>
PuzzleFamilies MakeFamilies() {
  PuzzleFamilies families;
  (families.push_back(std::make_unique<Family>()), ...);
  return families;
}

}  // namespace hone
