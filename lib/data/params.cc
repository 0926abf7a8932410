#include "lib/data/params.h"

#include <cmath>
#include <set>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "lib/config/nearest.h"
#include "nlohmann/json.hpp"

namespace hone {
namespace {
using Json = nlohmann::json;

// A value as a message may show it: at most 80 bytes, always valid UTF-8.
std::string Shown(const Json& value) {
  if (value.is_structured()) return value.is_array() ? "an array" : "an object";
  std::string text = value.dump(-1, ' ', true, Json::error_handler_t::replace);
  if (text.size() > 80) text = text.substr(0, 77) + "...";
  return text;
}
}  // namespace

struct Params::Impl {
  std::string owner;
  Json values = Json::object();
  Json properties = Json::object();
  std::vector<std::string> names;  // asked for, in order
  std::vector<std::string> problems;

  void Complain(std::string_view text) { problems.push_back(fmt::format("{}: {}", owner, text)); }

  // Defines a parameter; its value if given.
  const Json* Define(std::string_view name, Json schema, std::string_view help) {
    schema["description"] = std::string(help);
    properties[std::string(name)] = std::move(schema);
    names.emplace_back(name);
    auto it = values.find(std::string(name));
    return it == values.end() ? nullptr : &*it;
  }
  void WrongType(std::string_view name, std::string_view wanted, const Json& value) {
    Complain(fmt::format("parameter \"{}\" must be {}, got {}", name, wanted, Shown(value)));
  }
};

Params::Params(std::string_view owner, std::string_view json) : impl_(std::make_unique<Impl>()) {
  impl_->owner = owner;
  if (json.empty()) return;
  std::set<std::string> seen;
  std::vector<std::string> twice;
  // nlohmann keeps the last of two equal keys; both are seen here.
  auto watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::key && depth == 1 && !seen.insert(parsed.get<std::string>()).second)
      twice.push_back(parsed.get<std::string>());
    return true;
  };
  Json values = Json::parse(json.begin(), json.end(), watch, /*allow_exceptions=*/false);
  if (!values.is_object()) {
    impl_->Complain(values.is_discarded() ? "the parameters are not valid JSON"
                                          : "the parameters must be a JSON object, as in {\"name\": value}");
    return;
  }
  for (const std::string& name : twice) impl_->Complain(fmt::format("parameter {} is given twice", Shown(name)));
  impl_->values = std::move(values);
}

Params::~Params() = default;

bool Params::Bool(std::string_view name, bool fallback, std::string_view help) {
  const Json* value = impl_->Define(name, {{"type", "boolean"}, {"default", fallback}}, help);
  if (value == nullptr) return fallback;
  if (value->is_boolean()) return value->get<bool>();
  impl_->WrongType(name, "true or false", *value);
  return fallback;
}

int64_t Params::Int(std::string_view name, int64_t fallback, int64_t min, int64_t max, std::string_view help) {
  const Json* value = impl_->Define(name, {{"type", "integer"}, {"default", fallback}, {"minimum", min}, {"maximum", max}}, help);
  if (value == nullptr) return fallback;
  const bool too_big = value->is_number_unsigned() && value->get<uint64_t>() > static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  if (!value->is_number_integer()) {
    impl_->WrongType(name, "a whole number", *value);
  } else if (too_big || value->get<int64_t>() < min || value->get<int64_t>() > max) {
    impl_->Complain(fmt::format("parameter \"{}\" is {}, must be between {} and {}", name, Shown(*value), min, max));
  } else {
    return value->get<int64_t>();
  }
  return fallback;
}

double Params::Number(std::string_view name, double fallback, double min, double max, std::string_view help) {
  const Json* value = impl_->Define(name, {{"type", "number"}, {"default", fallback}, {"minimum", min}, {"maximum", max}}, help);
  if (value == nullptr) return fallback;
  if (!value->is_number()) {
    impl_->WrongType(name, "a number", *value);
  } else if (const double x = value->get<double>(); !std::isfinite(x) || x < min || x > max) {
    impl_->Complain(fmt::format("parameter \"{}\" is {}, must be between {} and {}", name, Shown(*value), min, max));
  } else {
    return x;
  }
  return fallback;
}

std::string Params::Text(std::string_view name, std::string_view fallback, std::string_view help) {
  const Json* value = impl_->Define(name, {{"type", "string"}, {"default", std::string(fallback)}}, help);
  if (value == nullptr) return std::string(fallback);
  if (value->is_string()) return value->get<std::string>();
  impl_->WrongType(name, "a string", *value);
  return std::string(fallback);
}

std::string Params::Choice(std::string_view name, std::string_view fallback, std::initializer_list<std::string_view> choices,
                           std::string_view help) {
  Json allowed = Json::array();
  for (std::string_view choice : choices) allowed.push_back(std::string(choice));
  const Json* value = impl_->Define(name, {{"type", "string"}, {"default", std::string(fallback)}, {"enum", allowed}}, help);
  if (value == nullptr) return std::string(fallback);
  if (value->is_string()) {
    for (std::string_view choice : choices) {
      if (value->get_ref<const std::string&>() == choice) return std::string(choice);
    }
  }
  impl_->WrongType(name, fmt::format("one of {}", fmt::join(choices, ", ")), *value);
  return std::string(fallback);
}

std::vector<std::string> Params::TextList(std::string_view name, std::vector<std::string> fallback, std::string_view help) {
  const Json* value = impl_->Define(name, {{"type", "array"}, {"items", {{"type", "string"}}}, {"default", fallback}}, help);
  if (value == nullptr) return fallback;
  if (!value->is_array()) {
    impl_->WrongType(name, "an array of strings", *value);
    return fallback;
  }
  std::vector<std::string> list;
  for (const Json& item : *value) {
    if (!item.is_string()) {
      impl_->WrongType(name, "an array of strings", item);
      return fallback;
    }
    list.push_back(item.get<std::string>());
  }
  return list;
}

void Params::Problem(std::string_view message) {
  impl_->Complain(message);
}

absl::Status Params::Finish() {
  for (const auto& [key, value] : impl_->values.items()) {
    if (impl_->properties.contains(key)) continue;
    impl_->Complain(fmt::format("parameter {} is unknown{}", Shown(key), DidYouMean(key, impl_->names)));
  }
  if (impl_->problems.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format("{}", fmt::join(impl_->problems, "\n")));
}

std::string Params::Schema() const {
  return Json{{"$schema", "http://json-schema.org/draft-07/schema#"},
              {"type", "object"},
              {"additionalProperties", false},
              {"properties", impl_->properties}}
      .dump();
}

}  // namespace hone
