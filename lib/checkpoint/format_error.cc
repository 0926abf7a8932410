#include "lib/checkpoint/format_error.h"

#include "absl/strings/escaping.h"
#include "fmt/format.h"

namespace hone {

std::string Quoted(std::string_view text) {
  constexpr size_t kLongest = 120;
  const std::string_view shown = text.substr(0, kLongest);
  return fmt::format("\"{}\"{}", absl::CHexEscape(absl::string_view(shown.data(), shown.size())), text.size() > kLongest ? "..." : "");
}

absl::Status CorruptTensor(std::string_view file, std::string_view tensor, uint64_t byte, std::string_view what) {
  return CorruptFile(file, fmt::format("tensor {}", Quoted(tensor)), byte, what);
}

absl::Status CorruptFile(std::string_view file, std::string_view where, uint64_t byte, std::string_view what) {
  return absl::DataLossError(fmt::format("{}: {}: byte {}: {}", file, where, byte, what));
}

}  // namespace hone
