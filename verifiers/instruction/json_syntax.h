#pragma once

#include "verifiers/instruction/unicode_text.h"

namespace hone::instruction {

// Whether Python's json.loads accepts the text, as the published checkers ask it: JSON, and beside it NaN, Infinity, -Infinity, unpaired
// surrogates and numbers of any size, but no integer of more than 4,300 digits and no byte order mark.
// Cost: linear in the text; nesting costs a byte a level.
bool IsJson(TextView text);

}  // namespace hone::instruction
