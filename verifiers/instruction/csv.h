#pragma once

#include <optional>
#include <vector>

#include "verifiers/instruction/unicode_text.h"

namespace hone::instruction {

// The rows of comma-separated text in Python's default dialect: a field may stand in double quotes, where a doubled quote is one and line
// ends are text; a quote inside a bare field is text; an empty line is a row without fields; a carriage return ends a row.
// nullopt for what Python's reader refuses: text between a carriage return and the line end, a field of more than 131,072 characters.
//
// Of what goes beyond the limits only one row more is read, and one field more of every row: enough to see that there are too many.
struct CsvLimits {
  size_t rows = 1000, fields = 1000;
};
std::optional<std::vector<std::vector<Text>>> ParseCsv(TextView text, char32_t delimiter, CsvLimits limits = {});

}  // namespace hone::instruction
