// LibTorch and gRPC with protobuf in one process: each works before and after the other has been used. scripts/check-symbols runs this test
// to see which symbols were bound where.
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "lib/torch/loader.h"
#include "lib/transport/test_sockets.h"

namespace hone {
namespace {

class TorchBesideGrpc : public GrpcFixture {
 protected:
  void SetUp() override { StartBoth(); }
  // Registration, and weights with their manifest: messages of every kind of field.
  void RoundTrip(int64_t version) {
    absl::StatusOr<Registration> registration = client_->Register({"actor-0", 4711, "cpu", "bf16", "avx2", 1, 2.5});
    ASSERT_TRUE(registration.ok()) << registration.status();
    EXPECT_EQ(registration->run, "run-1");
    const auto snapshot = MakeSnapshot(version, {1 << 20, 64});
    ASSERT_TRUE(publisher_.Publish(snapshot).ok());
    absl::StatusOr<WeightManifest> manifest = client_->WaitForVersion(version - 1, Later());
    ASSERT_TRUE(manifest.ok()) << manifest.status();
    std::vector<uint8_t> bytes(manifest->total_bytes);
    const absl::Status fetched =
        client_->Fetch(version, 0, manifest->total_bytes, Later(), [&](int64_t offset, absl::Span<const uint8_t> chunk) {
          std::copy(chunk.begin(), chunk.end(), bytes.begin() + offset);
          return absl::OkStatus();
        });
    ASSERT_TRUE(fetched.ok()) << fetched;
    EXPECT_TRUE(Holds(bytes, *snapshot));
    EXPECT_EQ(client_->Register({}).status().code(), absl::StatusCode::kInvalidArgument);  // an error's way back
  }
};

TEST_F(TorchBesideGrpc, EachWorksBeforeAndAfterTheOther) {
  ASSERT_NO_FATAL_FAILURE(RoundTrip(1));
  absl::StatusOr<TorchBackend> backend = TorchBackend::Load();
  if (!backend.ok()) GTEST_SKIP() << backend.status().message();
  ASSERT_NO_FATAL_FAILURE(RoundTrip(2));
  const float x = 3, w = 5, dy = 7;
  float y = 0, dx = 0, dw = 0;
  const absl::Status computed = backend->Check(backend->api().linear_grad(1, 1, 1, &x, &w, &dy, &y, &dx, &dw));
  ASSERT_TRUE(computed.ok()) << computed;
  EXPECT_EQ(y, 15);
  EXPECT_EQ(dx, 35);
  EXPECT_EQ(dw, 21);
  ASSERT_NO_FATAL_FAILURE(RoundTrip(3));
}

}  // namespace
}  // namespace hone
