#include <algorithm>

#include "fmt/format.h"
#include "verifiers/instruction/families.h"
#include "verifiers/instruction/language.h"

namespace hone::instruction {
namespace {

// The response is in the language; also when it has nothing to tell a language by.
Finding IsLanguage(const Response& response, std::string_view wanted) {
  wanted = wanted.substr(0, wanted.find('-'));  // "zh-cn"
  const std::string found = DetectLanguage(response.text());
  return {found.empty() || found == wanted,
          found.empty() ? "no letters to tell a language by" : fmt::format("language is {}, wanted {}", found, wanted)};
}

}  // namespace

Checker KeywordsExist(Kwargs& kwargs) {
  std::vector<std::pair<std::string, Needle>> keywords;
  for (const Text& word : kwargs.Words("keywords")) {
    keywords.emplace_back(Encode(word), kwargs.Search(word));
    kwargs.Claims(OccurrencesOf(word), 1);
  }
  return [keywords](const Response& response) -> absl::StatusOr<Finding> {
    for (const auto& [word, needle] : keywords) {
      HONE_ASSIGN_OR_RETURN(const bool found, needle.IsIn(response));
      if (!found) return Follows(false, fmt::format("\"{}\" does not occur", word));
    }
    return Follows(true, "all keywords occur");
  };
}

Checker KeywordFrequency(Kwargs& kwargs) {
  const Limit limit = kwargs.RelationTo("relation", "frequency");
  const Text word = kwargs.Word("keyword");
  kwargs.Claims(OccurrencesOf(word), limit);
  return [limit, keyword = kwargs.Search(word)](const Response& response) -> absl::StatusOr<Finding> {
    HONE_ASSIGN_OR_RETURN(const int64_t count, keyword.Count(response, limit.number));
    return Counted(limit.Holds(count), count, "or more occurrences", limit.Wanted());
  };
}

Checker ForbiddenWords(Kwargs& kwargs) {
  std::vector<std::pair<std::string, Needle>> words;
  for (const Text& word : kwargs.Words("forbidden_words")) {
    words.emplace_back(Encode(word), kwargs.Search(word, /*whole_word=*/true));
    // Part of a longer word it may occur, but a task that also asks for the word does not mean that.
    kwargs.Claims(OccurrencesOf(word), 0, 0);
  }
  return [words](const Response& response) -> absl::StatusOr<Finding> {
    for (const auto& [word, needle] : words) {
      HONE_ASSIGN_OR_RETURN(const bool found, needle.IsIn(response));
      if (found) return Follows(false, fmt::format("\"{}\" occurs", word));
    }
    return Follows(true, "no forbidden word occurs");
  };
}

Checker LetterFrequency(Kwargs& kwargs) {
  const Text letter = kwargs.Word("letter");
  if (letter.size() != 1) kwargs.Problem("\"letter\" is more than one character");
  const Limit limit = kwargs.RelationTo("let_relation", "let_frequency");
  kwargs.Claims(fmt::format("occurrences of the letter {}", Encode(Lower(letter))), limit);
  return [limit, letter = ToLower(letter[0])](const Response& response) -> Finding {
    const int64_t count = std::count(response.lower().begin(), response.lower().end(), letter);
    return Counted(limit.Holds(count), count, "times the letter", limit.Wanted());
  };
}

Checker ResponseLanguage(Kwargs& kwargs) {
  std::string language = Encode(kwargs.Word("language"));
  if (!IsKnownLanguage(language)) kwargs.Problem(fmt::format("\"language\" is \"{}\", not one of {}", language, KnownLanguages()));
  kwargs.Claims("the language", Claim::Kind::kIs, Decode(language.substr(0, language.find('-'))));
  return [language](const Response& response) -> Finding { return IsLanguage(response, language); };
}

Checker NumberOfSentences(Kwargs& kwargs) {
  const Limit limit = kwargs.RelationTo("relation", "num_sentences");
  kwargs.Claims("sentences", limit);
  return [limit](const Response& response) -> Finding {
    const int64_t count = static_cast<int64_t>(response.sentences().size());
    return Counted(limit.Holds(count), count, "sentences", limit.Wanted());
  };
}

Checker NumberOfWords(Kwargs& kwargs) {
  const Limit limit = kwargs.RelationTo("relation", "num_words");
  kwargs.Claims("words", limit);
  return [limit](const Response& response) -> Finding {
    const int64_t count = static_cast<int64_t>(WordRuns(response.text()).size());
    return Counted(limit.Holds(count), count, "words", limit.Wanted());
  };
}

Checker CapitalWordFrequency(Kwargs& kwargs) {
  const Limit limit = kwargs.RelationTo("capital_relation", "capital_frequency");
  kwargs.Claims("words in capitals", limit);
  if (limit.at_least && limit.number > 0) kwargs.Claims("capital letters", 1);
  return [limit](const Response& response) -> Finding {
    const int64_t count = std::count_if(response.tokens().begin(), response.tokens().end(), IsAllUpper);
    return Counted(limit.Holds(count), count, "words in capitals", limit.Wanted());
  };
}

Checker EnglishCapital(Kwargs& kwargs) {
  kwargs.Claims("letters in lower case", 0, 0);
  kwargs.Claims("capital letters", 1);
  kwargs.Claims("words in capitals", 1);
  kwargs.Claims("the language", Claim::Kind::kIs, U"en");
  return [](const Response& response) -> Finding {
    if (!IsAllUpper(response.text())) return Follows(false, "not all letters are capitals");
    return IsLanguage(response, "en");
  };
}

Checker EnglishLowerCase(Kwargs& kwargs) {
  kwargs.Claims("capital letters", 0, 0);
  kwargs.Claims("letters in lower case", 1);
  kwargs.Claims("the language", Claim::Kind::kIs, U"en");
  return [](const Response& response) -> Finding {
    if (!IsAllLower(response.text())) return Follows(false, "not all letters are in lower case");
    return IsLanguage(response, "en");
  };
}

Checker NoComma(Kwargs& kwargs) {
  kwargs.Claims("commas", 0, 0);
  return [](const Response& response) -> Finding {
    const bool found = response.text().find(U',') != Text::npos;
    return Follows(!found, found ? "there is a comma" : "there is no comma");
  };
}

}  // namespace hone::instruction
