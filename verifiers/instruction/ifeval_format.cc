#include <algorithm>

#include "fmt/format.h"
#include "verifiers/instruction/families.h"
#include "verifiers/instruction/json_syntax.h"

namespace hone::instruction {
namespace {
int64_t Size(const auto& container) {
  return static_cast<int64_t>(container.size());
}

size_t LineEnd(TextView text, size_t at) {
  return std::min(text.find(U'\n', at), text.size());
}

// Lines whose first character is `mark`, after white space that may span lines. With `single`, the mark may not be doubled, and the
// character behind it belongs to the item even when it ends the line.
int64_t CountItems(TextView text, char32_t mark, bool single) {
  int64_t count = 0;
  for (size_t line = 0; line < text.size();) {
    size_t at = line;
    while (at < text.size() && IsSpace(text[at])) ++at;
    if (at == text.size()) break;
    size_t end = at;
    if (text[at] == mark && (!single || (at + 1 < text.size() && text[at + 1] != mark))) {
      ++count;
      end = at + (single ? 2 : 1);
    }
    line = LineEnd(text, end) + 1;
  }
  return count;
}

// Spans "*...*" (width 1) or "**...**" (width 2) within a line that have something in them.
int64_t CountHighlights(TextView text, size_t width) {
  const TextView mark = TextView(U"**").substr(0, width);
  int64_t count = 0;
  for (size_t at = 0; (at = text.find(mark, at)) != TextView::npos;) {
    const size_t begin = at + width;
    const size_t end = text.find_first_of(U"*\n", begin);
    if (end == TextView::npos) break;
    if (text.substr(end).starts_with(mark)) {
      count += !Trim(text.substr(begin, end - begin)).empty();
      at = end + width;
    } else {
      ++at;
    }
  }
  return count;
}

// The marker, at most one white space, then digits.
int64_t CountSections(TextView text, TextView marker) {
  int64_t count = 0;
  for (size_t at = 0; (at = text.find(marker, at)) != TextView::npos;) {
    size_t digit = at + marker.size();
    if (digit < text.size() && IsSpace(text[digit])) ++digit;
    if (digit < text.size() && IsDecimal(text[digit])) {
      ++count;
      at = digit + 1;
    } else {
      ++at;
    }
  }
  return count;
}
}  // namespace

Checker NumberOfParagraphs(Kwargs& kwargs) {
  const int64_t wanted = kwargs.Int("num_paragraphs");
  kwargs.Claims("paragraphs between ***", wanted, wanted);
  return ParagraphsBetween(U"***", wanted);
}

Checker ParagraphsBetween(TextView separator, int64_t wanted) {
  return [separator = Text(separator), wanted](const Response& response) -> Finding {
    const std::vector<TextView> paragraphs = Split(response.text(), separator);
    int64_t count = Size(paragraphs);
    for (size_t i = 0; i < paragraphs.size(); ++i) {
      if (!Trim(paragraphs[i]).empty()) continue;
      if (i != 0 && i + 1 != paragraphs.size()) return Follows(false, "there is an empty paragraph");
      --count;
    }
    return Counted(count == wanted, count, "paragraphs", std::to_string(wanted));
  };
}

Checker NthParagraphFirstWord(Kwargs& kwargs) {
  const int64_t wanted = kwargs.Int("num_paragraphs", 1), nth = kwargs.Int("nth_paragraph", 1);
  if (nth > wanted) kwargs.Problem(fmt::format("\"nth_paragraph\" is {}, more than \"num_paragraphs\" {}", nth, wanted));
  const Text word = Lower(kwargs.String("first_word"));
  kwargs.Claims("paragraphs between blank lines", wanted, wanted);
  kwargs.Claims(fmt::format("the first word of paragraph {}", nth), Claim::Kind::kIs, word);
  if (wanted > 1) kwargs.Claims("white space", 1);
  return [wanted, nth, word](const Response& response) -> Finding {
    const std::vector<TextView> paragraphs = Split(response.text(), U"\n\n");
    const int64_t count = std::count_if(paragraphs.begin(), paragraphs.end(), [](TextView p) { return !Trim(p).empty(); });
    if (count != wanted) return Counted(false, count, "paragraphs", std::to_string(wanted));
    const std::vector<TextView> words = SplitWords(paragraphs[static_cast<size_t>(nth - 1)]);
    if (words.empty()) return Follows(false, fmt::format("paragraph {} is empty", nth));
    TextView first = TrimLeft(TrimLeft(words[0], U"'"), U"\"");
    first = first.substr(0, first.find_first_of(U".,?!'\""));
    return Follows(Lower(first) == word, fmt::format("paragraph {} begins with \"{}\"", nth, Encode(first)));
  };
}

Checker NumberOfPlaceholders(Kwargs& kwargs) {
  return [wanted = kwargs.Int("num_placeholders")](const Response& response) -> Finding {
    const TextView text = response.text();
    int64_t count = 0;
    for (size_t at = 0; (at = text.find(U'[', at)) != TextView::npos;) {
      const size_t end = text.find_first_of(U"]\n", at);
      if (end == TextView::npos) break;
      count += text[end] == ']';
      at = end + 1;
    }
    return Counted(count >= wanted, count, "placeholders", fmt::format("at least {}", wanted));
  };
}

Checker Postscript(Kwargs& kwargs) {
  const Text marker = kwargs.Word("postscript_marker");
  const Needle needle = kwargs.Search(marker == U"P.P.S"  ? TextView(U"p\\.\\s?p\\.\\s?s")
                                      : marker == U"P.S." ? TextView(U"p\\.\\s?s\\.")
                                                          : marker);
  if (marker == U"P.P.S" || marker == U"P.S.") kwargs.Claims("dots", 2);
  return [needle](const Response& response) -> absl::StatusOr<Finding> {
    HONE_ASSIGN_OR_RETURN(const bool found, needle.IsIn(response));
    return Follows(found, found ? "there is a postscript" : "there is no postscript");
  };
}

Checker NumberOfBullets(Kwargs& kwargs) {
  const int64_t wanted = kwargs.Int("num_bullets");
  kwargs.Claims("bullets", wanted, wanted);
  if (wanted > 1) kwargs.Claims("white space", 1);
  return [wanted](const Response& response) -> Finding {
    const int64_t count = CountItems(response.text(), '*', /*single=*/true) + CountItems(response.text(), '-', /*single=*/false);
    return Counted(count == wanted, count, "bullets", std::to_string(wanted));
  };
}

Checker ConstrainedResponse(Kwargs& kwargs) {
  kwargs.Claims("capital letters", 1);
  kwargs.Claims("letters in lower case", 1);
  kwargs.Claims("dots", 1);
  kwargs.Claims("white space", 1);
  return [](const Response& response) -> Finding {
    for (const TextView option : {U"My answer is yes.", U"My answer is no.", U"My answer is maybe."})
      if (Contains(response.text(), option)) return Follows(true, "there is an allowed answer");
    return Follows(false, "there is no allowed answer");
  };
}

Checker NumberOfHighlights(Kwargs& kwargs) {
  return [wanted = kwargs.Int("num_highlights")](const Response& response) -> Finding {
    const int64_t count = CountHighlights(response.text(), 1) + CountHighlights(response.text(), 2);
    return Counted(count >= wanted, count, "highlights", fmt::format("at least {}", wanted));
  };
}

Checker MultipleSections(Kwargs& kwargs) {
  const int64_t wanted = kwargs.Int("num_sections");
  const Text marker = kwargs.Word("section_spliter");
  if (wanted > 0) {
    if (std::any_of(marker.begin(), marker.end(), IsUpper)) kwargs.Claims("capital letters", 1);
    if (std::any_of(marker.begin(), marker.end(), IsLower)) kwargs.Claims("letters in lower case", 1);
  }
  return [wanted, marker](const Response& response) -> Finding {
    const int64_t count = CountSections(response.text(), marker);
    return Counted(count >= wanted, count, "sections", fmt::format("at least {}", wanted));
  };
}

Checker JsonFormat(Kwargs&) {
  return [](const Response& response) -> Finding {
    TextView text = Trim(response.text());
    for (const TextView fence : {U"```json", U"```Json", U"```JSON", U"```"})
      if (text.starts_with(fence)) text.remove_prefix(fence.size());
    if (text.ends_with(U"```")) text.remove_suffix(3);
    const bool valid = IsJson(Trim(text));
    return Follows(valid, valid ? "valid JSON" : "no valid JSON");
  };
}

Checker Title(Kwargs&) {
  return [](const Response& response) -> Finding {
    const TextView text = response.text();
    for (size_t at = 0; (at = text.find(U"<<", at)) != TextView::npos;) {
      const size_t end = LineEnd(text, at);
      const TextView line = text.substr(at, end - at);
      const size_t close = line.rfind(U">>");
      if (close != TextView::npos && close >= 3 && !Trim(TrimRight(TrimLeft(line.substr(0, close), U"<"), U">")).empty())
        return Follows(true, "there is a title");
      at = end;
    }
    return Follows(false, "there is no <<title>>");
  };
}

Checker TwoResponses(Kwargs&) {
  return [](const Response& response) -> Finding {
    const std::vector<TextView> parts = Split(response.text(), U"******");
    std::vector<TextView> answers;
    for (size_t i = 0; i < parts.size(); ++i) {
      const TextView part = Trim(parts[i]);
      if (!part.empty()) {
        answers.push_back(part);
      } else if (i != 0 && i + 1 != parts.size()) {
        return Follows(false, "there is an empty answer");
      }
    }
    if (answers.size() != 2) return Counted(false, Size(answers), "answers", "2");
    return Follows(answers[0] != answers[1], "there are two answers");
  };
}

Checker RepeatPrompt(Kwargs& kwargs) {
  const Text prompt = Lower(kwargs.Word("prompt_to_repeat"));
  kwargs.Claims("the response", Claim::Kind::kBeginsWith, prompt);
  // Its marks are not claimed: public tasks repeat a request that has commas and forbid commas in what is said then.
  return [prompt](const Response& response) -> Finding {
    const bool repeats = Trim(response.lower()).starts_with(prompt);
    return Follows(repeats, repeats ? "begins with the request" : "does not begin with the request");
  };
}

Checker EndPhrase(Kwargs& kwargs) {
  const Text phrase = Lower(kwargs.Word("end_phrase"));
  kwargs.Claims("the response without quotes", Claim::Kind::kEndsWith, phrase);
  kwargs.ClaimsText(phrase);
  return [phrase](const Response& response) -> Finding {
    const bool ends = TrimBoth(Trim(response.lower()), U"\"").ends_with(phrase);
    return Follows(ends, ends ? "ends with the phrase" : "does not end with the phrase");
  };
}

Checker Quotation(Kwargs& kwargs) {
  kwargs.Claims("the response", Claim::Kind::kBeginsWith, U"\"");
  return [](const Response& response) -> Finding {
    const TextView text = Trim(response.text());
    const bool quoted = text.size() > 1 && text.front() == '"' && text.back() == '"';
    return Follows(quoted, quoted ? "is in double quotes" : "is not in double quotes");
  };
}

}  // namespace hone::instruction
