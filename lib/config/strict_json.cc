#include "lib/config/strict_json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>
#include <unordered_map>
#include <utility>

#include "fmt/format.h"

namespace hone {
namespace {

constexpr size_t kMaxProblems = 50;
constexpr char32_t kReplacement = 0xFFFD;
constexpr size_t kLongestQuote = 60;  // bytes of a text that a message repeats

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}
bool IsWord(char c) {
  return IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' || c == '+' || c == '.';
}

void AppendUtf8(char32_t c, std::string* out) {
  if (c < 0x80) {
    out->push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    out->push_back(static_cast<char>(0xC0 | (c >> 6)));
    out->push_back(static_cast<char>(0x80 | (c & 0x3F)));
  } else if (c < 0x10000) {
    out->push_back(static_cast<char>(0xE0 | (c >> 12)));
    out->push_back(static_cast<char>(0x80 | ((c >> 6) & 0x3F)));
    out->push_back(static_cast<char>(0x80 | (c & 0x3F)));
  } else {
    out->push_back(static_cast<char>(0xF0 | (c >> 18)));
    out->push_back(static_cast<char>(0x80 | ((c >> 12) & 0x3F)));
    out->push_back(static_cast<char>(0x80 | ((c >> 6) & 0x3F)));
    out->push_back(static_cast<char>(0x80 | (c & 0x3F)));
  }
}

// Bytes of the well-formed UTF-8 character at the start of `text` (Unicode 15, table 3-7), or 0.
size_t Utf8Length(std::string_view text) {
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const auto between = [&](size_t i, unsigned low, unsigned high) { return byte(i) >= low && byte(i) <= high; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return between(1, 0x80, 0xBF) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const bool second = between(1, first == 0xE0 ? 0xA0 : 0x80, first == 0xED ? 0x9F : 0xBF);
    return second && between(2, 0x80, 0xBF) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const bool second = between(1, first == 0xF0 ? 0x90 : 0x80, first == 0xF4 ? 0x8F : 0xBF);
    return second && between(2, 0x80, 0xBF) && between(3, 0x80, 0xBF) ? 4 : 0;
  }
  return 0;
}

std::string Shorten(std::string_view text) {
  if (text.size() <= kLongestQuote) return std::string(text);
  size_t cut = kLongestQuote;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) --cut;
  return std::string(text.substr(0, cut)) + "...";
}

// -? (0 | [1-9][0-9]*) ([.][0-9]+)? ([eE][+-]?[0-9]+)?
bool IsJsonNumber(std::string_view t, bool* integer) {
  size_t i = 0;
  const auto digits = [&] {
    const size_t begin = i;
    while (i < t.size() && IsDigit(t[i])) ++i;
    return i > begin;
  };
  if (i < t.size() && t[i] == '-') ++i;
  const size_t first = i;
  if (!digits() || (t[first] == '0' && i > first + 1)) return false;
  *integer = i == t.size();
  if (i < t.size() && t[i] == '.') {
    ++i;
    if (!digits()) return false;
  }
  if (i < t.size() && (t[i] == 'e' || t[i] == 'E')) {
    ++i;
    if (i < t.size() && (t[i] == '+' || t[i] == '-')) ++i;
    if (!digits()) return false;
  }
  return i == t.size();
}

// Recursive descent. A method that meets something it cannot go on from calls Stop; from then on the text looks finished to everybody.
class Parser {
 public:
  Parser(std::string_view text, const StrictJsonOptions& options, JsonDocument* out) : text_(text), options_(options), out_(*out) {}

  void Parse() {
    if (text_.starts_with("\xEF\xBB\xBF")) {
      Report("the text starts with a byte-order mark; save it as UTF-8 without one");
      next_ = 3;
    }
    SkipSpace();
    ParseValue(out_.root, 0);
    SkipSpace();
    if (!AtEnd()) Stop(where_, fmt::format("{} after the end of the value", Found()));
    out_.complete = !stopped_;
  }

 private:
  bool AtEnd() const { return stopped_ || next_ >= text_.size(); }
  char Peek() const { return AtEnd() ? '\0' : text_[next_]; }
  bool At(char c) const { return !AtEnd() && text_[next_] == c; }
  void Advance() {
    const char c = text_[next_++];
    if (c == '\n') {
      ++where_.line;
      where_.column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) {
      ++where_.column;
    }
  }
  void Report(std::string message) { Report(where_, std::move(message)); }
  void Report(JsonPosition where, std::string message) {
    if (stopped_) return;
    if (out_.problems.size() + 1 < kMaxProblems) {
      out_.problems.push_back({where, std::move(message)});
    } else {
      out_.problems.push_back({where, "too many problems; reading stops here"});
      stopped_ = true;
    }
  }
  void Stop(JsonPosition where, std::string message) {
    Report(where, std::move(message));
    stopped_ = true;
  }

  // What stands here, for messages.
  std::string Found() const {
    if (AtEnd()) return "the end of the text";
    if (IsWord(Peek())) return JsonQuote(Shorten(Word()));
    const size_t length = Utf8Length(text_.substr(next_));
    const auto byte = static_cast<unsigned char>(Peek());
    if (length == 0 || byte < 0x20 || byte == 0x7F) return fmt::format("byte 0x{:02x}", byte);
    return fmt::format("'{}'", text_.substr(next_, length));
  }
  std::string_view Word() const {
    size_t end = next_;
    while (end < text_.size() && IsWord(text_[end])) ++end;
    return text_.substr(next_, end - next_);
  }
  std::string_view TakeWord() {
    const std::string_view word = Word();
    for (size_t i = 0; i < word.size(); ++i) Advance();
    return word;
  }

  void SkipLine() {
    while (!AtEnd() && Peek() != '\n') Advance();
  }
  void SkipSpace() {
    while (!AtEnd()) {
      const char c = Peek();
      if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        Advance();
      } else if (text_.substr(next_, 2) == "//") {
        if (!options_.comments) Report("comments are not allowed here");
        SkipLine();
      } else if (text_.substr(next_, 2) == "/*") {
        Report("comments start with //, not with /*");
        const size_t end = text_.find("*/", next_ + 2);
        if (end == std::string_view::npos) return Stop(where_, "this comment is never closed");
        while (next_ < end + 2) Advance();
      } else if (c == '#') {
        Report("comments start with //, not with #");
        SkipLine();
      } else {
        return;
      }
    }
  }

  void ParseValue(JsonNode& node, int depth) {
    node.where = where_;
    const char c = Peek();
    if (AtEnd()) {
      Stop(where_, "expected a value, found the end of the text");
    } else if (c == '{' || c == '[') {
      if (depth >= options_.max_depth) return Stop(where_, fmt::format("nested deeper than {} levels", options_.max_depth));
      c == '{' ? ParseObject(node, depth) : ParseArray(node, depth);
    } else if (c == '"' || c == '\'') {
      node.kind = ParseString(node.text) ? JsonNode::Kind::kString : JsonNode::Kind::kInvalid;
    } else if (IsWord(c)) {
      ParseWord(node);
    } else {
      Stop(where_, fmt::format("expected a value, found {}", Found()));
    }
  }

  void ParseWord(JsonNode& node) {
    const JsonPosition where = where_;
    const std::string_view word = TakeWord();
    if (word == "true" || word == "false") {
      node.kind = JsonNode::Kind::kBool;
      node.boolean = word == "true";
    } else if (word == "null") {
      node.kind = JsonNode::Kind::kNull;
    } else if (bool integer = false; IsJsonNumber(word, &integer)) {
      ParseNumber(word, integer, where, node);
    } else if (IsDigit(word[0]) || word[0] == '-' || word[0] == '+' || word[0] == '.') {
      Report(where, fmt::format("{} is no JSON number", JsonQuote(Shorten(word))));
    } else {
      std::string lower(word);
      for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      std::string cure = "a text stands in double quotes";
      if (lower == "true" || lower == "false" || lower == "null") cure = fmt::format("did you mean {}?", lower);
      if (lower == "none" || lower == "nil") cure = "did you mean null?";
      if (lower == "nan" || lower == "inf" || lower == "infinity") cure = "numbers are finite; use null for none";
      Report(where, fmt::format("{} is no JSON value; {}", JsonQuote(Shorten(word)), cure));
    }
  }

  void ParseNumber(std::string_view word, bool integer, JsonPosition where, JsonNode& node) {
    const char* const end = word.data() + word.size();
    if (std::from_chars(word.data(), end, node.number).ec != std::errc() || !std::isfinite(node.number)) {
      return Report(where, fmt::format("{} is outside the range of a double", Shorten(word)));
    }
    node.text = word;
    node.kind = JsonNode::Kind::kNumber;
    if (integer && std::from_chars(word.data(), end, node.integer).ec == std::errc()) node.kind = JsonNode::Kind::kInteger;
  }

  // False when the string is damaged; the problem is reported then.
  bool ParseString(std::string& out) {
    const JsonPosition start = where_;
    const char quote = Peek();
    bool good = true;
    // Once for each text.
    const auto complain = [&](JsonPosition where, std::string message) {
      if (good) Report(where, std::move(message));
      good = false;
    };
    if (quote == '\'') complain(start, "a text stands in double quotes, not in single ones");
    Advance();
    while (true) {
      if (AtEnd() || Peek() == '\n') {
        Stop(start, "this text is never closed: a double quote is missing");
        return false;
      }
      const char c = Peek();
      if (c == quote) break;
      if (c == '\\') {
        const JsonPosition backslash = where_;
        if (const char* problem = ParseEscape(out)) complain(backslash, problem);
        continue;
      }
      const size_t length = Utf8Length(text_.substr(next_));
      if (static_cast<unsigned char>(c) < 0x20) complain(where_, fmt::format("byte 0x{:02x} inside a text; write it as \\u{:04x}", c, c));
      if (length == 0) complain(where_, fmt::format("byte 0x{:02x} is not UTF-8", static_cast<unsigned char>(c)));
      for (size_t i = 0; i < std::max<size_t>(length, 1); ++i) {
        out.push_back(Peek());
        Advance();
      }
    }
    Advance();
    return good;
  }

  // Reads \x or \uXXXX (two for a surrogate pair). Returns the problem, or null.
  const char* ParseEscape(std::string& out) {
    const std::string_view rest = text_.substr(next_);
    const char c = rest.size() > 1 ? rest[1] : '\0';
    constexpr std::string_view kLetters = "\"\\/bfnrt", kMeanings = "\"\\/\b\f\n\r\t";
    const size_t letter = c == '\0' ? std::string_view::npos : kLetters.find(c);
    const char* problem = nullptr;
    size_t length = 2;
    if (letter != std::string_view::npos) {
      out.push_back(kMeanings[letter]);
    } else if (c == 'u') {
      char32_t unit = 0, low = 0;
      if (!Hex4(rest, 2, &unit)) {
        problem = "\\u needs four hexadecimal digits";
      } else if (unit >= 0xD800 && unit <= 0xDBFF && rest.substr(6, 2) == "\\u" && Hex4(rest, 8, &low) && low >= 0xDC00 && low <= 0xDFFF) {
        length = 12;
        AppendUtf8(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00), &out);
      } else if (unit >= 0xD800 && unit <= 0xDFFF) {
        problem = "half of a surrogate pair";
      } else if (unit == 0) {
        problem = "a text may not hold the character NUL";
      } else {
        length = 6;
        AppendUtf8(unit, &out);
      }
    } else {
      problem = "unknown escape; a backslash itself is written \\\\";
      length = 1;
    }
    for (size_t i = 0; i < length && next_ < text_.size() && text_[next_] != '\n'; ++i) Advance();
    return problem;
  }

  static bool Hex4(std::string_view text, size_t at, char32_t* value) {
    if (text.size() < at + 4) return false;
    uint32_t parsed = 0;
    const auto result = std::from_chars(text.data() + at, text.data() + at + 4, parsed, 16);
    *value = parsed;
    return result.ec == std::errc() && result.ptr == text.data() + at + 4;
  }

  // After a value in a list or an object: true when another one follows. Takes the comma or the closing bracket.
  bool MoreFollows(char close, JsonPosition open, JsonPosition value_end) {
    SkipSpace();
    if (At(',')) {
      const JsonPosition comma = where_;
      Advance();
      SkipSpace();
      while (At(',')) {
        Report("one comma too many");
        Advance();
        SkipSpace();
      }
      if (!At(close)) return true;
      Report(comma, fmt::format("a comma before '{}' is not allowed", close));
    }
    if (At(close)) {
      Advance();
      return false;
    }
    if (stopped_) return false;
    if (AtEnd()) {
      Stop(open, fmt::format("this '{}' is never closed", close == '}' ? '{' : '['));
      return false;
    }
    const char c = Peek();
    if (c == '"' || c == '\'' || IsWord(c) || (close == ']' && (c == '{' || c == '['))) {
      Report(value_end, "a comma is missing here");
      return true;
    }
    Stop(where_, fmt::format("expected ',' or '{}', found {}", close, Found()));
    return false;
  }

  // Takes the opening bracket; true when a first element follows.
  bool Open(char close, JsonPosition open) {
    Advance();
    SkipSpace();
    if (AtEnd()) {
      Stop(open, fmt::format("this '{}' is never closed", close == '}' ? '{' : '['));
      return false;
    }
    if (!At(close)) return true;
    Advance();
    return false;
  }

  void ParseArray(JsonNode& node, int depth) {
    node.kind = JsonNode::Kind::kArray;
    const JsonPosition open = where_;
    for (bool more = Open(']', open); more && !stopped_;) {
      if (AtEnd()) return Stop(open, "this '[' is never closed");
      node.items.emplace_back();
      ParseValue(node.items.back(), depth + 1);
      const JsonPosition end = where_;
      more = MoreFollows(']', open, end);
    }
  }

  void ParseObject(JsonNode& node, int depth) {
    node.kind = JsonNode::Kind::kObject;
    const JsonPosition open = where_;
    std::unordered_map<std::string, int> lines;  // of the keys so far
    for (bool more = Open('}', open); more && !stopped_;) {
      JsonKey key{.name = {}, .where = where_};
      bool good_key = true;
      if (AtEnd()) return Stop(open, "this '{' is never closed");
      if (At('"') || At('\'')) {
        good_key = ParseString(key.name);
      } else if (IsWord(Peek())) {
        key.name = TakeWord();
        Report(key.where, fmt::format("the field name {} stands in double quotes", JsonQuote(Shorten(key.name))));
      } else {
        return Stop(where_, fmt::format("expected a field name, found {}", Found()));
      }
      SkipSpace();
      if (stopped_) return;
      if (At('=')) {
        Report(fmt::format("':' stands between {} and its value, not '='", JsonQuote(Shorten(key.name))));
      } else if (!At(':')) {
        return Stop(where_, fmt::format("expected ':' after {}, found {}", JsonQuote(Shorten(key.name)), Found()));
      }
      Advance();
      SkipSpace();
      JsonNode value;
      ParseValue(value, depth + 1);
      const JsonPosition end = where_;
      const auto [first, is_new] = lines.emplace(key.name, key.where.line);
      if (!is_new) {
        Report(key.where, fmt::format("duplicate field {}; it was given in line {} already", JsonQuote(Shorten(key.name)), first->second));
      } else if (good_key) {
        node.keys.push_back(std::move(key));
        node.items.push_back(std::move(value));
      }
      more = MoreFollows('}', open, end);
    }
  }

  const std::string_view text_;
  const StrictJsonOptions options_;
  JsonDocument& out_;
  size_t next_ = 0;
  JsonPosition where_;
  bool stopped_ = false;
};

void AppendCanonical(const JsonNode& node, std::string* out) {
  switch (node.kind) {
    case JsonNode::Kind::kInvalid:
    case JsonNode::Kind::kNull:
      out->append("null");
      return;
    case JsonNode::Kind::kBool:
      out->append(node.boolean ? "true" : "false");
      return;
    case JsonNode::Kind::kInteger:
    case JsonNode::Kind::kNumber:
      out->append(node.text);
      return;
    case JsonNode::Kind::kString:
      out->append(JsonQuote(node.text));
      return;
    case JsonNode::Kind::kArray:
      out->push_back('[');
      for (size_t i = 0; i < node.items.size(); ++i) {
        if (i > 0) out->push_back(',');
        AppendCanonical(node.items[i], out);
      }
      out->push_back(']');
      return;
    case JsonNode::Kind::kObject: {
      std::vector<size_t> order(node.keys.size());
      std::iota(order.begin(), order.end(), size_t{0});
      std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return node.keys[a].name < node.keys[b].name; });
      out->push_back('{');
      for (size_t i = 0; i < order.size(); ++i) {
        if (i > 0) out->push_back(',');
        out->append(JsonQuote(node.keys[order[i]].name));
        out->push_back(':');
        AppendCanonical(node.items[order[i]], out);
      }
      out->push_back('}');
      return;
    }
  }
}

}  // namespace

const JsonNode* JsonNode::Find(std::string_view key) const {
  for (size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].name == key) return &items[i];
  }
  return nullptr;
}

JsonNode* JsonNode::Find(std::string_view key) {
  return const_cast<JsonNode*>(std::as_const(*this).Find(key));
}

JsonDocument ParseStrictJson(std::string_view text, const StrictJsonOptions& options) {
  JsonDocument document;
  Parser(text, options, &document).Parse();
  return document;
}

std::string CanonicalJson(const JsonNode& node) {
  std::string out;
  AppendCanonical(node, &out);
  return out;
}

std::string JsonQuote(std::string_view text) {
  std::string out = "\"";
  for (size_t i = 0; i < text.size();) {
    const char c = text[i];
    constexpr std::string_view kMeanings = "\"\\\b\f\n\r\t", kLetters = "\"\\bfnrt";
    const size_t meaning = kMeanings.find(c);
    const size_t length = Utf8Length(text.substr(i));
    if (meaning != std::string_view::npos) {
      out.push_back('\\');
      out.push_back(kLetters[meaning]);
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
    } else if (length == 0) {
      AppendUtf8(kReplacement, &out);
    } else {
      out.append(text.substr(i, length));
    }
    i += std::max<size_t>(length, 1);
  }
  out.push_back('"');
  return out;
}

std::string JsonNumber(double value) {
  return fmt::format("{}", value);
}

std::string DescribeJson(const JsonNode& node) {
  switch (node.kind) {
    case JsonNode::Kind::kInvalid:
      return "a damaged value";
    case JsonNode::Kind::kString:
      return fmt::format("the string {}", JsonQuote(Shorten(node.text)));
    case JsonNode::Kind::kArray:
      return "a list";
    case JsonNode::Kind::kObject:
      return "an object";
    case JsonNode::Kind::kInteger:
    case JsonNode::Kind::kNumber:
      return Shorten(node.text);
    default:
      return CanonicalJson(node);
  }
}

}  // namespace hone
