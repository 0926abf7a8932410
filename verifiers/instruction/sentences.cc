#include "verifiers/instruction/sentences.h"

#include <algorithm>
#include <optional>

#include "verifiers/instruction/lexicon.h"

namespace hone::instruction {
namespace {

constexpr AsciiSet kAsciiSpace(" \t\n\r\v\f");

bool IsSentenceEnd(char32_t c) {
  return c == '.' || c == '?' || c == '!';
}
// Characters that end a word and are no part of it.
bool IsOutsideWord(char32_t c) {
  constexpr AsciiSet kOutside(")\";}]*:@'({[!?");
  return kOutside.Has(c);
}
bool CanBeginWord(char32_t c) {
  constexpr AsciiSet kNever("(\"`{[:;&#*@)}]-,");
  return !kNever.Has(c);
}

// Length of a run of hyphens or periods, or of spaced periods, at the start of `text`; 0 when there is none.
size_t MultiPunctuation(TextView text) {
  for (const char32_t c : {U'-', U'.'}) {
    size_t n = 0;
    while (n < text.size() && text[n] == c) ++n;
    if (n >= 2) return n;
  }
  size_t n = 0;
  while (n + 2 < text.size() && text[n] == '.' && IsSpace(text[n + 1]) && text[n + 2] == '.') n += 2;
  return n >= 4 ? n + 1 : 0;
}
bool BeginsMultiPunctuation(TextView text) {
  if (text.empty() || (text[0] != '-' && text[0] != '.')) return false;
  if (text.size() >= 2 && text[1] == text[0]) return true;
  return text.size() >= 5 && text[0] == '.' && IsSpace(text[1]) && text[2] == '.' && IsSpace(text[3]) && text[4] == '.';
}

bool IsNumber(TextView text) {
  if (!text.empty() && text[0] == '-') text.remove_prefix(1);
  if (!text.empty() && (text[0] == '.' || text[0] == ',')) text.remove_prefix(1);
  if (text.empty() || !IsDecimal(text[0])) return false;
  for (const char32_t c : text)
    if (!IsDecimal(c) && c != ',' && c != '.' && c != '-') return false;
  return true;
}

// What a token is, before and after the period at its end counts as the end of a sentence.
struct Token {
  TextView text;
  bool ends_sentence = false, abbreviation = false, ellipsis = false;

  bool HasPeriod() const { return text.back() == '.'; }
  bool IsInitial() const { return text.size() == 2 && text[1] == '.' && IsWordChar(text[0]) && !IsDecimal(text[0]); }
  // As a word of the lexicon, without the period that ends a sentence.
  WordFacts Facts() const { return stem_facts.has_value() ? *stem_facts : FactsOf(text); }

  std::optional<WordFacts> stem_facts;  // when there is such a period
};

Token MakeToken(TextView text) {
  Token token{text};
  if (text.size() == 1 && IsSentenceEnd(text[0])) {
    token.ends_sentence = true;
  } else if (text.size() >= 2 && text.find_first_not_of(U'.') == TextView::npos) {
    token.ellipsis = true;
  } else if (token.HasPeriod() && !text.ends_with(U"..")) {
    const TextView stem = text.substr(0, text.size() - 1);
    const size_t hyphen = stem.rfind('-');
    const WordFacts facts = FactsOf(stem);
    token.abbreviation = facts.abbreviation || (hyphen != TextView::npos && FactsOf(stem.substr(hyphen + 1)).abbreviation);
    token.ends_sentence = !token.abbreviation;
    if (token.ends_sentence) token.stem_facts = facts;
  }
  return token;
}

// The next token at or after *at in one line; false at its end.
bool NextToken(TextView line, size_t* at, TextView* token) {
  while (*at < line.size() && IsSpace(line[*at])) ++*at;
  if (*at == line.size()) return false;
  const TextView rest = line.substr(*at);
  size_t length = MultiPunctuation(rest);
  if (length == 0) {
    length = 1;
    if (CanBeginWord(rest[0])) {
      auto ends = [&](size_t i) {
        const char32_t c = rest[i];
        return IsSpace(c) || IsOutsideWord(c) || BeginsMultiPunctuation(rest.substr(i));
      };
      while (length < rest.size() && !ends(length) && !(rest[length] == ',' && (length + 1 == rest.size() || ends(length + 1)))) ++length;
    }
  }
  *token = rest.substr(0, length);
  *at += length;
  return true;
}

enum class Starter { kNo, kUnknown, kYes };

// Whether the way a word is written says that it starts a sentence.
Starter StartsSentence(const Token& token, const WordFacts& facts) {
  if (token.text.size() == 1 && TextView(U";:,.!?").find(token.text[0]) != TextView::npos) return Starter::kNo;
  if (IsUpper(token.text[0]) && facts.lower_case) return Starter::kYes;
  if (IsLower(token.text[0])) return Starter::kNo;
  return Starter::kUnknown;
}

// Decides again about the period of `token`, knowing what follows.
void Reconsider(Token& token, const Token& next) {
  if (!token.HasPeriod()) return;
  const bool is_initial = token.IsInitial();
  if (!token.abbreviation && !token.ellipsis && !is_initial && !IsNumber(token.text)) return;
  const WordFacts next_facts = next.Facts();
  const Starter starter = StartsSentence(next, next_facts);
  const bool next_is_upper = IsUpper(next.text[0]);
  if ((token.abbreviation || token.ellipsis) && !is_initial) {
    if (starter == Starter::kYes || (next_is_upper && next_facts.starter)) {
      token.ends_sentence = true;
      return;
    }
  }
  if (is_initial || IsNumber(token.text)) {
    const bool like_a_name = is_initial && starter == Starter::kUnknown && next_is_upper && !next_facts.common;
    if (starter == Starter::kNo || like_a_name) {
      token.ends_sentence = false;
      token.abbreviation = true;
    }
  }
}

// Some token of `context`, but not its last, ends a sentence.
bool HasBreak(TextView context) {
  std::optional<Token> previous;
  for (size_t begin = 0, end; begin <= context.size(); begin = end + 1) {
    end = std::min(context.find(U'\n', begin), context.size());
    const TextView line = context.substr(begin, end - begin);
    TextView text;
    for (size_t at = 0; NextToken(line, &at, &text);) {
      Token token = MakeToken(text);
      if (previous.has_value()) {
        Reconsider(*previous, token);
        if (previous->ends_sentence) return true;
      }
      previous = token;
    }
  }
  return false;
}

struct Candidate {
  size_t at = 0;          // of the '.', '?' or '!'
  size_t word_begin = 0;  // of the word before it
  size_t after_end = 0;   // of what follows: one character, or white space and a word
  size_t next_begin = 0;  // of the sentence after it
};

// Length of the closing quotes and brackets at the start of a sentence that belong to the one before, with the white space behind them;
// *closers is their length alone.
size_t Closers(TextView sentence, size_t* closers) {
  size_t n = 0;
  while (n < sentence.size() && TextView(U"\"')]}").find(sentence[n]) != TextView::npos) {
    ++n;
    size_t end = n;
    while (end < sentence.size() && IsSpace(sentence[end])) ++end;
    if (end > n || n == sentence.size() || sentence.substr(n).starts_with(U"--")) {
      *closers = n;
      return end;
    }
  }
  return 0;
}

}  // namespace

std::vector<TextView> SplitSentences(TextView text) {
  std::vector<std::pair<size_t, size_t>> spans;
  size_t begin = 0;
  auto decide = [&](const Candidate& candidate) {
    if (!HasBreak(text.substr(candidate.word_begin, candidate.after_end - candidate.word_begin))) return;
    spans.emplace_back(begin, candidate.at + 1);
    begin = candidate.next_begin;
  };
  // Candidates in one run without white space are judged once, at the last of them, with the whole run before it.
  std::optional<Candidate> pending;
  size_t word_begin = 0, word_end = 0;
  for (size_t i = 0; i + 1 < text.size(); ++i) {
    if (!IsSentenceEnd(text[i])) continue;
    Candidate candidate{.at = i, .after_end = i + 2, .next_begin = i + 1};
    if (!IsOutsideWord(text[i + 1])) {
      size_t next = i + 1;
      while (next < text.size() && IsSpace(text[next])) ++next;
      if (next == i + 1 || next == text.size()) continue;
      candidate.next_begin = next;
      while (next < text.size() && !IsSpace(text[next])) ++next;
      candidate.after_end = next;
    }
    size_t space = i;
    while (space > word_end && !kAsciiSpace.Has(text[space - 1])) --space;
    // A space right behind the candidate before does not begin a new word.
    if (space > word_end + 1) word_begin = space;
    candidate.word_begin = word_begin;
    if (pending.has_value() && word_end <= word_begin) decide(*pending);
    word_end = i;
    pending = candidate;
  }
  if (pending.has_value()) decide(*pending);
  size_t end = text.size();
  while (end > 0 && IsSpace(text[end - 1])) --end;
  spans.emplace_back(begin, end);

  std::vector<TextView> sentences;
  sentences.reserve(spans.size());
  size_t skip = 0;
  for (size_t i = 0; i < spans.size(); ++i) {
    size_t from = spans[i].first + skip, to = spans[i].second;
    skip = 0;
    if (i + 1 < spans.size()) {
      const auto [next, next_end] = spans[i + 1];
      size_t closers = 0;
      skip = next_end > next ? Closers(text.substr(next, next_end - next), &closers) : 0;
      if (skip > 0) to = next + closers;
    }
    if (to > from) sentences.push_back(text.substr(from, to - from));
  }
  return sentences;
}

}  // namespace hone::instruction
