// Paths through grids and rules on neighbouring cells.

#include <algorithm>
#include <array>
#include <map>

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

// A grid of `symbols`, of which the first stands in `percent` of the cells.
Rows RandomGrid(RandomCursor& random, size_t height, size_t width, char symbol, char other, uint64_t percent) {
  Rows rows(height, std::string(width, other));
  for (std::string& row : rows) {
    for (char& c : row) {
      if (Chance(random, percent)) c = symbol;
    }
  }
  return rows;
}

class GridPathCount : public PuzzleFamily {
 public:
  GridPathCount() : PuzzleFamily({"grid_path_count", "how many ways lead right and down through a grid with walls", AnswerForm::kNumber}) {}
  std::string LevelText(int level) const override {
    return fmt::format("{0} by {0} cells, {1} % walls", kLevels[level - 1].size, kLevels[level - 1].walls);
  }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const size_t n = kLevels[level - 1].size;
    for (;;) {
      Rows rows = RandomGrid(random, n, n, '#', '.', kLevels[level - 1].walls);
      rows[0][0] = rows[n - 1][n - 1] = '.';
      const int64_t count = Count(rows);
      if (count == 0) continue;
      return {.question = fmt::format(
                  "In this grid # is a wall:\n{}\nHow many paths lead from the top left to the bottom right cell, each step one "
                  "cell right or down, without entering a wall? Answer with just the number.",
                  GridText(rows)),
              .answer = std::to_string(count),
              .data = {{"rows", rows}}};
    }
  }
  // From the end, diagonal by diagonal, pushing counts to the cells before.
  std::string Solve(const PuzzleData& data) const override {
    const Rows& rows = data.TextList("rows");
    const size_t n = rows.size();
    std::map<std::pair<size_t, size_t>, int64_t> ways = {{{n - 1, n - 1}, 1}};
    for (size_t step = 0; step < 2 * (n - 1); ++step) {
      std::map<std::pair<size_t, size_t>, int64_t> before;
      for (const auto& [cell, count] : ways) {
        const auto [row, column] = cell;
        if (row > 0 && rows[row - 1][column] == '.') before[{row - 1, column}] += count;
        if (column > 0 && rows[row][column - 1] == '.') before[{row, column - 1}] += count;
      }
      ways = before;
    }
    return std::to_string(ways[{0, 0}]);
  }

 private:
  struct Level {
    size_t size;
    uint64_t walls;
  };
  static int64_t Count(const Rows& rows) {
    std::vector<int64_t> ways(rows.size());
    ways[0] = 1;
    for (const std::string& row : rows) {
      for (size_t column = 0; column < row.size(); ++column) {
        if (column > 0) ways[column] += ways[column - 1];
        if (row[column] == '#') ways[column] = 0;
      }
    }
    return ways.back();
  }
  static constexpr Level kLevels[kPuzzleLevels] = {{4, 20}, {7, 25}, {8, 25}, {9, 20}, {12, 20}};
};

constexpr std::string_view kMoves = "udlr";
constexpr int kRowStep[] = {-1, 1, 0, 0}, kColumnStep[] = {0, 0, -1, 1};

// Steps to every cell from (0, 0) by breadth-first search, -1 where none lead.
std::vector<int64_t> Distances(const Rows& rows) {
  const int64_t height = static_cast<int64_t>(rows.size()), width = static_cast<int64_t>(rows[0].size());
  std::vector<int64_t> distance(static_cast<size_t>(height * width), -1), queue = {0};
  distance[0] = 0;
  for (size_t next = 0; next < queue.size(); ++next) {
    for (size_t move = 0; move < 4; ++move) {
      const int64_t row = queue[next] / width + kRowStep[move], column = queue[next] % width + kColumnStep[move];
      if (row < 0 || row >= height || column < 0 || column >= width || rows[row][column] == '#' || distance[row * width + column] >= 0)
        continue;
      distance[row * width + column] = distance[queue[next]] + 1;
      queue.push_back(row * width + column);
    }
  }
  return distance;
}

class MazePath : public PuzzleFamily {
 public:
  MazePath() : PuzzleFamily({"maze_path", "a shortest path through a maze, as letters", AnswerForm::kText}) {}
  std::string LevelText(int level) const override {
    return fmt::format("{0} by {0} cells, {1} % walls, at least {2} steps", kLevels[level - 1].size, kLevels[level - 1].walls,
                       2 * kLevels[level - 1].size - 2);
  }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const size_t n = kLevels[level - 1].size;
    for (;;) {
      Rows rows = RandomGrid(random, n, n, '#', '.', kLevels[level - 1].walls);
      rows[0][0] = rows[n - 1][n - 1] = '.';
      const std::vector<int64_t> distance = Distances(rows);
      if (distance.back() < 0) continue;
      // Back from the end, always to a cell one step closer.
      std::string path;
      for (size_t row = n - 1, column = n - 1; row + column > 0;) {
        for (size_t move = 0; move < 4; ++move) {
          const size_t r = row - kRowStep[move], c = column - kColumnStep[move];
          if (r >= n || c >= n || distance[r * n + c] < 0 || distance[r * n + c] + 1 != distance[row * n + column]) continue;
          path.insert(path.begin(), kMoves[move]);
          row = r, column = c;
          break;
        }
      }
      return {.question =
                  fmt::format("In this maze # is a wall:\n{}\nGive a shortest path from the top left to the bottom right cell. Answer with "
                              "just the letters of its steps: U up, D down, L left, R right, as in RRDD.",
                              GridText(rows)),
              .answer = path,
              .data = {{"rows", rows}}};
    }
  }
  // Layer by layer, with the path carried along.
  std::string Solve(const PuzzleData& data) const override {
    const Rows& rows = data.TextList("rows");
    std::map<std::pair<size_t, size_t>, std::string> layer = {{{0, 0}, ""}}, seen = layer;
    while (!layer.empty()) {
      std::map<std::pair<size_t, size_t>, std::string> next;
      for (const auto& [cell, path] : layer) {
        if (cell.first + 1 == rows.size() && cell.second + 1 == rows[0].size()) return path;
        for (size_t move = 0; move < 4; ++move) {
          const std::pair<size_t, size_t> to(cell.first + kRowStep[move], cell.second + kColumnStep[move]);
          if (to.first >= rows.size() || to.second >= rows[0].size() || rows[to.first][to.second] == '#') continue;
          if (seen.emplace(to, "").second) next[to] = path + kMoves[move];
        }
      }
      layer = std::move(next);
    }
    return "";
  }
  absl::StatusOr<bool> Accepts(const PuzzleData& data, std::string_view, std::string_view answer) const override {
    const Rows& rows = data.TextList("rows");
    if (rows.empty() || rows.size() > 100 || rows[0].empty() || rows[0].size() > 100) return BadPuzzle("\"rows\" must be 1 to 100 rows");
    for (const std::string& row : rows) {
      if (row.size() != rows[0].size()) return BadPuzzle("\"rows\" must all have the same length");
    }
    const int64_t shortest = Distances(rows).back();
    if (shortest < 0) return BadPuzzle("no path leads through the maze");
    size_t row = 0, column = 0;
    int64_t steps = 0;
    for (char c : answer) {
      if (c == ' ' || c == ',') continue;
      const size_t move = kMoves.find(c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
      if (move == std::string_view::npos) return false;
      row += kRowStep[move], column += kColumnStep[move];  // a step over the edge wraps around to a huge number
      if (row >= rows.size() || column >= rows[0].size() || rows[row][column] == '#') return false;
      ++steps;
    }
    return steps == shortest && row + 1 == rows.size() && column + 1 == rows[0].size();
  }
  // Paths that end elsewhere or are a step longer or shorter: their steps do not add up to the way, or they are too many.
  std::vector<std::string> NearMisses(const Puzzle& puzzle, RandomCursor& random) const override {
    const std::string& path = puzzle.answer;
    return CollectNearMisses([&] {
      std::string miss = path;
      const size_t at = random.Below(path.size());
      switch (random.Below(3)) {
        case 0:
          return miss.erase(at, 1);
        case 1:
          return miss.insert(at, 1, Pick(random, kMoves));
        default:
          miss[at] = Pick(random, kMoves);
          return miss == path ? std::string() : miss;
      }
    });
  }

 private:
  struct Level {
    size_t size;
    uint64_t walls;
  };
  static constexpr Level kLevels[kPuzzleLevels] = {{4, 20}, {6, 25}, {8, 30}, {10, 30}, {13, 33}};
};

size_t CountNeighbours(const Rows& rows, size_t row, size_t column, char symbol) {
  size_t count = 0;
  for (size_t r = row == 0 ? 0 : row - 1; r <= row + 1 && r < rows.size(); ++r) {
    for (size_t c = column == 0 ? 0 : column - 1; c <= column + 1 && c < rows[r].size(); ++c)
      count += rows[r][c] == symbol && (r != row || c != column);
  }
  return count;
}

class GameOfLife : public PuzzleFamily {
 public:
  GameOfLife() : PuzzleFamily({"game_of_life", "a grid after some generations of Conway's game of life", AnswerForm::kGrid}) {}
  std::string LevelText(int level) const override {
    const Level& at = kLevels[level - 1];
    return fmt::format("{0} by {0} cells, {1} generation{2}", at.size, at.generations, at.generations == 1 ? "" : "s");
  }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const Level& at = kLevels[level - 1];
    const Rows rows = RandomGrid(random, at.size, at.size, '#', '.', 45);
    Rows now = rows;
    for (int64_t i = 0; i < at.generations; ++i) {
      Rows next = now;
      for (size_t row = 0; row < at.size; ++row) {
        for (size_t column = 0; column < at.size; ++column) {
          const size_t alive = CountNeighbours(now, row, column, '#');
          next[row][column] = alive == 3 || (alive == 2 && now[row][column] == '#') ? '#' : '.';
        }
      }
      now = next;
    }
    return {.question =
                fmt::format("In this grid # is a living cell and . a dead one; beyond the edge all are dead:\n{}\nIn every generation, all "
                            "at once, a living cell with two or three living neighbours (of eight) stays alive, a dead one with exactly "
                            "three comes alive, all others are dead. What does the grid look like after {} generation{}? Answer with just "
                            "the grid.",
                            GridText(rows), at.generations, at.generations == 1 ? "" : "s"),
            .answer = GridText(now),
            .data = {{"rows", rows}, {"generations", at.generations}}};
  }
  // Every living cell adds one to its eight neighbours, in a field with a dead border.
  std::string Solve(const PuzzleData& data) const override {
    Rows rows = data.TextList("rows");
    const size_t n = rows.size(), width = n + 2;
    for (int64_t i = 0; i < data.Int("generations"); ++i) {
      std::vector<int> heat(width * width);
      for (size_t row = 0; row < n; ++row) {
        for (size_t column = 0; column < n; ++column) {
          if (rows[row][column] != '#') continue;
          for (size_t r = row; r <= row + 2; ++r) {
            for (size_t c = column; c <= column + 2; ++c) heat[r * width + c] += 2;
          }
          heat[(row + 1) * width + column + 1] -= 1;
        }
      }
      for (size_t row = 0; row < n; ++row) {
        for (size_t column = 0; column < n; ++column) {
          const int h = heat[(row + 1) * width + column + 1];  // twice the neighbours, plus one where alive
          rows[row][column] = h >= 5 && h <= 7 ? '#' : '.';
        }
      }
    }
    return GridText(rows);
  }

 private:
  struct Level {
    size_t size;
    int64_t generations;
  };
  static constexpr Level kLevels[kPuzzleLevels] = {{4, 1}, {6, 1}, {6, 2}, {8, 2}, {9, 4}};
};

class MineCounts : public PuzzleFamily {
 public:
  MineCounts() : PuzzleFamily({"mine_counts", "the number of mines around every free cell", AnswerForm::kGrid}) {}
  std::string LevelText(int level) const override { return fmt::format("{0} by {0} cells", kSizes[level - 1]); }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const size_t n = kSizes[level - 1];
    const Rows rows = RandomGrid(random, n, n, 'x', '.', 30);
    Rows counts = rows;
    for (size_t row = 0; row < n; ++row) {
      for (size_t column = 0; column < n; ++column) {
        if (rows[row][column] == '.') counts[row][column] = static_cast<char>('0' + CountNeighbours(rows, row, column, 'x'));
      }
    }
    return {.question = fmt::format(
                "In this grid x is a mine:\n{}\nReplace every point by the number of mines in the eight cells around it and leave "
                "the mines. Answer with just the grid.",
                GridText(rows)),
            .answer = GridText(counts),
            .data = {{"rows", rows}}};
  }
  // Every mine adds one to the digits around it.
  std::string Solve(const PuzzleData& data) const override {
    Rows rows = data.TextList("rows");
    const Rows mines = rows;
    for (std::string& row : rows) std::replace(row.begin(), row.end(), '.', '0');
    for (int64_t row = 0; row < std::ssize(mines); ++row) {
      for (int64_t column = 0; column < std::ssize(mines[row]); ++column) {
        if (mines[row][column] != 'x') continue;
        for (int64_t r = std::max<int64_t>(0, row - 1); r < std::min(row + 2, std::ssize(mines)); ++r) {
          for (int64_t c = std::max<int64_t>(0, column - 1); c < std::min(column + 2, std::ssize(mines[r])); ++c) {
            if (rows[r][c] != 'x') ++rows[r][c];
          }
        }
      }
    }
    return GridText(rows);
  }

 private:
  static constexpr size_t kSizes[kPuzzleLevels] = {4, 6, 7, 9, 12};
};

class LightsOut : public PuzzleFamily {
 public:
  LightsOut() : PuzzleFamily({"lights_out", "which cells to press so that every light goes out", AnswerForm::kSet}) {}
  std::string LevelText(int level) const override {
    return fmt::format("{} by {} cells, {} presses", kLevels[level - 1].height, kLevels[level - 1].width, kLevels[level - 1].presses);
  }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const Level& at = kLevels[level - 1];
    std::vector<int64_t> cells = Permutation(random, at.height * at.width);
    cells.resize(at.presses);
    std::sort(cells.begin(), cells.end());
    Rows rows(at.height, std::string(at.width, '.'));
    for (const int64_t cell : cells) Press(rows, static_cast<size_t>(cell));
    return {.question = fmt::format(
                "In this grid # is a light that is on and . one that is off:\n{}\nPressing a cell switches it and its neighbours "
                "above, below, left and right. Rows are named a, b, c and so on from the top, columns 1, 2, 3 and so on from the "
                "left. Which cells must be pressed, each once, so that all lights are off? Answer with just the cells, separated "
                "by commas, as in a1, b3.",
                GridText(rows)),
            .answer = Names(cells, at.width),
            .data = {{"rows", rows}}};
  }
  // Light chasing: a choice for the first row settles every row below.
  std::string Solve(const PuzzleData& data) const override {
    const Rows& start = data.TextList("rows");
    const size_t width = start[0].size();
    for (uint64_t first = 0; first < uint64_t{1} << width; ++first) {
      Rows rows = start;
      std::vector<int64_t> pressed;
      for (size_t cell = 0; cell < rows.size() * width; ++cell) {
        const size_t row = cell / width, column = cell % width;
        if (row == 0 ? (first >> column) % 2 == 0 : rows[row - 1][column] == '.') continue;
        Press(rows, cell);
        pressed.push_back(static_cast<int64_t>(cell));
      }
      if (rows.back().find('#') == std::string::npos) return Names(pressed, width);
    }
    return "";
  }
  absl::StatusOr<bool> Accepts(const PuzzleData& data, std::string_view, std::string_view answer) const override {
    Rows rows = data.TextList("rows");
    if (rows.empty() || rows.size() > 9 || rows[0].empty() || rows[0].size() > 9)
      return BadPuzzle("\"rows\" must be 1 to 9 rows of 1 to 9 cells");
    const size_t width = rows[0].size();
    for (const std::string& row : rows) {
      if (row.size() != width) return BadPuzzle("\"rows\" must all have the same length");
    }
    std::vector<bool> pressed(rows.size() * width);
    for (const std::string& item : ListItems(answer)) {
      const size_t row = static_cast<size_t>(item[0] - 'a'), column = item.size() == 2 ? static_cast<size_t>(item[1] - '1') : width;
      if (row >= rows.size() || column >= width || pressed[row * width + column]) return false;
      pressed[row * width + column] = true;
      Press(rows, row * width + column);
    }
    return std::all_of(rows.begin(), rows.end(), [](const std::string& row) { return row.find('#') == std::string::npos; });
  }
  // One cell more or less: pressing one cell always switches some light.
  std::vector<std::string> NearMisses(const Puzzle& puzzle, RandomCursor& random) const override {
    const Rows& rows = puzzle.data.TextList("rows");
    std::vector<std::string> cells;
    for (size_t cell = 0; cell < rows.size() * rows[0].size(); ++cell) cells.push_back(Names({static_cast<int64_t>(cell)}, rows[0].size()));
    return SubsetNearMisses(cells, puzzle.answer, random);
  }

 private:
  struct Level {
    size_t height, width, presses;
  };
  static void Press(Rows& rows, size_t cell) {
    const size_t width = rows[0].size(), row = cell / width, column = cell % width;
    auto flip = [&](size_t r, size_t c) {
      if (r < rows.size() && c < width) rows[r][c] = rows[r][c] == '#' ? '.' : '#';
    };
    flip(row, column), flip(row - 1, column), flip(row + 1, column), flip(row, column - 1), flip(row, column + 1);
  }
  static std::string Names(const std::vector<int64_t>& cells, size_t width) {
    std::vector<std::string> names;
    for (const int64_t cell : cells)
      names.push_back(
          fmt::format("{}{}", static_cast<char>('a' + cell / static_cast<int64_t>(width)), cell % static_cast<int64_t>(width) + 1));
    return SubsetText(names);
  }
  static constexpr Level kLevels[kPuzzleLevels] = {{3, 3, 2}, {6, 7, 6}, {6, 7, 9}, {7, 7, 14}, {8, 8, 22}};
};

}  // namespace

PuzzleFamilies GridFamilies() {
  return MakeFamilies<GridPathCount, MazePath, GameOfLife, MineCounts, LightsOut>();
}

}  // namespace hone
