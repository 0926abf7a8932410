#include "verifiers/external/params_schema.h"

#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "lib/config/nearest.h"
#include "lib/data/pattern.h"
#include "nlohmann/json.hpp"
#include "verifiers/external/json_text.h"

namespace hone {
namespace {
using Json = nlohmann::json;

constexpr size_t kMaxBytes = 1 << 20;
constexpr size_t kMaxProblems = 50;

// What the value of a keyword must be.
enum class Form { kAny, kNumber, kCount, kBool, kList, kNames, kTypes, kSchema, kSchemaList, kSchemaMap, kPattern };
const std::map<std::string, Form, std::less<>>& Keywords() {
  static const auto* keywords = new std::map<std::string, Form, std::less<>>{
      {"type", Form::kTypes},
      {"enum", Form::kList},
      {"const", Form::kAny},
      {"minimum", Form::kNumber},
      {"maximum", Form::kNumber},
      {"exclusiveMinimum", Form::kNumber},
      {"exclusiveMaximum", Form::kNumber},
      {"multipleOf", Form::kNumber},
      {"minLength", Form::kCount},
      {"maxLength", Form::kCount},
      {"pattern", Form::kPattern},
      {"items", Form::kSchema},
      {"minItems", Form::kCount},
      {"maxItems", Form::kCount},
      {"uniqueItems", Form::kBool},
      {"properties", Form::kSchemaMap},
      {"required", Form::kNames},
      {"additionalProperties", Form::kSchema},
      {"minProperties", Form::kCount},
      {"maxProperties", Form::kCount},
      {"allOf", Form::kSchemaList},
      {"anyOf", Form::kSchemaList},
      {"oneOf", Form::kSchemaList},
      {"not", Form::kSchema},
      {"title", Form::kAny},
      {"description", Form::kAny},
      {"default", Form::kAny},
      {"examples", Form::kAny},
      {"format", Form::kAny},
      {"$schema", Form::kAny},
      {"$id", Form::kAny},
      {"$comment", Form::kAny},
      {"readOnly", Form::kAny},
      {"writeOnly", Form::kAny},
      {"deprecated", Form::kAny},
  };
  return *keywords;
}
constexpr const char* kTypes[] = {"null", "boolean", "integer", "number", "string", "array", "object"};

std::string Shown(const Json& value) {
  if (value.is_structured()) return value.is_array() ? "a list" : "an object";
  std::string text = value.dump(-1, ' ', true, Json::error_handler_t::replace);
  if (text.size() > 80) text = text.substr(0, 77) + "...";
  return text;
}

bool IsCount(const Json& value) {
  return value.is_number_unsigned() || (value.is_number_integer() && value.get<int64_t>() >= 0);
}
bool IsTypeName(const Json& value) {
  if (!value.is_string()) return false;
  for (const char* type : kTypes) {
    if (value.get_ref<const std::string&>() == type) return true;
  }
  return false;
}
bool AllStrings(const Json& value) {
  for (const Json& item : value) {
    if (!item.is_string()) return false;
  }
  return value.is_array();
}

absl::Status CheckSchemaAt(const Json& schema, const std::string& place);

absl::Status CheckKeyword(const std::string& key, Form form, const Json& value, const std::string& place) {
  const std::string here = place + "/" + key;
  const auto wrong = [&](const char* wanted) {
    return absl::InvalidArgumentError(fmt::format("{} is {}, must be {}", here, Shown(value), wanted));
  };
  switch (form) {
    case Form::kAny:
      break;
    case Form::kNumber:
      if (!value.is_number()) return wrong("a number");
      if (key == "multipleOf" && value.get<double>() <= 0) return wrong("above 0");
      break;
    case Form::kCount:
      if (!IsCount(value)) return wrong("a whole number of at least 0");
      break;
    case Form::kBool:
      if (!value.is_boolean()) return wrong("true or false");
      break;
    case Form::kList:
      if (!value.is_array() || value.empty()) return wrong("a list that is not empty");
      break;
    case Form::kNames:
      if (!AllStrings(value)) return wrong("a list of strings");
      break;
    case Form::kTypes:
      if (value.is_array() && !value.empty()) {
        for (const Json& type : value) {
          if (!IsTypeName(type)) return wrong("a JSON type or a list of them");
        }
      } else if (!IsTypeName(value)) {
        return wrong("a JSON type or a list of them");
      }
      break;
    case Form::kSchema:
      return CheckSchemaAt(value, here);
    case Form::kSchemaList:
      if (!value.is_array() || value.empty()) return wrong("a list of schemas");
      for (size_t i = 0; i < value.size(); ++i) HONE_RETURN_IF_ERROR(CheckSchemaAt(value[i], fmt::format("{}/{}", here, i)));
      break;
    case Form::kSchemaMap:
      if (!value.is_object()) return wrong("an object of schemas");
      for (const auto& [name, one] : value.items()) HONE_RETURN_IF_ERROR(CheckSchemaAt(one, here + "/" + name));
      break;
    case Form::kPattern:
      if (!value.is_string()) return wrong("a string");
      return Annotate(Pattern::Compile(value.get_ref<const std::string&>(), {}).status(), here);
  }
  return absl::OkStatus();
}

absl::Status CheckSchemaAt(const Json& schema, const std::string& place) {
  if (schema.is_boolean()) return absl::OkStatus();
  if (!schema.is_object())
    return absl::InvalidArgumentError(fmt::format("{} is {}, must be a schema", place.empty() ? "it" : place, Shown(schema)));
  for (const auto& [key, value] : schema.items()) {
    auto known = Keywords().find(key);
    if (known == Keywords().end()) {
      std::vector<std::string> names;
      for (const auto& [name, form] : Keywords()) names.push_back(name);
      return absl::InvalidArgumentError(fmt::format("{}/{} is a keyword that hone does not check{}", place, key, DidYouMean(key, names)));
    }
    HONE_RETURN_IF_ERROR(CheckKeyword(key, known->second, value, place));
  }
  return absl::OkStatus();
}

size_t CodePoints(std::string_view text) {
  size_t count = 0;
  for (char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return count;
}

bool IsOfType(const Json& value, const std::string& type) {
  if (type == "null") return value.is_null();
  if (type == "boolean") return value.is_boolean();
  if (type == "string") return value.is_string();
  if (type == "array") return value.is_array();
  if (type == "object") return value.is_object();
  if (type == "number") return value.is_number();
  return value.is_number_integer() || (value.is_number() && std::floor(value.get<double>()) == value.get<double>());
}

// Collects what is wrong with a value.
class Validator {
 public:
  explicit Validator(std::string_view owner) : owner_(owner) {}

  void Check(const Json& schema, const Json& value, const std::string& name, bool top) {
    if (schema.is_boolean()) {
      if (!schema.get<bool>()) Say(name, "is not allowed");
      return;
    }
    Any(schema, value, name);
    if (value.is_number()) Number(schema, value.get<double>(), value, name);
    if (value.is_string()) Text(schema, value.get_ref<const std::string&>(), name);
    if (value.is_array()) List(schema, value, name);
    if (value.is_object()) Object(schema, value, name, top);
  }

  absl::Status status() const {
    if (problems_.empty()) return absl::OkStatus();
    return absl::InvalidArgumentError(fmt::format("{}", fmt::join(problems_, "\n")));
  }

 private:
  void Say(const std::string& name, const std::string& what) {
    if (problems_.size() >= kMaxProblems) return;
    problems_.push_back(name.empty() ? fmt::format("{}: the parameters {}", owner_, what)
                                     : fmt::format("{}: parameter \"{}\" {}", owner_, name, what));
  }
  bool Fits(const Json& schema, const Json& value) const {
    Validator probe(owner_);
    probe.Check(schema, value, "", false);
    return probe.problems_.empty();
  }
  // Calls check(value of the keyword) when the schema has it.
  template <class F>
  static void With(const Json& schema, const char* key, F check) {
    if (auto it = schema.find(key); it != schema.end()) check(*it);
  }

  void Any(const Json& schema, const Json& value, const std::string& name) {
    With(schema, "type", [&](const Json& types) {
      bool found = false;
      std::vector<std::string> names;
      for (const Json& type : types.is_array() ? types : Json::array({types})) {
        names.push_back(type.get<std::string>());
        found = found || IsOfType(value, names.back());
      }
      if (!found) Say(name, fmt::format("is {}, must be of type {}", Shown(value), fmt::join(names, " or ")));
    });
    With(schema, "enum", [&](const Json& allowed) {
      std::vector<std::string> shown;
      for (const Json& one : allowed) {
        if (one == value) return;
        shown.push_back(Shown(one));
      }
      Say(name, fmt::format("is {}, must be one of {}", Shown(value), fmt::join(shown, ", ")));
    });
    With(schema, "const", [&](const Json& only) {
      if (only != value) Say(name, fmt::format("is {}, must be {}", Shown(value), Shown(only)));
    });
    With(schema, "allOf", [&](const Json& all) {
      for (const Json& one : all) Check(one, value, name, false);
    });
    With(schema, "anyOf", [&](const Json& any) {
      for (const Json& one : any) {
        if (Fits(one, value)) return;
      }
      Say(name, fmt::format("is {}, which fits none of the forms it may have", Shown(value)));
    });
    With(schema, "oneOf", [&](const Json& any) {
      int fits = 0;
      for (const Json& one : any) fits += Fits(one, value);
      if (fits != 1) Say(name, fmt::format("is {}, which fits {} of the forms of which it must fit one", Shown(value), fits));
    });
    With(schema, "not", [&](const Json& no) {
      if (Fits(no, value)) Say(name, fmt::format("is {}, which is not allowed", Shown(value)));
    });
  }

  void Number(const Json& schema, double x, const Json& value, const std::string& name) {
    const auto must = [&](const char* key, const char* words, auto keeps) {
      With(schema, key, [&](const Json& limit) {
        if (!keeps(limit.get<double>())) Say(name, fmt::format("is {}, must be {} {}", Shown(value), words, Shown(limit)));
      });
    };
    must("minimum", "at least", [x](double limit) { return x >= limit; });
    must("maximum", "at most", [x](double limit) { return x <= limit; });
    must("exclusiveMinimum", "above", [x](double limit) { return x > limit; });
    must("exclusiveMaximum", "below", [x](double limit) { return x < limit; });
    must("multipleOf", "a multiple of", [x](double limit) {
      const double times = x / limit;  // 0.3 is three times 0.1, rounding aside
      return std::abs(times - std::round(times)) <= 1e-9 * std::max(1.0, std::abs(times));
    });
  }

  // Counts against a lower and an upper bound.
  void Size(const Json& schema, const char* min, const char* max, size_t size, const char* unit, const std::string& name) {
    With(schema, min, [&](const Json& limit) {
      if (size < limit.get<uint64_t>()) Say(name, fmt::format("has {} {}, must have at least {}", size, unit, Shown(limit)));
    });
    With(schema, max, [&](const Json& limit) {
      if (size > limit.get<uint64_t>()) Say(name, fmt::format("has {} {}, must have at most {}", size, unit, Shown(limit)));
    });
  }

  void Text(const Json& schema, const std::string& text, const std::string& name) {
    Size(schema, "minLength", "maxLength", CodePoints(text), "characters", name);
    With(schema, "pattern", [&](const Json& expression) {
      const auto pattern = Pattern::Compile(expression.get_ref<const std::string&>(), {});
      const auto found = pattern.ok() ? (*pattern)->Find(text, Pattern::Which::kFirst) : pattern.status();
      if (!found.ok() || !found->has_value()) Say(name, fmt::format("is {}, must match {}", Shown(Json(text)), Shown(expression)));
    });
  }

  void List(const Json& schema, const Json& list, const std::string& name) {
    Size(schema, "minItems", "maxItems", list.size(), "items", name);
    With(schema, "items", [&](const Json& each) {
      for (size_t i = 0; i < list.size() && problems_.size() < kMaxProblems; ++i)
        Check(each, list[i], fmt::format("{}[{}]", name, i), false);
    });
    With(schema, "uniqueItems", [&](const Json& unique) {
      if (unique.get<bool>() && std::set<Json>(list.begin(), list.end()).size() != list.size()) Say(name, "holds an item twice");
    });
  }

  void Object(const Json& schema, const Json& object, const std::string& name, bool top) {
    Size(schema, "minProperties", "maxProperties", object.size(), "keys", name);
    const Json none = Json::object();
    auto properties = schema.find("properties");
    const Json& known = properties == schema.end() ? none : *properties;
    auto additional = schema.find("additionalProperties");
    std::vector<std::string> names;
    for (const auto& [key, one] : known.items()) names.push_back(key);
    for (const auto& [key, value] : object.items()) {
      const std::string inner = name.empty() ? key : name + "." + key;
      if (auto it = known.find(key); it != known.end()) {
        Check(*it, value, inner, false);
      } else if (additional != schema.end() && !(additional->is_boolean() && !additional->get<bool>())) {
        Check(*additional, value, inner, false);
      } else if (top || additional != schema.end()) {
        Say(inner, "is unknown" + DidYouMean(key, names));
      }
    }
    With(schema, "required", [&](const Json& needed) {
      for (const Json& key : needed) {
        const std::string& wanted = key.get_ref<const std::string&>();
        if (!object.contains(wanted)) Say(name.empty() ? wanted : name + "." + wanted, "is needed");
      }
    });
  }

  const std::string owner_;
  std::vector<std::string> problems_;
};

absl::StatusOr<Json> ParseObject(std::string_view text, const char* what) {
  if (text.empty()) return Json::object();
  if (text.size() > kMaxBytes || !IsShallowJson(text)) {
    return absl::InvalidArgumentError(fmt::format("{} of {} bytes: above {} bytes or nested too deep", what, text.size(), kMaxBytes));
  }
  std::set<std::string> seen;
  std::string twice;
  // nlohmann keeps the last of two equal keys; both are seen here.
  const auto watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::key && depth == 1 && !seen.insert(parsed.get<std::string>()).second)
      twice = parsed.get<std::string>();
    return true;
  };
  Json json = Json::parse(text.begin(), text.end(), watch, /*allow_exceptions=*/false);
  if (!json.is_object()) {
    return absl::InvalidArgumentError(fmt::format("{} {}", what, json.is_discarded() ? "are not valid JSON" : "must be a JSON object"));
  }
  if (!twice.empty()) return absl::InvalidArgumentError(fmt::format("{}: {} is given twice", what, Shown(Json(twice))));
  return json;
}
}  // namespace

absl::Status CheckSchema(std::string_view schema_json) {
  HONE_ASSIGN_OR_RETURN(const Json schema, ParseObject(schema_json, "its text"));
  return CheckSchemaAt(schema, "");
}

absl::Status CheckParams(std::string_view owner, std::string_view schema_json, std::string_view params_json) {
  HONE_ASSIGN_OR_RETURN(const Json schema, ParseObject(schema_json, "the schema"));
  auto params = ParseObject(params_json, "the parameters");
  if (!params.ok()) return Annotate(params.status(), owner);
  Validator validator(owner);
  validator.Check(schema, *params, "", /*top=*/true);
  return validator.status();
}

}  // namespace hone
