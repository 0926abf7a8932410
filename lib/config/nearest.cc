#include "lib/config/nearest.h"

#include <algorithm>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "lib/config/strict_json.h"

namespace hone {
namespace {

constexpr size_t kLongestName = 64;

char Fold(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<char>(c - 'A' + 'a');
  return c == '-' ? '_' : c;
}

std::string Fold(std::string_view text) {
  std::string folded(text);
  for (char& c : folded) c = Fold(c);
  return folded;
}

}  // namespace

int EditDistance(std::string_view a, std::string_view b) {
  // Three rows of the table: before[j], above[j] and row[j] are the distances of a's first i-2, i-1 and i characters to b's first j.
  std::vector<int> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = static_cast<int>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    before.swap(above);
    above.swap(row);
    row[0] = static_cast<int>(i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const bool equal = Fold(a[i - 1]) == Fold(b[j - 1]);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (equal ? 0 : 1)});
      if (i > 1 && j > 1 && Fold(a[i - 1]) == Fold(b[j - 2]) && Fold(a[i - 2]) == Fold(b[j - 1])) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
  }
  return row[b.size()];
}

std::optional<std::string> Nearest(std::string_view name, std::span<const std::string> known) {
  if (name.empty() || name.size() > kLongestName) return std::nullopt;
  const std::string* nearest = nullptr;
  int least = 0;
  for (const std::string& candidate : known) {
    if (candidate.size() > kLongestName) continue;
    const int length = static_cast<int>(std::max(name.size(), candidate.size()));
    const int limit = length >= 5 ? length * 2 / 5 : length / 3;
    const int distance = EditDistance(name, candidate);
    if (distance <= limit && (nearest == nullptr || distance < least)) {
      nearest = &candidate;
      least = distance;
    }
  }
  if (nearest == nullptr && name.size() >= 3) {
    const std::string beginning = Fold(name);
    for (const std::string& candidate : known) {
      if (!Fold(candidate).starts_with(beginning)) continue;
      if (nearest != nullptr) return std::nullopt;
      nearest = &candidate;
    }
  }
  if (nearest == nullptr) return std::nullopt;
  return *nearest;
}

std::string DidYouMean(std::string_view name, std::span<const std::string> known) {
  if (const auto nearest = Nearest(name, known)) return fmt::format("; did you mean {}?", JsonQuote(*nearest));
  if (known.empty()) return "";
  return fmt::format("; known: {}", fmt::join(known, ", "));
}

}  // namespace hone
