#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "fmt/format.h"
#include "verifiers/instruction/families.h"
#include "verifiers/instruction/lexicon.h"

namespace hone::instruction {
namespace {

// Python's string.punctuation, in its order: the published checker asks whether a word is part of it.
constexpr TextView kMarks = U"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ ";

bool IsPrime(size_t n) {
  if (n < 2) return false;
  for (size_t d = 2; d * d <= n; ++d)
    if (n % d == 0) return false;
  return true;
}

bool IsPalindrome(TextView word) {
  return std::equal(word.begin(), word.begin() + static_cast<ptrdiff_t>(word.size() / 2), word.rbegin());
}

bool HasConsonantCluster(TextView word) {
  auto consonant = [](char32_t c) { return c >= 'a' && c <= 'z' && TextView(U"aeiou").find(c) == TextView::npos; };
  for (size_t i = 0; i + 1 < word.size(); ++i)
    if (consonant(word[i]) && consonant(word[i + 1])) return true;
  return false;
}

Finding BadWord(TextView word, std::string_view what) {
  return Follows(false, fmt::format("\"{}\" {}", Encode(word.substr(0, 60)), what));
}

// Words in runs of at least two that begin alike.
int64_t Alliteration(TextView sentence) {
  int64_t count = 0;
  bool in_run = false;
  char32_t last = 0;  // first letter of the word before
  const Text lower = Lower(sentence);
  for (const TextView word : SplitWords(lower)) {
    const TextView plain = TrimMarksLeft(word);
    if (plain.empty()) continue;
    const bool alike = plain[0] == last;
    if (alike) count += in_run ? 1 : 2;
    in_run = alike;
    last = plain[0];
  }
  return count;
}

}  // namespace

Checker AlphabetLoop(Kwargs&) {
  return [](const Response& response) -> Finding {
    const Text text = Lower(WithoutPunctuation(response.text()));
    const std::vector<TextView> words = SplitWords(text);
    if (words.empty()) return Follows(false, "there are no words");
    char32_t letter = words[0][0];
    if (letter < 'a' || letter > 'z') return BadWord(words[0], "does not begin with a letter from a to z");
    for (const TextView word : words) {
      if (word[0] != letter) return BadWord(word, fmt::format("does not begin with {}", static_cast<char>(letter)));
      letter = letter == 'z' ? 'a' : letter + 1;
    }
    return Follows(true, "the first letters follow the alphabet");
  };
}

Checker ThreeVowels(Kwargs&) {
  return [](const Response& response) -> Finding {
    const TextView text = Trim(response.lower());
    if (text.find(U'\n') != TextView::npos) return Follows(false, "there is more than one paragraph");
    const TextView vowels = U"aeiou";
    const int64_t count = std::count_if(vowels.begin(), vowels.end(), [&](char32_t vowel) { return text.find(vowel) != TextView::npos; });
    return Counted(count <= 3, count, "different vowels", "at most 3");
  };
}

Checker ConsonantClusters(Kwargs&) {
  return [](const Response& response) -> Finding {
    for (const TextView word : SplitWords(response.lower()))
      if (!HasConsonantCluster(word)) return BadWord(word, "has no two consonants together");
    return Follows(true, "every word has two consonants together");
  };
}

Checker Palindromes(Kwargs&) {
  return [](const Response& response) -> Finding {
    const Text text = WithoutPunctuation(response.lower());
    const std::vector<TextView> words = SplitWords(text);
    const int64_t count = std::count_if(words.begin(), words.end(), [](TextView word) { return word.size() >= 5 && IsPalindrome(word); });
    return Counted(count >= 10, count, "palindromes of five or more characters", "at least 10");
  };
}

Checker PrimeLengths(Kwargs&) {
  return [](const Response& response) -> Finding {
    const Text text = WithoutPunctuation(response.text());
    for (const TextView word : SplitWords(text))
      if (word.size() > 97 || !IsPrime(word.size())) return BadWord(word, fmt::format("has {} characters", word.size()));
    return Follows(true, "the length of every word is a prime number up to 97");
  };
}

Checker StartsWithVerb(Kwargs&) {
  return [](const Response& response) -> Finding {
    // A verb is known by the first two words, so the rest of a long text is not cut into words.
    const Tokens tokens(TextView(response.text()).substr(0, 10'000));
    const std::vector<TextView>& words = tokens.words();
    if (words.empty()) return Follows(false, "there are no words");
    const bool verb = BeginsWithVerb(words[0], words.size() > 1 ? words[1] : TextView());
    return Follows(verb, fmt::format("\"{}\" is {} verb", Encode(words[0].substr(0, 60)), verb ? "a" : "no"));
  };
}

Checker WordRepeats(Kwargs& kwargs) {
  return [most = kwargs.Int("small_n")](const Response& response) -> Finding {
    const Text text = WithoutPunctuation(response.lower());
    absl::flat_hash_map<TextView, int64_t, std::hash<TextView>, std::equal_to<TextView>> counts;
    for (const TextView word : SplitWords(text))
      if (++counts[word] > most) return BadWord(word, fmt::format("occurs more than {} times", most));
    return Follows(true, fmt::format("no word occurs more than {} times", most));
  };
}

Checker AlternatingSyllables(Kwargs&) {
  return [](const Response& response) -> Finding {
    const Text text = WithoutPunctuation(response.lower());
    int last = -1;
    for (const TextView word : SplitWords(text)) {
      const int parity = CountSyllables(word) % 2;
      if (parity == last) return BadWord(word, fmt::format("has an {} number of syllables, as the word before", parity ? "odd" : "even"));
      last = parity;
    }
    return Follows(true, "odd and even numbers of syllables alternate");
  };
}

Checker LastWordFirstNext(Kwargs&) {
  return [](const Response& response) -> Finding {
    const std::vector<TextView>& sentences = response.sentences();
    for (size_t i = 0; i + 1 < sentences.size(); ++i) {
      const TextView last = LastPiece(TrimMarksRight(sentences[i])), next = FirstPiece(TrimMarksLeft(sentences[i + 1]));
      if (last.empty() || next.empty()) return Follows(false, fmt::format("sentence {} or the one after has no words", i + 1));
      if (Lower(last) != Lower(next)) return BadWord(last, fmt::format("ends sentence {} and does not begin the next", i + 1));
    }
    return Follows(true, "every sentence begins with the last word of the one before");
  };
}

Checker ParagraphLastFirst(Kwargs&) {
  return [](const Response& response) -> Finding {
    for (const TextView paragraph : Split(response.lower(), U"\n")) {
      const TextView text = TrimMarks(Trim(paragraph)), first = FirstPiece(text);
      if (first != LastPiece(text)) return BadWord(first, "begins a paragraph and does not end it");
    }
    return Follows(true, "every paragraph ends with its first word");
  };
}

Checker NoSameFirstLetter(Kwargs&) {
  return [](const Response& response) -> Finding {
    const Text text = WithoutPunctuation(response.lower());
    char32_t last = 0;
    for (const TextView word : SplitWords(text)) {
      if (word[0] == last) return BadWord(word, "begins like the word before");
      last = word[0];
    }
    return Follows(true, "no two words in a row begin alike");
  };
}

Checker KeywordAtPosition(Kwargs& kwargs) {
  const int64_t n = kwargs.Int("n", 1), m = kwargs.Int("m", 1);
  kwargs.Claims("sentences", n);
  return [n, m, keyword = Lower(kwargs.Word("keyword"))](const Response& response) -> Finding {
    const auto sentence = static_cast<size_t>(n - 1), position = static_cast<size_t>(m - 1);
    if (response.sentences().size() <= sentence)
      return Counted(false, static_cast<int64_t>(response.sentences().size()), "sentences", fmt::format("at least {}", n));
    const Tokens tokens(response.sentences()[sentence]);
    std::vector<TextView> words;
    for (const TextView token : tokens.words())
      if (std::any_of(token.begin(), token.end(), [](char32_t c) { return c != '_' && IsWordChar(c); })) words.push_back(token);
    if (words.size() <= position)
      return Counted(false, static_cast<int64_t>(words.size()), "words in the sentence", fmt::format("at least {}", m));
    return Follows(Lower(words[position]) == keyword, fmt::format("the word there is \"{}\"", Encode(words[position].substr(0, 60))));
  };
}

Checker KeywordSecondAtBothEnds(Kwargs& kwargs) {
  return [keyword = Lower(kwargs.Word("keyword"))](const Response& response) -> Finding {
    const std::vector<TextView>& words = response.tokens();
    const bool mark_at_end = !words.empty() && Contains(kMarks, words.back());
    const size_t from_end = mark_at_end ? 3 : 2;
    if (words.size() < from_end) return Follows(false, "there are too few words");
    const TextView second = words[1], second_last = words[words.size() - from_end];
    return Follows(Lower(second) == keyword && Lower(second_last) == keyword,
                   fmt::format("the words are \"{}\" and \"{}\"", Encode(second.substr(0, 60)), Encode(second_last.substr(0, 60))));
  };
}

Checker AlliterationIncrement(Kwargs&) {
  return [](const Response& response) -> Finding {
    int64_t last = -1;
    for (const TextView sentence : response.sentences()) {
      const int64_t count = Alliteration(sentence);
      if (count <= last) return Counted(false, count, "alliterative words in a sentence", fmt::format("more than {}", last));
      last = count;
    }
    return Follows(true, "every sentence has more alliterative words than the one before");
  };
}

Checker WordCountIncrement(Kwargs& kwargs) {
  return [step = kwargs.Int("small_n")](const Response& response) -> Finding {
    std::optional<int64_t> last;
    for (const TextView sentence : response.sentences()) {
      const Text plain = WithoutPunctuation(sentence);
      const auto count = static_cast<int64_t>(SplitWords(plain).size());
      if (last.has_value() && count != *last + step) return Counted(false, count, "words in a sentence", std::to_string(*last + step));
      last = count;
    }
    return Follows(true, fmt::format("every sentence has {} more words than the one before", step));
  };
}

Checker KeywordInSentence(Kwargs& kwargs) {
  const int64_t n = kwargs.Int("N", 1);
  const Text word = Lower(kwargs.String("word"));
  kwargs.Claims("sentences", n);
  kwargs.Claims(OccurrencesOf(word), 1);
  return [n, word](const Response& response) -> Finding {
    const std::vector<TextView>& sentences = response.sentences();
    const auto count = static_cast<int64_t>(sentences.size());
    if (count < n) return Counted(false, count, "sentences", fmt::format("at least {}", n));
    const bool found = ContainsWholeWord(Lower(sentences[static_cast<size_t>(n - 1)]), word);
    return Follows(found, fmt::format("the word {} in sentence {}", found ? "occurs" : "does not occur", n));
  };
}

}  // namespace hone::instruction
