#pragma once
// The values of a template: what Python's None, bool, int, float, str, list, tuple, dict, range are, and Jinja's undefined, namespace, loop
// and macro. Values are immutable, except that a namespace's attributes can be set and a generator is used up by iteration.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "lib/base/status.h"
#include "lib/tokenizer/chat/budget.h"

namespace hone::jinja {

enum class Kind : uint8_t {
  kMissing,    // internal: a name without a value, an argument not given
  kUndefined,  // object: UndefinedObject or none
  kNone,
  kBool,
  kInt,
  kBigInt,  // an integer of the input above 64 signed bits: printed and compared, not computed with (StringObject)
  kFloat,
  kString,
  kList,
  kTuple,
  kDict,
  kRange,
  kView,       // dict.keys(), .values(), .items()
  kGenerator,  // what map, select, ... give
  kNamespace,
  kLoop,
  kMacro,
  kFunction,  // a global or a bound method
};

struct Object {
  virtual ~Object() = default;
};
struct StringObject;
struct ListObject;
struct DictObject;

class Value {
 public:
  Value() = default;  // missing
  static Value Undefined(std::string message = {});
  static Value None() { return Value(Kind::kNone); }
  static Value Bool(bool value) { return Value(Kind::kBool, value); }
  static Value Int(int64_t value) { return Value(Kind::kInt, value); }
  static Value BigInt(std::string digits);
  static Value Float(double value);
  // markup: the result of `safe` or `escape`; joined with `+` it escapes the other side.
  static Value String(std::string text, bool markup = false);
  static Value String(std::string_view text) { return String(std::string(text)); }
  static Value String(const char* text) { return String(std::string(text)); }
  static Value List(std::vector<Value> items);
  static Value Tuple(std::vector<Value> items);
  static Value Dict(std::vector<std::pair<Value, Value>> items);  // the keys must be hashable and differ
  template <class T>
  static Value Of(Kind kind, std::shared_ptr<T> object) {
    Value value(kind);
    value.object_ = std::move(object);
    return value;
  }

  Kind kind() const { return kind_; }
  bool is(Kind kind) const { return kind_ == kind; }
  bool is_integer() const { return kind_ == Kind::kInt || kind_ == Kind::kBool; }  // has an int64
  bool is_number() const { return is_integer() || kind_ == Kind::kFloat; }

  // Only for the kinds that have them.
  bool boolean() const { return integer_ != 0; }
  int64_t integer() const { return integer_; }
  double number() const { return kind_ == Kind::kFloat ? float_ : static_cast<double>(integer_); }
  const std::string& text() const;
  bool markup() const;
  const std::vector<Value>& items() const;  // list, tuple, view
  const DictObject& dict() const;
  template <class T>
  T& object() const {
    return static_cast<T&>(*object_);
  }
  const std::shared_ptr<Object>& shared() const { return object_; }

 private:
  explicit Value(Kind kind, int64_t integer = 0) : kind_(kind), integer_(integer) {}

  Kind kind_ = Kind::kMissing;
  union {
    int64_t integer_ = 0;
    double float_;
  };
  std::shared_ptr<Object> object_;
};

// Empties `items` without recursion, however deep the values nest.
void Discard(std::vector<Value> items);

struct UndefinedObject : Object {
  std::string message;
};
struct StringObject : Object {
  std::string text;
  bool ascii = true;
  bool markup = false;
};
struct ListObject : Object {  // also tuples and views
  ~ListObject() override { Discard(std::move(items)); }
  std::vector<Value> items;
  const char* view_name = "";
};
struct DictObject : Object {
  ~DictObject() override;
  const Value* Find(const Value& key) const;
  const Value* Find(std::string_view key) const;
  void Set(const Value& key, Value value);
  std::vector<std::pair<Value, Value>> items;

 private:
  std::unordered_map<std::string, size_t> index_;  // of string keys, once there are many
};
struct RangeObject : Object {
  int64_t start = 0, stop = 0, step = 1;
  int64_t size() const;
};
struct GeneratorObject : Object {
  ~GeneratorObject() override { Discard(std::move(items)); }
  const char* name = "generator";
  std::vector<Value> items;
  absl::Status error;  // met when the items before it are used up
  size_t next = 0;
};
struct NamedObject : Object {  // what a macro is to those who print it
  std::string name;
};
struct NamespaceObject : Object {
  DictObject attributes;
};

// Python's name of the type, for messages.
const char* TypeName(const Value& value);

// bool(value). Total: undefined is false, a generator is true.
bool IsTrue(const Value& value);

// str(value) and repr(value), appended to `out`. Errors: ResourceExhausted for a text too long or values too deep.
absl::Status AppendString(Budget& budget, const Value& value, std::string& out);
absl::Status AppendRepr(Budget& budget, const Value& value, std::string& out, int depth = 0);
absl::StatusOr<std::string> ToString(Budget& budget, const Value& value);

absl::StatusOr<bool> Equal(Budget& budget, const Value& a, const Value& b, int depth = 0);
// a < b; InvalidArgument where Python has no order.
absl::StatusOr<bool> Less(Budget& budget, const Value& a, const Value& b, int depth = 0);
// InvalidArgument for lists and dicts, and for tuples that hold them.
absl::Status CheckHashable(const Value& value, int depth = 0);

// The items that iteration gives, as Python's list(value): keys of a dict, code points of a string, nothing for undefined; uses up a
// generator. InvalidArgument for values that cannot be iterated.
absl::StatusOr<std::vector<Value>> Iterate(Budget& budget, const Value& value);

// len(value).
absl::StatusOr<int64_t> Length(const Value& value);

// The error a use of an undefined value ends in.
absl::Status UndefinedError(const Value& value);

}  // namespace hone::jinja
