#include "verifiers/puzzles/near_miss.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "fmt/format.h"
#include "fmt/ranges.h"
#include "verifiers/puzzles/draw.h"

namespace hone {
namespace {

// One edit of a number as it is written; the sign counts.
std::string EditNumber(std::string text, RandomCursor& random) {
  std::vector<size_t> digits;
  for (size_t i = 0; i < text.size(); ++i) {
    if (absl::ascii_isdigit(text[i])) digits.push_back(i);
  }
  if (digits.empty()) return text;
  const size_t at = Pick(random, digits);
  switch (random.Below(5)) {
    case 0:
      return text.starts_with('-') ? text.substr(1) : "-" + text;
    case 1:  // a digit is one off
      text[at] = static_cast<char>('0' + (text[at] - '0' + (Chance(random, 50) ? 1 : 9)) % 10);
      return text;
    case 2:  // two neighbours swapped
      if (at + 1 < text.size() && absl::ascii_isdigit(text[at + 1])) std::swap(text[at], text[at + 1]);
      return text;
    case 3:
      return digits.size() > 1 ? text.erase(at, 1) : text;
    default:
      return text.insert(at, 1, static_cast<char>('0' + random.Between(1, 9)));
  }
}

std::string EditText(std::string text, RandomCursor& random) {
  if (text.empty()) return text;
  const size_t at = random.Below(text.size());
  switch (random.Below(4)) {
    case 0:
      if (at + 1 < text.size()) std::swap(text[at], text[at + 1]);
      return text;
    case 1:
      return text.size() > 1 ? text.erase(at, 1) : text;
    case 2:
      return text.insert(at, 1, text[at]);
    default:
      text[at] = Pick(random, absl::ascii_isdigit(text[at])        ? std::string_view("0123456789")
                              : text[at] >= 'a' && text[at] <= 'z' ? std::string_view("abcdefghijklmnopqrstuvwxyz")
                                                                   : std::string_view(")]}>"));
      return text;
  }
}

std::string EditList(std::string_view reference, RandomCursor& random) {
  std::vector<std::string> items = ListItems(reference);
  if (items.empty()) return {};
  const size_t at = random.Below(items.size()), other = random.Below(items.size());
  switch (random.Below(4)) {
    case 0:
      std::swap(items[at], items[other]);
      break;
    case 1:
      if (items.size() > 1) items.erase(items.begin() + static_cast<int64_t>(at));
      break;
    case 2:
      items.insert(items.begin() + static_cast<int64_t>(at), items[other]);
      break;
    default:
      items[at] = std::any_of(items[at].begin(), items[at].end(), absl::ascii_isdigit) ? EditNumber(items[at], random) : items[other];
  }
  return fmt::format("{}", fmt::join(items, ", "));
}

std::string EditGrid(std::string_view reference, RandomCursor& random) {
  std::vector<std::string> rows = GridRows(reference);
  std::string symbols;
  for (const std::string& row : rows) symbols += row;
  if (symbols.empty()) return {};
  std::string& row = rows[random.Below(rows.size())];
  row[random.Below(row.size())] = Pick(random, std::string_view(Chance(random, 20) ? "#.123" : std::string_view(symbols)));
  return fmt::format("{}", fmt::join(rows, "\n"));
}

std::string Edit(AnswerForm form, std::string_view reference, RandomCursor& random) {
  switch (form) {
    case AnswerForm::kNumber:
      return EditNumber(std::string(reference), random);
    case AnswerForm::kText:
      return EditText(std::string(reference), random);
    case AnswerForm::kList:
    case AnswerForm::kSet:
      return EditList(reference, random);
    case AnswerForm::kGrid:
      return EditGrid(reference, random);
  }
  return {};
}
}  // namespace

std::vector<std::string> CollectNearMisses(const std::function<std::string()>& draw) {
  std::vector<std::string> misses;
  for (int i = 0; i < 100'000 && misses.size() < kNumNearMisses; ++i) {
    std::string miss = draw();
    if (!miss.empty() && std::find(misses.begin(), misses.end(), miss) == misses.end()) misses.push_back(std::move(miss));
  }
  return misses;
}

std::vector<std::string> NearMissesOf(AnswerForm form, std::string_view reference, RandomCursor& random) {
  std::vector<std::string> taken = {std::string(reference)};
  return CollectNearMisses([&] {
    std::string miss = Edit(form, reference, random);
    for (const std::string& other : taken) {
      if (SameAnswer(form, other, miss)) return std::string();
    }
    taken.push_back(miss);
    return miss;
  });
}

std::vector<std::string> OtherChoices(std::vector<std::string> choices, std::string_view reference, RandomCursor& random) {
  std::erase(choices, reference);
  Shuffle(random, choices);
  choices.resize(std::min(choices.size(), kNumNearMisses));
  return choices;
}

std::string SubsetText(const std::vector<std::string>& items) {
  return items.empty() ? "none" : fmt::format("{}", fmt::join(items, ", "));
}

std::vector<std::string> SubsetNearMisses(const std::vector<std::string>& universe, std::string_view reference, RandomCursor& random) {
  const std::vector<std::string> right = ListItems(reference);
  std::vector<std::string> misses;
  for (const int64_t flipped : Permutation(random, universe.size())) {
    std::vector<std::string> items;
    for (size_t i = 0; i < universe.size(); ++i) {
      const bool in = std::find(right.begin(), right.end(), ListItems(universe[i]).at(0)) != right.end();
      if (in != (static_cast<int64_t>(i) == flipped)) items.push_back(universe[i]);
    }
    misses.push_back(SubsetText(items));
    if (misses.size() == kNumNearMisses) break;
  }
  return misses;
}

}  // namespace hone
