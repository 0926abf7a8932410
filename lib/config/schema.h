#pragma once
// One table describes the fields of a struct tree; from it come reading, checking, overriding, printing and the reference page.
//
// A field is one line in its struct (type and default) and one line in the table:
//
//   struct Learner { double lr = 1e-6; };
//   schema.Add(HONE_FIELD(Recipe, learner.lr).Above(0).AtMost(1).Says("Peak learning rate."));
//
// The path in the recipe is the path in C++. Types: bool, int64_t, double, std::string, optional of the first three, lists of int64_t,
// double and std::string, std::array<double, 2>, and (HONE_OBJECTS) an optional or a list of structs with a schema of their own.

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace hone {

struct JsonNode;
class Schema;

// A list of structs, or an optional one (a list of at most one), seen without its element type. Points into the object it was made from.
struct ObjectSlot {
  const Schema* schema = nullptr;
  bool is_list = false;
  std::function<size_t()> size;
  std::function<void(size_t)> resize;  // new elements have their defaults
  std::function<void*(size_t)> at;
};

// Where the value of a field lives.
using FieldRef = std::variant<bool*, int64_t*, double*, std::string*, std::optional<bool>*, std::optional<int64_t>*, std::optional<double>*,
                              std::vector<int64_t>*, std::vector<double>*, std::vector<std::string>*, std::array<double, 2>*, ObjectSlot>;

// One line of the table.
struct FieldSpec {
  std::string path;     // within its object: "learner.lr"
  std::string comment;  // meaning, unit, trade-off
  std::string unit;
  std::optional<double> min, max;  // of the number, or of each number of a list
  bool above_min = false;          // min itself is out
  bool below_max = false;
  size_t max_items = 1024;           // of a list
  std::vector<std::string> allowed;  // for strings; empty: any
  bool not_empty = false;            // for strings and the strings of a list
  bool is_json = false;              // a string that holds the canonical text of a JSON object
  std::function<FieldRef(void* object)> at;

  FieldSpec AtLeast(double x) && { return min = x, std::move(*this); }
  FieldSpec Above(double x) && { return min = x, above_min = true, std::move(*this); }
  FieldSpec AtMost(double x) && { return max = x, std::move(*this); }
  FieldSpec Below(double x) && { return max = x, below_max = true, std::move(*this); }
  FieldSpec Between(double low, double high) && { return min = low, max = high, std::move(*this); }
  FieldSpec OneOf(std::vector<std::string> names) && { return allowed = std::move(names), std::move(*this); }
  FieldSpec NotEmpty() && { return not_empty = true, std::move(*this); }
  FieldSpec Json() && { return is_json = true, std::move(*this); }
  FieldSpec MaxItems(size_t n) && { return max_items = n, std::move(*this); }
  FieldSpec Unit(std::string name) && { return unit = std::move(name), std::move(*this); }
  FieldSpec Says(std::string text) && { return comment = std::move(text), std::move(*this); }

  // "at least 1 and at most 64", "one of bf16, fp32"; empty when every value of the type is fine.
  std::string AllowedText() const;
};

struct SectionSpec {
  std::string path;  // "algorithm.loss"
  std::string comment;
};

// The fields of one struct type. Made once, then constant; threads may share it.
class Schema {
 public:
  // T: the struct, default-constructible.
  template <class T>
  static Schema For() {
    Schema schema;
    schema.make_default_ = [] { return std::shared_ptr<void>(std::make_shared<T>()); };
    return schema;
  }

  // Opens a section; the fields added next lie in it. Every prefix of a path that has a dot is a section and needs a comment.
  void Section(std::string path, std::string comment) { sections_.push_back({std::move(path), std::move(comment)}); }
  void Add(FieldSpec spec) { fields_.push_back(std::move(spec)); }
  // Adds the fields and sections of `part`, the schema of a struct (or base class) that `get` finds in the object, under `prefix`.
  void Embed(const std::string& prefix, const Schema& part, std::function<void*(void* object)> get);

  const std::vector<FieldSpec>& fields() const { return fields_; }
  const std::vector<SectionSpec>& sections() const { return sections_; }
  const FieldSpec* FindField(std::string_view path) const;
  bool IsSection(std::string_view path) const;
  // Names that may stand in section `prefix` ("" for the top).
  std::vector<std::string> NamesIn(std::string_view prefix) const;
  // A new object with all defaults.
  std::shared_ptr<void> MakeDefault() const { return make_default_(); }

 private:
  std::vector<FieldSpec> fields_;
  std::vector<SectionSpec> sections_;
  std::function<std::shared_ptr<void>()> make_default_;
};

// Where a value was given. line 0: at no place in a file (an override).
struct Origin {
  std::string source;  // "recipes/gsm8k.json", "--set learner.lr=abc"
  int line = 0;
  int column = 0;
};

// What happened while values were read: the problems, and where each field got its value, for checks that look at several fields.
struct ReadLog {
  struct Problem {
    Origin origin;
    std::string text;
  };
  std::vector<Problem> problems;
  std::map<std::string, Origin, std::less<>> given;  // full path of a field, section or element: "verifiers[0].weight"
  std::set<std::string, std::less<>> doubtful;       // fields with a problem: what they hold means nothing

  void Add(const Origin& origin, std::string text) { problems.push_back({origin, std::move(text)}); }
  // One line per problem, those of files first and by position: `FILE:14:5: unknown field "grup_size"; did you mean "group_size"?`.
  std::string Text() const;
};

// Writes the members of the JSON object `node` into `object`, whose type `schema` describes. A field with a problem keeps its value; the
// problem goes to `log` with its line and column in `source`. `prefix` stands before paths in messages.
void ReadObject(const Schema& schema, const JsonNode& node, const std::string& source, const std::string& prefix, void* object,
                ReadLog* log);

// Writes one value: `path` is a field, a section (node is then an object), an element of a list or something in it ("verifiers.0.weight"),
// or something inside a JSON field ("data.params.digits").
void ReadAtPath(const Schema& schema, std::string_view path, const JsonNode& node, const std::string& source, void* object, ReadLog* log);

// Like ReadAtPath for one `path=value` of the command line: the value is JSON, or else a string. A number or truth value for a string
// field is taken as text. Problems name `--set path=value`.
void ReadOverride(const Schema& schema, std::string_view assignment, void* object, ReadLog* log);

// The object as JSON with every field, in the order of the table, two spaces a level; ends in a newline.
std::string PrintObject(const Schema& schema, const void* object);
// The value of one field as JSON on one line.
std::string PrintField(const FieldSpec& field, const void* object);
// The type of a field in words: "integer or null", "list of strings".
std::string TypeText(const FieldSpec& field, const void* object);

// FieldRef for a slot of structs, used by HONE_OBJECTS.
template <class T>
ObjectSlot MakeObjectSlot(std::vector<T>& list, const Schema& schema) {
  return {&schema, true, [&list] { return list.size(); }, [&list](size_t n) { list.resize(n); },
          [&list](size_t i) -> void* { return &list[i]; }};
}
template <class T>
ObjectSlot MakeObjectSlot(std::optional<T>& one, const Schema& schema) {
  const auto resize = [&one](size_t n) {
    if (n == 0) one.reset();
    if (n > 0 && !one.has_value()) one.emplace();
  };
  return {&schema, false, [&one] { return one.has_value() ? size_t{1} : size_t{0}; }, resize, [&one](size_t) -> void* { return &*one; }};
}

}  // namespace hone

// The table line of a member: `member` is both the C++ path below a `Struct` and the path in the recipe.
#define HONE_FIELD(Struct, member)                                                                                \
  ::hone::FieldSpec {                                                                                             \
    .path = #member, .at = [](void* object) -> ::hone::FieldRef { return &static_cast<Struct*>(object)->member; } \
  }

// The same for an optional struct or a list of structs; `element_schema` must live as long as the program.
#define HONE_OBJECTS(Struct, member, element_schema)                                                                                    \
  ::hone::FieldSpec {                                                                                                                   \
    .path = #member,                                                                                                                    \
    .at = [](void* object) -> ::hone::FieldRef { return ::hone::MakeObjectSlot(static_cast<Struct*>(object)->member, element_schema); } \
  }
