#include <algorithm>

#include "fmt/format.h"
#include "verifiers/instruction/families.h"
#include "verifiers/instruction/sentences.h"

namespace hone::instruction {
namespace {

int64_t Size(const auto& container) {
  return static_cast<int64_t>(container.size());
}

// The last word without punctuation, in lower case.
Text LastWord(TextView text) {
  Text word = Lower(LastPiece(text));
  std::erase_if(word, [](char32_t c) { return !IsWordChar(c); });
  return word;
}

// Pieces of a line that begin with the word `first`, end with the next `last`, and have a space behind and before them.
std::vector<TextView> PhrasesBetween(TextView text, TextView first, TextView last) {
  const Text begin = Text(first) + U" ", end = U" " + Text(last);
  std::vector<TextView> phrases;
  for (size_t at = 0; (at = text.find(begin, at)) != TextView::npos;) {
    const size_t line_end = std::min(text.find(U'\n', at), text.size());
    const size_t close = text.substr(0, line_end).find(end, at + begin.size());
    if (close == TextView::npos) {
      at = line_end;
      continue;
    }
    phrases.push_back(text.substr(at, close + end.size() - at));
    at = close + end.size();
  }
  return phrases;
}

}  // namespace

Checker RepeatPhrase(Kwargs& kwargs) {
  return [wanted = kwargs.Int("small_n", 1), phrase = kwargs.Word("phrase")](const Response& response) -> Finding {
    const std::vector<TextView> reference = SplitWords(phrase);
    const std::vector<TextView> found = PhrasesBetween(response.text(), reference.front(), reference.back());
    if (Size(found) != wanted) return Counted(false, Size(found), "phrases", std::to_string(wanted));
    for (const TextView one : found) {
      const std::vector<TextView> words = SplitWords(one);
      int64_t changed = 0;
      for (size_t i = 0; i < std::min(words.size(), reference.size()); ++i) changed += words[i] != reference[i];
      if (words.size() != reference.size() || changed != 1)
        return Follows(false, fmt::format("\"{}\" has not one word changed", Encode(one.substr(0, 100))));
    }
    return Follows(true, "every phrase has one word changed");
  };
}

Checker CopyPrompt(Kwargs& kwargs) {
  const Text prompt = Lower(kwargs.Word("prompt_to_repeat"));
  kwargs.Claims("the response", Claim::Kind::kIs, prompt);
  kwargs.ClaimsText(prompt);
  return [prompt](const Response& response) -> Finding {
    const bool equal = Trim(response.lower()) == prompt;
    return Follows(equal, equal ? "is the request" : "is not the request");
  };
}

Checker CopyPromptTimes(Kwargs& kwargs) {
  return [wanted = kwargs.Int("N", 1), prompt = Lower(kwargs.Word("prompt_to_repeat"))](const Response& response) -> Finding {
    const std::vector<TextView> parts = Split(response.lower(), U"******");
    const bool equal = std::all_of(parts.begin(), parts.end(), [&](TextView part) { return Trim(part) == prompt; });
    return Counted(equal && Size(parts) == wanted, Size(parts), equal ? "copies" : "parts that are not all copies", std::to_string(wanted));
  };
}

Checker CopySpan(Kwargs& kwargs) {
  const Text prompt = Lower(kwargs.String("prompt_to_repeat"));
  const auto begin = static_cast<size_t>(kwargs.Int("n_start")), end = static_cast<size_t>(kwargs.Int("n_end"));
  const TextView span = begin < std::min(end, prompt.size()) ? TextView(prompt).substr(begin, end - begin) : TextView();
  return [span = Text(Trim(span))](const Response& response) -> Finding {
    const bool equal = Trim(response.lower()) == span;
    return Follows(equal, equal ? "is the span" : "is not the span");
  };
}

Checker SentenceHyphens(Kwargs&) {
  return [](const Response& response) -> Finding {
    Text spaced = response.text();
    std::replace(spaced.begin(), spaced.end(), U'-', U' ');
    const std::vector<TextView> sentences = SplitSentences(spaced), parts = Split(response.text(), U"-");
    for (size_t i = 0; i < std::min(parts.size(), sentences.size()); ++i)
      if (Trim(parts[i]) != parts[i] || parts[i] != sentences[i])
        return Follows(false, fmt::format("part {} is no sentence by itself", i + 1));
    return Follows(true, "the parts between hyphens are sentences");
  };
}

Checker NoAdjacentLetters(Kwargs&) {
  return [](const Response& response) -> Finding {
    char32_t last = 0;
    for (const TextView word : response.words()) {
      const char32_t first = ToLower(word[0]);
      if (last != 0 && first == last + 1) return Follows(false, "two words in a row begin with neighbours of the alphabet");
      last = first;
    }
    return Follows(true, "no two words in a row begin with neighbours of the alphabet");
  };
}

Checker SquareBrackets(Kwargs&) {
  return [](const Response& response) -> Finding {
    for (const TextView word : response.words())
      if (!word.starts_with(U'[') || !word.ends_with(U']')) return Follows(false, "a word is not in square brackets");
    return Follows(true, "every word is in square brackets");
  };
}

Checker KeywordOnce(Kwargs& kwargs) {
  const Text word = kwargs.Word("keyword");
  kwargs.Claims(OccurrencesOf(word), 1, 1);
  return [keyword = kwargs.Search(word)](const Response& response) -> absl::StatusOr<Finding> {
    HONE_ASSIGN_OR_RETURN(const int64_t count, keyword.Count(response, 2));
    return Counted(count == 1, count, "or more occurrences", "1");
  };
}

Checker KeywordsOnceAndTwice(Kwargs& kwargs) {
  const Text first_word = kwargs.Word("keyword1"), second_word = kwargs.Word("keyword2");
  kwargs.Claims(OccurrencesOf(first_word), 1, 1);
  kwargs.Claims(OccurrencesOf(second_word), 2, 2);
  return [once = kwargs.Search(first_word), twice = kwargs.Search(second_word)](const Response& response) -> absl::StatusOr<Finding> {
    HONE_ASSIGN_OR_RETURN(const int64_t first, once.Count(response, 2));
    HONE_ASSIGN_OR_RETURN(const int64_t second, twice.Count(response, 3));
    return Follows(first == 1 && second == 2, fmt::format("found {} and {} occurrences or more, wanted 1 and 2", first, second));
  };
}

Checker ExcludedBetweenSpaces(Kwargs& kwargs) {
  return [word = U" " + kwargs.Word("keyword") + U" "](const Response& response) -> Finding {
    const bool found = Contains(response.text(), word);
    return Follows(!found, found ? "the word occurs" : "the word does not occur");
  };
}

Checker TwoStarredParagraphs(Kwargs& kwargs) {
  kwargs.Claims("paragraphs between ***", 2, 2);
  return ParagraphsBetween(U"***", 2);
}

Checker TwoParagraphs(Kwargs& kwargs) {
  kwargs.Claims("paragraphs between blank lines", 2, 2);
  kwargs.Claims("white space", 1);
  return ParagraphsBetween(U"\n\n", 2);
}

Checker FirstWordOfSentences(Kwargs& kwargs) {
  return [wanted = Lower(kwargs.Words("first_word").front())](const Response& response) -> Finding {
    for (const TextView sentence : response.sentences()) {
      if (Lower(FirstPiece(sentence)) != Trim(wanted)) return Follows(false, "a sentence begins with another word");
    }
    return Follows(true, "every sentence begins with the word");
  };
}

Checker FirstWord(Kwargs& kwargs) {
  const Text wanted = Lower(kwargs.Word("first_word"));
  kwargs.Claims("the first word", Claim::Kind::kIs, wanted);
  return [wanted](const Response& response) -> Finding {
    const bool equal = Lower(FirstPiece(response.text())) == wanted;
    return Follows(equal, equal ? "begins with the word" : "begins with another word");
  };
}

Checker LastWordOfSentences(Kwargs& kwargs) {
  return [wanted = Lower(kwargs.Words("last_word").front())](const Response& response) -> Finding {
    for (const TextView sentence : response.sentences())
      if (LastWord(sentence) != Trim(wanted)) return Follows(false, "a sentence ends with another word");
    return Follows(true, "every sentence ends with the word");
  };
}

Checker LastWordOfAll(Kwargs& kwargs) {
  const Text wanted = Lower(kwargs.Word("last_word"));
  kwargs.Claims("the last word", Claim::Kind::kIs, wanted);
  return [wanted](const Response& response) -> Finding {
    const bool equal = LastWord(response.text()) == wanted;
    return Follows(equal, equal ? "ends with the word" : "ends with another word");
  };
}

Checker WrappedBigrams(Kwargs&) {
  return [](const Response& response) -> Finding {
    const std::vector<TextView>& words = response.words();
    for (size_t i = 0; i + 1 < words.size(); i += 2)
      if (!words[i].starts_with(U"<<") || !words[i + 1].ends_with(U">>"))
        return Follows(false, "two words are not in <<angular brackets>>");
    return Follows(true, "every two words are in angular brackets");
  };
}

Checker NoDot(Kwargs& kwargs) {
  kwargs.Claims("dots", 0, 0);
  return [](const Response& response) -> Finding {
    const bool found = Contains(response.text(), U".");
    return Follows(!found, found ? "there is a dot" : "there is no dot");
  };
}

Checker NoExclamation(Kwargs& kwargs) {
  kwargs.Claims("exclamation marks", 0, 0);
  return [](const Response& response) -> Finding {
    const bool found = Contains(response.text(), U"!");
    return Follows(!found, found ? "there is an exclamation mark" : "there is no exclamation mark");
  };
}

Checker LowerCaseWords(Kwargs& kwargs) {
  return [most = kwargs.Int("N")](const Response& response) -> Finding {
    const std::vector<TextView> words = WordRuns(response.text());
    const int64_t count = std::count_if(words.begin(), words.end(), [](TextView word) {
      return std::all_of(word.begin(), word.end(), [](char32_t c) { return c >= 'a' && c <= 'z'; });
    });
    return Counted(count <= most, count, "words in lower case", fmt::format("at most {}", most));
  };
}

Checker LetterCounting(Kwargs& kwargs) {
  const Limit limit = kwargs.RelationTo("relation", "N");
  kwargs.Claims("letters from a to z", limit);
  return [limit](const Response& response) -> Finding {
    const int64_t count = std::count_if(response.text().begin(), response.text().end(), [](char32_t c) { return c < 128 && IsAlpha(c); });
    return Counted(limit.Holds(count), count, "letters", limit.Wanted());
  };
}

Checker ThreeParagraphsOfSentences(Kwargs& kwargs) {
  kwargs.Claims("paragraphs between ***", 3, 3);
  return [sentences = kwargs.Int("n_sent"), words = kwargs.Int("n_words")](const Response& response) -> Finding {
    const std::vector<TextView> paragraphs = Split(response.text(), U"***");
    for (const TextView paragraph : paragraphs) {
      const std::vector<TextView> found = SplitSentences(paragraph);
      if (Size(found) != sentences) return Counted(false, Size(found), "sentences in a paragraph", std::to_string(sentences));
      for (const TextView sentence : found) {
        const Tokens tokens(sentence);
        if (Size(tokens.words()) != words)
          return Counted(false, Size(tokens.words()), "words and marks in a sentence", std::to_string(words));
      }
    }
    return Counted(paragraphs.size() == 3, Size(paragraphs), "paragraphs", "3");
  };
}

Checker UniqueTokens(Kwargs&) {
  return [](const Response& response) -> Finding {
    TextSet seen;
    for (const TextView word : response.tokens())
      if (!seen.insert(word).second) return Follows(false, fmt::format("\"{}\" occurs twice", Encode(word.substr(0, 60))));
    return Follows(true, "no word or mark occurs twice");
  };
}

Checker AnyPalindrome(Kwargs&) {
  return [](const Response& response) -> Finding {
    const bool found = std::any_of(response.words().begin(), response.words().end(),
                                   [](TextView word) { return std::equal(word.begin(), word.end(), word.rbegin()); });
    return Follows(found, found ? "there is a palindrome" : "there is no palindrome");
  };
}

Checker TokenAtPosition(Kwargs& kwargs) {
  const int64_t n = kwargs.Int("n", 1), m = kwargs.Int("m", 1);
  kwargs.Claims("sentences", n);
  return [n, m, keyword = Text(Trim(kwargs.Words("keyword").front()))](const Response& response) -> Finding {
    if (Size(response.sentences()) < n) return Counted(false, Size(response.sentences()), "sentences", fmt::format("at least {}", n));
    const Tokens tokens(response.sentences()[static_cast<size_t>(n - 1)]);
    if (Size(tokens.words()) < m) return Counted(false, Size(tokens.words()), "words in the sentence", fmt::format("at least {}", m));
    const TextView word = tokens.words()[static_cast<size_t>(m - 1)];
    return Follows(word == keyword, fmt::format("the word there is \"{}\"", Encode(word.substr(0, 60))));
  };
}

Checker SameStartAndEnd(Kwargs&) {
  return [](const Response& response) -> Finding {
    const std::vector<TextView>& words = response.tokens();
    const bool equal = words.size() >= 2 && Lower(words.front()) == Lower(words.back());
    return Follows(equal, equal ? "begins and ends with one word" : "begins and ends with different words");
  };
}

}  // namespace hone::instruction
