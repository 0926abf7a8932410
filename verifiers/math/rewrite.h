#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hone::math {

// Other spellings of an answer that mean the same: kinds of fraction macro, spaces, \left and \right, dollar signs, a box, a full stop,
// font. For tests and benchmarks.
std::vector<std::string> PlainRewritings(std::string_view answer);

}  // namespace hone::math
