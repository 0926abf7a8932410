#include "actor/recipe_pool.h"

#include "absl/time/clock.h"
#include "fmt/format.h"
#include "lib/base/thread_pool.h"
#include "rewards/second_checker.h"
#include "verifiers/external/remote_verifier.h"
#include "verifiers/pool/identity.h"
#include "verifiers/registry.h"

namespace hone {
namespace {

// Workers are started beside us: they may not listen yet.
absl::StatusOr<std::unique_ptr<Verifier>> ConnectToWorker(const VerifierUse& use, const std::string& address, const std::string& token,
                                                          absl::Time deadline) {
  for (;;) {
    auto verifier = ConnectRemoteVerifier({.address = address,
                                           .token = token,
                                           .verifier = use.verifier,
                                           .params_json = use.params,
                                           .connect_timeout = std::min(absl::Seconds(10), deadline - absl::Now())});
    if (verifier.ok() || !absl::IsUnavailable(verifier.status()) || absl::Now() >= deadline) return verifier;
  }
}

}  // namespace

std::vector<VerifierUse> VerifierUses(const Recipe& recipe) {
  std::vector<VerifierUse> uses = recipe.verifiers;
  if (const auto second = SecondUse(recipe)) uses.push_back(*second);
  return uses;
}

absl::StatusOr<std::unique_ptr<VerifierPool>> MakeRecipePool(const Recipe& recipe, const RecipePoolOptions& options) {
  const absl::Time deadline = absl::Now() + options.connect;
  const auto host = std::make_shared<VerifierHost>(options.sandbox);
  std::vector<PooledVerifier> pooled;
  for (const VerifierUse& use : VerifierUses(recipe)) {
    PooledVerifier& verifier = pooled.emplace_back();
    verifier.label = use.name;
    verifier.config_hash = ConfigHash(use.params);
    verifier.timeout = absl::Seconds(use.timeout_seconds.value_or(0));
    verifier.max_attempts = static_cast<int>(use.max_attempts);
    verifier.inject_infra_errors = use.inject_infra_errors;
    verifier.remote = !options.workers.empty();
    if (IsSecondLabel(use.name)) {
      verifier.applies = [share = recipe.reward.second->share](const VerifyInput& input) {
        return InSecondShare(share, input.seed, input.group_id, static_cast<int32_t>(input.sample_index));
      };
    }
    for (const std::string& address : options.workers) {
      auto remote = ConnectToWorker(use, address, options.token, deadline);
      if (!remote.ok()) return Annotate(remote.status(), fmt::format("verifier {}", use.name));
      verifier.endpoints.push_back(std::make_shared<const CheckedVerifier>(*std::move(remote)));
    }
    if (!verifier.remote) {
      auto local = CreateVerifier(use.verifier, use.params, *host);
      if (!local.ok()) return Annotate(local.status(), fmt::format("verifier {}", use.name));
      // The host lives as long as the last call, also one that the pool has given up.
      verifier.endpoints.emplace_back(local->release(), [host](const CheckedVerifier* checked) { delete checked; });
    }
  }
  return VerifierPool::Create(std::move(pooled), {.sandbox_threads = options.sandbox.slots > 0 ? options.sandbox.slots : UsableCores(),
                                                  .seed = static_cast<uint64_t>(recipe.run.seed)});
}

}  // namespace hone
