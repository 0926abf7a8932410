#pragma once
// For the tests and benchmarks of this folder.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/status.h"
#include "lib/tokenizer/tokenizer.h"
#include "nlohmann/json.hpp"

namespace hone {

// The tokenizer.json, gunzipped if need be, of a folder of tests/testdata/tokenizers (HONE_GOLDEN_TOKENIZERS names another place).
absl::StatusOr<std::string> GoldenTokenizerJson(const std::string& name);
// The parsed cases.json of the same folder.
absl::StatusOr<nlohmann::json> GoldenTokenizerCases(const std::string& name);
// The tokenizer; the test dies when it does not load.
std::unique_ptr<Tokenizer> GoldenTokenizer(const std::string& name);

// A tokenizer of a few dozen tokens, so that a test shows all of it. Parts are replaced by assigning to the object's fields.
nlohmann::json SmallTokenizerJson();

// Text made of pieces that tokenizers stumble over: contractions, scripts, white space, marks, emoji, digits. A function of (seed, index).
std::string DifficultText(uint64_t seed, uint64_t index);

}  // namespace hone
