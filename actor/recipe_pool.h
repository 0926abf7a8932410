#pragma once

#include <memory>
#include <string>
#include <vector>

#include "lib/config/recipe.h"
#include "verifiers/host.h"
#include "verifiers/pool/pool.h"

namespace hone {

// The verifiers that a recipe asks for: `verifiers`, and the second checker when there is one.
std::vector<VerifierUse> VerifierUses(const Recipe& recipe);

struct RecipePoolOptions {
  // Addresses of `hone verifier` processes that serve this recipe. Empty: the verifiers run in this process.
  std::vector<std::string> workers;
  std::string token;                           // the workers' secret
  absl::Duration connect = absl::Seconds(60);  // how long all workers together may take to answer
  SandboxOptions sandbox;                      // of this process
};

// A pool with VerifierUses(recipe), in their order; the second checker judges its share.
//
// Errors: those of CreateVerifier; Unavailable, naming the worker that did not answer.
absl::StatusOr<std::unique_ptr<VerifierPool>> MakeRecipePool(const Recipe& recipe, const RecipePoolOptions& options);

}  // namespace hone
