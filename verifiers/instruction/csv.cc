#include "verifiers/instruction/csv.h"

#include <utility>

namespace hone::instruction {

std::optional<std::vector<std::vector<Text>>> ParseCsv(TextView text, char32_t delimiter, CsvLimits limits) {
  constexpr size_t kMaxField = 131'072;
  enum class State { kRowStart, kFieldStart, kBare, kQuoted, kQuoteInQuoted, kRowEnd } state = State::kRowStart;
  std::vector<std::vector<Text>> rows;
  std::vector<Text> row;
  Text field;
  auto end_field = [&] {
    if (row.size() <= limits.fields) row.push_back(std::exchange(field, {}));
    field.clear();
  };
  auto end_row = [&] {
    rows.push_back(std::exchange(row, {}));
    state = State::kRowStart;
  };
  for (size_t i = 0; i < text.size() && rows.size() <= limits.rows; ++i) {
    const char32_t c = text[i];
    const bool line_end = c == '\n' || c == '\r';
    if (state == State::kRowEnd) {  // behind a carriage return
      if (!line_end) return std::nullopt;
      if (c == '\n') end_row();
      continue;
    }
    if (state == State::kQuoted) {
      if (c == '"') {
        state = State::kQuoteInQuoted;
      } else {
        field.push_back(c);
      }
    } else if (state == State::kQuoteInQuoted && c == '"') {
      field.push_back(c);
      state = State::kQuoted;
    } else if (line_end) {
      if (state != State::kRowStart) end_field();
      state = State::kRowEnd;
      if (c == '\n') end_row();
    } else if (c == delimiter) {
      end_field();
      state = State::kFieldStart;
    } else if (c == '"' && (state == State::kRowStart || state == State::kFieldStart)) {
      state = State::kQuoted;
    } else {
      field.push_back(c);
      state = State::kBare;
    }
    if (field.size() > kMaxField) return std::nullopt;
  }
  if (state != State::kRowStart && rows.size() <= limits.rows) {
    if (state != State::kRowEnd) end_field();
    end_row();
  }
  return rows;
}

}  // namespace hone::instruction
