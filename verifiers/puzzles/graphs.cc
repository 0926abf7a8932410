// Graphs of towns and roads: paths, colours, orders, parts, spanning trees.

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "verifiers/puzzles/draw.h"
#include "verifiers/puzzles/families.h"

namespace hone {
namespace {

using Ints = PuzzleData::Ints;

constexpr int64_t kMaxNodes = 26;  // named by letters

std::string NodeName(int64_t node) {
  return std::string(1, static_cast<char>('A' + node));
}
// The node of an item of an answer (lower case already), -1 when it is none.
int64_t ReadNode(std::string_view item, int64_t nodes) {
  const int64_t node = item.size() == 1 ? item[0] - 'a' : -1;
  return node >= 0 && node < nodes ? node : -1;
}
std::string NodeList(const std::vector<int64_t>& nodes) {
  std::vector<std::string> names;
  for (const int64_t node : nodes) names.push_back(NodeName(node));
  return SubsetText(names);
}

struct Edge {
  int64_t a = 0, b = 0, weight = 0;
};
// Edges as flat triples.
std::vector<Edge> ReadEdges(const Ints& flat) {
  std::vector<Edge> edges;
  for (size_t i = 0; i + 2 < flat.size(); i += 3) edges.push_back({flat[i], flat[i + 1], flat[i + 2]});
  return edges;
}
Ints Flat(const std::vector<Edge>& edges) {
  Ints flat;
  for (const Edge& edge : edges) flat.insert(flat.end(), {edge.a, edge.b, edge.weight});
  return flat;
}
// For Accepts: few nodes, edges between them.
absl::Status CheckGraph(const PuzzleData& data) {
  const int64_t nodes = data.Int("nodes");
  if (nodes < 1 || nodes > kMaxNodes) return BadPuzzle("\"nodes\" must be between 1 and 26");
  for (const Edge& edge : ReadEdges(data.IntList("edges"))) {
    if (edge.a < 0 || edge.a >= nodes || edge.b < 0 || edge.b >= nodes || edge.weight < 0 || edge.weight > 1'000'000)
      return BadPuzzle("\"edges\" must join its nodes");
  }
  return absl::OkStatus();
}

// `count` edges between different pairs of nodes, a < b, in random order; with `connected`, a tree first.
std::vector<Edge> RandomEdges(RandomCursor& random, int64_t nodes, size_t count, int64_t max_weight, bool connected) {
  std::vector<Edge> edges;
  std::set<std::pair<int64_t, int64_t>> taken;
  auto add = [&](int64_t a, int64_t b) {
    if (a > b) std::swap(a, b);
    if (a != b && taken.emplace(a, b).second) edges.push_back({a, b, random.Between(1, max_weight)});
  };
  if (connected) {
    const std::vector<int64_t> order = Permutation(random, static_cast<size_t>(nodes));
    for (size_t i = 1; i < order.size(); ++i) add(order[i], order[random.Below(i)]);
  }
  while (edges.size() < count) add(random.Between(0, nodes - 1), random.Between(0, nodes - 1));
  Shuffle(random, edges);
  return edges;
}
// Whatever the order of the edges.
std::string EdgesKey(const std::vector<Edge>& edges) {
  std::vector<std::string> texts;
  for (const Edge& edge : edges) texts.push_back(fmt::format("{}-{}-{}", edge.a, edge.b, edge.weight));
  return SortedKey(texts);
}
std::string EdgesText(const std::vector<Edge>& edges, bool weights) {
  std::string text;
  for (const Edge& edge : edges) {
    text += fmt::format("{}{}-{}", text.empty() ? "" : ", ", NodeName(edge.a), NodeName(edge.b));
    if (weights) text += fmt::format(" {}", edge.weight);
  }
  return text;
}

// Length of a path along the edges, -1 where an edge is missing.
int64_t PathLength(const std::vector<Edge>& edges, const std::vector<int64_t>& path) {
  int64_t length = 0;
  for (size_t i = 1; i < path.size(); ++i) {
    const auto edge = std::find_if(edges.begin(), edges.end(), [&](const Edge& e) {
      return (e.a == path[i - 1] && e.b == path[i]) || (e.b == path[i - 1] && e.a == path[i]);
    });
    if (edge == edges.end()) return -1;
    length += edge->weight;
  }
  return length;
}
// Shortest distances from node 0 (Bellman and Ford), -1 where no road leads.
std::vector<int64_t> DistancesFromFirst(const std::vector<Edge>& edges, int64_t nodes) {
  std::vector<int64_t> distance(static_cast<size_t>(nodes), -1);
  distance[0] = 0;
  for (int64_t round = 0; round < nodes; ++round) {
    for (const Edge& edge : edges) {
      for (const auto& [from, to] : {std::pair(edge.a, edge.b), std::pair(edge.b, edge.a)}) {
        if (distance[from] >= 0 && (distance[to] < 0 || distance[from] + edge.weight < distance[to]))
          distance[to] = distance[from] + edge.weight;
      }
    }
  }
  return distance;
}

class GraphPath : public PuzzleFamily {
 public:
  GraphPath() : PuzzleFamily({"graph_path", "a shortest way between two towns", AnswerForm::kList}) {}
  std::string LevelText(int level) const override {
    return fmt::format("{} towns, {} roads", kLevels[level - 1].nodes, kLevels[level - 1].edges);
  }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const int64_t nodes = kLevels[level - 1].nodes;
    for (;;) {
      const std::vector<Edge> edges = RandomEdges(random, nodes, kLevels[level - 1].edges, 20, /*connected=*/true);
      const std::vector<int64_t> distance = DistancesFromFirst(edges, nodes);
      std::vector<int64_t> path = {nodes - 1};
      while (path.front() != 0) {
        for (const Edge& edge : edges) {
          const int64_t other = edge.a == path.front() ? edge.b : edge.b == path.front() ? edge.a : -1;
          if (other < 0 || distance[other] + edge.weight != distance[path.front()]) continue;
          path.insert(path.begin(), other);
          break;
        }
      }
      if (path.size() < 3) continue;  // the direct road
      return {.question =
                  fmt::format("Roads between towns and their lengths: {}. Give a shortest way from {} to {}. Answer with just the towns on "
                              "it in order, both ends included, separated by commas.",
                              EdgesText(edges, true), NodeName(0), NodeName(nodes - 1)),
              .answer = NodeList(path),
              .data = {{"nodes", nodes}, {"edges", Flat(edges)}},
              .key = EdgesKey(edges)};
    }
  }
  // Dijkstra's algorithm with the path kept beside the distance.
  std::string Solve(const PuzzleData& data) const override {
    const std::vector<Edge> edges = ReadEdges(data.IntList("edges"));
    std::set<std::pair<int64_t, std::vector<int64_t>>> open = {{0, {0}}};
    std::set<int64_t> done;
    while (!open.empty()) {
      const auto [length, path] = *open.begin();
      open.erase(open.begin());
      if (path.back() == data.Int("nodes") - 1) return NodeList(path);
      if (!done.insert(path.back()).second) continue;
      for (const Edge& edge : edges) {
        const int64_t to = edge.a == path.back() ? edge.b : edge.b == path.back() ? edge.a : -1;
        if (to < 0 || done.contains(to)) continue;
        std::vector<int64_t> longer = path;
        longer.push_back(to);
        open.emplace(length + edge.weight, longer);
      }
    }
    return "";
  }
  absl::StatusOr<bool> Accepts(const PuzzleData& data, std::string_view, std::string_view answer) const override {
    HONE_RETURN_IF_ERROR(CheckGraph(data));
    const int64_t nodes = data.Int("nodes");
    const std::vector<Edge> edges = ReadEdges(data.IntList("edges"));
    const int64_t shortest = DistancesFromFirst(edges, nodes).back();
    if (shortest < 0) return BadPuzzle("no way leads to the last node");
    std::vector<int64_t> path;
    for (const std::string& item : ListItems(answer)) {
      path.push_back(ReadNode(item, nodes));
      if (path.back() < 0 || path.size() > static_cast<size_t>(nodes)) return false;
    }
    return !path.empty() && path.front() == 0 && path.back() == nodes - 1 && PathLength(edges, path) == shortest;
  }
  // Ways with a town too few, too many or another one, that lead nowhere or are longer.
  std::vector<std::string> NearMisses(const Puzzle& puzzle, RandomCursor& random) const override {
    const int64_t nodes = puzzle.data.Int("nodes");
    const std::vector<Edge> edges = ReadEdges(puzzle.data.IntList("edges"));
    std::vector<int64_t> right;
    for (const std::string& item : ListItems(puzzle.answer)) right.push_back(ReadNode(item, nodes));
    return CollectNearMisses([&] {
      std::vector<int64_t> miss = right;
      const int64_t at = random.Between(0, std::ssize(miss) - 1);
      switch (random.Below(3)) {
        case 0:
          miss.erase(miss.begin() + at);
          break;
        case 1:
          miss.insert(miss.begin() + at, random.Between(0, nodes - 1));
          break;
        default:
          miss[static_cast<size_t>(at)] = random.Between(0, nodes - 1);
      }
      const bool ends = miss.front() == 0 && miss.back() == nodes - 1;
      return ends && PathLength(edges, miss) == PathLength(edges, right) ? std::string() : NodeList(miss);
    });
  }

 private:
  struct Level {
    int64_t nodes;
    size_t edges;
  };
  static constexpr Level kLevels[kPuzzleLevels] = {{4, 5}, {6, 9}, {8, 13}, {11, 20}, {15, 32}};
};

class GraphColoring : public PuzzleFamily {
 public:
  GraphColoring() : PuzzleFamily({"graph_coloring", "colours for the nodes of a graph so that neighbours differ", AnswerForm::kList}) {}
  std::string LevelText(int level) const override {
    const Level& at = kLevels[level - 1];
    return fmt::format("{} nodes, {} edges, {} colours", at.nodes, at.edges, at.colours);
  }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const Level& at = kLevels[level - 1];
    Ints colours;
    std::vector<Edge> edges;
    while (edges.size() < at.edges * 4 / 3) {  // else the colours nearly settle the graph
      colours = Many(random, static_cast<size_t>(at.nodes), 1, at.colours);
      edges.clear();
      for (int64_t a = 0; a < at.nodes; ++a) {
        for (int64_t b = a + 1; b < at.nodes; ++b) {
          if (colours[a] != colours[b]) edges.push_back({a, b, 0});
        }
      }
    }
    Shuffle(random, edges);
    edges.resize(at.edges);
    return {.question = fmt::format(
                "A graph has the nodes {} to {} and the edges {}. Give each node one of the colours 1 to {} so that the ends of "
                "every edge have different colours. Answer with just the colours of {} to {} in order, separated by commas.",
                'A', NodeName(at.nodes - 1), EdgesText(edges, false), at.colours, 'A', NodeName(at.nodes - 1)),
            .answer = fmt::format("{}", fmt::join(colours, ", ")),
            .data = {{"nodes", at.nodes}, {"edges", Flat(edges)}, {"colours", at.colours}},
            .key = EdgesKey(edges)};
  }
  // Backtracking, node by node.
  std::string Solve(const PuzzleData& data) const override {
    const std::vector<Edge> edges = ReadEdges(data.IntList("edges"));
    Ints colours;
    while (std::ssize(colours) < data.Int("nodes")) {
      colours.push_back(1);
      while (!colours.empty() && (colours.back() > data.Int("colours") || !Fits(edges, colours))) {
        if (colours.back() > data.Int("colours")) colours.pop_back();
        if (!colours.empty()) ++colours.back();
      }
      if (colours.empty()) return "";
    }
    return fmt::format("{}", fmt::join(colours, ", "));
  }
  absl::StatusOr<bool> Accepts(const PuzzleData& data, std::string_view, std::string_view answer) const override {
    HONE_RETURN_IF_ERROR(CheckGraph(data));
    Ints colours;
    for (const std::string& item : ListItems(answer)) {
      int64_t colour = 0;
      if (!ReadInt(item, &colour) || colour < 1 || colour > data.Int("colours")) return false;
      colours.push_back(colour);
    }
    return std::ssize(colours) == data.Int("nodes") && Fits(ReadEdges(data.IntList("edges")), colours);
  }
  // One end of an edge takes the colour of the other; a node without a colour; a colour that is not there.
  std::vector<std::string> NearMisses(const Puzzle& puzzle, RandomCursor& random) const override {
    const std::vector<Edge> edges = ReadEdges(puzzle.data.IntList("edges"));
    const std::vector<std::string> right = ListItems(puzzle.answer);
    return CollectNearMisses([&] {
      std::vector<std::string> miss = right;
      const Edge& edge = Pick(random, edges);
      const uint64_t kind = random.Below(10);
      if (kind == 0) {
        miss.pop_back();
      } else if (kind == 1) {
        miss[random.Below(miss.size())] = std::to_string(puzzle.data.Int("colours") + 1);
      } else {
        (kind % 2 == 0 ? miss[edge.a] : miss[edge.b]) = kind % 2 == 0 ? miss[edge.b] : miss[edge.a];
      }
      return fmt::format("{}", fmt::join(miss, ", "));
    });
  }

 private:
  struct Level {
    int64_t nodes;
    size_t edges;
    int64_t colours;
  };
  // Of the nodes that have a colour already.
  static bool Fits(const std::vector<Edge>& edges, const Ints& colours) {
    return std::all_of(edges.begin(), edges.end(), [&](const Edge& edge) {
      return std::max(edge.a, edge.b) >= std::ssize(colours) || colours[edge.a] != colours[edge.b];
    });
  }
  static constexpr Level kLevels[kPuzzleLevels] = {{4, 4, 3}, {8, 12, 3}, {10, 18, 3}, {13, 26, 3}, {18, 40, 3}};
};

class TaskOrder : public PuzzleFamily {
 public:
  TaskOrder() : PuzzleFamily({"task_order", "an order of tasks that keeps what must come before what", AnswerForm::kList}) {}
  std::string LevelText(int level) const override {
    return fmt::format("{} tasks, {} rules", kLevels[level - 1].nodes, kLevels[level - 1].edges);
  }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const int64_t nodes = kLevels[level - 1].nodes;
    const std::vector<int64_t> order = Permutation(random, static_cast<size_t>(nodes));
    std::vector<Edge> rules;
    for (const Edge& edge : RandomEdges(random, nodes, kLevels[level - 1].edges, 1, /*connected=*/false))
      rules.push_back({order[static_cast<size_t>(edge.a)], order[static_cast<size_t>(edge.b)], 0});
    std::string text;
    for (const Edge& rule : rules) text += fmt::format("{} before {}\n", NodeName(rule.a), NodeName(rule.b));
    return {.question = fmt::format(
                "The tasks {} to {} must be done one after the other. These rules hold:\n{}Give an order of all tasks that keeps "
                "every rule. Answer with just the letters, separated by commas.",
                'A', NodeName(nodes - 1), text),
            .answer = NodeList(order),
            .data = {{"nodes", nodes}, {"edges", Flat(rules)}},
            .key = EdgesKey(rules)};
  }
  // Kahn's algorithm: always a task that waits for nothing.
  std::string Solve(const PuzzleData& data) const override {
    const std::vector<Edge> rules = ReadEdges(data.IntList("edges"));
    std::set<int64_t> left;
    for (int64_t node = 0; node < data.Int("nodes"); ++node) left.insert(node);
    std::vector<int64_t> order;
    while (!left.empty()) {
      const auto ready = std::find_if(left.begin(), left.end(), [&](int64_t node) {
        return std::none_of(rules.begin(), rules.end(), [&](const Edge& rule) { return rule.b == node && left.contains(rule.a); });
      });
      if (ready == left.end()) return "";
      order.push_back(*ready);
      left.erase(ready);
    }
    return NodeList(order);
  }
  absl::StatusOr<bool> Accepts(const PuzzleData& data, std::string_view, std::string_view answer) const override {
    HONE_RETURN_IF_ERROR(CheckGraph(data));
    const std::vector<std::string> items = ListItems(answer);
    std::vector<int64_t> place(static_cast<size_t>(data.Int("nodes")), -1);
    if (items.size() != place.size()) return false;
    for (size_t i = 0; i < items.size(); ++i) {
      const int64_t node = ReadNode(items[i], data.Int("nodes"));
      if (node < 0 || place[static_cast<size_t>(node)] >= 0) return false;
      place[static_cast<size_t>(node)] = static_cast<int64_t>(i);
    }
    const std::vector<Edge> rules = ReadEdges(data.IntList("edges"));
    return std::all_of(rules.begin(), rules.end(), [&](const Edge& rule) { return place[rule.a] < place[rule.b]; });
  }
  // The two tasks of a rule swapped, a task left out, a task done twice.
  std::vector<std::string> NearMisses(const Puzzle& puzzle, RandomCursor& random) const override {
    const std::vector<Edge> rules = ReadEdges(puzzle.data.IntList("edges"));
    const std::vector<std::string> right = ListItems(puzzle.answer);
    return CollectNearMisses([&] {
      std::vector<std::string> miss = right;
      const Edge& rule = Pick(random, rules);
      const size_t at = random.Below(miss.size());
      switch (random.Below(4)) {
        case 0:
          miss.erase(miss.begin() + static_cast<int64_t>(at));
          break;
        case 1:
          miss[at] = miss[(at + 1) % miss.size()];
          break;
        default:
          std::iter_swap(std::find(miss.begin(), miss.end(), ListItems(NodeName(rule.a))[0]),
                         std::find(miss.begin(), miss.end(), ListItems(NodeName(rule.b))[0]));
      }
      return fmt::format("{}", fmt::join(miss, ", "));
    });
  }

 private:
  struct Level {
    int64_t nodes;
    size_t edges;
  };
  static constexpr Level kLevels[kPuzzleLevels] = {{4, 3}, {7, 8}, {9, 14}, {13, 24}, {20, 45}};
};

class ReachableTowns : public PuzzleFamily {
 public:
  ReachableTowns() : PuzzleFamily({"reachable_towns", "all towns that can be reached over one-way roads", AnswerForm::kSet}) {}
  std::string LevelText(int level) const override {
    return fmt::format("{} towns, {} roads", kLevels[level - 1].nodes, kLevels[level - 1].edges);
  }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const int64_t nodes = kLevels[level - 1].nodes;
    std::vector<Edge> roads = RandomEdges(random, nodes, kLevels[level - 1].edges, 1, /*connected=*/false);
    std::string text;
    for (Edge& road : roads) {
      if (Chance(random, 50)) std::swap(road.a, road.b);
      text += fmt::format("{}{} to {}", text.empty() ? "" : ", ", NodeName(road.a), NodeName(road.b));
    }
    std::vector<int64_t> queue = {0};
    for (size_t next = 0; next < queue.size(); ++next) {
      for (const Edge& road : roads) {
        if (road.a == queue[next] && std::find(queue.begin(), queue.end(), road.b) == queue.end()) queue.push_back(road.b);
      }
    }
    queue.erase(queue.begin());
    std::sort(queue.begin(), queue.end());
    return {.question = fmt::format(
                "One-way roads lead from town to town: {}. The towns are {} to {}. Which towns other than {} can be reached from "
                "{}? Answer with just their letters, separated by commas, or none.",
                text, 'A', NodeName(nodes - 1), 'A', 'A'),
            .answer = NodeList(queue),
            .data = {{"nodes", nodes}, {"edges", Flat(roads)}},
            .key = EdgesKey(roads)};
  }
  // The transitive closure (Warshall).
  std::string Solve(const PuzzleData& data) const override {
    const int64_t n = data.Int("nodes");
    std::vector<std::vector<bool>> reach(static_cast<size_t>(n), std::vector<bool>(static_cast<size_t>(n)));
    for (const Edge& road : ReadEdges(data.IntList("edges"))) reach[road.a][road.b] = true;
    for (int64_t via = 0; via < n; ++via) {
      for (int64_t from = 0; from < n; ++from) {
        for (int64_t to = 0; to < n; ++to) reach[from][to] = reach[from][to] || (reach[from][via] && reach[via][to]);
      }
    }
    std::vector<int64_t> reached;
    for (int64_t to = 1; to < n; ++to) {
      if (reach[0][to]) reached.push_back(to);
    }
    return NodeList(reached);
  }
  std::vector<std::string> NearMisses(const Puzzle& puzzle, RandomCursor& random) const override {
    std::vector<std::string> towns;
    for (int64_t node = 1; node < puzzle.data.Int("nodes"); ++node) towns.push_back(NodeName(node));
    return SubsetNearMisses(towns, puzzle.answer, random);
  }

 private:
  struct Level {
    int64_t nodes;
    size_t edges;
  };
  static constexpr Level kLevels[kPuzzleLevels] = {{6, 6}, {8, 9}, {10, 13}, {14, 20}, {20, 30}};
};

class SpanningTree : public PuzzleFamily {
 public:
  SpanningTree() : PuzzleFamily({"spanning_tree", "the least total length of cables that connect all houses", AnswerForm::kNumber}) {}
  std::string LevelText(int level) const override {
    return fmt::format("{} houses, {} possible cables", kLevels[level - 1].nodes, kLevels[level - 1].edges);
  }
  Puzzle Generate(RandomCursor& random, int level) const override {
    const int64_t nodes = kLevels[level - 1].nodes;
    const std::vector<Edge> edges = RandomEdges(random, nodes, kLevels[level - 1].edges, 30, /*connected=*/true);
    // Prim: the shortest cable out of the connected part.
    std::set<int64_t> connected = {0};
    int64_t total = 0;
    while (std::ssize(connected) < nodes) {
      const Edge* best = nullptr;
      for (const Edge& edge : edges) {
        if (connected.contains(edge.a) != connected.contains(edge.b) && (best == nullptr || edge.weight < best->weight)) best = &edge;
      }
      connected.insert(best->a);
      connected.insert(best->b);
      total += best->weight;
    }
    return {.question = fmt::format(
                "Cables can be laid between houses at these lengths: {}. What is the least total length of cables that connects "
                "all houses, directly or through others? Answer with just the number.",
                EdgesText(edges, true)),
            .answer = std::to_string(total),
            .data = {{"nodes", nodes}, {"edges", Flat(edges)}},
            .key = EdgesKey(edges)};
  }
  // Kruskal: the shortest cables that join two parts.
  std::string Solve(const PuzzleData& data) const override {
    std::vector<Edge> edges = ReadEdges(data.IntList("edges"));
    std::stable_sort(edges.begin(), edges.end(), [](const Edge& x, const Edge& y) { return x.weight < y.weight; });
    std::vector<int64_t> part(static_cast<size_t>(data.Int("nodes")));
    std::iota(part.begin(), part.end(), 0);
    int64_t total = 0;
    for (const Edge& edge : edges) {
      const int64_t from = part[edge.a], to = part[edge.b];
      if (from == to) continue;
      std::replace(part.begin(), part.end(), from, to);
      total += edge.weight;
    }
    return std::to_string(total);
  }

 private:
  struct Level {
    int64_t nodes;
    size_t edges;
  };
  static constexpr Level kLevels[kPuzzleLevels] = {{4, 5}, {6, 9}, {8, 14}, {11, 22}, {15, 35}};
};

}  // namespace

PuzzleFamilies GraphFamilies() {
  return MakeFamilies<GraphPath, GraphColoring, TaskOrder, ReachableTowns, SpanningTree>();
}

}  // namespace hone
