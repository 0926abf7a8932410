#pragma once

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "lib/transport/control.h"
#include "lib/transport/services.h"
#include "lib/transport/verifier_service.h"
#include "lib/transport/weight_publisher.h"

namespace hone {

struct GrpcServerOptions {
  // "unix:PATH" or "HOST:PORT"; port 0 takes a free one. The socket file gets mode 0600.
  std::string address;
  // Shared secret (run_token.h) that every call must carry. Required, but for a Unix socket with `open_socket`: there the file's mode
  // protects.
  std::string token;
  bool open_socket = false;
  // What is served; null leaves the service out. Each must outlive the server.
  RolloutService* rollout = nullptr;
  WeightPublisher* weights = nullptr;
  RunControl* control = nullptr;
  VerifierService* verifier = nullptr;  // with gRPC's health service
  // Calls that may wait for work or weights at once; more are answered with Unavailable. Two per actor are needed.
  int max_waiting_calls = 256;
  // Calls to `verifier` that may run at once; more are answered with Unavailable.
  int max_verifier_calls = 64;
  // Calls of all kinds that may run at once, each on a thread.
  int max_calls = 512;
  // Whether an address that other machines reach may be used although nothing is encrypted.
  bool allow_plaintext_remote = false;
};

// The learner's door: one gRPC server for rollouts, weights and control.
//
// Waiting calls are cut at 20 s and look every 250 ms whether the caller is gone or the server stops, so a wait never outlives either
// by more. Weights go out in messages of 1 MiB that point into the published snapshot.
//
// Threads: all methods may be called from any thread. The services are called from many threads at once.
class GrpcServer {
 public:
  // Errors: InvalidArgument, bad address or no token; PermissionDenied, an address open to other machines; AlreadyExists, the port or
  // socket is in use by a living process. A socket file left by a dead one is replaced.
  static absl::StatusOr<std::unique_ptr<GrpcServer>> Start(const GrpcServerOptions& options);
  // Stop(0).
  ~GrpcServer();
  GrpcServer(const GrpcServer&) = delete;
  GrpcServer& operator=(const GrpcServer&) = delete;

  // As clients name it, with the port that was taken.
  const std::string& address() const;

  // Takes no new calls, ends the waits, gives running calls `grace` and then cuts them off. Returns when none runs. Repeating is fine.
  void Stop(absl::Duration grace);

 private:
  struct Impl;
  explicit GrpcServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace hone
