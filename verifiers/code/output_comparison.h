#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hone {

// How a program's output is held against an accepted one.
enum class OutputMode {
  kExact,           // byte for byte
  kLines,           // white space at line ends and empty lines at the end do not count
  kTokens,          // the words between white space, in order
  kCasefold,        // as kTokens, ASCII letters of either case being equal
  kFloats,          // as kTokens; two numbers are equal within the tolerance
  kUnorderedLines,  // as kLines, the lines in any order, each as often as wanted
};
std::optional<OutputMode> OutputModeFromName(std::string_view name);  // "exact", "lines", "tokens", "casefold", "floats", "unordered_lines"

struct OutputComparison {
  OutputMode mode = OutputMode::kLines;
  // kFloats: |got - want| <= max(abs, rel * |want|). The difference is taken of the decimals as written, of any length; two whole numbers
  // written as such must be the same: 50000000000000000 is not 50000000000000001.
  double abs = 1e-6, rel = 1e-6;
};

// Time: linear in the texts; n log n with unordered lines.
bool OutputMatches(std::string_view want, std::string_view got, const OutputComparison& comparison);

}  // namespace hone
