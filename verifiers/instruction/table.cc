#include "verifiers/instruction/table.h"

#include "fmt/format.h"
#include "lib/config/nearest.h"
#include "verifiers/instruction/families.h"

namespace hone::instruction {
namespace {
struct Entry {
  const char* id;
  Checker (*make)(Kwargs& kwargs);
};
// Sorted.
constexpr Entry kConstraints[] = {
    {"change_case:capital_word_frequency", CapitalWordFrequency},
    {"change_case:english_capital", EnglishCapital},
    {"change_case:english_lowercase", EnglishLowerCase},
    {"combination:repeat_prompt", RepeatPrompt},
    {"combination:two_responses", TwoResponses},
    {"copy:copy", CopyPrompt},
    {"copy:copying_multiple", CopyPromptTimes},
    {"copy:copying_simple", CopyPrompt},
    {"copy:repeat_phrase", RepeatPhrase},
    {"count:conjunctions", Conjunctions},
    {"count:count_increment_word", KeywordsOnceAndTwice},
    {"count:count_unique", UniqueTokens},
    {"count:counting_composition", ThreeParagraphsOfSentences},
    {"count:keywords_multiple", KeywordsMultiple},
    {"count:lowercase_counting", LowerCaseWords},
    {"count:numbers", NumberCount},
    {"count:person_names", PersonNames},
    {"count:pronouns", PronounCount},
    {"count:punctuation", PunctuationCover},
    {"count:unique_word_count", UniqueWordCount},
    {"count:word_count_range", WordCountRange},
    {"count:words_japanese", NthWordJapanese},
    {"custom:character_reverse", CharactersReversed},
    {"custom:csv_city", CityCsv},
    {"custom:csv_quotes", QuotedCsv},
    {"custom:csv_special_character", SpecialCharacterCsv},
    {"custom:date_format_list", NapoleonicDates},
    {"custom:european_capitals_sort", EuropeanCapitals},
    {"custom:mcq_count_length", MultipleChoiceQuestions},
    {"custom:multiples", MultiplesOfSeven},
    {"custom:reverse_newline", AfricanCountriesReversed},
    {"custom:sentence_alphabet", SentenceAlphabet},
    {"custom:word_reverse", WordsReversed},
    {"detectable_content:number_placeholders", NumberOfPlaceholders},
    {"detectable_content:postscript", Postscript},
    {"detectable_format:bigram_wrapping", WrappedBigrams},
    {"detectable_format:constrained_response", ConstrainedResponse},
    {"detectable_format:json_format", JsonFormat},
    {"detectable_format:multiple_sections", MultipleSections},
    {"detectable_format:number_bullet_lists", NumberOfBullets},
    {"detectable_format:number_highlighted_sections", NumberOfHighlights},
    {"detectable_format:sentence_hyphens", SentenceHyphens},
    {"detectable_format:square_brackets", SquareBrackets},
    {"detectable_format:title", Title},
    {"first_word:first_word_answer", FirstWord},
    {"first_word:first_word_sent", FirstWordOfSentences},
    {"format:emoji", EmojiAtSentenceEnd},
    {"format:line_indent", IndentStairs},
    {"format:list", ListSeparator},
    {"format:newline", WordPerLine},
    {"format:no_bullets_bullets", SentencesThenBullets},
    {"format:no_whitespace", NoWhitespace},
    {"format:options", Options},
    {"format:output_template", OutputTemplate},
    {"format:parentheses", NestedParentheses},
    {"format:quote_unquote", QuotesExplained},
    {"format:quotes", NestedQuotes},
    {"format:sub-bullets", SubBullets},
    {"format:thesis", ItalicThesis},
    {"format:title_case", TitleCase},
    {"keywords:exclude_word_harder", ExcludedBetweenSpaces},
    {"keywords:existence", KeywordsExist},
    {"keywords:forbidden_words", ForbiddenWords},
    {"keywords:frequency", KeywordFrequency},
    {"keywords:keyword_specific_position", TokenAtPosition},
    {"keywords:letter_frequency", LetterFrequency},
    {"keywords:no_adjacent_consecutive", NoAdjacentLetters},
    {"keywords:palindrome", AnyPalindrome},
    {"keywords:start_end", SameStartAndEnd},
    {"keywords:word_count_different_numbers", KeywordFrequency},
    {"keywords:word_once", KeywordOnce},
    {"language:response_language", ResponseLanguage},
    {"last_word:last_word_answer", LastWordOfAll},
    {"last_word:last_word_sent", LastWordOfSentences},
    {"length_constraints:nth_paragraph_first_word", NthParagraphFirstWord},
    {"length_constraints:number_paragraphs", NumberOfParagraphs},
    {"length_constraints:number_sentences", NumberOfSentences},
    {"length_constraints:number_words", NumberOfWords},
    {"letters:letter_counting", LetterCounting},
    {"letters:letter_counting2", LetterFrequency},
    {"new:copy_span_idx", CopySpan},
    {"paragraphs:paragraphs", TwoStarredParagraphs},
    {"paragraphs:paragraphs2", TwoParagraphs},
    {"punctuation:no_comma", NoComma},
    {"punctuation:punctuation_dot", NoDot},
    {"punctuation:punctuation_exclamation", NoExclamation},
    {"ratio:overlap", TrigramOverlap},
    {"ratio:sentence_balance", SentenceBalance},
    {"ratio:sentence_type", SentenceTypeRatio},
    {"ratio:sentence_words", EqualSentenceLengths},
    {"ratio:stop_words", StopWordRatio},
    {"repeat:repeat_change", RepeatWithChange},
    {"repeat:repeat_simple", RepeatSentence},
    {"repeat:repeat_span", RepeatSpan},
    {"sentence:alliteration_increment", AlliterationIncrement},
    {"sentence:increment", WordCountIncrement},
    {"sentence:keyword", KeywordInSentence},
    {"startend:end_checker", EndPhrase},
    {"startend:quotation", Quotation},
    {"words:alphabet", AlphabetLoop},
    {"words:consonants", ConsonantClusters},
    {"words:keywords_specific_position", KeywordAtPosition},
    {"words:last_first", LastWordFirstNext},
    {"words:no_consecutive", NoSameFirstLetter},
    {"words:odd_even_syllables", AlternatingSyllables},
    {"words:palindrome", Palindromes},
    {"words:paragraph_last_first", ParagraphLastFirst},
    {"words:prime_lengths", PrimeLengths},
    {"words:repeats", WordRepeats},
    {"words:start_verb", StartsWithVerb},
    {"words:vowel", ThreeVowels},
    {"words:words_position", KeywordSecondAtBothEnds},
};
}  // namespace

absl::StatusOr<Constraint> MakeConstraint(std::string_view id, std::string_view kwargs) {
  for (const Entry& entry : kConstraints) {
    if (id != entry.id) continue;
    Kwargs read(kwargs);
    Checker checker = entry.make(read);
    HONE_RETURN_IF_ERROR(read.Finish());
    return Constraint{std::move(checker), read.claims()};
  }
  return absl::NotFoundError(fmt::format("unknown constraint \"{}\"{}", id, DidYouMean(id, KnownConstraints())));
}

absl::StatusOr<Checker> MakeChecker(std::string_view id, std::string_view kwargs) {
  HONE_ASSIGN_OR_RETURN(Constraint constraint, MakeConstraint(id, kwargs));
  return std::move(constraint.checker);
}

std::vector<std::string> KnownConstraints() {
  std::vector<std::string> ids;
  for (const Entry& entry : kConstraints) ids.emplace_back(entry.id);
  return ids;
}

}  // namespace hone::instruction
