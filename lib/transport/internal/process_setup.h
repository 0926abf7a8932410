#pragma once

namespace hone::transport_internal {

// What a process that moves weights over gRPC needs, once per process; server and client call it.
// 1. gRPC's own error messages go to our log as debug lines instead of to stderr; what matters comes back as a status.
// 2. malloc keeps up to 128 MiB of freed memory, as it does by itself after the first large blocks: gRPC takes and frees a megabyte for
//    every read, and giving that back to the system each time costs as much as the transfer.
// 3. gRPC stays alive until the process ends: to wind it down with its last object can take ten seconds (the deadline of its backup
// poller).
void SetUpProcess();

}  // namespace hone::transport_internal
