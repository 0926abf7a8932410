#pragma once

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "lib/transport/control.h"
#include "lib/transport/services.h"

namespace hone {

struct GrpcClientOptions {
  std::string address;  // "unix:PATH" or "HOST:PORT"
  std::string token;    // the run's secret
  // How long a call may wait for the connection, the first one or a lost one, before it is Unavailable.
  absl::Duration connect_timeout = absl::Seconds(10);
  // Deadline of calls that do not wait for anything.
  absl::Duration call_timeout = absl::Seconds(30);
  // Weights of a learner on this machine (Unix socket) are read out of its memory where the system allows it; false: always by the socket.
  bool read_peer_memory = true;
};

// The services of a GrpcServer, as the interfaces that it serves.
//
// A lost connection is taken up again by the next call. Long waits are made of calls of at most 20 s each. Large submissions are cut
// into several calls.
//
// Threads: all methods may be called from any thread, also at once.
// Errors: as in services.h, with peer and operation in front. Unavailable covers everything that may pass: no connection, a call without an
// answer, a server that is full; it never comes back faster than in 100 ms, so that a caller may just repeat. Unauthenticated: another
// token. Cancelled: the run is stopping, or Cancel was called.
class GrpcClient final : public RolloutService, public WeightService, public RunControl {
 public:
  // Makes the client; the connection comes with the first call. InvalidArgument: bad address, no token.
  static absl::StatusOr<std::unique_ptr<GrpcClient>> Create(const GrpcClientOptions& options);
  // Cancels what is open. No call may be running.
  ~GrpcClient() override;

  // Waits until the server can be reached. Unavailable, with the cure.
  absl::Status WaitUntilConnected(absl::Time deadline);
  // Ends all calls, now and later, with Cancelled.
  void Cancel();

  absl::StatusOr<Registration> Register(const ActorInfo& actor) override;
  absl::StatusOr<std::vector<GroupLease>> Lease(const std::string& actor, int32_t max_groups, absl::Time deadline) override;
  absl::StatusOr<std::vector<int64_t>> Renew(const std::string& actor, absl::Span<const int64_t> leases, double tokens_per_second) override;
  absl::StatusOr<std::vector<bool>> Submit(const std::string& actor, std::vector<Trajectory> trajectories) override;

  absl::StatusOr<WeightManifest> WaitForVersion(int64_t newer_than, absl::Time deadline) override;
  absl::Status Fetch(int64_t version, int64_t offset, int64_t length, absl::Time deadline,
                     const std::function<absl::Status(int64_t offset, absl::Span<const uint8_t> chunk)>& sink) override;
  absl::Status Acknowledge(const std::string& actor, int64_t version) override;

  absl::StatusOr<RunStatus> GetStatus() override;
  absl::Status RequestStop(const std::string& reason) override;

 private:
  struct Impl;
  explicit GrpcClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace hone
