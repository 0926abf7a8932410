#include "lib/tokenizer/regex.h"

#include <algorithm>
#include <cctype>
#include <vector>

#include "fmt/format.h"
#include "lib/tokenizer/unicode.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include "pcre2.h"

namespace hone {
namespace {

// Rewrites a pattern of Oniguruma as one of PCRE2; one pass, keeping where the last atom begins, for {n,m}+.
class Translator {
 public:
  explicit Translator(std::string_view pattern) : in_(pattern) {}

  absl::StatusOr<std::string> Run() {
    while (at_ < in_.size()) HONE_RETURN_IF_ERROR(Next());
    return std::move(out_);
  }

 private:
  absl::Status Error(std::string_view what) const {
    return absl::InvalidArgumentError(
        fmt::format("regular expression, offset {}: {} is not supported in {:?}", at_, what, std::string(in_)));
  }
  bool Ahead(std::string_view text) const { return in_.substr(at_).starts_with(text); }
  void Copy(size_t count) {
    out_.append(in_.substr(at_, count));
    at_ += std::min(count, in_.size() - at_);
  }

  absl::Status Next() {
    switch (in_[at_]) {
      case '(':
        return Open();
      case ')':
        if (!groups_.empty()) {
          atom_ = groups_.back();
          groups_.pop_back();
        }
        Copy(1);
        return absl::OkStatus();
      case '[':
        return Class();
      case '\\':
        atom_ = out_.size();
        return Escape(/*in_class=*/false);
      case '*':
      case '+':
      case '?':
        Copy(1);
        if (at_ < in_.size() && (in_[at_] == '?' || in_[at_] == '+')) Copy(1);
        return absl::OkStatus();
      case '{':
        return Interval();
      default: {
        atom_ = out_.size();
        const Utf8Step step = StepUtf8(in_.substr(at_));
        if (!step.valid) return Error("invalid UTF-8");
        Copy(step.length);
        return absl::OkStatus();
      }
    }
  }

  absl::Status Open() {
    groups_.push_back(out_.size());
    if (Ahead("(*")) return Error("(*");
    if (!Ahead("(?")) {
      Copy(1);
      return absl::OkStatus();
    }
    for (const std::string_view plain : {"(?:", "(?=", "(?!", "(?<=", "(?<!", "(?>"}) {
      if (Ahead(plain)) {
        Copy(plain.size());
        return absl::OkStatus();
      }
    }
    if (Ahead("(?<")) {
      Copy(3);
      return absl::OkStatus();
    }
    // Options: (?i:...) anywhere, (?i) at the start of the pattern, where the dialects agree on how far it reaches.
    size_t end = at_ + 2;
    while (end < in_.size() && (in_[end] == 'i' || in_[end] == 'm' || in_[end] == '-')) ++end;
    if (end == in_.size() || end == at_ + 2 || (in_[end] != ':' && in_[end] != ')')) return Error("this kind of group");
    if (in_[end] == ')' && at_ != 0) return Error("an option in mid-pattern");
    if (in_[end] == ')') groups_.pop_back();
    for (; at_ <= end; ++at_) out_.push_back(in_[at_] == 'm' ? 's' : in_[at_]);
    return absl::OkStatus();
  }

  absl::Status Interval() {
    size_t end = at_ + 1;
    while (end < in_.size() && (std::isdigit(static_cast<unsigned char>(in_[end])) || in_[end] == ',')) ++end;
    const bool is_interval = end < in_.size() && in_[end] == '}' && end > at_ + 1 && in_.substr(at_, end - at_) != "{,";
    if (!is_interval) {
      atom_ = out_.size();
      out_ += "\\{";
      ++at_;
      return absl::OkStatus();
    }
    const bool no_lower_bound = in_[at_ + 1] == ',';
    out_ += no_lower_bound ? "{0" : "{";
    const bool has_comma = in_.substr(at_, end - at_).find(',') != std::string_view::npos;
    out_.append(in_.substr(at_ + 1, end - at_));
    at_ = end + 1;
    if (Ahead("?")) {
      if (!has_comma) return Error("{n}?");
      Copy(1);
    } else if (Ahead("+")) {
      out_.insert(atom_, "(?:");
      out_ += ")+";
      ++at_;
    }
    return absl::OkStatus();
  }

  absl::Status Class() {
    atom_ = out_.size();
    Copy(1);
    if (Ahead("^")) Copy(1);
    if (Ahead("]")) return Error("an empty class");
    while (at_ < in_.size()) {
      if (in_[at_] == ']') {
        Copy(1);
        return absl::OkStatus();
      }
      if (Ahead("[:")) {
        const size_t end = in_.find(":]", at_);
        if (end == std::string_view::npos) return Error("'[' in a class");
        Copy(end + 2 - at_);
      } else if (in_[at_] == '[') {
        return Error("a class in a class");
      } else if (Ahead("&&")) {
        return Error("&&");
      } else if (in_[at_] == '\\') {
        HONE_RETURN_IF_ERROR(Escape(/*in_class=*/true));
      } else {
        const Utf8Step step = StepUtf8(in_.substr(at_));
        if (!step.valid) return Error("invalid UTF-8");
        Copy(step.length);
      }
    }
    return Error("a class without ']'");
  }

  // Emits a set of characters given by the inside of a class.
  void Set(std::string_view inside, bool in_class, bool negated = false) {
    if (in_class) {
      out_ += inside;
    } else {
      out_ += fmt::format("[{}{}]", negated ? "^" : "", inside);
    }
  }

  absl::Status Escape(bool in_class) {
    if (at_ + 1 >= in_.size()) return Error("a lone backslash");
    const char c = in_[at_ + 1];
    switch (c) {
      case 's':
      case 'S':
        out_ += c == 's' ? "\\p{White_Space}" : "\\P{White_Space}";
        break;
      case 'v':
        out_ += "\\x{0b}";
        break;
      case 'd':
        Set(Category("Nd"), in_class);
        break;
      case 'w':
        Set(kWordSet, in_class);
        break;
      case 'h':
        Set("0-9a-fA-F", in_class);
        break;
      case 'D':
      case 'W':
      case 'H':
        if (in_class) return Error(fmt::format("\\{} in a class", c));
        Set(c == 'D' ? Category("Nd") : c == 'W' ? std::string(kWordSet) : "0-9a-fA-F", in_class, /*negated=*/true);
        break;
      case 'p':
      case 'P':
        return Property(in_class);
      case 'u': {
        const std::string_view digits = in_.substr(at_ + 2, 4);
        const bool is_hex =
            digits.size() == 4 && std::all_of(digits.begin(), digits.end(), [](unsigned char d) { return std::isxdigit(d); });
        if (!is_hex) return Error("\\u without four hex digits");
        out_ += fmt::format("\\x{{{}}}", digits);
        at_ += 6;
        return absl::OkStatus();
      }
      default: {
        constexpr std::string_view kSame = "nrtfaexAzZbBGRXK123456789k";
        if (std::isalnum(static_cast<unsigned char>(c)) && kSame.find(c) == std::string_view::npos) return Error(fmt::format("\\{}", c));
        Copy(1);
        const Utf8Step step = StepUtf8(in_.substr(at_));
        if (!step.valid) return Error("invalid UTF-8");
        Copy(step.length);
        return absl::OkStatus();
      }
    }
    at_ += 2;
    return absl::OkStatus();
  }

  // \p{Name}, \P{Name}, \p{^Name}.
  absl::Status Property(bool in_class) {
    const size_t close = in_.find('}', at_);
    if (in_.substr(at_ + 2, 1) != "{" || close == std::string_view::npos) return Error("\\p without {Name}");
    std::string_view name = in_.substr(at_ + 3, close - at_ - 3);
    bool negated = in_[at_ + 1] == 'P';
    if (name.starts_with('^')) {
      negated = !negated;
      name.remove_prefix(1);
    }
    const bool is_name =
        !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) || c == '_'; });
    if (!is_name) return Error("this property name");
    const bool is_category = name.size() <= 2;
    if (!is_category) {
      out_ += fmt::format("\\{}{{{}}}", negated ? 'P' : 'p', name);
    } else if (in_class && negated) {
      // The complement of a set with exceptions cannot be written inside a class; the exceptions are code points newer than Unicode 14.
      out_ += fmt::format("\\P{{{}}}", name);
    } else {
      std::string canonical(name);
      canonical[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(canonical[0])));
      if (canonical.size() == 2) canonical[1] = static_cast<char>(std::tolower(static_cast<unsigned char>(canonical[1])));
      Set(Category(canonical), in_class, negated);
    }
    at_ = close + 1;
    return absl::OkStatus();
  }

  // The inside of a class for a general category of one or two letters, by Unicode 16.
  static std::string Category(std::string_view name) {
    std::string set = fmt::format("\\p{{{}}}", name);
    for (const CategoryRange& range : CategoriesSinceUnicode14()) {
      if (!CategoryName(range.category).starts_with(name)) continue;
      set += fmt::format("\\x{{{:x}}}", range.first);
      if (range.last > range.first) set += fmt::format("-\\x{{{:x}}}", range.last);
    }
    return set;
  }

  static constexpr std::string_view kWordSet = "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}";

  const std::string_view in_;
  size_t at_ = 0;
  std::string out_;
  size_t atom_ = 0;             // where in out_ the last atom begins
  std::vector<size_t> groups_;  // where the open groups begin
};

// What a thread needs to match; kept per thread, because making it costs more than a match.
class MatchWorkspace {
 public:
  MatchWorkspace() : data_(pcre2_match_data_create_8(1, nullptr)), context_(pcre2_match_context_create_8(nullptr)) {
    constexpr size_t kStackStart = size_t{32} << 10, kStackMax = size_t{4} << 20;
    stack_ = pcre2_jit_stack_create_8(kStackStart, kStackMax, nullptr);
    pcre2_jit_stack_assign_8(context_, nullptr, stack_);
  }
  ~MatchWorkspace() {
    pcre2_match_context_free_8(context_);
    pcre2_match_data_free_8(data_);
    pcre2_jit_stack_free_8(stack_);
  }
  MatchWorkspace(const MatchWorkspace&) = delete;
  MatchWorkspace& operator=(const MatchWorkspace&) = delete;

  pcre2_match_data_8* data() { return data_; }
  pcre2_match_context_8* context() { return context_; }

 private:
  pcre2_match_data_8* const data_;
  pcre2_match_context_8* const context_;
  pcre2_jit_stack_8* stack_ = nullptr;
};

}  // namespace

absl::StatusOr<std::string> Regex::TranslateToPcre2(std::string_view pattern) {
  return Translator(pattern).Run();
}

absl::StatusOr<std::unique_ptr<Regex>> Regex::Compile(std::string_view pattern) {
  constexpr size_t kMaxPatternBytes = 64 << 10;
  if (pattern.size() > kMaxPatternBytes) {
    return absl::InvalidArgumentError(
        fmt::format("regular expression of {} bytes is longer than the limit of {}", pattern.size(), kMaxPatternBytes));
  }
  HONE_ASSIGN_OR_RETURN(const std::string translated, TranslateToPcre2(pattern));
  int error = 0;
  size_t offset = 0;
  pcre2_compile_context_8* context = pcre2_compile_context_create_8(nullptr);
  pcre2_set_newline_8(context, PCRE2_NEWLINE_LF);
  constexpr uint32_t kOptions = PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C;
  pcre2_code_8* code =
      pcre2_compile_8(reinterpret_cast<PCRE2_SPTR8>(translated.data()), translated.size(), kOptions, &error, &offset, context);
  pcre2_compile_context_free_8(context);
  if (code == nullptr) {
    unsigned char message[256] = {};
    pcre2_get_error_message_8(error, message, sizeof(message));
    return absl::InvalidArgumentError(fmt::format("regular expression {:?}: {} at offset {} of its translation", std::string(pattern),
                                                  reinterpret_cast<char*>(message), offset));
  }
  pcre2_jit_compile_8(code, PCRE2_JIT_COMPLETE);  // where this fails the interpreter runs instead
  return std::unique_ptr<Regex>(new Regex(code));
}

Regex::~Regex() {
  pcre2_code_free_8(static_cast<pcre2_code_8*>(code_));
}

bool Regex::Find(std::string_view text, size_t from, size_t* match_begin, size_t* match_end) const {
  thread_local MatchWorkspace workspace;
  const auto* code = static_cast<const pcre2_code_8*>(code_);
  const auto* subject = reinterpret_cast<PCRE2_SPTR8>(text.empty() ? "" : text.data());
  int rc = pcre2_match_8(code, subject, text.size(), from, PCRE2_NO_UTF_CHECK, workspace.data(), workspace.context());
  if (rc == PCRE2_ERROR_JIT_STACKLIMIT) {
    rc = pcre2_match_8(code, subject, text.size(), from, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, workspace.data(), workspace.context());
  }
  if (rc < 0) return false;
  const size_t* const span = pcre2_get_ovector_pointer_8(workspace.data());
  // \K in a lookahead can report an end before the start; such a match is none.
  if (span[1] < span[0] || span[0] < from) return false;
  *match_begin = span[0];
  *match_end = span[1];
  return true;
}

size_t Regex::NextCharacter(std::string_view text, size_t at) {
  return at >= text.size() ? text.size() + 1 : at + StepUtf8(text.substr(at)).length;
}

}  // namespace hone
