#include "gtest/gtest.h"
#include "tests/conformance/verifier_conformance.h"

namespace hone {
namespace {

TEST(CodeConformanceTest, HoldsTheContractOfVerifiers) {
  RunVerifierConformance({.name = "code",
                          .params = R"({"language":"python"})",
                          .gold_completion = "def f(n):\n    return n * n\n#",
                          .reference = R"({"entry_point":"f","tests":[{"args":[3],"expected":9}]})"});
}

}  // namespace
}  // namespace hone
