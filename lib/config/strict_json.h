#pragma once
// JSON for people: strict JSON (RFC 8259) plus // comments, read into a tree that remembers where everything stood.
//
// Why not nlohmann/json: it forgets positions, lets the last of two equal keys win, and stops at the first mistake.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hone {

// Both count from 1; a column is a code point, a tab is one column.
struct JsonPosition {
  int line = 1;
  int column = 1;
};

struct JsonKey {
  std::string name;
  JsonPosition where;
};

// One value of a text. kInvalid: a value that was reported as a problem already.
struct JsonNode {
  enum class Kind : uint8_t { kInvalid, kNull, kBool, kInteger, kNumber, kString, kArray, kObject };
  Kind kind = Kind::kInvalid;
  JsonPosition where;
  bool boolean = false;
  int64_t integer = 0;          // kInteger: a number without point and exponent that fits
  double number = 0;            // kInteger and kNumber; finite
  std::string text;             // kString: UTF-8 without NUL. kInteger, kNumber: as written
  std::vector<JsonKey> keys;    // kObject: all different, in order; keys[i] names items[i]
  std::vector<JsonNode> items;  // kArray, kObject

  bool is(Kind k) const { return kind == k; }
  // The member of an object, or null.
  const JsonNode* Find(std::string_view key) const;
  JsonNode* Find(std::string_view key);
};

struct JsonProblem {
  JsonPosition where;
  std::string text;
};

struct JsonDocument {
  JsonNode root;
  std::vector<JsonProblem> problems;  // in the order of the text; at most 50
  bool complete = false;              // false: reading stopped at the last problem, so `root` lacks what follows it
};

struct StrictJsonOptions {
  bool comments = true;
  int max_depth = 32;  // of nested lists and objects
};

// Reads one value. Never fails as a whole: what is wrong stands in `problems`, and reading goes on after mistakes whose meaning is clear
// (a comma too many or too few, a duplicate key, True for true, a bad escape). Any bytes are fine; time and memory are linear in the size.
// Of a duplicate key the first value is kept.
JsonDocument ParseStrictJson(std::string_view text, const StrictJsonOptions& options = {});

// The value on one line: keys sorted, no spaces, numbers as they were written. Equal objects give equal text. kInvalid prints as null.
std::string CanonicalJson(const JsonNode& node);

// `text` as a JSON string with its quotes; invalid UTF-8 becomes U+FFFD.
std::string JsonQuote(std::string_view text);

// The shortest text that reads back as the same double; value must be finite.
std::string JsonNumber(double value);

// A value for a message: `the string "abc"`, `12.5`, `a list`. Long strings are cut.
std::string DescribeJson(const JsonNode& node);

}  // namespace hone
