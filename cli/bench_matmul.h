#pragma once

namespace CLI {
class App;
}

namespace hone {

// Adds `matmul` to `hone bench`: the product with a weight, ours and LibTorch's, at the shapes of SmolLM2-135M.
void AddBenchMatmul(CLI::App& bench, int& exit_code);

}  // namespace hone
