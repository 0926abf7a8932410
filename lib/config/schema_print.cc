#include <type_traits>
#include <utility>

#include "fmt/format.h"
#include "lib/config/schema.h"
#include "lib/config/strict_json.h"

namespace hone {
namespace {

std::string Spaces(int count) {
  return std::string(static_cast<size_t>(count), ' ');
}

std::string Scalar(bool value) {
  return value ? "true" : "false";
}
std::string Scalar(int64_t value) {
  return fmt::format("{}", value);
}
std::string Scalar(double value) {
  return JsonNumber(value);
}
std::string Scalar(const std::string& value) {
  return JsonQuote(value);
}

template <class List>
std::string ScalarList(const List& values) {
  std::string text = "[";
  for (size_t i = 0; i < values.size(); ++i) {
    if (i > 0) text += ", ";
    text += Scalar(values[i]);
  }
  return text + "]";
}

std::string PrintAt(const Schema& schema, void* object, int indent);

// The value of a field; what takes several lines is indented by `indent` from its second line on.
struct Printer {
  const FieldSpec& field;
  const int indent;

  template <class T>
  std::string operator()(const T* value) const {
    return Scalar(*value);
  }
  std::string operator()(const std::string* value) const { return field.is_json ? *value : Scalar(*value); }
  template <class T>
  std::string operator()(const std::optional<T>* value) const {
    return value->has_value() ? Scalar(**value) : "null";
  }
  template <class T>
  std::string operator()(const std::vector<T>* values) const {
    return ScalarList(*values);
  }
  std::string operator()(const std::array<double, 2>* values) const { return ScalarList(*values); }
  std::string operator()(const ObjectSlot& slot) const {
    const size_t size = slot.size();
    if (!slot.is_list) return size == 0 ? "null" : PrintAt(*slot.schema, slot.at(0), indent);
    if (size == 0) return "[]";
    std::string text = "[\n";
    for (size_t i = 0; i < size; ++i) {
      text += fmt::format("{}{}{}\n", Spaces(indent + 2), PrintAt(*slot.schema, slot.at(i), indent + 2), i + 1 < size ? "," : "");
    }
    return text + Spaces(indent) + "]";
  }
};

std::string PrintFieldAt(const FieldSpec& field, void* object, int indent) {
  const Printer printer{field, indent};
  return std::visit(
      [&](const auto& place) -> std::string {
        if constexpr (std::is_pointer_v<std::decay_t<decltype(place)>>) {
          return printer(std::as_const(place));
        } else {
          return printer(place);
        }
      },
      field.at(object));
}

// The members of section `section`, without its braces.
std::string PrintSection(const Schema& schema, const std::string& section, void* object, int indent) {
  std::string text;
  for (const std::string& name : schema.NamesIn(section)) {
    const std::string path = section.empty() ? name : fmt::format("{}.{}", section, name);
    const FieldSpec* field = schema.FindField(path);
    if (!text.empty()) text += ",\n";
    text += fmt::format("{}{}: ", Spaces(indent), JsonQuote(name));
    text += field != nullptr ? PrintFieldAt(*field, object, indent)
                             : fmt::format("{{\n{}\n{}}}", PrintSection(schema, path, object, indent + 2), Spaces(indent));
  }
  return text;
}

std::string PrintAt(const Schema& schema, void* object, int indent) {
  return fmt::format("{{\n{}\n{}}}", PrintSection(schema, "", object, indent + 2), Spaces(indent));
}

struct TypeNamer {
  const FieldSpec& field;

  std::string operator()(const bool*) const { return "true or false"; }
  std::string operator()(const int64_t*) const { return "integer"; }
  std::string operator()(const double*) const { return "number"; }
  std::string operator()(const std::string*) const { return field.is_json ? "object" : "string"; }
  std::string operator()(const std::optional<bool>*) const { return "true, false or null"; }
  std::string operator()(const std::optional<int64_t>*) const { return "integer or null"; }
  std::string operator()(const std::optional<double>*) const { return "number or null"; }
  std::string operator()(const std::vector<int64_t>*) const { return "list of integers"; }
  std::string operator()(const std::vector<double>*) const { return "list of numbers"; }
  std::string operator()(const std::vector<std::string>*) const { return "list of strings"; }
  std::string operator()(const std::array<double, 2>*) const { return "two numbers"; }
  std::string operator()(const ObjectSlot& slot) const { return slot.is_list ? "list of objects" : "object or null"; }
};

}  // namespace

// The accessors hand out writable places; nothing here writes.
std::string PrintObject(const Schema& schema, const void* object) {
  return PrintAt(schema, const_cast<void*>(object), 0) + "\n";
}

std::string PrintField(const FieldSpec& field, const void* object) {
  return PrintFieldAt(field, const_cast<void*>(object), 0);
}

std::string TypeText(const FieldSpec& field, const void* object) {
  return std::visit([&](const auto& place) { return TypeNamer{field}(place); }, field.at(const_cast<void*>(object)));
}

}  // namespace hone
