#pragma once

#include <string_view>

namespace hone {

// Whether no list or object of a text that is meant to be JSON is nested deeper than `max_depth`: asked before a parser gets text that
// somebody else wrote, so that brackets cannot take its memory. One pass; says nothing else about the text.
bool IsShallowJson(std::string_view text, int max_depth = 64);

}  // namespace hone
