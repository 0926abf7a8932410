#pragma once
// The structs of verifiers/verifier.h as the messages of protos/hone/verifier/v1. Decode checks what arrived; what is wrong with a whole
// message is InvalidArgument, what is wrong with one verdict becomes its outcome.

#include "lib/base/status.h"
#include "verifiers/verifier.h"

namespace hone::verifier::v1 {
class Description;
class Sample;
class Verdict;
}  // namespace hone::verifier::v1

namespace hone {

// The deadline travels as the time that is left at `now`.
void Encode(const VerifyRequest& from, absl::Time now, verifier::v1::Sample* to);
// The texts point into `from`, which must outlive the result.
VerifyRequest Decode(const verifier::v1::Sample& from, absl::Time now);

// Evidence is cut at 64 KiB, other texts at 4 KiB.
void Encode(const Verdict& from, verifier::v1::Verdict* to);
// An unset outcome is an InfraError with the reason "no_outcome" that is not retryable. Score and parts are not checked: CheckedVerifier
// does.
Verdict Decode(const verifier::v1::Verdict& from);

void Encode(const VerifierDescription& from, verifier::v1::Description* to);
// InvalidArgument: see CheckDescription in description.h.
absl::StatusOr<VerifierDescription> Decode(const verifier::v1::Description& from);

}  // namespace hone
