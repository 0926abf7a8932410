#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lib/base/status.h"

namespace hone {

// A byte-level BPE tokenizer as a GGUF file holds it (the keys tokenizer.ggml.*).
struct BpeVocabulary {
  std::vector<std::string> tokens;   // by id, in characters of byte_level.h; special ones as they are written in text
  std::vector<std::string> merges;   // "a b", lowest rank first
  std::string pre_tokenizer;         // tokenizer.ggml.pre: "smollm", "gpt-2", "qwen2", "llama-bpe"
  std::vector<int32_t> token_types;  // by id; empty: all normal. 1 normal, 2 unknown, 3 control, 4 user defined, 5 unused, 6 byte
  int32_t bos_id = -1;               // -1: none
  int32_t eos_id = -1;
  bool add_bos = false;  // a beginning-of-text token belongs before a text: written as the file's post-processor
};

// The text of an equivalent tokenizer.json. Control tokens, and bos and eos, become special added tokens; user-defined tokens plain ones.
// Errors: InvalidArgument for an unknown pre_tokenizer (with the known ones), repeated or empty tokens, bad sizes, ids or merges.
absl::StatusOr<std::string> TokenizerJsonFromBpe(const BpeVocabulary& vocabulary);

}  // namespace hone
