// Linked into tests whose programs run in the sandbox: skips them all, with the reason, where bubblewrap does not work.
#include <cstdio>

#include "gtest/gtest.h"
#include "tests/bubblewrap.h"

namespace hone {
namespace {

class BubblewrapEnvironment : public testing::Environment {
 public:
  void SetUp() override {
    if (!BubblewrapWorks()) GTEST_SKIP() << "skipped: bubblewrap does not work on this machine (see docs/sandbox.md, What it needs)";
  }
};
[[maybe_unused]] testing::Environment* const kRegistered = testing::AddGlobalTestEnvironment(new BubblewrapEnvironment);

}  // namespace
}  // namespace hone
