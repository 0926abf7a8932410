#include "lib/tokenizer/chat/json_value.h"

#include "nlohmann/json.hpp"

namespace hone::jinja {

absl::StatusOr<Value> FromJson(const nlohmann::ordered_json& json, int depth) {
  if (depth > kMaxDepth / 2) return absl::InvalidArgumentError(fmt::format("the variables nest deeper than {}", kMaxDepth / 2));
  switch (json.type()) {
    case nlohmann::json::value_t::null:
      return Value::None();
    case nlohmann::json::value_t::boolean:
      return Value::Bool(json.get_ref<const bool&>());
    case nlohmann::json::value_t::number_integer:
      return Value::Int(json.get_ref<const int64_t&>());
    case nlohmann::json::value_t::number_unsigned: {
      const uint64_t number = json.get_ref<const uint64_t&>();
      return number <= INT64_MAX ? Value::Int(static_cast<int64_t>(number)) : Value::BigInt(std::to_string(number));
    }
    case nlohmann::json::value_t::number_float:
      return Value::Float(json.get_ref<const double&>());
    case nlohmann::json::value_t::string:
      return Value::String(json.get_ref<const std::string&>());
    case nlohmann::json::value_t::array: {
      std::vector<Value> items;
      items.reserve(json.size());
      for (const auto& item : json) {
        HONE_ASSIGN_OR_RETURN(Value value, FromJson(item, depth + 1));
        items.push_back(std::move(value));
      }
      return Value::List(std::move(items));
    }
    case nlohmann::json::value_t::object: {
      auto dict = std::make_shared<DictObject>();
      for (const auto& [key, item] : json.items()) {
        HONE_ASSIGN_OR_RETURN(Value value, FromJson(item, depth + 1));
        dict->Set(Value::String(key), std::move(value));
      }
      return Value::Of(Kind::kDict, std::move(dict));
    }
    default:
      return absl::InvalidArgumentError("the variables hold binary data, which a template cannot read");
  }
}

}  // namespace hone::jinja
