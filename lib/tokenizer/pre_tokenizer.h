#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "lib/base/status.h"

namespace hone {

class JsonField;

// Splits text into the words that the model then encodes one by one: tokenizer.json's "pre_tokenizer".
//
// Words come in the order of the text and are never empty. ByteLevel's rewriting of bytes as characters is left to the model where
// ByteLevel is the last step (`ends_in_bytes`): the words are then raw bytes of the text, not copies.
//
// Threads: const methods may overlap.
class PreTokenizer {
 public:
  // A word is valid only during the call.
  using Sink = absl::FunctionRef<void(std::string_view word)>;

  // One step of the chain.
  class Step {
   public:
    virtual ~Step() = default;
    // text: valid UTF-8, not empty.
    virtual void Split(std::string_view text, Sink sink) const = 0;
  };

  // Known types: ByteLevel, Digits, Sequence, Split. A null field makes a PreTokenizer that hands on the text as one word.
  // Errors: InvalidArgument naming file and field.
  static absl::StatusOr<PreTokenizer> FromJson(const JsonField& field);

  // True when the words stand for bytes: the model must write each byte as its character (byte_level.h).
  bool ends_in_bytes() const { return ends_in_bytes_; }

  // text: valid UTF-8.
  void Split(std::string_view text, Sink sink) const {
    if (!text.empty()) SplitFrom(0, text, sink);
  }

 private:
  void SplitFrom(size_t step, std::string_view text, Sink sink) const;

  std::vector<std::unique_ptr<Step>> steps_;
  bool ends_in_bytes_ = false;
};

}  // namespace hone
