#pragma once

namespace CLI {
class App;
}

namespace hone {

// Adds `sandbox` to `hone bench`: runs a second by language and mode, time of one run alone, and a long mixed run that must leave nothing.
void AddBenchSandbox(CLI::App& bench, int& exit_code);

}  // namespace hone
