#pragma once
// Makers of all constraints, by family. Each reads its parameters from `kwargs`; what a constraint demands stands in README.md.

#include "verifiers/instruction/constraint.h"

namespace hone::instruction {

// IFEval: words, length, case, language (ifeval_words.cc).
Checker KeywordsExist(Kwargs& kwargs);
Checker KeywordFrequency(Kwargs& kwargs);
Checker ForbiddenWords(Kwargs& kwargs);
Checker LetterFrequency(Kwargs& kwargs);
Checker ResponseLanguage(Kwargs& kwargs);
Checker NumberOfSentences(Kwargs& kwargs);
Checker NumberOfWords(Kwargs& kwargs);
Checker CapitalWordFrequency(Kwargs& kwargs);
Checker EnglishCapital(Kwargs& kwargs);
Checker EnglishLowerCase(Kwargs& kwargs);
Checker NoComma(Kwargs& kwargs);

// IFEval: shape of the text (ifeval_format.cc).
// Exactly `wanted` paragraphs between separators; the first and the last may be blank and then do not count.
Checker ParagraphsBetween(TextView separator, int64_t wanted);
Checker NumberOfParagraphs(Kwargs& kwargs);
Checker NthParagraphFirstWord(Kwargs& kwargs);
Checker NumberOfPlaceholders(Kwargs& kwargs);
Checker Postscript(Kwargs& kwargs);
Checker NumberOfBullets(Kwargs& kwargs);
Checker ConstrainedResponse(Kwargs& kwargs);
Checker NumberOfHighlights(Kwargs& kwargs);
Checker MultipleSections(Kwargs& kwargs);
Checker JsonFormat(Kwargs& kwargs);
Checker Title(Kwargs& kwargs);
Checker TwoResponses(Kwargs& kwargs);
Checker RepeatPrompt(Kwargs& kwargs);
Checker EndPhrase(Kwargs& kwargs);
Checker Quotation(Kwargs& kwargs);

// IFBench: counts and ratios (ifbench_counts.cc).
Checker WordCountRange(Kwargs& kwargs);
Checker UniqueWordCount(Kwargs& kwargs);
Checker Conjunctions(Kwargs& kwargs);
Checker PersonNames(Kwargs& kwargs);
Checker NumberCount(Kwargs& kwargs);
Checker PronounCount(Kwargs& kwargs);
Checker PunctuationCover(Kwargs& kwargs);
Checker KeywordsMultiple(Kwargs& kwargs);
Checker NthWordJapanese(Kwargs& kwargs);
Checker StopWordRatio(Kwargs& kwargs);
Checker SentenceTypeRatio(Kwargs& kwargs);
Checker SentenceBalance(Kwargs& kwargs);
Checker TrigramOverlap(Kwargs& kwargs);
Checker EqualSentenceLengths(Kwargs& kwargs);

// IFBench: words (ifbench_words.cc).
Checker AlphabetLoop(Kwargs& kwargs);
Checker ThreeVowels(Kwargs& kwargs);
Checker ConsonantClusters(Kwargs& kwargs);
Checker Palindromes(Kwargs& kwargs);
Checker PrimeLengths(Kwargs& kwargs);
Checker StartsWithVerb(Kwargs& kwargs);
Checker WordRepeats(Kwargs& kwargs);
Checker AlternatingSyllables(Kwargs& kwargs);
Checker LastWordFirstNext(Kwargs& kwargs);
Checker ParagraphLastFirst(Kwargs& kwargs);
Checker NoSameFirstLetter(Kwargs& kwargs);
Checker KeywordAtPosition(Kwargs& kwargs);
Checker KeywordSecondAtBothEnds(Kwargs& kwargs);
Checker AlliterationIncrement(Kwargs& kwargs);
Checker WordCountIncrement(Kwargs& kwargs);
Checker KeywordInSentence(Kwargs& kwargs);

// IFBench: shape of the text (ifbench_format.cc).
Checker NestedParentheses(Kwargs& kwargs);
Checker NestedQuotes(Kwargs& kwargs);
Checker Options(Kwargs& kwargs);
Checker WordPerLine(Kwargs& kwargs);
Checker EmojiAtSentenceEnd(Kwargs& kwargs);
Checker IndentStairs(Kwargs& kwargs);
Checker QuotesExplained(Kwargs& kwargs);
Checker ListSeparator(Kwargs& kwargs);
Checker ItalicThesis(Kwargs& kwargs);
Checker SubBullets(Kwargs& kwargs);
Checker SentencesThenBullets(Kwargs& kwargs);
Checker TitleCase(Kwargs& kwargs);
Checker OutputTemplate(Kwargs& kwargs);
Checker NoWhitespace(Kwargs& kwargs);
Checker RepeatWithChange(Kwargs& kwargs);
Checker RepeatSentence(Kwargs& kwargs);
Checker RepeatSpan(Kwargs& kwargs);

// IFBench: single tasks without parameters (ifbench_custom.cc).
Checker MultiplesOfSeven(Kwargs& kwargs);
Checker MultipleChoiceQuestions(Kwargs& kwargs);
Checker AfricanCountriesReversed(Kwargs& kwargs);
Checker WordsReversed(Kwargs& kwargs);
Checker CharactersReversed(Kwargs& kwargs);
Checker SentenceAlphabet(Kwargs& kwargs);
Checker EuropeanCapitals(Kwargs& kwargs);
Checker CityCsv(Kwargs& kwargs);
Checker SpecialCharacterCsv(Kwargs& kwargs);
Checker QuotedCsv(Kwargs& kwargs);
Checker NapoleonicDates(Kwargs& kwargs);

// IFTrain: the constraints that IFBench's authors train on (iftrain.cc).
Checker RepeatPhrase(Kwargs& kwargs);
Checker CopyPrompt(Kwargs& kwargs);
Checker CopyPromptTimes(Kwargs& kwargs);
Checker CopySpan(Kwargs& kwargs);
Checker SentenceHyphens(Kwargs& kwargs);
Checker NoAdjacentLetters(Kwargs& kwargs);
Checker SquareBrackets(Kwargs& kwargs);
Checker KeywordOnce(Kwargs& kwargs);
Checker KeywordsOnceAndTwice(Kwargs& kwargs);
Checker ExcludedBetweenSpaces(Kwargs& kwargs);
Checker TwoStarredParagraphs(Kwargs& kwargs);
Checker TwoParagraphs(Kwargs& kwargs);
Checker FirstWordOfSentences(Kwargs& kwargs);
Checker FirstWord(Kwargs& kwargs);
Checker LastWordOfSentences(Kwargs& kwargs);
Checker LastWordOfAll(Kwargs& kwargs);
Checker WrappedBigrams(Kwargs& kwargs);
Checker NoDot(Kwargs& kwargs);
Checker NoExclamation(Kwargs& kwargs);
Checker LowerCaseWords(Kwargs& kwargs);
Checker LetterCounting(Kwargs& kwargs);
Checker ThreeParagraphsOfSentences(Kwargs& kwargs);
Checker UniqueTokens(Kwargs& kwargs);
Checker AnyPalindrome(Kwargs& kwargs);
Checker TokenAtPosition(Kwargs& kwargs);
Checker SameStartAndEnd(Kwargs& kwargs);

}  // namespace hone::instruction
