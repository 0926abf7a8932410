#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "lib/base/status.h"

namespace hone {

// What a puzzle is made of: named numbers, texts and flat lists of either, which cross the row of a data set as one JSON object.
//
// A getter never fails: a name that is absent or of another type reads as 0, "" or an empty list, and whoever takes rows from outside
// checks what it needs.
class PuzzleData {
 public:
  using Ints = std::vector<int64_t>;
  using Texts = std::vector<std::string>;
  using Value = std::variant<int64_t, std::string, Ints, Texts>;

  PuzzleData() = default;
  PuzzleData(std::initializer_list<std::pair<const std::string, Value>> values) : values_(values) {}

  int64_t Int(const std::string& name) const;
  const std::string& Text(const std::string& name) const;
  const Ints& IntList(const std::string& name) const;
  const Texts& TextList(const std::string& name) const;

  // The same text for the same values: names sorted, no spaces.
  std::string ToJson() const;

 private:
  friend struct PuzzleRow;
  std::map<std::string, Value> values_;
};

// The row of one puzzle in a data set: {"family": "countdown", "level": 2, "data": {...}}; other keys may stand beside them.
struct PuzzleRow {
  std::string family;
  int level = 0;
  PuzzleData data;

  // InvalidArgument with the key that is missing or of the wrong type.
  static absl::StatusOr<PuzzleRow> Parse(std::string_view json);
};

}  // namespace hone
