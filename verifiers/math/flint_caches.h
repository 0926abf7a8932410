#pragma once

namespace hone::math {

// FLINT keeps memory and constants for each thread, and forgets them with it. After this call they are freed when the calling thread ends:
// after its thread-local objects that are made later. Cheap to call again.
void FreeFlintCachesAtThreadEnd();

}  // namespace hone::math
