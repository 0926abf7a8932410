#include "verifiers/math/flint_caches.h"

#include "flint/flint.h"

namespace hone::math {

void FreeFlintCachesAtThreadEnd() {
  struct Owner {
    ~Owner() { flint_cleanup(); }
    bool used = true;
  };
  thread_local Owner owner;
  owner.used = true;  // makes it
}

}  // namespace hone::math
