#pragma once

#include <memory>
#include <string_view>

#include "lib/base/status.h"
#include "verifiers/verifier.h"

namespace hone {

// Scores how little a completion repeats itself: different n-grams / n-grams, on the sampled token ids when the caller gives them, else on
// words split at white space. The penalty of the usual shaping term is 1 - score.
//
// Parameters: n. A text of fewer than n words repeats nothing and scores 1, an empty one 0. Part: ngrams, their number.
// Reasons: unique, repeats, short, empty.
absl::StatusOr<std::unique_ptr<Verifier>> CreateRepetition(std::string_view params_json);

}  // namespace hone
