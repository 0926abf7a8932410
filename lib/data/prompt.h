#pragma once

#include <string>
#include <vector>

namespace hone {

// One turn of a chat. role: "system", "user", "assistant".
struct ChatMessage {
  std::string role;
  std::string content;
};

// One task of a data set. What the model may see is `messages` (or `text`); `reference` and `row` are for the verifier only.
struct Prompt {
  std::string id;                     // unique in its source
  std::vector<ChatMessage> messages;  // rendered by the model's chat template
  std::string text;                   // the raw prompt when `messages` is empty
  std::string reference;              // the gold answer
  std::string row;                    // the whole JSON row of the data set
};

}  // namespace hone
