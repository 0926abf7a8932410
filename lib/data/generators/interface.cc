#include "lib/data/generators/interface.h"

#include "fmt/format.h"
#include "lib/base/hash.h"
#include "lib/base/random.h"

namespace hone {

uint64_t TaskSeed(const GeneratorOptions& options, int64_t index) {
  const uint64_t split = options.split == Split::kHeldout ? 1 : 0;
  const uint64_t bits = RandomStream(options.seed, split).Bits(static_cast<uint64_t>(index));
  return (bits & ~uint64_t{1}) | split;
}

bool HeldOut(std::string_view key, int64_t percent) {
  constexpr uint64_t kDealer = 0x8e1d;  // fixed for good: the held-out tasks are the same in every run
  return Hash64(key, kDealer) % 100 < static_cast<uint64_t>(percent);
}

Prompt MakePrompt(std::string_view generator, const GeneratorOptions& options, int64_t index, std::string question) {
  Prompt prompt;
  prompt.id = fmt::format("{}/{}/{}/{}", generator, Name(options.split), options.seed, index);
  if (options.chat) {
    if (!options.system.empty()) prompt.messages.push_back({"system", options.system});
    prompt.messages.push_back({"user", std::move(question)});
  } else {
    prompt.text = options.system.empty() ? std::move(question) : options.system + "\n\n" + question;
  }
  return prompt;
}

}  // namespace hone
