#include "verifiers/pool/identity.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <bit>

#include "absl/strings/escaping.h"
#include "nlohmann/json.hpp"

namespace hone {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are hashed as little-endian bytes");

// Every field goes in with its length, so that bytes cannot move from one field to its neighbour.
class Hasher {
 public:
  Hasher() { XXH3_128bits_reset(&state_); }
  void Add(std::string_view bytes) {
    AddNumber(bytes.size());
    XXH3_128bits_update(&state_, bytes.data(), bytes.size());
  }
  void AddNumber(uint64_t value) { XXH3_128bits_update(&state_, &value, sizeof(value)); }
  std::string Finish() const {
    XXH128_canonical_t out;
    XXH128_canonicalFromHash(&out, XXH3_128bits_digest(&state_));
    return std::string(reinterpret_cast<const char*>(out.digest), sizeof(out.digest));
  }

 private:
  XXH3_state_t state_;
};

}  // namespace

std::string ConfigHash(std::string_view params_json) {
  const auto params = nlohmann::json::parse(params_json.empty() ? "{}" : params_json, nullptr, /*allow_exceptions=*/false);
  Hasher hasher;
  hasher.Add(params.is_discarded() ? std::string(params_json) : params.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  return hasher.Finish();
}

std::string ConfigHashOf(std::string_view config_hash, std::string_view origin) {
  if (origin.empty()) return std::string(config_hash);
  Hasher hasher;
  for (const std::string_view part : {config_hash, origin}) hasher.Add(part);
  return hasher.Finish();
}

std::string InputHash(const VerifyRequest& request) {
  Hasher hasher;
  for (const std::string_view text : {request.prompt, request.completion, request.reference, request.row}) hasher.Add(text);
  hasher.AddNumber(request.answer.has_value());
  hasher.Add(request.answer.value_or(""));
  hasher.AddNumber(request.seed);
  hasher.AddNumber(static_cast<uint64_t>(request.num_tokens_completion.value_or(-1)));
  hasher.Add({reinterpret_cast<const char*>(request.token_ids.data()), request.token_ids.size_bytes()});
  hasher.AddNumber(request.finish_reason.has_value() ? 1 + static_cast<uint64_t>(*request.finish_reason) : 0);
  return hasher.Finish();
}

std::string CallHash(std::string_view verifier, std::string_view config_hash, std::string_view input_hash) {
  Hasher hasher;
  for (const std::string_view part : {verifier, config_hash, input_hash}) hasher.Add(part);
  return hasher.Finish();
}

std::string HashToHex(std::string_view hash) {
  return absl::BytesToHexString({hash.data(), hash.size()});
}

}  // namespace hone
