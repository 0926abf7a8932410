#pragma once

#include "lib/tokenizer/chat/value.h"
#include "nlohmann/json_fwd.hpp"

namespace hone::jinja {

// The value of a JSON document: objects keep their order, integers above 64 signed bits stay exact.
// Errors: InvalidArgument when it nests deeper than kMaxDepth / 2 or holds what JSON text cannot (binary data).
absl::StatusOr<Value> FromJson(const nlohmann::ordered_json& json, int depth = 0);

}  // namespace hone::jinja
