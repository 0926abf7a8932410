#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "fmt/format.h"
#include "verifiers/instruction/families.h"
#include "verifiers/instruction/lexicon.h"

namespace hone::instruction {
namespace {

// Sentences that end with each mark.
struct SentenceTypes {
  int64_t declarative = 0, interrogative = 0, exclamatory = 0;
  std::string Shown() const {
    return fmt::format("{} sentences end with a period, {} with ?, {} with !", declarative, interrogative, exclamatory);
  }
};
SentenceTypes CountTypes(const Response& response) {
  SentenceTypes types;
  for (const TextView sentence : response.sentences()) {
    types.declarative += sentence.back() == '.';
    types.interrogative += sentence.back() == '?';
    types.exclamatory += sentence.back() == '!';
  }
  return types;
}

// Sets of three characters in a row.
absl::flat_hash_set<uint64_t> Trigrams(TextView text) {
  absl::flat_hash_set<uint64_t> trigrams;
  uint64_t last = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    last = (last << 21 | text[i]) & ((uint64_t{1} << 63) - 1);  // a code point has 21 bits
    if (i >= 2) trigrams.insert(last);
  }
  return trigrams;
}

bool IsJapanese(TextView word) {
  return std::any_of(word.begin(), word.end(), [](char32_t c) { return (c >= 0x3040 && c <= 0x30ff) || (c >= 0x4e00 && c <= 0x9fff); });
}

constexpr TextView kNames[] = {
    U"Emma",     U"Liam",   U"Sophia",    U"Jackson",   U"Olivia", U"Noah",     U"Ava",     U"Lucas",   U"Isabella", U"Mason",
    U"Mia",      U"Ethan",  U"Charlotte", U"Alexander", U"Amelia", U"Benjamin", U"Harper",  U"Leo",     U"Zoe",      U"Daniel",
    U"Chloe",    U"Samuel", U"Lily",      U"Matthew",   U"Grace",  U"Owen",     U"Abigail", U"Gabriel", U"Ella",     U"Jacob",
    U"Scarlett", U"Nathan", U"Victoria",  U"Elijah",    U"Layla",  U"Nicholas", U"Audrey",  U"David",   U"Hannah",   U"Christopher",
    U"Penelope", U"Thomas", U"Nora",      U"Andrew",    U"Aria",   U"Joseph",   U"Claire",  U"Ryan",    U"Stella",   U"Jonathan"};

// For sets that hold nothing of the response: nobody can make them collide.
struct QuickHash {
  size_t operator()(TextView word) const {
    uint64_t hash = word.size();
    for (const char32_t c : word) hash = (hash ^ c) * 0x9e37'79b9'7f4a'7c15;
    return hash ^ hash >> 32;
  }
};

constexpr TextView kPronouns[] = {
    // Personal, possessive, reflexive.
    U"i", U"me", U"we", U"us", U"you", U"he", U"him", U"she", U"her", U"it", U"they", U"them", U"my", U"mine", U"our", U"ours", U"your",
    U"yours", U"his", U"hers", U"its", U"their", U"theirs", U"myself", U"ourselves", U"yourself", U"yourselves", U"himself", U"herself",
    U"itself", U"themselves",
    // Demonstrative, interrogative, relative.
    U"this", U"that", U"these", U"those", U"who", U"whom", U"whose", U"which", U"what", U"whoever", U"whomever", U"whatever", U"whichever",
    // Indefinite.
    U"anybody", U"anyone", U"anything", U"everybody", U"everyone", U"everything", U"nobody", U"nothing", U"somebody", U"someone",
    U"something", U"each", U"either", U"neither", U"both", U"all", U"some", U"any", U"none"};

}  // namespace

Checker WordCountRange(Kwargs& kwargs) {
  const int64_t min = kwargs.Int("min_words"), max = kwargs.Int("max_words");
  kwargs.Claims("words", min, max);
  return [min, max](const Response& response) -> Finding {
    const int64_t count = static_cast<int64_t>(WordRuns(response.text()).size());
    return Counted(min <= count && count <= max, count, "words", fmt::format("{} to {}", min, max));
  };
}

Checker UniqueWordCount(Kwargs& kwargs) {
  return [wanted = kwargs.Int("N")](const Response& response) -> Finding {
    TextSet unique;
    for (const TextView word : SplitWords(response.lower())) unique.insert(TrimMarks(word));
    const int64_t count = static_cast<int64_t>(unique.size());
    return Counted(count >= wanted, count, "different words", fmt::format("at least {}", wanted));
  };
}

Checker Conjunctions(Kwargs& kwargs) {
  return [wanted = kwargs.Int("small_n")](const Response& response) -> Finding {
    // As written: "and", "And" and "and," are three.
    TextSet found;
    for (const TextView word : response.words()) {
      const TextView trimmed = TrimMarks(word);
      if (trimmed.size() < 2 || trimmed.size() > 3) continue;
      const Text plain = Lower(trimmed);
      for (const TextView conjunction : {U"and", U"but", U"for", U"nor", U"or", U"so", U"yet"})
        if (plain == conjunction) found.insert(word);
    }
    const int64_t count = static_cast<int64_t>(found.size());
    return Counted(count >= wanted, count, "conjunctions", fmt::format("at least {}", wanted));
  };
}

Checker PersonNames(Kwargs& kwargs) {
  const int64_t wanted = kwargs.Int("N");
  kwargs.Claims("different names of the list", wanted, static_cast<int64_t>(std::size(kNames)));
  if (wanted > 0) {
    kwargs.Claims("capital letters", 1);
    kwargs.Claims("letters in lower case", 1);
  }
  return [wanted](const Response& response) -> Finding {
    static const TextSet& names = *new TextSet(std::begin(kNames), std::end(kNames));
    // A name has no other word character at its sides: it is a whole run of them.
    const TextView text = response.text();
    TextSet found;
    for (size_t i = 0; i < text.size(); ++i) {
      if (!IsWordChar(text[i])) continue;
      const size_t begin = i;
      while (i < text.size() && IsWordChar(text[i])) ++i;
      const TextView word = text.substr(begin, i - begin);
      if (word[0] >= 'A' && word[0] <= 'Z' && names.contains(word)) found.insert(word);
    }
    const auto count = static_cast<int64_t>(found.size());
    return Counted(count >= wanted, count, "names of the list", fmt::format("at least {}", wanted));
  };
}

Checker NumberCount(Kwargs& kwargs) {
  const int64_t wanted = kwargs.Int("N");
  kwargs.Claims("numbers", wanted, wanted);
  return [wanted](const Response& response) -> Finding {
    int64_t count = 0;
    bool in_number = false;
    for (const char32_t c : response.text()) {
      if (IsPunctuation(c)) continue;  // "1,000.5" is one number
      const bool digit = IsDecimal(c);
      count += digit && !in_number;
      in_number = digit;
    }
    return Counted(count == wanted, count, "numbers", std::to_string(wanted));
  };
}

Checker PronounCount(Kwargs& kwargs) {
  return [wanted = kwargs.Int("N")](const Response& response) -> Finding {
    static const auto& pronouns =
        *new absl::flat_hash_set<TextView, QuickHash, std::equal_to<>>(std::begin(kPronouns), std::end(kPronouns));
    constexpr size_t kLongest = 10;
    Text text = response.lower();
    std::replace(text.begin(), text.end(), U'/', U' ');
    const Tokens tokens(text);
    const int64_t count = std::count_if(tokens.words().begin(), tokens.words().end(),
                                        [](TextView word) { return word.size() <= kLongest && pronouns.contains(word); });
    return Counted(count >= wanted, count, "pronouns", fmt::format("at least {}", wanted));
  };
}

Checker PunctuationCover(Kwargs& kwargs) {
  kwargs.ClaimsText(U".,!");
  return [](const Response& response) -> Finding {
    const TextView text = response.text();
    size_t interrobang = text.find(U"?!");
    if (interrobang == TextView::npos) interrobang = text.find(U"!?");
    if (interrobang == TextView::npos && text.find(U'\u203d') == TextView::npos) return Follows(false, "there is no interrobang");
    // Its two marks do not count again.
    auto occurs = [&](char32_t mark) {
      for (size_t at = 0; (at = text.find(mark, at)) != TextView::npos; ++at)
        if (interrobang == TextView::npos || at < interrobang || at > interrobang + 1) return true;
      return false;
    };
    for (const char32_t mark : TextView(U".,!?;:"))
      if (!occurs(mark)) return Follows(false, fmt::format("there is no {}", static_cast<char>(mark)));
    return Follows(true, "every mark occurs");
  };
}

Checker KeywordsMultiple(Kwargs& kwargs) {
  std::vector<std::pair<Text, int64_t>> keywords;
  const std::pair<const char*, int64_t> wanted[] = {{"keyword1", 1}, {"keyword2", 2}, {"keyword3", 3}, {"keyword4", 5}, {"keyword5", 7}};
  for (const auto& [name, count] : wanted) {
    keywords.emplace_back(Lower(kwargs.Word(name)), count);
    kwargs.Claims(OccurrencesOf(keywords.back().first), count, count);
  }
  return [keywords](const Response& response) -> Finding {
    for (const auto& [keyword, wanted] : keywords) {
      const int64_t count = CountOccurrences(response.lower(), keyword);
      if (count != wanted) return Counted(false, count, fmt::format("times \"{}\"", Encode(keyword)), std::to_string(wanted));
    }
    return Follows(true, "all keywords occur as often as wanted");
  };
}

Checker NthWordJapanese(Kwargs& kwargs) {
  return [step = static_cast<size_t>(kwargs.Int("N", 1))](const Response& response) -> Finding {
    const std::vector<TextView>& words = response.words();
    for (size_t i = step - 1; i < words.size(); i += step) {
      const TextView word = TrimMarks(words[i]);
      if (!std::all_of(word.begin(), word.end(), IsDecimal) && !IsJapanese(word))
        return Follows(false, fmt::format("word {} is not Japanese", i + 1));
    }
    return Follows(true, fmt::format("every word at a multiple of {} is Japanese", step));
  };
}

Checker StopWordRatio(Kwargs& kwargs) {
  return [most = kwargs.Number("percentage")](const Response& response) -> Finding {
    const std::vector<TextView> words = WordRuns(response.text());
    if (words.empty()) return Follows(false, "there are no words");
    const auto stop_words = static_cast<double>(std::count_if(words.begin(), words.end(), IsStopWord));
    const double percentage = stop_words / static_cast<double>(words.size()) * 100;
    return Follows(percentage <= most, fmt::format("{:.2f}% of the words are stop words, wanted at most {}%", percentage, most));
  };
}

Checker SentenceTypeRatio(Kwargs&) {
  return [](const Response& response) -> Finding {
    const SentenceTypes types = CountTypes(response);
    return Follows(types.declarative == 2 * types.interrogative, types.Shown());
  };
}

Checker SentenceBalance(Kwargs&) {
  return [](const Response& response) -> Finding {
    const SentenceTypes types = CountTypes(response);
    return Follows(types.declarative == types.interrogative && types.interrogative == types.exclamatory, types.Shown());
  };
}

Checker TrigramOverlap(Kwargs& kwargs) {
  return [reference = Trigrams(kwargs.String("reference_text")),
          wanted = kwargs.Number("percentage")](const Response& response) -> Finding {
    const absl::flat_hash_set<uint64_t> trigrams = Trigrams(response.text());
    if (trigrams.empty()) return Follows(false, "there are fewer than three characters");
    const int64_t shared = std::count_if(trigrams.begin(), trigrams.end(), [&](uint64_t trigram) { return reference.contains(trigram); });
    const double percentage = static_cast<double>(shared) / static_cast<double>(trigrams.size()) * 100;
    return Follows(wanted - 2 <= percentage && percentage <= wanted + 2,
                   fmt::format("{:.2f}% of the trigrams are in the reference, wanted {}% within 2", percentage, wanted));
  };
}

Checker EqualSentenceLengths(Kwargs& kwargs) {
  kwargs.Claims("sentences", 3, 3);
  return [](const Response& response) -> Finding {
    const std::vector<TextView>& sentences = response.sentences();
    if (sentences.size() != 3) return Counted(false, static_cast<int64_t>(sentences.size()), "sentences", "3");
    const size_t length = Trim(sentences[0]).size();
    const bool equal = Trim(sentences[1]).size() == length && Trim(sentences[2]).size() == length;
    return Follows(equal, equal ? "the sentences are of one length" : "the sentences differ in length");
  };
}

}  // namespace hone::instruction
