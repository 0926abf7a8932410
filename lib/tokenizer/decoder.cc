#include "lib/tokenizer/decoder.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>

#include "lib/tokenizer/byte_level.h"
#include "lib/tokenizer/json_fields.h"
#include "lib/tokenizer/replacement.h"
#include "lib/tokenizer/unicode.h"

namespace hone {
namespace {

constexpr std::string_view kReplacementCharacter = "\xEF\xBF\xBD";

// The byte of a token <0xNN>.
std::optional<uint8_t> ByteOfToken(std::string_view token) {
  if (token.size() != 6 || !token.starts_with("<0x") || !token.ends_with('>')) return std::nullopt;
  const auto digit = [&](size_t i) -> int {
    const auto c = static_cast<unsigned char>(token[i]);
    if (std::isdigit(c)) return c - '0';
    if (std::isxdigit(c)) return std::tolower(c) - 'a' + 10;
    return -1;
  };
  // "+7" is a number to the reference's parser.
  if (token[3] == '+' && digit(4) >= 0) return static_cast<uint8_t>(digit(4));
  if (digit(3) < 0 || digit(4) < 0) return std::nullopt;
  return static_cast<uint8_t>(digit(3) * 16 + digit(4));
}

// The bytes of a run of byte tokens as text.
void AppendByteRun(std::string_view bytes, std::string* out) {
  if (IsValidUtf8(bytes)) {
    out->append(bytes);
  } else {
    for (size_t i = 0; i < bytes.size(); ++i) out->append(kReplacementCharacter);
  }
}

// The bytes that a token of a byte-level vocabulary stands for; a token with other characters stands for its own.
void AppendTokenBytes(std::string_view token, std::string* out) {
  if (!AppendBytesOfCharacters(token, out)) out->append(token);
}

}  // namespace

class TokenDecoder::Step {
 public:
  virtual ~Step() = default;
  virtual std::string Apply(std::string_view text) const = 0;
};

namespace {

class ReplaceStep final : public TokenDecoder::Step {
 public:
  explicit ReplaceStep(Replacement replacement) : replacement_(std::move(replacement)) {}
  std::string Apply(std::string_view text) const override { return replacement_.Apply(text); }

 private:
  const Replacement replacement_;
};

// Takes up to `start` characters `content` from the front and up to `stop` from the back.
class StripStep final : public TokenDecoder::Step {
 public:
  StripStep(std::string content, size_t start, size_t stop) : content_(std::move(content)), start_(start), stop_(stop) {}
  std::string Apply(std::string_view text) const override {
    for (size_t i = 0; i < start_ && text.starts_with(content_); ++i) text.remove_prefix(content_.size());
    for (size_t i = 0; i < stop_ && text.ends_with(content_); ++i) text.remove_suffix(content_.size());
    return std::string(text);
  }

  const std::string& content() const { return content_; }
  size_t start() const { return start_; }
  size_t stop() const { return stop_; }

 private:
  const std::string content_;  // one character
  const size_t start_;
  const size_t stop_;
};

// Stands for itself in the list of steps; TokenDecoder handles runs of byte tokens. On a whole text, the text is the only token.
class ByteFallbackStep final : public TokenDecoder::Step {
 public:
  std::string Apply(std::string_view text) const override {
    const std::optional<uint8_t> byte = ByteOfToken(text);
    if (!byte.has_value()) return std::string(text);
    const char c = static_cast<char>(*byte);
    std::string out;
    AppendByteRun(std::string_view(&c, 1), &out);
    return out;
  }
};

class ByteLevelStep final : public TokenDecoder::Step {
 public:
  std::string Apply(std::string_view text) const override {
    std::string bytes, out;
    AppendTokenBytes(text, &bytes);
    AppendLossyUtf8(bytes, &out);
    return out;
  }
};

class FuseStep final : public TokenDecoder::Step {
 public:
  std::string Apply(std::string_view text) const override { return std::string(text); }
};

using Steps = std::vector<std::unique_ptr<TokenDecoder::Step>>;

absl::StatusOr<std::unique_ptr<TokenDecoder::Step>> ParseStrip(const JsonField& field) {
  constexpr int64_t kMaxStrip = 1 << 20;
  HONE_ASSIGN_OR_RETURN(std::string content, field["content"].String());
  if (content.empty() || StepUtf8(content).length != content.size()) {
    return field["content"].Error(fmt::format("{:?} must be one character", content));
  }
  HONE_ASSIGN_OR_RETURN(const int64_t start, field["start"].Int(0, kMaxStrip));
  HONE_ASSIGN_OR_RETURN(const int64_t stop, field["stop"].Int(0, kMaxStrip));
  return std::make_unique<StripStep>(std::move(content), static_cast<size_t>(start), static_cast<size_t>(stop));
}

absl::Status Parse(const JsonField& field, int depth, Steps* steps) {
  if (depth > kMaxComponentDepth) return field.Error(fmt::format("sequences nest deeper than {}", kMaxComponentDepth));
  HONE_ASSIGN_OR_RETURN(const std::string type, field.Type());
  if (type == "Sequence") {
    const JsonField list = field["decoders"];
    HONE_RETURN_IF_ERROR(list.RequireArray());
    for (size_t i = 0; i < list.value().size(); ++i) HONE_RETURN_IF_ERROR(Parse(list[i], depth + 1, steps));
  } else if (type == "Replace") {
    HONE_ASSIGN_OR_RETURN(Replacement replacement, Replacement::FromJson(field));
    steps->push_back(std::make_unique<ReplaceStep>(std::move(replacement)));
  } else if (type == "Strip") {
    HONE_ASSIGN_OR_RETURN(auto strip, ParseStrip(field));
    steps->push_back(std::move(strip));
  } else if (type == "ByteFallback") {
    steps->push_back(std::make_unique<ByteFallbackStep>());
  } else if (type == "ByteLevel") {
    steps->push_back(std::make_unique<ByteLevelStep>());
  } else if (type == "Fuse") {
    steps->push_back(std::make_unique<FuseStep>());
  } else {
    return field.UnknownType(type, "ByteFallback, ByteLevel, Fuse, Replace, Sequence, Strip");
  }
  return absl::OkStatus();
}

}  // namespace

TokenDecoder::TokenDecoder() = default;
TokenDecoder::TokenDecoder(TokenDecoder&&) noexcept = default;
TokenDecoder& TokenDecoder::operator=(TokenDecoder&&) noexcept = default;
TokenDecoder::~TokenDecoder() = default;

absl::StatusOr<TokenDecoder> TokenDecoder::FromJson(const JsonField& field) {
  TokenDecoder decoder;
  if (field.IsNull()) {
    decoder.joint_ = Joint::kSpaces;
    return decoder;
  }
  Steps steps;
  HONE_RETURN_IF_ERROR(Parse(field, 0, &steps));
  constexpr size_t kMaxSteps = 64;
  if (steps.size() > kMaxSteps) return field.Error(fmt::format("{} steps are more than the limit of {}", steps.size(), kMaxSteps));
  bool joined = false;
  std::optional<size_t> byte_fallback;
  for (auto& step : steps) {
    if (joined) {
      decoder.text_steps_.push_back(std::move(step));
    } else if (dynamic_cast<FuseStep*>(step.get()) != nullptr) {
      joined = true;
    } else if (dynamic_cast<ByteLevelStep*>(step.get()) != nullptr) {
      joined = true;
      decoder.joint_ = Joint::kByteLevel;
    } else if (byte_fallback.has_value() && dynamic_cast<ByteFallbackStep*>(step.get()) != nullptr) {
      return field.Error("two ByteFallback steps before Fuse are not supported");
    } else {
      if (dynamic_cast<ByteFallbackStep*>(step.get()) != nullptr) byte_fallback = decoder.token_steps_.size();
      decoder.token_steps_.push_back(std::move(step));
    }
  }
  decoder.byte_fallback_ = byte_fallback.value_or(decoder.token_steps_.size());
  if (!decoder.text_steps_.empty()) {
    const auto* strip = dynamic_cast<const StripStep*>(decoder.text_steps_[0].get());
    decoder.text_steps_stream_ = decoder.text_steps_.size() == 1 && strip != nullptr && strip->stop() == 0;
  }
  return decoder;
}

void TokenDecoder::Push(std::string_view token, State* state, std::string* out) const {
  Process(0, token, state, out);
}

void TokenDecoder::Process(size_t step, std::string_view token, State* state, std::string* out) const {
  std::string rewritten;
  for (; step < token_steps_.size(); ++step) {
    if (step == byte_fallback_) {
      if (const std::optional<uint8_t> byte = ByteOfToken(token)) {
        state->run_.push_back(static_cast<char>(*byte));
        return;
      }
      FlushByteRun(state, out);
      continue;
    }
    rewritten = token_steps_[step]->Apply(token);
    token = rewritten;
  }
  Join(token, state, out);
}

void TokenDecoder::FlushByteRun(State* state, std::string* out) const {
  if (state->run_.empty()) return;
  const std::string bytes = std::exchange(state->run_, std::string());
  if (IsValidUtf8(bytes)) return Process(byte_fallback_ + 1, bytes, state, out);
  for (size_t i = 0; i < bytes.size(); ++i) Process(byte_fallback_ + 1, kReplacementCharacter, state, out);
}

void TokenDecoder::Join(std::string_view token, State* state, std::string* out) const {
  switch (joint_) {
    case Joint::kSpaces:
      if (state->has_tokens_) out->push_back(' ');
      state->has_tokens_ = true;
      out->append(token);
      return;
    case Joint::kConcatenate:
      return EmitText(token, state, out);
    case Joint::kByteLevel: {
      AppendTokenBytes(token, &state->bytes_);
      std::string text;
      const size_t unfinished = AppendCompleteUtf8(state->bytes_, &text);
      state->bytes_.erase(0, state->bytes_.size() - unfinished);
      return EmitText(text, state, out);
    }
  }
}

void TokenDecoder::EmitText(std::string_view text, State* state, std::string* out) const {
  if (!text_steps_stream_) {
    state->text_.append(text);
    return;
  }
  if (!text_steps_.empty() && !state->strip_done_) {
    const auto& strip = static_cast<const StripStep&>(*text_steps_[0]);
    while (state->stripped_ < strip.start() && text.starts_with(strip.content())) {
      text.remove_prefix(strip.content().size());
      ++state->stripped_;
    }
    state->strip_done_ = !text.empty() || state->stripped_ == strip.start();
  }
  out->append(text);
}

void TokenDecoder::Flush(State* state, std::string* out) const {
  FlushByteRun(state, out);
  if (joint_ == Joint::kByteLevel) {
    std::string text;
    AppendLossyUtf8(state->bytes_, &text);
    EmitText(text, state, out);
  }
  if (!text_steps_stream_) {
    std::string text = std::move(state->text_);
    for (const auto& step : text_steps_) text = step->Apply(text);
    out->append(text);
  }
  *state = State();
}

}  // namespace hone
