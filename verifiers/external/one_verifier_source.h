#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "lib/base/mutex.h"
#include "verifiers/external/verifier_server.h"

namespace hone {

// A source of one verifier with any parameters, each kept once made.
//
// Threads: any; one verifier is made at a time.
class OneVerifierSource final : public VerifierSource {
 public:
  using Make = std::function<absl::StatusOr<std::unique_ptr<Verifier>>(const std::string& params_json)>;
  // name: what callers may call it besides nothing. default_params: what {} stands for.
  OneVerifierSource(std::string name, std::string default_params, Make make)
      : name_(std::move(name)), default_params_(std::move(default_params)), make_(std::move(make)) {}

  // NotFound for another name; ResourceExhausted for the 65th set of parameters.
  absl::StatusOr<std::shared_ptr<const Verifier>> Get(std::string_view name, std::string_view params_json) override;

 private:
  const std::string name_, default_params_;
  const Make make_;
  Mutex mu_;
  std::map<std::string, std::shared_ptr<const Verifier>> made_ ABSL_GUARDED_BY(mu_);
};

}  // namespace hone
