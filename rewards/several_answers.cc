#include "rewards/several_answers.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"

namespace hone {
namespace {

bool IsWordByte(char c) {
  return absl::ascii_isalnum(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

bool EqualWithoutSpace(std::string_view a, std::string_view b) {
  size_t i = 0, j = 0;
  for (;;) {
    while (i < a.size() && absl::ascii_isspace(a[i])) ++i;
    while (j < b.size() && absl::ascii_isspace(b[j])) ++j;
    if (i == a.size() || j == b.size()) return i == a.size() && j == b.size();
    if (a[i++] != b[j++]) return false;
  }
}

bool Differ(const std::vector<std::string_view>& answers) {
  return std::any_of(answers.begin(), answers.end(), [&](std::string_view answer) { return !EqualWithoutSpace(answer, answers[0]); });
}

// One pass with a stack of open braces. A box that is never closed hides nothing that stands in it.
std::vector<std::string_view> Boxes(std::string_view text) {
  std::vector<std::string_view> found;
  std::vector<std::pair<size_t, bool>> open;  // where the content begins; whether it is a box
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      const std::string_view rest = text.substr(i + 1);
      size_t length = rest.starts_with("boxed") ? 5 : rest.starts_with("fbox") ? 4 : 0;
      if (length > 0) {
        while (length < rest.size() && absl::ascii_isspace(rest[length])) ++length;
        if (length < rest.size() && rest[length] == '{') {
          i += 1 + length;
          open.emplace_back(i + 1, true);
          continue;
        }
      }
      ++i;  // an escaped brace is none
    } else if (text[i] == '{') {
      open.emplace_back(i + 1, false);
    } else if (text[i] == '}' && !open.empty()) {
      const auto [begin, is_box] = open.back();
      open.pop_back();
      if (!is_box) continue;
      while (!found.empty() && found.back().data() >= text.data() + begin) found.pop_back();  // those nested in it
      found.push_back(text.substr(begin, i - begin));
    }
  }
  return found;
}

std::vector<std::string_view> Tagged(std::string_view text) {
  constexpr std::string_view kOpen = "<answer>", kClose = "</answer>";
  std::vector<std::string_view> found;
  for (size_t at = 0;;) {
    const size_t open = text.find(kOpen, at);
    if (open == std::string_view::npos) return found;
    const size_t begin = open + kOpen.size(), close = text.find(kClose, begin);
    if (close == std::string_view::npos) return found;
    found.push_back(text.substr(begin, close - begin));
    at = close + kClose.size();
  }
}

// The letter that the text behind the word "answer" gives: between them only marks and the words is, option and choice.
std::string_view LetterAfter(std::string_view text) {
  constexpr size_t kReach = 40;
  text = text.substr(0, kReach);
  bool said = false;  // "is" or a colon: "Answer B" alone may be the beginning of a sentence
  for (size_t i = 0; i < text.size(); ++i) {
    if (!IsWordByte(text[i])) {
      if (text[i] == ':') said = true;
      if (text[i] == '\n' || text[i] == '.' || text[i] == '?') return {};
      continue;
    }
    size_t end = i;
    while (end < text.size() && IsWordByte(text[end])) ++end;
    const std::string_view word = text.substr(i, end - i);
    if (said && word.size() == 1 && word[0] >= 'A' && word[0] <= 'H') return word;
    if (word == "is") said = true;
    if (word != "is" && word != "option" && word != "choice") return {};
    i = end - 1;
  }
  return {};
}

std::vector<std::string_view> Letters(std::string_view text) {
  constexpr std::string_view kWord = "nswer";  // Answer, answer
  std::vector<std::string_view> found;
  for (size_t at = text.find(kWord); at != std::string_view::npos; at = text.find(kWord, at + kWord.size())) {
    if (at == 0 || (text[at - 1] != 'a' && text[at - 1] != 'A')) continue;
    const std::string_view letter = LetterAfter(text.substr(at + kWord.size()));
    if (!letter.empty()) found.push_back(letter);
  }
  return found;
}

}  // namespace

bool HasSeveralAnswers(std::string_view completion) {
  constexpr std::string_view kReasoningEnd = "</think>";
  if (const size_t end = completion.rfind(kReasoningEnd); end != std::string_view::npos)
    completion.remove_prefix(end + kReasoningEnd.size());
  return Differ(Boxes(completion)) || Differ(Tagged(completion)) || Differ(Letters(completion));
}

}  // namespace hone
