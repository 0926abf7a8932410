#pragma once

#include <cstdint>
#include <vector>

#include "lib/base/status.h"
#include "lib/data/prompt.h"
#include "lib/model/model_files.h"

namespace hone {

// The ids that a prompt starts generation from: messages through the chat template (with the generation prompt) when `use_chat`, else
// the raw text. InvalidArgument without tokenizer, or with messages and no chat template.
absl::StatusOr<std::vector<int32_t>> EncodePrompt(const ModelFiles& files, const Prompt& prompt, bool use_chat);

}  // namespace hone
