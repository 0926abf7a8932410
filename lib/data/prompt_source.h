#pragma once

#include <cstdint>
#include <optional>

#include "lib/base/status.h"
#include "lib/data/prompt.h"

namespace hone {

// Which half of the data: the two never share a task.
enum class Split : uint8_t { kTrain, kHeldout };
const char* Name(Split split);

// The tasks of a run, numbered. Get is a pure function of the index (the order of an epoch is a function of the seed that the source was
// made with), so the position in the data is one number: a resumed run needs the cursor and nothing else.
//
// Threads: const; calls may overlap.
class PromptSource {
 public:
  virtual ~PromptSource() = default;

  // Tasks in one pass, or nullopt when the source never ends. Get accepts any index >= 0 in both cases: past the end a finite source
  // begins its next epoch, in another order when it shuffles.
  virtual std::optional<int64_t> size() const = 0;

  // Task `index` of the run. InvalidArgument for a negative index or a bad row, naming file and line.
  virtual absl::StatusOr<Prompt> Get(int64_t index) const = 0;
};

}  // namespace hone
