#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "lib/tokenizer/chat/arguments.h"

namespace hone::jinja {

// A global such as range, or a method bound to its object.
struct FunctionObject : Object {
  using Body = absl::StatusOr<Value> (*)(Budget& budget, absl::Time now, const FunctionObject& self, const Arguments& arguments);
  ~FunctionObject() override { Discard({std::move(object)}); }
  Value object;  // missing for a global
  std::string_view name;
  Body body = nullptr;
};

// The special variable `loop`.
struct LoopObject : Object {
  ~LoopObject() override { Discard(std::move(items)); }
  std::vector<Value> items;
  size_t index = 0;
  int depth = 1;
  std::optional<Value> last_checked;  // by loop.changed()
};

// The view_name of the tuples that groupby gives, whose items are also the attributes "grouper" and "list".
inline constexpr char kGroupName[] = "group";

// The attribute or method of a value, as Python's getattr: methods of str, list, tuple, dict and range, attributes of namespaces, loops and
// macros. Nothing when there is none. A method that would change its object, and a name that starts with an underscore, give an undefined
// value whose use is an error, as in a sandbox.
std::optional<Value> FindAttribute(const Value& object, std::string_view name);

// The methods of strings.
std::optional<Value> FindStringMethod(const Value& object, std::string_view name);

// range, dict, namespace, raise_exception, strftime_now.
std::optional<Value> FindGlobal(std::string_view name);

// A function value made of `body`.
Value MakeFunction(Value object, std::string_view name, FunctionObject::Body body);

}  // namespace hone::jinja
