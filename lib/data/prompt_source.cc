#include "lib/data/prompt_source.h"

namespace hone {

const char* Name(Split split) {
  return split == Split::kTrain ? "train" : "heldout";
}

}  // namespace hone
