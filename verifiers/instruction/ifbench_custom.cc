#include <algorithm>

#include "fmt/format.h"
#include "verifiers/instruction/csv.h"
#include "verifiers/instruction/families.h"

namespace hone::instruction {
namespace {

// Number of digits at the start.
size_t DigitsAt(TextView text) {
  size_t n = 0;
  while (n < text.size() && IsDecimal(text[n])) ++n;
  return n;
}

std::vector<TextView> Numbers(TextView text) {
  std::vector<TextView> numbers;
  for (size_t i = 0; i < text.size();) {
    const size_t digits = DigitsAt(text.substr(i));
    if (digits > 0) numbers.push_back(text.substr(i, digits));
    i += digits + 1;
  }
  return numbers;
}

// The texts after each label "Question 1." and before the first.
std::vector<TextView> SplitQuestions(TextView text) {
  constexpr TextView kLabel = U"Question ";
  std::vector<TextView> questions;
  size_t begin = 0;
  for (size_t at = 0; (at = text.find(kLabel, at)) != TextView::npos;) {
    const size_t number = at + kLabel.size(), digits = DigitsAt(text.substr(number));
    if (digits == 0) {
      at = number;
      continue;
    }
    questions.push_back(Trim(text.substr(begin, at - begin)));
    begin = number + digits;
    if (begin < text.size() && TextView(U".|):;").find(text[begin]) != TextView::npos) ++begin;
    at = begin;
  }
  questions.push_back(Trim(text.substr(begin)));
  std::erase_if(questions, [](TextView question) { return question.empty(); });
  return questions;
}

// "A. something"
bool IsOption(TextView line) {
  if (line.size() < 3 || TextView(U"abcde").find(ToLower(line[0])) == TextView::npos || line[0] >= 128) return false;
  if (TextView(U".|)").find(line[1]) == TextView::npos) return false;
  const TextView text = Trim(line.substr(2));
  return !text.empty() && IsWordChar(text[0]);
}

// Four digits, two, two, between hyphens; as a number of eight digits, else -1.
int64_t ParseDate(TextView date) {
  if (date.size() != 10 || date[4] != '-' || date[7] != '-') return -1;
  int64_t number = 0;
  for (size_t i = 0; i < date.size(); ++i) {
    if (i == 4 || i == 7) continue;
    if (date[i] < '0' || date[i] > '9') return -1;
    number = number * 10 + static_cast<int64_t>(date[i] - '0');
  }
  return number;
}

// The first line names the columns in order, each bare or in double quotes, with blanks after a separator.
bool IsHeader(TextView line, std::initializer_list<TextView> columns, char32_t separator, TextView blanks) {
  line = Trim(line);
  bool first = true;
  for (const TextView column : columns) {
    if (!first) {
      if (!line.starts_with(separator)) return false;
      line = TrimLeft(line.substr(1), blanks);
    }
    first = false;
    const bool quoted = line.starts_with(U'"');
    if (quoted) line.remove_prefix(1);
    if (!line.starts_with(column)) return false;
    line.remove_prefix(column.size());
    if (quoted && !line.starts_with(U'"')) return false;
    if (quoted) line.remove_prefix(1);
  }
  return line.empty();
}

// CSV whose quotes stay in the fields: each is tripled first.
std::optional<std::vector<std::vector<Text>>> ParseKeepingQuotes(TextView text, char32_t delimiter, CsvLimits limits) {
  Text tripled;
  tripled.reserve(text.size());
  for (const char32_t c : text) tripled.append(c == '"' ? 3 : 1, c);
  return ParseCsv(tripled, delimiter, limits);
}

// The field is "..." with something in it that is neither word character nor white space.
bool HasQuotedSpecial(TextView field) {
  if (!field.starts_with(U'"')) return false;
  const TextView line = field.substr(1, field.find(U'\n') - 1);
  const size_t last_quote = line.rfind(U'"');
  if (last_quote == TextView::npos) return false;
  return std::any_of(line.begin(), line.begin() + static_cast<ptrdiff_t>(last_quote),
                     [](char32_t c) { return !IsWordChar(c) && !IsSpace(c); });
}

std::string Shape(const std::optional<std::vector<std::vector<Text>>>& rows) {
  return rows.has_value() ? fmt::format("{} rows or more", rows->size()) : std::string("no readable table");
}

}  // namespace

Checker MultiplesOfSeven(Kwargs&) {
  return [](const Response& response) -> Finding {
    const bool equal = Numbers(response.text()) == std::vector<TextView>{U"14", U"21", U"28", U"35", U"42", U"49"};
    return Follows(equal, equal ? "the numbers are the multiples" : "the numbers are not 14, 21, 28, 35, 42, 49");
  };
}

Checker MultipleChoiceQuestions(Kwargs&) {
  return [](const Response& response) -> Finding {
    if (!response.text().starts_with(U"Question")) return Follows(false, "does not begin with \"Question\"");
    const std::vector<TextView> questions = SplitQuestions(response.text());
    if (questions.size() != 4) return Counted(false, static_cast<int64_t>(questions.size()), "questions", "4");
    size_t last_length = 0;
    for (size_t i = 0; i < questions.size(); ++i) {
      int64_t options = 0;
      Text question;
      for (const TextView whole : Split(questions[i], U"\n")) {
        const TextView line = Trim(whole);
        if (IsOption(line)) {
          ++options;
        } else if (options == 0) {
          question.push_back(' ');
          question.append(line);
        }
      }
      if (options != 5) return Counted(false, options, "options", "5");
      const size_t length = Trim(question).size();
      if (i > 0 && length <= last_length) return Follows(false, fmt::format("question {} is not longer than the one before", i + 1));
      last_length = length;
    }
    return Follows(true, "four questions of growing length with five options");
  };
}

Checker AfricanCountriesReversed(Kwargs&) {
  return [](const Response& response) -> Finding {
    std::vector<Text> lines;
    for (const TextView whole : Split(response.text(), U"\n")) {
      const TextView line = TrimMarks(whole);
      if (!line.empty() && (!lines.empty() || Contains(line, U"Zimbabwe"))) lines.push_back(ToAscii(line));
    }
    if (lines.size() < 52) return Counted(false, static_cast<int64_t>(lines.size()), "lines from Zimbabwe on", "at least 52");
    const bool sorted = std::is_sorted(lines.begin(), lines.end(), std::greater<>());
    return Follows(sorted, sorted ? "the lines are in reverse order" : "the lines are not in reverse order");
  };
}

Checker WordsReversed(Kwargs&) {
  return [](const Response& response) -> Finding {
    const Text text = WithoutPunctuation(response.lower());
    // In the words' reverse order, joined by spaces, there is "bald eagle".
    const std::vector<TextView> words = SplitWords(text);
    bool found = false;
    for (size_t i = 0; i + 1 < words.size() && !found; ++i) found = words[i].starts_with(U"eagle") && words[i + 1].ends_with(U"bald");
    return Follows(found, found ? "the bald eagle, backwards" : "no \"eagle bald\"");
  };
}

Checker CharactersReversed(Kwargs&) {
  return [](const Response& response) -> Finding {
    const bool found = Contains(response.lower(), U"elgae dlab");
    return Follows(found, found ? "the bald eagle, backwards" : "no \"elgae dlab\"");
  };
}

Checker SentenceAlphabet(Kwargs& kwargs) {
  kwargs.Claims("sentences", 26, 26);
  return [](const Response& response) -> Finding {
    const std::vector<TextView>& sentences = response.sentences();
    if (sentences.size() != 26) return Counted(false, static_cast<int64_t>(sentences.size()), "sentences", "26");
    for (size_t i = 0; i < sentences.size(); ++i) {
      const TextView sentence = Trim(sentences[i]);
      if (sentence.empty() || ToLower(sentence[0]) != U'a' + i)
        return Follows(false, fmt::format("sentence {} begins with another letter", i + 1));
    }
    return Follows(true, "the sentences follow the alphabet");
  };
}

Checker EuropeanCapitals(Kwargs& kwargs) {
  kwargs.Claims("commas", 26);
  kwargs.Claims("capital letters", 1);
  kwargs.Claims("letters in lower case", 1);
  return [](const Response& response) -> Finding {
    const std::vector<TextView> wanted = {U"Reykjavik",  U"Helsinki", U"Oslo",     U"Tallinn",    U"Stockholm", U"Riga",      U"Moscow",
                                          U"Copenhagen", U"Vilnius",  U"Minsk",    U"Dublin",     U"Berlin",    U"Amsterdam", U"Warsaw",
                                          U"London",     U"Brussels", U"Prague",   U"Luxembourg", U"Paris",     U"Vienna",    U"Bratislava",
                                          U"Budapest",   U"Vaduz",    U"Chisinau", U"Bern",       U"Ljubljana", U"Zagreb"};
    const Text text = ToAscii(response.text());
    std::vector<TextView> capitals;
    for (const TextView part : Split(text, U","))
      if (!Trim(part).empty()) capitals.push_back(Trim(part));
    return Follows(capitals == wanted, capitals == wanted ? "the capitals from north to south" : "not the 27 capitals from north to south");
  };
}

Checker CityCsv(Kwargs& kwargs) {
  kwargs.Claims("commas", 32);
  kwargs.Claims("capital letters", 1);
  kwargs.Claims("letters in lower case", 1);
  return [](const Response& response) -> Finding {
    const auto rows = ParseCsv(response.text(), ',', {.rows = 8, .fields = 5});
    if (!rows.has_value() || rows->size() != 8) return Follows(false, Shape(rows) + ", wanted a header and 7");
    if (rows->front() != std::vector<Text>{U"ID", U"Country", U"City", U"Year", U"Count"}) return Follows(false, "another header");
    const bool wide = std::all_of(rows->begin(), rows->end(), [](const auto& row) { return row.size() == 5; });
    return Follows(wide, wide ? "7 rows of 5 fields" : "not all rows have 5 fields");
  };
}

Checker SpecialCharacterCsv(Kwargs& kwargs) {
  kwargs.Claims("commas", 8);
  kwargs.Claims("capital letters", 1);
  kwargs.Claims("letters in lower case", 1);
  return [](const Response& response) -> Finding {
    const TextView text = response.text();
    if (!IsHeader(text.substr(0, text.find(U'\n')), {U"ProductID", U"Category", U"Brand", U"Price", U"Stock"}, ',', U" \t"))
      return Follows(false, "another header");
    const auto rows = ParseKeepingQuotes(text, ',', {.rows = 15, .fields = 5});
    if (!rows.has_value() || rows->size() != 15) return Follows(false, Shape(rows) + ", wanted a header and 14");
    for (size_t i = 1; i < rows->size(); ++i) {
      const std::vector<Text>& row = (*rows)[i];
      if (row.size() != 5) return Follows(false, fmt::format("row {} has not 5 fields", i));
      if (std::any_of(row.begin(), row.end(), HasQuotedSpecial))
        return Follows(true, fmt::format("row {} has a special character in quotes", i));
    }
    return Follows(false, "no field has a special character in quotes");
  };
}

Checker QuotedCsv(Kwargs&) {
  return [](const Response& response) -> Finding {
    const TextView text = response.text();
    if (!IsHeader(text.substr(0, text.find(U'\n')), {U"StudentID", U"Subject", U"Grade", U"Semester", U"Score"}, '\t', U" "))
      return Follows(false, "another header");
    const auto rows = ParseKeepingQuotes(text, '\t', {.rows = 4, .fields = 5});
    if (!rows.has_value() || rows->size() != 4) return Follows(false, Shape(rows) + ", wanted a header and 3");
    for (const std::vector<Text>& row : *rows) {
      if (row.size() != 5) return Follows(false, "not all rows have 5 fields");
      for (const Text& whole : row) {
        const TextView field = Trim(whole);
        if (!field.starts_with(U'"') || !field.ends_with(U'"')) return Follows(false, "not all fields are in quotes");
      }
    }
    return Follows(true, "3 rows of 5 fields in quotes");
  };
}

Checker NapoleonicDates(Kwargs&) {
  return [](const Response& response) -> Finding {
    for (const TextView part : Split(Trim(response.text()), U",")) {
      const TextView text = Trim(part);
      const int64_t date = ParseDate(text), year = date / 10'000, month = date / 100 % 100, day = date % 100;
      const int64_t most = month == 2 ? 29 : month == 4 || month == 6 || month == 9 || month == 11 ? 30 : month == 0 ? 99 : 31;
      if (date < 0 || year < 1769 || year > 1821 || month > 12 || day > most)
        return Follows(false, fmt::format("\"{}\" is no date of Napoleon's life", Encode(text.substr(0, 40))));
    }
    return Follows(true, "dates of Napoleon's life, separated by commas");
  };
}

}  // namespace hone::instruction
