#pragma once
// What every call on the server goes through: the token, the deadline, the translation of statuses, waiting in slices.

#include <grpcpp/server_context.h>
#include <grpcpp/support/status.h>

#include <algorithm>
#include <atomic>
#include <string>

#include "absl/time/clock.h"
#include "lib/base/status.h"
#include "lib/transport/internal/limits.h"

namespace hone::transport_internal {

// Shared by all handlers of one server.
struct ServerState {
  // Constant after construction.
  std::string token;  // empty: none is asked for
  int max_waiting_calls = 0;
  bool same_machine = false;  // listens on a Unix socket
  // Synchronized by themselves.
  std::atomic<bool> stopping{false};
  std::atomic<int> waiting_calls{0};
};

// Unauthenticated without the run's token, if there is one; InvalidArgument without a deadline or with one too far away.
absl::Status Admit(const ServerState& state, const grpc::ServerContextBase& context);

// The same code, with a message of bounded length; marks the answer as ours.
grpc::Status Answer(grpc::ServerContextBase& context, const absl::Status& status);

// Runs a handler's body (absl::Status()) when the call is admitted.
template <class Body>
grpc::Status Serve(const ServerState& state, grpc::ServerContextBase& context, Body body) {
  absl::Status status = Admit(state, context);
  if (status.ok()) status = body();
  return Answer(context, status);
}

// Unavailable for a call that may not wait since too many do; InvalidArgument when wait_ms < 0.
absl::Status BeginWait(ServerState& state, int64_t wait_ms);
void EndWait(ServerState& state);

// Calls wait(absl::Time until) again and again until it gives anything but DeadlineExceeded, wait_ms (at most 20 s) are over
// (DeadlineExceeded), the server stops (Unavailable) or the caller is gone (Cancelled).
template <class Wait>
auto WaitInSlices(ServerState& state, const grpc::ServerContextBase& context, int64_t wait_ms, Wait wait) -> decltype(wait(absl::Time())) {
  HONE_RETURN_IF_ERROR(BeginWait(state, wait_ms));
  const absl::Time end = absl::Now() + std::min(absl::Milliseconds(wait_ms), kMaxWait);
  auto result = wait(std::min(end, absl::Now() + kWaitSlice));
  while (absl::IsDeadlineExceeded(result.status()) && absl::Now() < end) {
    if (state.stopping) {
      result = absl::UnavailableError("the server stops");
    } else if (context.IsCancelled()) {
      result = absl::CancelledError("the caller is gone");
    } else {
      result = wait(std::min(end, absl::Now() + kWaitSlice));
    }
  }
  EndWait(state);
  return result;
}

}  // namespace hone::transport_internal
