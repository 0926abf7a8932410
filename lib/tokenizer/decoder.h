#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/status.h"

namespace hone {

class JsonField;

// Turns the tokens of a sequence back into text: tokenizer.json's "decoder".
//
// Tokens go in one by one and text comes out as soon as nothing that may follow can change it; decoding a whole sequence is the same with
// all tokens at once, so that streamed text is equal to decoded text. What has to wait: an unfinished UTF-8 sequence; with ByteFallback a
// whole run of byte tokens (one ill-formed byte turns each byte of the run into U+FFFD); everything, where steps follow on Fuse that look
// at the whole text.
//
// Threads: const methods may overlap; a State belongs to one caller.
class TokenDecoder {
 public:
  // What a stream has seen and not yet given out.
  class State {
   public:
    State() = default;

   private:
    friend class TokenDecoder;
    std::string run_;          // bytes of a run of byte tokens
    std::string bytes_;        // of an unfinished character
    std::string text_;         // waiting for the steps that need the whole text
    size_t stripped_ = 0;      // characters that the streaming Strip has removed
    bool strip_done_ = false;  // it has met another character
    bool has_tokens_ = false;
  };

  // Joins the tokens as they are.
  TokenDecoder();
  // Known types: ByteFallback, ByteLevel, Fuse, Replace, Sequence, Strip. A null field joins the tokens with spaces, as the reference does.
  // Errors: InvalidArgument naming file and field.
  static absl::StatusOr<TokenDecoder> FromJson(const JsonField& field);

  // Appends to `out` the text that is final with this token (valid UTF-8).
  void Push(std::string_view token, State* state, std::string* out) const;
  // Appends what waits and makes the state as new.
  void Flush(State* state, std::string* out) const;

  // A step, on a token or (behind Fuse) on the whole text. A type of its own in the source file.
  class Step;
  TokenDecoder(TokenDecoder&&) noexcept;
  TokenDecoder& operator=(TokenDecoder&&) noexcept;
  ~TokenDecoder();

 private:
  // How the tokens become one text.
  enum class Joint { kSpaces, kConcatenate, kByteLevel };

  void Process(size_t step, std::string_view token, State* state, std::string* out) const;
  void Join(std::string_view token, State* state, std::string* out) const;
  void FlushByteRun(State* state, std::string* out) const;
  void EmitText(std::string_view text, State* state, std::string* out) const;

  std::vector<std::unique_ptr<Step>> token_steps_;  // before the joint
  size_t byte_fallback_ = 0;                        // its index in token_steps_, or their number
  Joint joint_ = Joint::kConcatenate;
  std::vector<std::unique_ptr<Step>> text_steps_;  // behind it
  bool text_steps_stream_ = true;                  // none, or one Strip at the start only
};

}  // namespace hone
