// Geometry by coordinates, all of them whole numbers.

#include <algorithm>
#include <array>
#include <numeric>

#include "fmt/format.h"
#include "verifiers/puzzles/draw.h"
#include "verifiers/puzzles/expression.h"
#include "verifiers/puzzles/families.h"

namespace hone {
namespace {

using Ints = PuzzleData::Ints;

struct Point {
  int64_t x = 0, y = 0;
  bool operator==(const Point&) const = default;
};
int64_t Cross(const Point& a, const Point& b) {
  return a.x * b.y - a.y * b.x;
}
std::string Text(const Point& p) {
  return fmt::format("({}, {})", p.x, p.y);
}
std::vector<Point> ReadPoints(const Ints& flat) {
  std::vector<Point> points;
  for (size_t i = 0; i + 1 < flat.size(); i += 2) points.push_back({flat[i], flat[i + 1]});
  return points;
}
Ints Flat(const std::vector<Point>& points) {
  Ints flat;
  for (const Point& p : points) flat.push_back(p.x), flat.push_back(p.y);
  return flat;
}

class PolygonArea : public PuzzleFamily {
 public:
  PolygonArea() : PuzzleFamily({"polygon_area", "the area of a polygon from its corners", AnswerForm::kNumber}) {}
  std::string LevelText(int level) const override {
    return fmt::format("{} corners, coordinates up to {}", kLevels[level - 1].corners, kLevels[level - 1].max);
  }
  // A star-shaped polygon: points around the origin in the order of their angles, with less than half a turn between neighbours.
  Puzzle Generate(RandomCursor& random, int level) const override {
    const Level& at = kLevels[level - 1];
    std::vector<Point> points;
    auto upper = [](const Point& p) { return p.y > 0 || (p.y == 0 && p.x > 0); };
    for (bool good = false; !good;) {
      points.clear();
      for (size_t i = 0; i < at.corners; ++i) points.push_back({random.Between(-at.max, at.max), random.Between(-at.max, at.max)});
      if (std::count(points.begin(), points.end(), Point{}) > 0) continue;
      std::sort(points.begin(), points.end(), [&](const Point& a, const Point& b) {
        if (upper(a) != upper(b)) return upper(a);
        return Cross(a, b) > 0;
      });
      good = true;
      for (size_t i = 0; i < points.size(); ++i) good = good && Cross(points[i], points[(i + 1) % points.size()]) > 0;
    }
    int64_t twice = 0;
    for (size_t i = 0; i < points.size(); ++i) twice += Cross(points[i], points[(i + 1) % points.size()]);
    const Point shift{random.Between(-at.max, at.max), random.Between(-at.max, at.max)};
    std::string text;
    for (Point& p : points) {
      p = {p.x + shift.x, p.y + shift.y};
      text += (text.empty() ? "" : ", ") + Text(p);
    }
    return {
        .question = fmt::format("What is the area of the polygon with the corners {}, in this order? Answer with just the number.", text),
        .answer = fmt::format("{}{}", twice / 2, twice % 2 == 0 ? "" : ".5"),
        .data = {{"points", Flat(points)}}};
  }
  // Pick's theorem: lattice points inside and on the border are counted.
  std::string Solve(const PuzzleData& data) const override {
    const std::vector<Point> points = ReadPoints(data.IntList("points"));
    int64_t border = 0, inside = 0;
    Point low = points[0], high = points[0];
    for (size_t i = 0; i < points.size(); ++i) {
      const Point &a = points[i], &b = points[(i + 1) % points.size()];
      border += std::gcd(b.x - a.x, b.y - a.y);
      low = {std::min(low.x, a.x), std::min(low.y, a.y)};
      high = {std::max(high.x, a.x), std::max(high.y, a.y)};
    }
    for (int64_t y = low.y; y <= high.y; ++y) {
      for (int64_t x = low.x; x <= high.x; ++x) {
        bool in = false, on = false;
        for (size_t i = 0; i < points.size(); ++i) {
          const Point &a = points[i], &b = points[(i + 1) % points.size()];
          const int64_t side = Cross({b.x - a.x, b.y - a.y}, {x - a.x, y - a.y});
          on =
              on || (side == 0 && std::min(a.x, b.x) <= x && x <= std::max(a.x, b.x) && std::min(a.y, b.y) <= y && y <= std::max(a.y, b.y));
          if ((a.y <= y) != (b.y <= y) && (b.y > a.y ? side > 0 : side < 0)) in = !in;
        }
        inside += in && !on;
      }
    }
    return Rational::Make(2 * inside + border - 2, 2)->Text();
  }

 private:
  struct Level {
    size_t corners;
    int64_t max;
  };
  static constexpr Level kLevels[kPuzzleLevels] = {{3, 6}, {3, 15}, {4, 15}, {6, 15}, {8, 20}};
};

class RobotWalk : public PuzzleFamily {
 public:
  RobotWalk() : PuzzleFamily({"robot_walk", "where a robot stands after steps and turns", AnswerForm::kList}) {}
  std::string LevelText(int level) const override { return fmt::format("{} commands", kCommands[level - 1]); }
  Puzzle Generate(RandomCursor& random, int level) const override {
    constexpr std::array<Point, 4> kDirections = {Point{0, 1}, {1, 0}, {0, -1}, {-1, 0}};  // north, then clockwise
    Point at;
    size_t facing = 0;
    PuzzleData::Texts commands;
    for (size_t i = 0; i < kCommands[level - 1]; ++i) {
      const uint64_t kind = i % 2 == 0 ? random.Below(2) : 2 + random.Below(3);
      const int64_t steps = random.Between(1, 12);
      switch (kind) {
        case 0:
        case 1:
          commands.push_back(fmt::format("{} {}", kind == 0 ? "forward" : "back", steps));
          at.x += (kind == 0 ? steps : -steps) * kDirections[facing].x;
          at.y += (kind == 0 ? steps : -steps) * kDirections[facing].y;
          break;
        default:
          commands.push_back(kind == 2 ? "turn right" : kind == 3 ? "turn around" : "turn left");
          facing = (facing + kind - 1) % 4;
      }
    }
    std::string text;
    for (const std::string& command : commands) text += (text.empty() ? "" : ", ") + command;
    return {.question =
                fmt::format("A robot stands at (0, 0) and faces north, where y grows; x grows to the east. It follows these commands: {}. "
                            "Where does it stand then? Answer with x and y, as in 3, -2.",
                            text),
            .answer = fmt::format("{}, {}", at.x, at.y),
            .data = {{"commands", commands}}};
  }
  // The same walk seen by the robot: the world turns, the robot does not; the end is turned back.
  std::string Solve(const PuzzleData& data) const override {
    Point start;  // as the robot sees where it started, its own forward being +y
    int turns = 0;
    auto right = [&] {  // the world turns to the left
      start = {-start.y, start.x};
      ++turns;
    };
    for (const std::string& command : data.TextList("commands")) {
      if (command.starts_with("turn")) {
        for (int i = command == "turn right" ? 1 : command == "turn around" ? 2 : 3; i > 0; --i) right();
      } else {
        const int64_t steps = std::stoll(command.substr(command.find(' ')));
        start.y += command.starts_with("back") ? steps : -steps;
      }
    }
    while (turns % 4 != 0) right();
    return fmt::format("{}, {}", -start.x, -start.y);
  }

 private:
  static constexpr size_t kCommands[kPuzzleLevels] = {3, 7, 11, 17, 27};
};

class PointTransform : public PuzzleFamily {
 public:
  PointTransform() : PuzzleFamily({"point_transform", "a point after reflections, rotations and shifts", AnswerForm::kList}) {}
  std::string LevelText(int level) const override { return fmt::format("{} transformations", kSteps[level - 1]); }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const Point start{random.Between(-20, 20), random.Between(-20, 20)};
    Point p = start;
    Ints steps;
    std::string text;
    for (size_t i = 0; i < kSteps[level - 1]; ++i) {
      const int64_t kind = i % 2 == 1 ? 7 : random.Between(0, 6);
      const int64_t dx = kind == 7 ? NonZero(random, -15, 15) : 0, dy = kind == 7 ? NonZero(random, -15, 15) : 0;
      steps.insert(steps.end(), {kind, dx, dy});
      text += fmt::format("{}. {}\n", i + 1, kind == 7 ? fmt::format("shift by ({}, {})", dx, dy) : kNames[kind]);
      switch (kind) {
        case 0:
          p.y = -p.y;
          break;
        case 1:
          p.x = -p.x;
          break;
        case 2:
          std::swap(p.x, p.y);
          break;
        case 3:
          p = {-p.y, p.x};
          break;
        case 4:
          p = {p.y, -p.x};
          break;
        case 5:
          p = {-p.x, -p.y};
          break;
        case 6:
          p = {2 * p.x, 2 * p.y};
          break;
        default:
          p = {p.x + dx, p.y + dy};
      }
    }
    return {.question = fmt::format("The point {} is moved by these steps in turn:\n{}Where does it end? Answer with x and y, as in 3, -2.",
                                    Text(start), text),
            .answer = fmt::format("{}, {}", p.x, p.y),
            .data = {{"x", start.x}, {"y", start.y}, {"steps", steps}}};
  }
  // All steps as one affine map (matrix and shift), multiplied from the last step to the first and then applied once.
  std::string Solve(const PuzzleData& data) const override {
    constexpr int64_t kMatrices[7][4] = {{1, 0, 0, -1}, {-1, 0, 0, 1},  {0, 1, 1, 0}, {0, -1, 1, 0},
                                         {0, 1, -1, 0}, {-1, 0, 0, -1}, {2, 0, 0, 2}};
    int64_t m[4] = {1, 0, 0, 1};
    Point shift;
    const Ints& steps = data.IntList("steps");
    for (size_t i = steps.size() / 3; i-- > 0;) {
      const int64_t kind = steps[3 * i];
      if (kind == 7) {
        shift.x += m[0] * steps[3 * i + 1] + m[1] * steps[3 * i + 2];
        shift.y += m[2] * steps[3 * i + 1] + m[3] * steps[3 * i + 2];
      } else {
        const int64_t* t = kMatrices[kind];
        const int64_t product[4] = {m[0] * t[0] + m[1] * t[2], m[0] * t[1] + m[1] * t[3], m[2] * t[0] + m[3] * t[2],
                                    m[2] * t[1] + m[3] * t[3]};
        std::copy(product, product + 4, m);
      }
    }
    const int64_t x = data.Int("x"), y = data.Int("y");
    return fmt::format("{}, {}", m[0] * x + m[1] * y + shift.x, m[2] * x + m[3] * y + shift.y);
  }

 private:
  static constexpr const char* kNames[] = {"reflect it in the x-axis",
                                           "reflect it in the y-axis",
                                           "reflect it in the line y = x",
                                           "rotate it by 90 degrees counterclockwise about the origin",
                                           "rotate it by 90 degrees clockwise about the origin",
                                           "rotate it by 180 degrees about the origin",
                                           "double both coordinates"};
  static constexpr size_t kSteps[kPuzzleLevels] = {1, 3, 5, 8, 12};
};

class LineIntersection : public PuzzleFamily {
 public:
  LineIntersection() : PuzzleFamily({"line_intersection", "where two lines through given points meet", AnswerForm::kList}) {}
  std::string LevelText(int level) const override {
    return fmt::format("{}, coordinates up to about {}", level <= 3 ? "whole solutions" : "solutions that may be fractions",
                       5 * kMax[level - 1]);
  }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const int64_t max = kMax[level - 1];
    for (;;) {
      const Point meet{random.Between(-max, max), random.Between(-max, max)};
      const Point d{random.Between(-max, max), random.Between(-max, max)}, e{random.Between(-max, max), random.Between(-max, max)};
      if (Cross(d, e) == 0) continue;
      auto along = [&](const Point& direction, int64_t steps) { return Point{meet.x + steps * direction.x, meet.y + steps * direction.y}; };
      std::vector<Point> points = {along(d, random.Between(-4, -1)), along(d, random.Between(1, 4)), along(e, random.Between(-4, -1)),
                                   along(e, random.Between(1, 4))};
      if (level >= 4) points[3] = {random.Between(-5 * max, 5 * max), random.Between(-5 * max, 5 * max)};
      // Parameter form: how far along the first line, as a fraction.
      const Point u{points[1].x - points[0].x, points[1].y - points[0].y}, v{points[3].x - points[2].x, points[3].y - points[2].y};
      const int64_t det = Cross(u, v), part = Cross({points[2].x - points[0].x, points[2].y - points[0].y}, v);
      if (det == 0) continue;
      auto coordinate = [&](int64_t from, int64_t step) { return Rational::Make(from * det + part * step, det)->Text(); };
      return {.question = fmt::format(
                  "One line goes through {} and {}, another through {} and {}. Where do they meet? Answer with x and y, as in "
                  "3, -2{}.",
                  Text(points[0]), Text(points[1]), Text(points[2]), Text(points[3]), level <= 3 ? "" : "; write fractions as in 7/3"),
              .answer = fmt::format("{}, {}", coordinate(points[0].x, u.x), coordinate(points[0].y, u.y)),
              .data = {{"points", Flat(points)}}};
    }
  }
  // Both lines as a x + b y = c, then Cramer's rule.
  std::string Solve(const PuzzleData& data) const override {
    const std::vector<Point> p = ReadPoints(data.IntList("points"));
    const int64_t a = p[1].y - p[0].y, b = p[0].x - p[1].x, c = a * p[0].x + b * p[0].y;
    const int64_t d = p[3].y - p[2].y, e = p[2].x - p[3].x, f = d * p[2].x + e * p[2].y;
    const int64_t det = a * e - b * d;
    return fmt::format("{}, {}", Rational::Make(c * e - b * f, det)->Text(), Rational::Make(a * f - c * d, det)->Text());
  }

 private:
  static constexpr int64_t kMax[kPuzzleLevels] = {3, 6, 12, 3, 8};
};

class RectangleUnion : public PuzzleFamily {
 public:
  RectangleUnion() : PuzzleFamily({"rectangle_union", "the area that several rectangles cover together", AnswerForm::kNumber}) {}
  std::string LevelText(int level) const override {
    return fmt::format("{} rectangles, coordinates up to {}", kLevels[level - 1].count, kLevels[level - 1].max);
  }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const Level& at = kLevels[level - 1];
    Ints flat;
    std::string text;
    for (int i = 0; i < at.count; ++i) {
      std::vector<int64_t> xs = Distinct(random, 2, 0, at.max), ys = Distinct(random, 2, 0, at.max);
      std::sort(xs.begin(), xs.end());
      std::sort(ys.begin(), ys.end());
      flat.insert(flat.end(), {xs[0], ys[0], xs[1], ys[1]});
      text += fmt::format("{}from {} to {}", text.empty() ? "" : "; ", Text({xs[0], ys[0]}), Text({xs[1], ys[1]}));
    }
    // Inclusion and exclusion over all subsets.
    int64_t area = 0;
    for (int subset = 1; subset < 1 << at.count; ++subset) {
      int64_t left = 0, bottom = 0, right = at.max, top = at.max, sign = -1;
      for (int i = 0; i < at.count; ++i) {
        if ((subset >> i) % 2 == 0) continue;
        sign = -sign;
        left = std::max(left, flat[4 * i]), bottom = std::max(bottom, flat[4 * i + 1]);
        right = std::min(right, flat[4 * i + 2]), top = std::min(top, flat[4 * i + 3]);
      }
      area += sign * std::max<int64_t>(0, right - left) * std::max<int64_t>(0, top - bottom);
    }
    return {.question =
                fmt::format("Rectangles with sides along the axes are given by two opposite corners: {}. What is the area that is covered "
                            "by at least one of them? Answer with just the number.",
                            text),
            .answer = std::to_string(area),
            .data = {{"corners", flat}, {"max", at.max}}};
  }
  // Unit squares counted one by one.
  std::string Solve(const PuzzleData& data) const override {
    const Ints& c = data.IntList("corners");
    int64_t area = 0;
    for (int64_t x = 0; x < data.Int("max"); ++x) {
      for (int64_t y = 0; y < data.Int("max"); ++y) {
        bool covered = false;
        for (size_t i = 0; i + 3 < c.size(); i += 4) covered = covered || (c[i] <= x && x < c[i + 2] && c[i + 1] <= y && y < c[i + 3]);
        area += covered;
      }
    }
    return std::to_string(area);
  }

 private:
  struct Level {
    int count;
    int64_t max;
  };
  static constexpr Level kLevels[kPuzzleLevels] = {{1, 20}, {2, 12}, {3, 12}, {4, 20}, {6, 30}};
};

}  // namespace

PuzzleFamilies GeometryFamilies() {
  return MakeFamilies<PolygonArea, RobotWalk, PointTransform, LineIntersection, RectangleUnion>();
}

}  // namespace hone
