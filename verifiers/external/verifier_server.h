#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "lib/base/status.h"
#include "verifiers/verifier.h"

namespace hone {

// Where a server takes its verifiers from.
//
// Threads: Get is called from many threads at once.
class VerifierSource {
 public:
  virtual ~VerifierSource() = default;
  // The verifier with these parameters (a JSON object; empty: {}), made when it is first asked for and kept after that; an empty name means
  // the source's only one. Errors: those of CreateVerifier; ResourceExhausted when no more can be kept.
  virtual absl::StatusOr<std::shared_ptr<const Verifier>> Get(std::string_view name, std::string_view params_json) = 0;
};

struct VerifierServerOptions {
  std::string address;  // "unix:PATH" (mode 0600) or "HOST:PORT"; port 0 takes a free one
  std::string token;    // secret that every call must carry; may be empty on a Unix socket only
  int max_calls = 64;   // at once, each on a thread; more are answered with Unavailable
  bool allow_plaintext_remote = false;
};

// Serves verifiers over gRPC: hone.verifier.v1.VerifierService. A call runs Verifier::Verify on a thread of its own.
//
// Threads: all methods may be called from any thread. `source` must outlive the server.
class VerifierServer {
 public:
  // Errors: those of GrpcServer::Start.
  static absl::StatusOr<std::unique_ptr<VerifierServer>> Start(const VerifierServerOptions& options, VerifierSource& source);
  ~VerifierServer();
  VerifierServer(const VerifierServer&) = delete;
  VerifierServer& operator=(const VerifierServer&) = delete;

  // As clients name it, with the port that was taken.
  const std::string& address() const;

  // Takes no new calls, gives running ones `grace` and then cuts them off. Returns when none runs.
  void Stop(absl::Duration grace);

 private:
  struct Impl;
  explicit VerifierServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace hone
