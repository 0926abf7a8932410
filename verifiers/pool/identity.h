#pragma once
// What names a verdict: verifier, parameters and input as hashes. Equal names mean the same question, so that a deterministic verifier need
// not be asked again and an old verdict can be compared with a new one.

#include <string>
#include <string_view>

#include "verifiers/verifier.h"

namespace hone {

// Hashes are XXH3 with 128 bits as 16 big-endian bytes, the same on every machine. Against chance, not against an adversary: a model that
// could make two completions collide would earn one of their verdicts.

// Of a verifier's parameters. Spaces and the order of keys do not count.
std::string ConfigHash(std::string_view params_json);

// Of the parameters and of what the verifier was loaded from (VerifierDescription::origin): two plugins may have one name and version, and
// a plugin's file may be replaced. Without an origin, as with every verifier of our own, it is config_hash itself.
std::string ConfigHashOf(std::string_view config_hash, std::string_view origin);

// Of everything that a verifier is given except names and times: prompt, completion, reference, answer, row, seed, tokens, finish reason.
// Group and sample index are left out: they say who asks.
std::string InputHash(const VerifyRequest& request);

// Of a call: verifier is name@version.
std::string CallHash(std::string_view verifier, std::string_view config_hash, std::string_view input_hash);

// 32 hex digits.
std::string HashToHex(std::string_view hash);

}  // namespace hone
