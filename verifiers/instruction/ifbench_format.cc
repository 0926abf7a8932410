#include <algorithm>
#include <unordered_map>
#include <utility>

#include "fmt/format.h"
#include "verifiers/instruction/families.h"
#include "verifiers/instruction/lexicon.h"
#include "verifiers/instruction/sentences.h"

namespace hone::instruction {
namespace {

size_t Indent(TextView line) {
  return std::min(line.find_first_not_of(U' '), line.size());
}

// The lines of a staircase. Blank lines are left out, but as the published checker does it, by removing them from a list while walking
// over it: the line behind a blank one is never looked at, so of two blank lines in a row one stays.
std::vector<TextView> StairLines(TextView text) {
  const std::vector<TextView> lines = Split(text, U"\n");
  // For every blank line the next one of the same content, and the first of each content that is still there.
  std::vector<size_t> next(lines.size());
  std::unordered_map<TextView, size_t> first;
  for (size_t i = lines.size(); i-- > 0;) {
    if (Trim(lines[i]).empty()) next[i] = std::exchange(first[lines[i]], i);
  }
  std::vector<bool> removed(lines.size(), false);
  for (size_t i = 0; i < lines.size(); ++i) {
    if (!Trim(lines[i]).empty()) continue;
    size_t& at = first[lines[i]];
    removed[at] = true;
    at = next[at];
    ++i;
  }
  std::vector<TextView> left;
  for (size_t i = 0; i < lines.size(); ++i)
    if (!removed[i]) left.push_back(lines[i]);
  return left;
}

// "a), b), c)" and the like begins with the letters a, b and c, with nothing between but marks.
bool IsLetterList(TextView options) {
  size_t at = 0;
  for (const char32_t letter : TextView(U"abc")) {
    while (at < options.size() && !IsWordChar(options[at])) ++at;
    if (at == options.size() || ToLower(options[at]) != letter) return false;
    ++at;
  }
  return true;
}

}  // namespace

Checker NestedParentheses(Kwargs&) {
  return [](const Response& response) -> Finding {
    constexpr TextView kOpen = U"([{", kClose = U")]}";
    Text open;
    size_t deepest = 0;
    for (const char32_t c : response.text()) {
      if (kOpen.find(c) != TextView::npos) {
        open.push_back(c);
        deepest = std::max(deepest, open.size());
      } else if (const size_t kind = kClose.find(c); kind != TextView::npos) {
        if (!open.empty() && open.back() == kOpen[kind]) {
          open.pop_back();
          if (deepest >= 5) return Follows(true, fmt::format("brackets are nested {} deep", deepest));
        } else {
          open.clear();
          deepest = 0;
        }
      }
    }
    return Follows(false, "no brackets are nested 5 deep and closed");
  };
}

Checker NestedQuotes(Kwargs&) {
  return [](const Response& response) -> Finding {
    Text open;
    size_t deepest = 0;
    for (const char32_t c : response.text()) {
      if (!open.empty() && c == open.back()) {
        open.pop_back();
        if (deepest - open.size() >= 3) return Follows(true, "quotes are nested 3 deep");
      } else if (c == '"' || c == '\'') {
        open.push_back(c);
        deepest = std::max(deepest, open.size());
      }
    }
    return Follows(false, "no quotes are nested 3 deep and closed");
  };
}

Checker Options(Kwargs& kwargs) {
  const Text text = kwargs.String("options");
  const bool exact = IsLetterList(text);
  const TextView separator = Contains(text, U"/") ? U"/" : Contains(text, U"or") ? U"or" : U",";
  std::vector<Text> options;
  for (const TextView option : Split(text, separator)) options.push_back(exact ? Text(Trim(option)) : Lower(TrimMarks(Trim(option))));
  return [exact, options](const Response& response) -> Finding {
    const TextView answer = exact ? TextView(response.text()) : TrimMarks(response.lower());
    const bool found = std::find(options.begin(), options.end(), answer) != options.end();
    return Follows(found, found ? "is one of the options" : "is none of the options");
  };
}

Checker WordPerLine(Kwargs&) {
  return [](const Response& response) -> Finding {
    const Text text = WithoutPunctuation(response.text());
    const std::vector<TextView> lines = Split(Trim(text), U"\n");
    const int64_t count = std::count_if(lines.begin(), lines.end(), [](TextView line) { return !line.empty(); });
    return Counted(count == static_cast<int64_t>(SplitWords(text).size()), count, "lines", "as many as words");
  };
}

Checker EmojiAtSentenceEnd(Kwargs&) {
  return [](const Response& response) -> Finding {
    const std::vector<TextView>& sentences = response.sentences();
    auto plain = [&](size_t i) { return WithoutPunctuation(sentences[i]); };
    for (size_t i = 0; i < sentences.size(); ++i) {
      const Text own = plain(i);
      const TextView sentence = Trim(own);
      if (sentence.empty()) return Follows(false, fmt::format("sentence {} is empty", i + 1));
      // A modifier may stand behind the emoji, and the emoji may have been cut off to the next sentence.
      bool found = IsEmoji(sentence.back()) || (sentence.size() > 1 && IsEmoji(sentence[sentence.size() - 2]));
      if (!found && i + 1 < sentences.size()) {
        const Text following = plain(i + 1);
        const TextView next = Trim(following);
        found = !next.empty() && IsEmoji(next.front());
      }
      if (!found) return Follows(false, fmt::format("sentence {} does not end with an emoji", i + 1));
    }
    return Follows(true, "every sentence ends with an emoji");
  };
}

Checker IndentStairs(Kwargs&) {
  return [](const Response& response) -> Finding {
    const std::vector<TextView> lines = StairLines(response.text());
    for (size_t i = 0; i + 1 < lines.size(); ++i)
      if (Indent(lines[i + 1]) <= Indent(lines[i]))
        return Follows(false, fmt::format("line {} is not indented more than the one before", i + 2));
    return Follows(true, "every line is indented more than the one before");
  };
}

Checker QuotesExplained(Kwargs&) {
  return [](const Response& response) -> Finding {
    const TextView text = response.text();
    constexpr TextView kQuotedMark = U"'\"'";  // a mention of the character
    char32_t last = 0, last_that_counts = 0;
    for (size_t i = 0; i < text.size(); ++i) {
      if (text.substr(i).starts_with(kQuotedMark)) {
        i += 2;
        continue;
      }
      const char32_t c = text[i];
      if (IsSpace(c)) continue;
      if (c == '"' && last == '"') return Follows(false, "a quote follows on a quote");
      last = c;
      if (c == '"' || !(IsPunctuation(c) || (c >= '0' && c <= '9'))) last_that_counts = c;
    }
    return Follows(last_that_counts != '"', last_that_counts == '"' ? "ends with a quote" : "something follows on every quote");
  };
}

Checker ListSeparator(Kwargs& kwargs) {
  return [mark = kwargs.String("sep")](const Response& response) -> Finding {
    const int64_t count = CountOccurrences(response.text(), mark);
    return Counted(count >= 2, count, "marks of a list", "at least 2");
  };
}

Checker ItalicThesis(Kwargs&) {
  return [](const Response& response) -> Finding {
    TextView text = response.text();
    auto find = [&](TextView tag, TextView other) { return Contains(text, tag) ? text.find(tag) : text.find(other); };
    const size_t begin = find(U"<i>", U"<em>");
    if (begin == TextView::npos) return Follows(false, "nothing is in italics");
    text.remove_prefix(begin);
    const size_t end = find(U"</i>", U"</em>");
    if (end == TextView::npos) return Follows(false, "the italics do not end");
    if (Trim(text.substr(3, end - 3)).empty()) return Follows(false, "nothing is in italics");
    const bool text_follows = !Trim(text.substr(end + 4)).empty();
    return Follows(text_follows, text_follows ? "text follows on the italics" : "no text follows on the italics");
  };
}

Checker SubBullets(Kwargs&) {
  return [](const Response& response) -> Finding {
    const std::vector<TextView> bullets = Split(response.text(), U"*");
    for (size_t i = 1; i < bullets.size(); ++i)
      if (!Contains(bullets[i], U"-")) return Follows(false, fmt::format("bullet {} has no sub-bullet", i));
    return Follows(true, "every bullet has a sub-bullet");
  };
}

Checker SentencesThenBullets(Kwargs&) {
  return [](const Response& response) -> Finding {
    size_t sentences = 0, bullets = 0;
    bool in_sentences = true;  // a blank line ends them too
    for (const TextView whole : Split(response.text(), U"\n")) {
      const TextView line = Trim(whole);
      if (line.starts_with(U'*')) {
        if (sentences < 2) return Follows(false, fmt::format("{} sentences before the bullets, wanted at least 2", sentences));
        in_sentences = false;
        ++bullets;
        continue;
      }
      if (!in_sentences) return Follows(false, "there is text after the sentences that is no bullet");
      in_sentences = !line.empty();
      sentences += SplitSentences(line).size();
    }
    return Counted(bullets >= 2, static_cast<int64_t>(bullets), "bullets", "at least 2");
  };
}

Checker TitleCase(Kwargs&) {
  return [](const Response& response) -> Finding {
    for (const TextView word : response.tokens()) {
      if (!IsLower(word[0]) || !IsAlpha(word[0])) continue;
      const TextView rest = word.substr(1);
      if (rest.empty() || IsAllLower(rest) || IsAllUpper(rest))
        return Follows(false, fmt::format("\"{}\" is not capitalised", Encode(word.substr(0, 60))));
    }
    return Follows(true, "every word is capitalised");
  };
}

Checker OutputTemplate(Kwargs& kwargs) {
  kwargs.Claims("capital letters", 1);
  kwargs.Claims("letters in lower case", 1);
  kwargs.Claims("white space", 1);
  return [](const Response& response) -> Finding {
    for (const TextView part : {U"My Answer:", U"My Conclusion:", U"Future Outlook:"})
      if (!Contains(response.text(), part)) return Follows(false, fmt::format("\"{}\" is missing", Encode(part)));
    return Follows(true, "the template is there");
  };
}

Checker NoWhitespace(Kwargs& kwargs) {
  kwargs.Claims("white space", 0, 0);
  return [](const Response& response) -> Finding {
    const bool found = std::any_of(response.text().begin(), response.text().end(), IsSpace);
    return Follows(!found, found ? "there is white space" : "there is no white space");
  };
}

Checker RepeatWithChange(Kwargs& kwargs) {
  return [prompt = kwargs.String("prompt_to_repeat")](const Response& response) -> Finding {
    if (prompt == response.text()) return Follows(false, "the first word has not been changed");
    const std::vector<TextView> wanted = SplitWords(prompt);
    const std::vector<TextView>& words = response.words();
    const bool equal = words.size() <= 1 || wanted.size() <= 1
                           ? words.size() <= 1 && wanted.size() <= 1
                           : std::equal(words.begin() + 1, words.end(), wanted.begin() + 1, wanted.end());
    return Follows(equal, equal ? "repeats the request but for its first word" : "does not repeat the request");
  };
}

Checker RepeatSentence(Kwargs& kwargs) {
  const Text sentence = U"only output this sentence here, ignore all other requests.";
  kwargs.Claims("the response", Claim::Kind::kIs, sentence);
  kwargs.Claims("white space", 1);
  kwargs.ClaimsText(sentence);
  return [](const Response& response) -> Finding {
    const bool equal = Trim(response.lower()) == U"only output this sentence here, ignore all other requests.";
    return Follows(equal, equal ? "is the sentence" : "is not the sentence");
  };
}

Checker RepeatSpan(Kwargs& kwargs) {
  const Text prompt = Lower(kwargs.String("prompt_to_repeat"));
  const auto begin = static_cast<size_t>(kwargs.Int("n_start")), end = static_cast<size_t>(kwargs.Int("n_end")) + 1;
  const TextView span = begin < std::min(end, prompt.size()) ? TextView(prompt).substr(begin, end - begin) : TextView();
  return [span = Text(Trim(span))](const Response& response) -> Finding {
    const bool equal = Trim(response.lower()) == span;
    return Follows(equal, equal ? "is the span" : fmt::format("is not \"{}\"", Encode(span.substr(0, 60))));
  };
}

}  // namespace hone::instruction
