// Small coloured grids with a hidden rule: examples before and after, then a grid to do likewise.

#include <algorithm>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "verifiers/puzzles/draw.h"
#include "verifiers/puzzles/families.h"

namespace hone {
namespace {

using Rows = std::vector<std::string>;

std::string GridText(const Rows& rows) {
  return fmt::format("{}", fmt::join(rows, "\n"));
}

Rows Transposed(const Rows& rows) {
  Rows result(rows[0].size(), std::string(rows.size(), '0'));
  for (size_t r = 0; r < rows.size(); ++r) {
    for (size_t c = 0; c < rows[r].size(); ++c) result[c][r] = rows[r][c];
  }
  return result;
}
Rows Mirrored(Rows rows) {
  for (std::string& row : rows) std::reverse(row.begin(), row.end());
  return rows;
}
Rows Flipped(Rows rows) {
  std::reverse(rows.begin(), rows.end());
  return rows;
}

// The steps that rules are made of. 0 is the empty colour.
enum Step : int64_t { kMirror, kFlip, kTranspose, kTurn, kFall, kShift, kRecolour, kInvert, kDouble, kNumSteps };

Rows Apply(int64_t step, int64_t a, int64_t b, Rows rows) {
  switch (step) {
    case kMirror:
      return Mirrored(std::move(rows));
    case kFlip:
      return Flipped(std::move(rows));
    case kTranspose:
      return Transposed(rows);
    case kTurn:  // clockwise
      return Mirrored(Transposed(rows));
    case kFall: {  // every colour falls to the bottom of its column
      Rows columns = Transposed(rows);
      for (std::string& column : columns) std::stable_partition(column.begin(), column.end(), [](char c) { return c == '0'; });
      return Transposed(columns);
    }
    case kShift:  // every row to the right by one, around the edge
      for (std::string& row : rows) std::rotate(row.begin(), row.end() - 1, row.end());
      return rows;
    case kRecolour:  // a and b change places
    case kInvert:    // a and the empty colour change places
      for (std::string& row : rows) {
        for (char& c : row) {
          const char x = static_cast<char>('0' + a), y = static_cast<char>('0' + (step == kInvert ? 0 : b));
          c = c == x ? y : c == y ? x : c;
        }
      }
      return rows;
    default:  // every cell twice as wide
      for (std::string& row : rows) {
        std::string wide;
        for (char c : row) wide.append(2, c);
        row = wide;
      }
      return rows;
  }
}

class ArcTransform : public PuzzleFamily {
 public:
  ArcTransform() : PuzzleFamily({"arc_transform", "a rule on coloured grids, learnt from examples", AnswerForm::kGrid}) {}
  std::string LevelText(int level) const override {
    const Level& at = kLevels[level - 1];
    return fmt::format("{} step{}, grids of {} to {} cells a side, {} examples", at.steps, at.steps == 1 ? "" : "s", at.low, at.high,
                       at.examples);
  }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const Level& at = kLevels[level - 1];
    for (;;) {
      PuzzleData::Ints steps;
      for (size_t i = 0; i < at.steps; ++i) {
        const std::vector<int64_t> colours = Distinct(random, 2, 1, at.colours);
        steps.insert(steps.end(), {random.Between(0, kNumSteps - 1), colours[0], colours[1]});
      }
      std::vector<Rows> before;
      std::string seen;
      for (size_t i = 0; i < at.examples; ++i) {
        before.push_back(RandomRows(random, at));
        for (const std::string& row : before.back()) seen += row;
      }
      // No colour that the examples do not show.
      Rows rows = RandomRows(random, at);
      for (std::string& row : rows) {
        for (char& c : row) c = seen.find(c) == std::string::npos ? seen[0] : c;
      }
      if (Ambiguous(steps, before, rows)) continue;
      std::string text;
      for (const Rows& example : before)
        text += fmt::format("Before:\n{}\nAfter:\n{}\n\n", GridText(example), GridText(ApplyAll(steps, example)));
      return {.question =
                  fmt::format("One rule turns each grid into the one that follows it. Digits are colours, 0 is empty.\n\n{}Apply the same "
                              "rule to this grid:\n{}\nAnswer with just the resulting grid.",
                              text, GridText(rows)),
              .answer = GridText(ApplyAll(steps, rows)),
              .data = {{"steps", steps}, {"rows", rows}}};
    }
  }
  // Where each cell of the result comes from, step by step backwards; colours are changed on the way back. Falling looks at its column.
  std::string Solve(const PuzzleData& data) const override {
    const auto& steps = data.IntList("steps");
    Rows rows = data.TextList("rows");
    for (size_t i = 0; i < steps.size(); i += 3) {
      const size_t h = rows.size(), w = rows[0].size();
      const bool turned = steps[i] == kTranspose || steps[i] == kTurn;
      Rows next(turned ? w : h, std::string(turned ? h : steps[i] == kDouble ? 2 * w : w, '?'));
      for (size_t r = 0; r < next.size(); ++r) {
        for (size_t c = 0; c < next[r].size(); ++c) next[r][c] = Source(rows, steps[i], r, c, steps[i + 1], steps[i + 2]);
      }
      rows = next;
    }
    return GridText(rows);
  }

 private:
  struct Level {
    size_t steps, examples;
    int64_t low, high, colours;
  };
  static Rows ApplyAll(const PuzzleData::Ints& steps, Rows rows) {
    for (size_t i = 0; i < steps.size(); i += 3) rows = Apply(steps[i], steps[i + 1], steps[i + 2], std::move(rows));
    return rows;
  }
  // Whether a rule that differs in one step fits the examples and gives another result.
  static bool Ambiguous(const PuzzleData::Ints& steps, const std::vector<Rows>& examples, const Rows& rows) {
    const Rows right = ApplyAll(steps, rows);
    for (size_t i = 0; i < steps.size(); i += 3) {
      for (int64_t step = 0; step <= kNumSteps; ++step) {
        PuzzleData::Ints other = steps;
        if (step < kNumSteps) {
          other[i] = step;
        } else {  // without the step
          other.erase(other.begin() + static_cast<int64_t>(i), other.begin() + static_cast<int64_t>(i) + 3);
        }
        if (ApplyAll(other, rows) == right) continue;
        if (std::all_of(examples.begin(), examples.end(),
                        [&](const Rows& example) { return ApplyAll(other, example) == ApplyAll(steps, example); }))
          return true;
      }
    }
    return false;
  }
  static Rows RandomRows(RandomCursor& random, const Level& at) {
    Rows rows(static_cast<size_t>(random.Between(at.low, at.high)));
    const size_t width = static_cast<size_t>(random.Between(at.low, at.high));
    for (std::string& row : rows) {
      row = Letters(random, width, "0123456789");
      for (char& c : row) c = c - '0' <= at.colours && Chance(random, 75) ? c : '0';
    }
    rows[0][0] = static_cast<char>('0' + random.Between(1, at.colours));
    return rows;
  }
  static char Source(const Rows& rows, int64_t step, size_t r, size_t c, int64_t a, int64_t b) {
    const size_t h = rows.size(), w = rows[0].size();
    switch (step) {
      case kMirror:
        return rows[r][w - 1 - c];
      case kFlip:
        return rows[h - 1 - r][c];
      case kTranspose:
        return rows[c][r];
      case kTurn:
        return rows[h - 1 - c][r];
      case kShift:
        return rows[r][(c + w - 1) % w];
      case kDouble:
        return rows[r][c / 2];
      case kFall: {
        std::string colours;
        for (const std::string& row : rows) colours += row[c] == '0' ? "" : std::string(1, row[c]);
        return r + colours.size() < h ? '0' : colours[r + colours.size() - h];
      }
      default: {
        const int64_t colour = rows[r][c] - '0', other = step == kInvert ? 0 : b;
        return static_cast<char>('0' + (colour == a ? other : colour == other ? a : colour));
      }
    }
  }
  static constexpr Level kLevels[kPuzzleLevels] = {{1, 2, 3, 3, 3}, {1, 3, 3, 5, 5}, {2, 3, 3, 5, 5}, {2, 3, 4, 7, 7}, {3, 4, 5, 8, 9}};
};

class ArcSymmetry : public PuzzleFamily {
 public:
  ArcSymmetry() : PuzzleFamily({"arc_symmetry", "the hidden cells of a symmetric coloured grid", AnswerForm::kGrid}) {}
  std::string LevelText(int level) const override {
    const Level& at = kLevels[level - 1];
    return fmt::format("{0} by {0} cells, {1}, {2} hidden", at.size, at.both ? "symmetric both ways" : "symmetric one way", at.hidden);
  }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const Level& at = kLevels[level - 1];
    const bool across = at.both || Chance(random, 50), down = at.both || !across;
    Rows rows(at.size);
    for (std::string& row : rows) row = Letters(random, at.size, "0123456789");
    for (size_t r = 0; r < at.size; ++r) {
      for (size_t c = 0; c < at.size; ++c)
        rows[r][c] = rows[down ? std::min(r, at.size - 1 - r) : r][across ? std::min(c, at.size - 1 - c) : c];
    }
    // Of every set of cells that mirror each other, one at least stays visible.
    Rows shown = rows;
    std::vector<int64_t> cells = Permutation(random, at.size * at.size);
    size_t hidden = 0;
    for (const int64_t cell : cells) {
      if (hidden == at.hidden) break;
      const size_t r = static_cast<size_t>(cell) / at.size, c = static_cast<size_t>(cell) % at.size;
      shown[r][c] = '?';
      const size_t mr = down ? at.size - 1 - r : r, mc = across ? at.size - 1 - c : c;
      if (shown[mr][c] == '?' && shown[r][mc] == '?' && shown[mr][mc] == '?') {
        shown[r][c] = rows[r][c];
      } else {
        ++hidden;
      }
    }
    const char* symmetry = at.both  ? "The grid is its own mirror image, left to right and top to bottom."
                           : across ? "The grid is its own mirror image, left to right."
                                    : "The grid is its own mirror image, top to bottom.";
    return {.question = fmt::format("{} Some cells are hidden behind question marks:\n{}\nAnswer with just the complete grid.", symmetry,
                                    GridText(shown)),
            .answer = GridText(rows),
            .data = {{"rows", shown}, {"across", across ? 1 : 0}, {"down", down ? 1 : 0}}};
  }
  // The grid laid over its mirror images, again until no hidden cell is left.
  std::string Solve(const PuzzleData& data) const override {
    Rows rows = data.TextList("rows");
    auto lay = [&](const Rows& over) {
      for (size_t r = 0; r < rows.size(); ++r) {
        for (size_t c = 0; c < rows[r].size(); ++c) rows[r][c] = rows[r][c] == '?' ? over[r][c] : rows[r][c];
      }
    };
    if (data.Int("across") != 0) lay(Mirrored(rows));
    if (data.Int("down") != 0) lay(Flipped(rows));
    return GridText(rows);
  }

 private:
  struct Level {
    size_t size;
    bool both;
    size_t hidden;
  };
  static constexpr Level kLevels[kPuzzleLevels] = {{4, false, 3}, {6, false, 8}, {6, true, 16}, {8, true, 32}, {11, true, 70}};
};

}  // namespace

PuzzleFamilies ArcFamilies() {
  return MakeFamilies<ArcTransform, ArcSymmetry>();
}

}  // namespace hone
