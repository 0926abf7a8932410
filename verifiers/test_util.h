#pragma once
// Verbs for the tests of verifiers.

#include <string_view>

#include "gtest/gtest.h"
#include "verifiers/registry.h"

namespace hone {

// What the verifiers of a test are made with: one for the whole program, so that a sandbox is started once.
inline VerifierHost& TestHost() {
  static VerifierHost host;
  return host;
}

// The verifier, or a failed test and null.
inline std::unique_ptr<CheckedVerifier> MakeForTest(std::string_view name, std::string_view params) {
  auto made = CreateVerifier(name, params, TestHost());
  EXPECT_TRUE(made.ok()) << made.status();
  return made.ok() ? *std::move(made) : nullptr;
}

inline VerdictRecord JudgeForTest(const Verifier& verifier, VerifyRequest request) {
  return ToRecord("label", verifier.Verify(std::span(&request, 1)).at(0));
}

inline VerdictRecord JudgeForTest(const Verifier& verifier, std::string_view completion, std::string_view reference) {
  VerifyRequest request;
  request.completion = completion;
  request.reference = reference;
  return JudgeForTest(verifier, request);
}

// The parameters are refused and the message holds `part`.
inline void ExpectRefused(std::string_view name, std::string_view params, std::string_view part) {
  const absl::Status status = CreateVerifier(name, params, TestHost()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << params;
  EXPECT_NE(std::string(status.message()).find(part), std::string::npos) << params << " gave: " << status.message();
}

}  // namespace hone
