#pragma once

namespace CLI {
class App;
}

namespace hone {

// Adds `verifier` to `hone bench`: how many pairs of answers a second the math verifier decides on one core.
void AddBenchVerifier(CLI::App& bench, int& exit_code);

}  // namespace hone
