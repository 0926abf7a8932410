#include "verifiers/puzzles/answer.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "absl/strings/ascii.h"
#include "verifiers/number.h"
#include "verifiers/text.h"

namespace hone {
namespace {

constexpr size_t kMaxSetItems = 500;  // the work grows with the square

// Where `word` (lower case) stands last in the text, in any case.
size_t RFindAnyCase(std::string_view text, std::string_view word) {
  const auto it =
      std::find_end(text.begin(), text.end(), word.begin(), word.end(), [](char a, char b) { return absl::ascii_tolower(a) == b; });
  return it == text.end() ? std::string_view::npos : static_cast<size_t>(it - text.begin());
}

std::string_view TakeOff(std::string_view text, AnswerForm form) {
  constexpr std::string_view kAround = " \t\r\n\v\f*`$\"'";
  const size_t begin = text.find_first_not_of(kAround);
  if (begin == std::string_view::npos) return {};
  size_t end = text.find_last_not_of(kAround) + 1;
  if (form != AnswerForm::kGrid && text[end - 1] == '.') --end;
  text = text.substr(begin, end - begin);
  const size_t last = text.find_last_not_of(kAround);
  return last == std::string_view::npos ? std::string_view() : text.substr(0, last + 1);
}

// The content of the last \boxed{..} whose braces match.
bool LastBox(std::string_view text, std::string_view* content) {
  constexpr std::string_view kBox = "\\boxed{";
  const size_t at = text.rfind(kBox);
  if (at == std::string_view::npos) return false;
  const size_t begin = at + kBox.size(), end = ClosingBrace(text, begin);
  if (end == std::string_view::npos) return false;
  *content = text.substr(begin, end - begin);
  return true;
}

// The first line of the text that is not blank.
std::string_view FirstLine(std::string_view text) {
  text = TrimSpace(text);
  return text.substr(0, text.find('\n'));
}

std::string_view LastLines(std::string_view text, bool block) {
  text = TrimSpace(text);
  size_t begin = text.size();
  while (begin > 0) {
    const size_t newline = text.rfind('\n', begin - 1);
    const size_t line = newline == std::string_view::npos ? 0 : newline + 1;
    if (TrimSpace(text.substr(line, begin - line)).empty()) break;
    begin = line;
    if (!block || line == 0) break;
    --begin;  // on to the line before
  }
  return text.substr(begin);
}

bool SameItem(std::string_view a, std::string_view b) {
  if (a == b) return true;
  const std::optional<Number> x = WholeNumber(a), y = WholeNumber(b);
  return x.has_value() && y.has_value() && Equal(*x, *y, /*percent_scales=*/false);
}

// "x = 7" without "x =": one letter or word stands for the unknown.
std::string_view WithoutUnknown(std::string_view text) {
  const size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals > 16) return text;
  const std::string_view left = TrimSpace(text.substr(0, equals));
  const bool word = !left.empty() && std::all_of(left.begin(), left.end(),
                                                 [](char c) { return absl::ascii_tolower(c) >= 'a' && absl::ascii_tolower(c) <= 'z'; });
  return word ? text.substr(equals + 1) : text;
}

std::string Collapsed(std::string_view text) {
  std::string result;
  for (char c : TrimSpace(text)) {
    if (!absl::ascii_isspace(c)) {
      result += absl::ascii_tolower(c);
    } else if (result.back() != ' ') {
      result += ' ';
    }
  }
  return result;
}
}  // namespace

const char* Name(AnswerForm form) {
  switch (form) {
    case AnswerForm::kNumber:
      return "number";
    case AnswerForm::kText:
      return "text";
    case AnswerForm::kList:
      return "list";
    case AnswerForm::kSet:
      return "set";
    case AnswerForm::kGrid:
      return "grid";
  }
  return "";
}

std::string_view ExtractAnswer(std::string_view completion, AnswerForm form) {
  constexpr std::string_view kOpen = "<answer>", kClose = "</answer>";
  if (const size_t close = completion.rfind(kClose); close != std::string_view::npos) {
    if (const size_t open = completion.substr(0, close).rfind(kOpen); open != std::string_view::npos)
      return TakeOff(completion.substr(open + kOpen.size(), close - open - kOpen.size()), form);
  }
  if (std::string_view box; LastBox(completion, &box)) return TakeOff(box, form);
  const bool grid = form == AnswerForm::kGrid;
  size_t behind = 0;
  for (std::string_view marker : {"answer:", "answer is"}) {
    const size_t at = RFindAnyCase(completion, marker);
    if (at != std::string_view::npos) behind = std::max(behind, at + marker.size());
  }
  if (behind > 0) {
    std::string_view rest = completion.substr(behind);
    rest.remove_prefix(std::min(rest.find_first_not_of(":* \t\r\n"), rest.size()));
    return TakeOff(grid ? rest : FirstLine(rest), form);
  }
  return TakeOff(LastLines(completion, grid), form);
}

std::vector<std::string> ListItems(std::string_view text) {
  text = TrimSpace(text);
  if (text.size() >= 2) {
    const size_t kind = std::string_view("([{").find(text.front());
    if (kind != std::string_view::npos && text.back() == ")]}"[kind]) text = text.substr(1, text.size() - 2);
  }
  std::vector<std::string> items;
  std::string item;
  for (char c : text) {
    if (!absl::ascii_isspace(c) && c != ',' && c != ';') {
      item += absl::ascii_tolower(c);
    } else if (!item.empty()) {
      items.push_back(std::move(item));
      item.clear();
    }
  }
  if (!item.empty()) items.push_back(std::move(item));
  return items;
}

std::vector<std::string> GridRows(std::string_view text) {
  std::vector<std::string> rows(1);
  for (char c : text) {
    if (c == '\n') {
      if (!rows.back().empty()) rows.emplace_back();
    } else if (!absl::ascii_isspace(c)) {
      rows.back() += absl::ascii_tolower(c);
    }
  }
  if (rows.back().empty()) rows.pop_back();
  return rows;
}

bool ReadInt(std::string_view text, int64_t* value) {
  text = TrimSpace(text);
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (text.empty() || text.size() > 18) return false;
  int64_t result = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return false;
    result = result * 10 + (c - '0');
  }
  *value = negative ? -result : result;
  return true;
}

bool SameAnswer(AnswerForm form, std::string_view reference, std::string_view answer) {
  if (answer.size() > kMaxAnswerBytes) return false;
  switch (form) {
    case AnswerForm::kNumber: {
      const std::optional<Number> want = WholeNumber(reference), got = WholeNumber(WithoutUnknown(answer));
      return want.has_value() && got.has_value() && Equal(*want, *got, /*percent_scales=*/false);
    }
    case AnswerForm::kText:
      return Collapsed(reference) == Collapsed(answer);
    case AnswerForm::kGrid:
      return GridRows(reference) == GridRows(answer);
    case AnswerForm::kList:
    case AnswerForm::kSet: {
      std::vector<std::string> want = ListItems(reference);
      const std::vector<std::string> got = ListItems(answer);
      if (want.size() != got.size()) return false;
      if (form == AnswerForm::kList) return std::equal(want.begin(), want.end(), got.begin(), SameItem);
      if (got.size() > kMaxSetItems) return false;
      for (const std::string& item : got) {
        const auto it = std::find_if(want.begin(), want.end(), [&](const std::string& other) { return SameItem(item, other); });
        if (it == want.end()) return false;
        want.erase(it);
      }
      return true;
    }
  }
  return false;
}

}  // namespace hone
