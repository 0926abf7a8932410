#pragma once
// Plain tagged data: what may cross the edge of a sandbox, and nothing else. A value is data, never behaviour: it has no equality or type
// of its own, so a program cannot bring one along.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/status.h"

namespace hone {

struct PlainValue {
  enum class Kind : uint8_t { kNull, kBool, kInt, kFloat, kText, kBytes, kList, kTuple, kSet, kFrozenSet, kDict, kHandle };
  Kind kind = Kind::kNull;
  bool boolean = false;
  double number = 0;  // kFloat
  std::string text;   // kInt: decimal digits in their only form; kText: UTF-8, lone surrogates allowed; kBytes; kHandle: its number
  std::vector<PlainValue> items;  // kList, kTuple, kSet, kFrozenSet; kDict: key, value, key, value, ...

  static PlainValue Null() { return {}; }
  static PlainValue Bool(bool value) { return {.kind = Kind::kBool, .boolean = value}; }
  static PlainValue Int(int64_t value) { return {.kind = Kind::kInt, .text = std::to_string(value)}; }
  static PlainValue Float(double value) { return {.kind = Kind::kFloat, .number = value}; }
  static PlainValue Text(std::string_view value) { return {.kind = Kind::kText, .text = std::string(value)}; }
  static PlainValue List(std::vector<PlainValue> items) { return {.kind = Kind::kList, .items = std::move(items)}; }
  static PlainValue Tuple(std::vector<PlainValue> items) { return {.kind = Kind::kTuple, .items = std::move(items)}; }

  bool is(Kind wanted) const { return kind == wanted; }
  // The value under a text key of a dict, the last one as in JSON; null when this is no dict or has no such key.
  const PlainValue* Find(std::string_view key) const;
};
const char* Name(PlainValue::Kind kind);

// What a value from outside may be at most.
struct PlainLimits {
  int max_depth = 64;
  int64_t max_values = 1'000'000;    // in all, the inner ones too
  int64_t max_int_digits = 100'000;  // turning digits into a machine's integer takes quadratic time
  bool handles = false;              // kHandle is allowed
};

// The form on the wire, one after another without spaces:
//   N | T | F | i<decimal>; | f<hexadecimal float as C prints it, or inf, -inf, nan>; | s<bytes>:<UTF-8> | b<bytes>:<bytes> | h<number>;
//   l<count>:items | t<count>:items | e<count>:items (set) | z<count>:items (frozen set) | d<count>:key value ...
// Reversible: Decode(Encode(v)) is v.
std::string Encode(const PlainValue& value);

// InvalidArgument, with the offset, for bytes that are not exactly one value within the limits.
absl::StatusOr<PlainValue> DecodePlain(std::string_view bytes, const PlainLimits& limits);

// JSON with whole numbers of any length. Objects become dicts, so a tuple or set needs its own spelling: {"$tuple": [..]}, {"$set": [..]},
// {"$frozenset": [..]}, {"$dict": [[key, value], ..]}, {"$float": "nan" | "inf" | "-inf"}; FromSpelling turns those into what they mean.
absl::StatusOr<PlainValue> PlainFromJson(std::string_view json);
absl::StatusOr<PlainValue> FromSpelling(const PlainValue& value);

// For people and evidence: like Python's repr, cut at max_bytes.
std::string Shown(const PlainValue& value, size_t max_bytes = 200);

struct PlainTolerance {
  double abs = 0, rel = 0;  // floats are equal when |got - want| <= max(abs, rel * |want|); both 0: the same number
};

// Whether a program's value is what a task wants. Types are exact, except: a whole number and a float are equal when they are the same
// number, since the languages equate them; a list wanted is met by a tuple and a text key by the whole number it spells where `json` says
// that the wanted value came from JSON, which has neither tuples nor such keys. A bool is no number.
bool MatchesPlain(const PlainValue& want, const PlainValue& got, const PlainTolerance& tolerance, bool json);

}  // namespace hone
