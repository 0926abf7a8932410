#include "lib/data/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <algorithm>

#include "fmt/format.h"

namespace hone {
namespace {
constexpr size_t kMaxPatternBytes = 64 << 10;
constexpr uint32_t kHeapLimitKib = 64 << 10;

struct Deleter {
  void operator()(pcre2_compile_context* p) const { pcre2_compile_context_free(p); }
  void operator()(pcre2_match_context* p) const { pcre2_match_context_free(p); }
  void operator()(pcre2_match_data* p) const { pcre2_match_data_free(p); }
};
template <class T>
using Owned = std::unique_ptr<T, Deleter>;

std::string PcreMessage(int code) {
  PCRE2_UCHAR text[256];
  return pcre2_get_error_message(code, text, sizeof text) < 0 ? fmt::format("PCRE2 error {}", code) : reinterpret_cast<const char*>(text);
}

struct Meter {
  int64_t left;
  size_t position = 0;
};

int Charge(pcre2_callout_block* block, void* data) {
  auto& meter = *static_cast<Meter*>(data);
  const size_t here = block->current_position;
  meter.left -= 1 + static_cast<int64_t>(here > meter.position ? here - meter.position : meter.position - here);
  meter.position = here;
  return meter.left < 0 ? PCRE2_ERROR_CALLOUT : 0;
}

// Bytes of the UTF-8 character at `i`, 0 when there is none (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF).
size_t CharacterBytes(std::string_view text, size_t i) {
  auto byte = [&](size_t k) { return i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0u; };
  auto tail = [&](size_t k) { return (byte(k) & 0xC0) == 0x80; };
  const unsigned first = byte(0), second = byte(1);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return tail(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const bool good = !(first == 0xE0 && second < 0xA0) && !(first == 0xED && second > 0x9F);
    return good && tail(1) && tail(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const bool good = !(first == 0xF0 && second < 0x90) && !(first == 0xF4 && second > 0x8F);
    return good && tail(1) && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

// The text with each byte that is not UTF-8 replaced by SUB, byte for byte; `copy` holds it when anything had to be replaced.
std::string_view ValidUtf8(std::string_view text, std::string* copy) {
  for (size_t i = 0; i < text.size();) {
    const size_t bytes = CharacterBytes(text, i);
    if (bytes == 0) {
      if (copy->empty()) *copy = text;
      (*copy)[i] = '\x1A';
    }
    i += bytes == 0 ? 1 : bytes;
  }
  return copy->empty() ? text : std::string_view(*copy);
}
}  // namespace

absl::StatusOr<std::unique_ptr<const Pattern>> Pattern::Compile(std::string_view pattern, const Options& options) {
  if (pattern.size() > kMaxPatternBytes) {
    return absl::InvalidArgumentError(fmt::format("pattern of {} bytes is too long; at most {}", pattern.size(), kMaxPatternBytes));
  }
  Owned<pcre2_compile_context> compile(pcre2_compile_context_create(nullptr));
  std::unique_ptr<Pattern> made(new Pattern);
  uint32_t flags = PCRE2_UTF | PCRE2_AUTO_CALLOUT | PCRE2_NEVER_BACKSLASH_C;
  if (options.ignore_case) flags |= PCRE2_CASELESS;
  if (options.multiline) flags |= PCRE2_MULTILINE;
  if (options.dot_all) flags |= PCRE2_DOTALL;
  int error = 0;
  PCRE2_SIZE offset = 0;
  pcre2_code* code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(), flags, &error, &offset, compile.get());
  if (code == nullptr) return absl::InvalidArgumentError(fmt::format("pattern cannot be used: {} (at byte {})", PcreMessage(error), offset));
  made->code_ = code;
  pcre2_match_context* context = pcre2_match_context_create(nullptr);
  if (context == nullptr) return absl::ResourceExhaustedError("out of memory");
  made->context_ = context;
  pcre2_set_heap_limit(context, kHeapLimitKib);
  uint32_t groups = 0;
  pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &groups);
  made->num_groups_ = static_cast<int>(groups);
  made->budget_ = options.budget;
  return made;
}

Pattern::~Pattern() {
  pcre2_match_context_free(static_cast<pcre2_match_context*>(context_));
  pcre2_code_free(static_cast<pcre2_code*>(code_));
}

absl::StatusOr<std::optional<Pattern::Groups>> Pattern::Find(std::string_view text, Which which) const {
  const auto* code = static_cast<const pcre2_code*>(code_);
  Owned<pcre2_match_context> context(pcre2_match_context_copy(static_cast<pcre2_match_context*>(context_)));
  Owned<pcre2_match_data> match(pcre2_match_data_create_from_pattern(code, nullptr));
  if (context == nullptr || match == nullptr) return absl::ResourceExhaustedError("out of memory");
  Meter meter{budget_};
  pcre2_set_callout(context.get(), Charge, &meter);
  if (text.data() == nullptr) text = "";
  // Checked once and not by each search, which would take time quadratic in the text.
  std::string copy;
  const std::string_view subject = ValidUtf8(text, &copy);

  std::optional<Groups> found;
  size_t start = 0;
  while (start <= text.size()) {
    const int rc = pcre2_match(code, reinterpret_cast<PCRE2_SPTR>(subject.data()), subject.size(), start, PCRE2_NO_UTF_CHECK, match.get(),
                               context.get());
    if (rc == PCRE2_ERROR_NOMATCH) break;
    if (rc < 0) {
      return absl::ResourceExhaustedError(rc == PCRE2_ERROR_CALLOUT
                                              ? fmt::format("pattern needs more than {} steps on a text of {} bytes", budget_, text.size())
                                              : fmt::format("pattern failed on a text of {} bytes: {}", text.size(), PcreMessage(rc)));
    }
    const PCRE2_SIZE* ends = pcre2_get_ovector_pointer(match.get());
    found.emplace(num_groups_ + 1);
    for (int g = 0; g <= num_groups_; ++g) {
      // Older versions let \K in a lookahead put a start behind its end; such a group counts as empty.
      if (ends[2 * g] != PCRE2_UNSET)
        (*found)[g] = text.substr(ends[2 * g], ends[2 * g + 1] >= ends[2 * g] ? ends[2 * g + 1] - ends[2 * g] : 0);
    }
    if (which == Which::kFirst) break;
    // The next search starts behind this match; behind an empty one, a whole character further.
    size_t next = ends[1];
    if (next <= start || ends[0] >= ends[1]) {
      next = std::max(next, start) + 1;
      while (next < subject.size() && (static_cast<unsigned char>(subject[next]) & 0xC0) == 0x80) ++next;
    }
    start = next;
    meter.left -= 16;  // each search has a cost of its own
    if (meter.left < 0) return absl::ResourceExhaustedError(fmt::format("pattern needs more than {} steps", budget_));
  }
  return found;
}

}  // namespace hone
