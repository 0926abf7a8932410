#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "lib/base/status.h"

namespace hone {

class JsonField;

// Rewrites a stretch of text before it is split: tokenizer.json's "normalizer".
// Threads: const methods may overlap.
class Normalizer {
 public:
  virtual ~Normalizer() = default;

  // The rewritten text; `text` is valid UTF-8 and so is the result.
  virtual std::string Normalize(std::string_view text) const = 0;

  // Null (no rewriting) for a null field and for an empty sequence. Known types: NFC, NFD, NFKC, NFKD, Prepend, Replace, Sequence.
  // Errors: InvalidArgument naming file and field.
  static absl::StatusOr<std::unique_ptr<Normalizer>> FromJson(const JsonField& field);
};

}  // namespace hone
