// Number placement: sudoku of three sizes and Latin squares. Any completion that keeps the rules counts.

#include <algorithm>

#include "fmt/format.h"
#include "verifiers/puzzles/draw.h"
#include "verifiers/puzzles/families.h"

namespace hone {
namespace {

// A square of symbols 1 to n, 0 where nothing stands; boxes of box_rows by box_columns, or none when box_rows is 0.
struct Square {
  size_t n = 0, box_rows = 0, box_columns = 0;
  std::vector<int64_t> cells;

  int64_t& At(size_t row, size_t column) { return cells[row * n + column]; }
  int64_t At(size_t row, size_t column) const { return cells[row * n + column]; }
  size_t BoxOf(size_t row, size_t column) const { return row / box_rows * (n / box_columns) + column / box_columns; }

  std::string Text() const {
    std::string text;
    for (size_t row = 0; row < n; ++row) {
      for (size_t column = 0; column < n; ++column) text += At(row, column) == 0 ? '.' : static_cast<char>('0' + At(row, column));
      text += row + 1 < n ? "\n" : "";
    }
    return text;
  }
  // Every symbol once in every row, column and box.
  bool Complete() const {
    std::vector<bool> rows(n * n), columns(n * n), boxes(n * n);
    for (size_t row = 0; row < n; ++row) {
      for (size_t column = 0; column < n; ++column) {
        if (At(row, column) < 1 || At(row, column) > static_cast<int64_t>(n)) return false;
        const size_t symbol = static_cast<size_t>(At(row, column)) - 1;
        if (rows[row * n + symbol] || columns[column * n + symbol]) return false;
        rows[row * n + symbol] = columns[column * n + symbol] = true;
        if (box_rows == 0) continue;
        if (boxes[BoxOf(row, column) * n + symbol]) return false;
        boxes[BoxOf(row, column) * n + symbol] = true;
      }
    }
    return true;
  }
};

// Fills the empty cells, the one with the fewest candidates first; the depth is the number of empty cells, at most 81.
bool Fill(Square& square) {
  size_t best_row = 0, best_column = 0, fewest = square.n + 1;
  uint32_t best = 0;
  for (size_t row = 0; row < square.n; ++row) {
    for (size_t column = 0; column < square.n; ++column) {
      if (square.At(row, column) != 0) continue;
      uint32_t free = (2u << square.n) - 2;
      for (size_t i = 0; i < square.n; ++i) free &= ~(1u << square.At(row, i)) & ~(1u << square.At(i, column));
      if (square.box_rows > 0) {
        const size_t top = row / square.box_rows * square.box_rows, left = column / square.box_columns * square.box_columns;
        for (size_t i = 0; i < square.n; ++i) free &= ~(1u << square.At(top + i / square.box_columns, left + i % square.box_columns));
      }
      const size_t count = static_cast<size_t>(__builtin_popcount(free));
      if (count < fewest) fewest = count, best = free, best_row = row, best_column = column;
    }
  }
  if (fewest == square.n + 1) return true;
  for (int64_t symbol = 1; symbol <= static_cast<int64_t>(square.n); ++symbol) {
    if ((best >> symbol) % 2 == 0) continue;
    square.At(best_row, best_column) = symbol;
    if (Fill(square)) return true;
  }
  square.At(best_row, best_column) = 0;
  return false;
}

// A random order of 0 .. n-1 that keeps groups of `size` neighbours together.
std::vector<size_t> GroupedOrder(RandomCursor& random, size_t n, size_t size) {
  std::vector<size_t> order;
  for (const int64_t group : Permutation(random, n / size)) {
    for (const int64_t member : Permutation(random, size)) order.push_back(static_cast<size_t>(group) * size + static_cast<size_t>(member));
  }
  return order;
}

// The pattern that shifts every row, with symbols, rows and columns (within their bands) in random order.
Square RandomSquare(RandomCursor& random, size_t n, size_t box_rows, size_t box_columns) {
  Square square{n, box_rows, box_columns, std::vector<int64_t>(n * n)};
  const std::vector<int64_t> symbols = Permutation(random, n);
  const std::vector<size_t> rows = GroupedOrder(random, n, box_rows == 0 ? 1 : box_rows);
  const std::vector<size_t> columns = GroupedOrder(random, n, box_rows == 0 ? 1 : box_columns);
  for (size_t row = 0; row < n; ++row) {
    for (size_t column = 0; column < n; ++column) {
      const size_t r = rows[row], shift = box_rows == 0 ? r : r % box_rows * box_columns + r / box_rows;
      square.At(row, column) = symbols[(columns[column] + shift) % n] + 1;
    }
  }
  return square;
}

class SquareFamily : public PuzzleFamily {
 public:
  struct Level {
    size_t n, box_rows, box_columns;
    int64_t empty;
  };
  SquareFamily(const Facts& facts, const Level* levels) : PuzzleFamily(facts), levels_(levels) {}

  std::string LevelText(int level) const override {
    const Level& at = levels_[level - 1];
    return fmt::format("{0} by {0}, {1} cells to fill", at.n, at.empty);
  }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const Level& at = levels_[level - 1];
    const Square solved = RandomSquare(random, at.n, at.box_rows, at.box_columns);
    Square puzzle = solved;
    const std::vector<int64_t> order = Permutation(random, at.n * at.n);
    for (int64_t i = 0; i < at.empty; ++i) puzzle.cells[static_cast<size_t>(order[static_cast<size_t>(i)])] = 0;
    const std::string boxes = at.box_rows == 0 ? "" : fmt::format(" and every box of {} rows by {} columns", at.box_rows, at.box_columns);
    return {.question =
                fmt::format("Fill the points of this square so that every row, every column{} holds each of the digits 1 to {} once:\n{}\n"
                            "Answer with the whole square, one row a line.",
                            boxes, at.n, puzzle.Text()),
            .answer = solved.Text(),
            .data = {{"rows", GridRows(puzzle.Text())}}};
  }
  std::string Solve(const PuzzleData& data) const override {
    auto square = Read(data.TextList("rows"));
    return square.ok() && Fill(*square) ? square->Text() : "";
  }
  absl::StatusOr<bool> Accepts(const PuzzleData& data, std::string_view, std::string_view answer) const override {
    HONE_ASSIGN_OR_RETURN(const Square puzzle, Read(data.TextList("rows")));
    const auto filled = Read(GridRows(answer));
    if (!filled.ok() || filled->n != puzzle.n || !filled->Complete()) return false;
    for (size_t i = 0; i < puzzle.cells.size(); ++i) {
      if (puzzle.cells[i] != 0 && puzzle.cells[i] != filled->cells[i]) return false;
    }
    return true;
  }
  // One cell changed, two cells of a row swapped, or (complete in itself) a given digit exchanged with another all over the square.
  std::vector<std::string> NearMisses(const Puzzle& puzzle, RandomCursor& random) const override {
    const Square given = *Read(puzzle.data.TextList("rows")), solved = *Read(GridRows(puzzle.answer));
    return CollectNearMisses([&] {
      Square miss = solved;
      const size_t row = random.Below(miss.n), column = random.Below(miss.n), other = random.Below(miss.n);
      switch (random.Below(3)) {
        case 0:
          miss.At(row, column) = random.Between(1, static_cast<int64_t>(miss.n));
          break;
        case 1:
          std::swap(miss.At(row, column), miss.At(row, other));
          break;
        default:
          if (given.At(row, column) == 0) return std::string();
          for (int64_t& cell : miss.cells) {
            const int64_t a = solved.At(row, column), b = solved.At(row, other);
            cell = cell == a ? b : cell == b ? a : cell;
          }
      }
      return miss.cells == solved.cells ? std::string() : miss.Text();
    });
  }

 private:
  // InvalidArgument when the rows are no square of a size that one of the levels has.
  absl::StatusOr<Square> Read(const std::vector<std::string>& rows) const {
    const Level* level = std::find_if(levels_, levels_ + kPuzzleLevels, [&](const Level& at) { return at.n == rows.size(); });
    if (level == levels_ + kPuzzleLevels) return BadPuzzle("\"rows\" must be the rows of a square of a known size");
    Square square{level->n, level->box_rows, level->box_columns, {}};
    for (const std::string& row : rows) {
      if (row.size() != square.n) return BadPuzzle("\"rows\" must have as many cells each as there are rows");
      for (char c : row) {
        if (c != '.' && (c < '1' || c >= static_cast<char>('1' + square.n))) return BadPuzzle("\"rows\" must hold digits and points");
        square.cells.push_back(c == '.' ? 0 : c - '0');
      }
    }
    return square;
  }

  const Level* levels_;
};

class Sudoku : public SquareFamily {
 public:
  Sudoku() : SquareFamily({"sudoku", "sudoku of 4 by 4 to 9 by 9 cells", AnswerForm::kGrid}, kLevels) {}

 private:
  static constexpr Level kLevels[kPuzzleLevels] = {{4, 2, 2, 4}, {6, 2, 3, 8}, {6, 2, 3, 18}, {9, 3, 3, 25}, {9, 3, 3, 45}};
};

class LatinSquare : public SquareFamily {
 public:
  LatinSquare() : SquareFamily({"latin_square", "a square with every digit once in each row and column", AnswerForm::kGrid}, kLevels) {}

 private:
  static constexpr Level kLevels[kPuzzleLevels] = {{3, 0, 0, 4}, {5, 0, 0, 8}, {5, 0, 0, 13}, {7, 0, 0, 22}, {8, 0, 0, 36}};
};

}  // namespace

PuzzleFamilies SudokuFamilies() {
  return MakeFamilies<Sudoku, LatinSquare>();
}

}  // namespace hone
