#include "verifiers/math/extract.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

#include "verifiers/text.h"

namespace hone::math {
namespace {

constexpr size_t kMaxBoxes = 1000;
constexpr size_t kMaxBetween = 64;
constexpr size_t kLongestBareText = 16 * Extraction::kMaxAnswer;
// How far from the end of a response its boxes count where all of them do, from the last box another box of the same answer, and the places
// of lenient mode.
constexpr size_t kAllBoxes = size_t{1} << 20;
constexpr size_t kLongestGroup = size_t{256} << 10;
constexpr size_t kLenientTail = size_t{64} << 10;
// Short gaps are walked, long ones are left to memchr.
constexpr size_t kWalk = 32;

size_t FindByte(std::string_view text, char byte, size_t from) {
  const size_t walk = std::min(text.size(), from + kWalk);
  for (; from < walk; ++from) {
    if (text[from] == byte) return from;
  }
  if (from >= text.size()) return text.size();
  const void* found = std::memchr(text.data() + from, byte, text.size() - from);
  return found == nullptr ? text.size() : static_cast<size_t>(static_cast<const char*>(found) - text.data());
}

// Sixteen bytes at once; a comparison gives 0xFF where it holds.
using Bytes = uint8_t __attribute__((vector_size(16)));

Bytes LoadBytes(const char* from) {
  Bytes bytes;
  std::memcpy(&bytes, from, sizeof bytes);
  return bytes;
}

// Searches for one text of at least two letters in megabytes that a model chose: a place is looked at only where the first, the middle and
// the last letter stand right, and those are found 64 places at a time, so that a flood of near misses costs a few milliseconds too.
class Needle {
 public:
  explicit Needle(std::string_view needle) : needle_(needle), middle_(needle.size() / 2) {
    if (needle.size() < 4) return;
    head_ = LoadWord(needle.data());
    tail_ = LoadWord(needle.data() + needle.size() - 4);
  }

  size_t FindLast(std::string_view text) const {
    if (text.size() < needle_.size()) return std::string_view::npos;
    size_t at = text.size() - needle_.size() + 1;
    for (; at >= kBlock; at -= kBlock) {
      if (!AnyCandidate(text.data() + at - kBlock)) continue;
      for (size_t place = at; place > at - kBlock;) {
        place -= sizeof(Bytes);
        std::array<uint64_t, 2> halves = Candidates(text.data() + place);
        for (const size_t half : {1, 0}) {
          for (uint64_t left = halves[half]; left != 0;) {
            const size_t byte = 7 - static_cast<size_t>(std::countl_zero(left)) / 8;
            if (IsAt(text, place + 8 * half + byte)) return place + 8 * half + byte;
            left &= (uint64_t{1} << (8 * byte)) - 1;
          }
        }
      }
    }
    while (at-- > 0) {
      if (IsAt(text, at)) return at;
    }
    return std::string_view::npos;
  }

  size_t FindFirst(std::string_view text) const {
    if (text.size() < needle_.size()) return std::string_view::npos;
    const size_t places = text.size() - needle_.size() + 1;
    size_t at = 0;
    for (; at + kBlock <= places; at += kBlock) {
      if (!AnyCandidate(text.data() + at)) continue;
      for (size_t place = at; place < at + kBlock; place += sizeof(Bytes)) {
        std::array<uint64_t, 2> halves = Candidates(text.data() + place);
        for (const size_t half : {0, 1}) {
          for (uint64_t left = halves[half]; left != 0;) {
            const size_t byte = static_cast<size_t>(std::countr_zero(left)) / 8;
            if (IsAt(text, place + 8 * half + byte)) return place + 8 * half + byte;
            left &= ~(uint64_t{0xFF} << (8 * byte));
          }
        }
      }
    }
    for (; at < places; ++at) {
      if (IsAt(text, at)) return at;
    }
    return std::string_view::npos;
  }

 private:
  static_assert(std::endian::native == std::endian::little, "the lowest byte of a half is its first place");
  static constexpr size_t kBlock = 4 * sizeof(Bytes);

  // The first and the last four bytes first: a needle of at most eight is compared then.
  bool IsAt(std::string_view text, size_t place) const {
    const char* from = text.data() + place;
    const size_t n = needle_.size();
    if (n < 4) return std::memcmp(from, needle_.data(), n) == 0;
    return LoadWord(from) == head_ && LoadWord(from + n - 4) == tail_ && (n <= 8 || std::memcmp(from, needle_.data(), n) == 0);
  }
  static uint32_t LoadWord(const char* from) {
    uint32_t word = 0;
    std::memcpy(&word, from, sizeof word);
    return word;
  }
  auto Compare(const char* from) const {
    return (LoadBytes(from) == static_cast<uint8_t>(needle_.front())) &
           (LoadBytes(from + middle_) == static_cast<uint8_t>(needle_[middle_])) &
           (LoadBytes(from + needle_.size() - 1) == static_cast<uint8_t>(needle_.back()));
  }
  std::array<uint64_t, 2> Candidates(const char* from) const {
    const auto found = Compare(from);
    std::array<uint64_t, 2> halves;
    std::memcpy(halves.data(), &found, sizeof found);
    return halves;
  }
  bool AnyCandidate(const char* from) const {
    const auto found = Compare(from) | Compare(from + 16) | Compare(from + 32) | Compare(from + 48);
    std::array<uint64_t, 2> halves;
    std::memcpy(halves.data(), &found, sizeof found);
    return (halves[0] | halves[1]) != 0;
  }

  std::string_view needle_;
  size_t middle_;
  uint32_t head_ = 0, tail_ = 0;
};

size_t FindLast(std::string_view text, std::string_view needle) {
  return Needle(needle).FindLast(text);
}

size_t FindFirst(std::string_view text, std::string_view needle) {
  return needle.empty() ? std::string_view::npos : Needle(needle).FindFirst(text);
}

struct Box {
  size_t begin, end;  // of the whole macro
  std::string_view content;
};

// The box that begins at the backslash at `at`; *open: it does not end.
std::optional<Box> BoxAt(std::string_view text, size_t at, bool* open) {
  size_t i = at + 1;
  if (text.substr(i, 5) == "boxed") {
    i += 5;
  } else if (text.substr(i, 4) == "fbox") {
    i += 4;
  } else {
    return std::nullopt;
  }
  while (i < text.size() && (text[i] == ' ' || text[i] == '\n' || text[i] == '\t')) ++i;
  if (i >= text.size()) {
    *open = true;
    return std::nullopt;
  }
  if (text[i] != '{') return std::nullopt;
  const size_t begin = i + 1, end = ClosingBrace(text, begin, kLongestBareText);
  if (end != std::string_view::npos) return Box{at, end + 1, text.substr(begin, end - begin)};
  *open = true;
  return std::nullopt;
}

// Whether nothing but punctuation and connectives stands between two boxes.
bool IsBetween(std::string_view text) {
  if (text.size() > kMaxBetween) return false;
  for (size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (std::string_view(" \t\r\n,;$&").find(c) != std::string_view::npos) {
      ++i;
      continue;
    }
    bool word = false;
    for (const std::string_view connective :
         {"and", "or", "otherwise", "else", "\\text{and}", "\\text{or}", "\\text{ and }", "\\text{ or }", "\\quad", "\\,"}) {
      if (text.substr(i, connective.size()) != connective) continue;
      i += connective.size();
      word = true;
      break;
    }
    if (!word) return false;
  }
  return true;
}

// Without the white space around it; a backslash before white space at the end keeps one, which it makes a space in a formula.
std::string_view TrimAnswer(std::string_view text) {
  const std::string_view trimmed = TrimSpace(text);
  const size_t slashes = trimmed.size() - (trimmed.find_last_not_of('\\') + 1);
  const bool space_macro = slashes % 2 == 1 && !text.ends_with(trimmed);
  return space_macro ? std::string_view(trimmed.data(), trimmed.size() + 1) : trimmed;
}

void SetAnswer(std::string_view answer, const char* rule, Extraction* result) {
  // What is longer with the white space around it is no answer, and need not be trimmed.
  if (answer.size() <= kLongestBareText) answer = TrimAnswer(answer);
  if (answer.empty() || answer == "$" || answer == "$$") {
    result->rule = "empty";
    return;
  }
  result->found = true;
  result->rule = rule;
  result->too_long = answer.size() > Extraction::kMaxAnswer;
  result->answer = answer.substr(0, Extraction::kMaxAnswer);
}

void FromBoxes(std::string_view text, const Policy& policy, Extraction* result) {
  std::vector<Box> group;  // neighbours, the last one met at its end
  std::vector<std::string_view> all;
  bool open = false, different = false, any = false;
  size_t start = 0, last = text.size();
  if (policy.multi == Policy::Multi::kLast) {
    // Only what can belong to the last answer is read.
    last = FindLast(text, "\\boxed");
    const size_t from = last == std::string_view::npos ? 0 : last;
    if (const size_t framed = FindLast(text.substr(from), "\\fbox"); framed != std::string_view::npos) last = from + framed;
    if (last == std::string_view::npos) {
      result->rule = "no_box";
      return;
    }
    start = last > kLongestGroup ? last - kLongestGroup : 0;
  } else {
    start = text.size() - std::min(text.size(), kAllBoxes);
  }
  for (size_t i = FindByte(text, '\\', start); i < text.size() && i <= last;) {
    const std::optional<Box> box = BoxAt(text, i, &open);
    if (open) {
      result->rule = "unterminated";
      return;
    }
    if (!box.has_value()) {
      i = FindByte(text, '\\', i + 2);
      continue;
    }
    if (!group.empty() && !IsBetween(text.substr(group.back().end, box->begin - group.back().end))) group.clear();
    if (group.size() < kMaxBoxes) group.push_back(*box);
    if (group.size() == kMaxBoxes) group.back() = *box;
    const std::string_view content = TrimAnswer(box->content);
    if (policy.multi != Policy::Multi::kLast) {
      if (any && all.front() != content) different = true;
      if (all.size() < kMaxBoxes) all.push_back(content);
    }
    any = true;
    i = FindByte(text, '\\', box->end);
  }
  if (!any) {
    result->rule = "no_box";
    return;
  }
  if (policy.multi == Policy::Multi::kReject && different) {
    result->rule = "several";
    return;
  }
  std::vector<std::string_view> parts;
  if (policy.multi == Policy::Multi::kAll) {
    parts = all;
  } else {
    for (const Box& box : group) parts.push_back(TrimAnswer(box.content));
  }
  std::string joined;
  size_t distinct = 0;
  for (size_t k = 0; k < parts.size() && joined.size() <= Extraction::kMaxAnswer; ++k) {
    if (std::find(parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(k), parts[k]) !=
        parts.begin() + static_cast<std::ptrdiff_t>(k))
      continue;
    if (parts[k].empty()) {
      result->rule = "empty";
      return;
    }
    if (distinct++ > 0) joined += ", ";
    joined += parts[k].substr(0, Extraction::kMaxAnswer + 1);
  }
  result->joint = distinct > 1;
  SetAnswer(joined, result->joint ? "joint_boxes" : "box", result);
}

// The last <answer>..</answer>; false when there is no opening tag.
bool FromTag(std::string_view text, Extraction* result) {
  constexpr std::string_view kOpen = "<answer>", kClose = "</answer>";
  const size_t begin = FindLast(text, kOpen);
  if (begin == std::string_view::npos) return false;
  const std::string_view rest = text.substr(begin + kOpen.size());
  const size_t end = FindFirst(rest, kClose);
  if (end == std::string_view::npos) {
    result->rule = "unterminated";
    return true;
  }
  SetAnswer(rest.substr(0, end), "tag", result);
  return true;
}

std::string_view LineAt(std::string_view text, size_t at) {
  return text.substr(at, FindByte(text, '\n', at) - at);
}

// What follows "final answer is", without what ends the sentence.
std::string_view UpToSentenceEnd(std::string_view line) {
  line = TrimSpace(line);
  while (!line.empty() && (line.front() == ':' || line.front() == ' ')) line.remove_prefix(1);
  if (line.starts_with("$")) {
    const size_t close = line.find('$', 1);
    if (close != std::string_view::npos && close > 1) return line.substr(1, close - 1);
  }
  const size_t stop = line.find(". ");
  return stop == std::string_view::npos ? line : line.substr(0, stop);
}

void Lenient(std::string_view text, Extraction* result) {
  if (FromTag(text, result)) return;
  text = text.substr(text.size() - std::min(text.size(), kLenientTail));
  for (const std::string_view phrase : {"inal answer is", "inal answer:", "inal Answer:", "INAL ANSWER:"}) {
    const size_t at = FindLast(text, phrase);
    if (at == std::string_view::npos) continue;
    SetAnswer(UpToSentenceEnd(LineAt(text, at + phrase.size())), "answer_is", result);
    if (result->found) return;
  }
  for (const std::string_view label : {"\nAnswer:", "\nANSWER:", "\n**Answer:**"}) {
    const size_t at = FindLast(text, label);
    if (at == std::string_view::npos && !text.starts_with(label.substr(1))) continue;
    SetAnswer(UpToSentenceEnd(LineAt(text, at == std::string_view::npos ? label.size() - 1 : at + label.size())), "answer_line", result);
    if (result->found) return;
  }
  struct Fence {
    std::string_view open, close;
  };
  for (const Fence fence : {Fence{"\\[", "\\]"}, Fence{"$$", "$$"}}) {
    const size_t close = FindLast(text, fence.close);
    if (close == std::string_view::npos) continue;
    const size_t open = FindLast(text.substr(0, close), fence.open);
    if (open == std::string_view::npos) continue;
    SetAnswer(text.substr(open + fence.open.size(), close - open - fence.open.size()), "display", result);
    if (result->found) return;
  }
}

}  // namespace

bool IsResponse(std::string_view text, const Policy& policy) {
  if (text.size() > kLongestBareText) return true;
  if (FindFirst(text, policy.think_open) != std::string_view::npos || FindFirst(text, policy.think_close) != std::string_view::npos)
    return true;
  return FindFirst(text, policy.anchor_is_tag ? "<answer>" : "\\boxed") != std::string_view::npos ||
         FindFirst(text, "\\fbox") != std::string_view::npos;
}

Extraction Extract(std::string_view response, const Policy& policy) {
  Extraction result;
  const size_t close = policy.think_close.empty() ? std::string_view::npos : FindLast(response, policy.think_close);
  if (close != std::string_view::npos) {
    response.remove_prefix(close + policy.think_close.size());
  }
  if (!policy.think_open.empty() && FindLast(response, policy.think_open) != std::string_view::npos) {
    result.rule = "open_reasoning";
    return result;
  }
  if (policy.anchor_is_tag) {
    if (!FromTag(response, &result)) result.rule = "no_tag";
  } else {
    FromBoxes(response, policy, &result);
  }
  const bool nothing = std::string_view(result.rule) == "no_box" || std::string_view(result.rule) == "no_tag";
  if (!result.found && nothing && policy.mode == Policy::Mode::kLenient) Lenient(response, &result);
  return result;
}

}  // namespace hone::math
