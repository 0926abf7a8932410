// WeightService through server and client.
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>

#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hone/weights/v1/weights_service.grpc.pb.h"
#include "lib/transport/manifest.h"
#include "lib/transport/push_benchmark.h"
#include "lib/transport/test_sockets.h"
#include "lib/transport/weight_fetcher.h"

namespace hone {
namespace {

using Bytes = absl::Span<const uint8_t>;

class GrpcWeights : public GrpcFixture {
 protected:
  void SetUp() override { StartBoth(); }
  absl::Status FetchRange(int64_t version, int64_t offset, int64_t length, std::vector<uint8_t>* got = nullptr) {
    return client_->Fetch(version, offset, length, Later(), [&](int64_t, Bytes chunk) {
      if (got != nullptr) got->insert(got->end(), chunk.begin(), chunk.end());
      return absl::OkStatus();
    });
  }
};

TEST_F(GrpcWeights, APushArrivesVerifiedOverUnixSocketAndLoopback) {
  const std::shared_ptr<WeightSnapshot> snapshot = MakeSnapshot(4, {100, 3000000, 0, 64, 1500001}, 3);
  ASSERT_TRUE(publisher_.Publish(snapshot).ok());
  for (const std::string& address : {folder_.Socket("other"), std::string("127.0.0.1:0")}) {
    StartServer(address);
    client_ = Connect();
    absl::StatusOr<WeightManifest> manifest = client_->WaitForVersion(-1, Later());
    ASSERT_TRUE(manifest.ok()) << manifest.status();
    EXPECT_EQ(manifest->version, 4);
    EXPECT_EQ(manifest->dtype, "bf16");
    EXPECT_TRUE(SameForm(*manifest, snapshot->manifest).ok());
    std::vector<uint8_t> buffer(static_cast<size_t>(manifest->total_bytes));
    WeightFetcher fetcher(*client_, snapshot->manifest);
    ASSERT_TRUE(fetcher.Fetch(*manifest, absl::MakeSpan(buffer), Later()).ok()) << address;
    EXPECT_TRUE(Holds(buffer, *snapshot)) << address;
    EXPECT_EQ(fetcher.stats().damaged_entries, 0);
  }
}

TEST_F(GrpcWeights, AFlippedByteOnTheWayIsFetchedAgain) {
  const std::shared_ptr<WeightSnapshot> snapshot = MakeSnapshot(1, {2000000, 2000000});
  ASSERT_TRUE(publisher_.Publish(snapshot).ok());
  DamagingWeights damaging(*client_);
  damaging.flip_at = 3999999;
  damaging.flips_left = 1;
  std::vector<uint8_t> buffer(4000000);
  WeightFetcher fetcher(damaging, snapshot->manifest);
  ASSERT_TRUE(fetcher.Fetch(snapshot->manifest, absl::MakeSpan(buffer), Later()).ok());
  EXPECT_TRUE(Holds(buffer, *snapshot));
  EXPECT_EQ(fetcher.stats().damaged_entries, 1);
}

TEST_F(GrpcWeights, MemoryThatChangesUnderTheReaderIsNeverAccepted) {
  // As when the learner goes on to write into an arena that a slow actor still reads.
  const std::shared_ptr<WeightSnapshot> snapshot = MakeSnapshot(1, {2000000, 2000000});
  ASSERT_TRUE(publisher_.Publish(snapshot).ok());
  const absl::StatusOr<WeightManifest> manifest = client_->WaitForVersion(-1, Later());
  ASSERT_TRUE(manifest.ok());
  auto* byte = const_cast<uint8_t*>(snapshot->data) + 3999999;
  *byte ^= 1;
  std::vector<uint8_t> buffer(4000000);
  WeightFetcher fetcher(*client_, snapshot->manifest);
  EXPECT_EQ(fetcher.Fetch(*manifest, absl::MakeSpan(buffer), Later()).code(), absl::StatusCode::kDataLoss);
  EXPECT_GE(fetcher.stats().damaged_entries, 2);  // of the stream, and of the memory where that may be read
  *byte ^= 1;
  ASSERT_TRUE(fetcher.Fetch(*manifest, absl::MakeSpan(buffer), Later()).ok());
  EXPECT_TRUE(Holds(buffer, *snapshot));
}

TEST_F(GrpcWeights, WaitForVersionWakesUpWhenOneIsPublished) {
  EXPECT_EQ(client_->WaitForVersion(-1, absl::Now() + absl::Milliseconds(300)).status().code(), absl::StatusCode::kDeadlineExceeded);
  absl::StatusOr<WeightManifest> got;
  std::thread waiter([&] { got = client_->WaitForVersion(2, Later()); });
  ASSERT_TRUE(publisher_.Publish(MakeSnapshot(2, {8})).ok());
  ASSERT_TRUE(publisher_.Publish(MakeSnapshot(3, {8})).ok());
  waiter.join();
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(got->version, 3);
}

TEST_F(GrpcWeights, RangesAreExactAndBadOnesAreRefused) {
  const std::shared_ptr<WeightSnapshot> snapshot = MakeSnapshot(1, {3000000});
  ASSERT_TRUE(publisher_.Publish(snapshot).ok());
  struct Case {
    int64_t version, offset, length;
    absl::StatusCode code;
  };
  const Case cases[] = {
      {1, 0, 3000000, absl::StatusCode::kOk},
      {1, 1048575, 1048578, absl::StatusCode::kOk},
      {1, 2999999, 1, absl::StatusCode::kOk},
      {1, 3000000, 0, absl::StatusCode::kOk},
      {1, 0, 3000001, absl::StatusCode::kInvalidArgument},
      {1, -1, 5, absl::StatusCode::kInvalidArgument},
      {1, 5, -1, absl::StatusCode::kInvalidArgument},
      {1, INT64_MAX, INT64_MAX, absl::StatusCode::kInvalidArgument},
      {2, 0, 1, absl::StatusCode::kAborted},
      {-1, 0, 1, absl::StatusCode::kAborted},
  };
  for (const Case& c : cases) {
    std::vector<uint8_t> got;
    const absl::Status status = FetchRange(c.version, c.offset, c.length, &got);
    EXPECT_EQ(status.code(), c.code) << c.version << " " << c.offset << " " << c.length << ": " << status;
    if (!status.ok()) continue;
    ASSERT_EQ(static_cast<int64_t>(got.size()), c.length);
    EXPECT_TRUE(std::equal(got.begin(), got.end(), snapshot->data + c.offset)) << c.offset;
  }
}

TEST_F(GrpcWeights, TheSinksErrorEndsTheStreamAndIsReturned) {
  ASSERT_TRUE(publisher_.Publish(MakeSnapshot(1, {20000000})).ok());
  int calls = 0;
  const absl::Status status = client_->Fetch(1, 0, 20000000, Later(), [&](int64_t, Bytes) {
    ++calls;
    return absl::DataLossError("enough");
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(calls, 1);
  EXPECT_TRUE(FetchRange(1, 0, 20000000).ok());  // the connection is as before
}

TEST_F(GrpcWeights, AFetchEndsAtItsDeadline) {
  ASSERT_TRUE(publisher_.Publish(MakeSnapshot(1, {20000000})).ok());
  ASSERT_TRUE(FetchRange(1, 0, 1).ok());
  const auto never = [](int64_t, Bytes) { return absl::OkStatus(); };
  EXPECT_EQ(client_->Fetch(1, 0, 20000000, absl::Now() - absl::Seconds(1), never).code(), absl::StatusCode::kDeadlineExceeded);
}

// A reader that takes one chunk and then nothing holds its stream open; others go on, and its snapshot is freed when it ends.
TEST_F(GrpcWeights, ASlowReaderHoldsUpNobodyAndItsSnapshotIsFreedAfterwards) {
  std::shared_ptr<WeightSnapshot> snapshot = MakeSnapshot(1, {30000000});
  const std::weak_ptr<WeightSnapshot> watch = snapshot;
  ASSERT_TRUE(publisher_.Publish(std::move(snapshot)).ok());
  const std::unique_ptr<GrpcClient> slow = Connect();
  Mutex mu;
  CondVar changed;
  bool holding = false;
  bool release = false;
  std::thread reader([&] {
    const absl::Status status = slow->Fetch(1, 0, 30000000, Later(), [&](int64_t, Bytes) -> absl::Status {
      MutexLock lock(mu);
      holding = true;
      changed.NotifyAll();
      while (!release) changed.Wait(mu);
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
  });
  {
    MutexLock lock(mu);
    while (!holding) changed.Wait(mu);
  }
  EXPECT_TRUE(FetchRange(1, 0, 30000000).ok());
  ASSERT_TRUE(publisher_.Publish(MakeSnapshot(2, {8})).ok());
  ASSERT_TRUE(publisher_.Publish(MakeSnapshot(3, {8})).ok());
  EXPECT_EQ(FetchRange(1, 0, 1).code(), absl::StatusCode::kAborted);  // no longer given out,
  EXPECT_FALSE(watch.expired());                                      // but still being read
  {
    MutexLock lock(mu);
    release = true;
    changed.NotifyAll();
  }
  reader.join();
  server_->Stop(absl::Seconds(10));
  server_ = nullptr;
  EXPECT_TRUE(watch.expired());
}

TEST_F(GrpcWeights, AcknowledgementsReachThePublisher) {
  ASSERT_TRUE(client_->Acknowledge("actor-0", 12).ok());
  EXPECT_THAT(publisher_.Acknowledged(), testing::ElementsAre(testing::Pair("actor-0", 12)));
  EXPECT_EQ(client_->Acknowledge("", 12).code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(GrpcWeights, ACloseByTheLearnerIsCancelled) {
  absl::StatusOr<WeightManifest> got;
  std::thread waiter([&] { got = client_->WaitForVersion(-1, Later()); });
  publisher_.Close();
  waiter.join();
  EXPECT_EQ(got.status().code(), absl::StatusCode::kCancelled) << got.status();
  EXPECT_EQ(FetchRange(1, 0, 1).code(), absl::StatusCode::kCancelled);
}

// What we write by hand on the wire is a FetchResponse to any client made from the .proto file.
TEST_F(GrpcWeights, AnOrdinaryProtobufClientReadsTheChunks) {
  const std::shared_ptr<WeightSnapshot> snapshot = MakeSnapshot(1, {2500000});
  ASSERT_TRUE(publisher_.Publish(snapshot).ok());
  const auto stub = weights::v1::WeightService::NewStub(grpc::CreateChannel(server_->address(), grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  context.AddMetadata("hone-token", kTestToken);
  context.set_deadline(absl::ToChronoTime(Later()));
  weights::v1::FetchRequest request;
  request.set_version(1);
  request.set_length(2500000);
  const auto stream = stub->Fetch(&context, request);
  weights::v1::FetchResponse response;
  int64_t next = 0;
  while (stream->Read(&response)) {
    ASSERT_EQ(response.offset(), next);
    ASSERT_TRUE(std::equal(response.data().begin(), response.data().end(), snapshot->data + next,
                           [](char a, uint8_t b) { return static_cast<uint8_t>(a) == b; }));
    next += static_cast<int64_t>(response.data().size());
  }
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(next, 2500000);
}

TEST_F(GrpcWeights, ARequestThatIsNoMessageIsRefused) {
  grpc::GenericStub stub(grpc::CreateChannel(server_->address(), grpc::InsecureChannelCredentials()));
  for (const std::string& bytes : {std::string("\xff\xff\xff"), std::string("\x08"), std::string(100000, '\x0a')}) {
    grpc::ClientContext context;
    context.AddMetadata("hone-token", kTestToken);
    context.set_deadline(absl::ToChronoTime(Later()));
    grpc::CompletionQueue queue;
    const auto next = [&queue] {
      void* tag;
      bool ok = false;
      return queue.Next(&tag, &ok) && ok;
    };
    const auto stream = stub.PrepareCall(&context, "/hone.weights.v1.WeightService/Fetch", &queue);
    stream->StartCall(nullptr);
    ASSERT_TRUE(next());
    const grpc::Slice slice(bytes);
    stream->WriteLast(grpc::ByteBuffer(&slice, 1), grpc::WriteOptions(), nullptr);
    ASSERT_TRUE(next());
    grpc::Status status;
    stream->Finish(&status, nullptr);
    ASSERT_TRUE(next());
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << bytes.size() << " bytes";
    queue.Shutdown();
    while (next()) {
    }
  }
}

TEST(PushBenchmark, MeasuresEveryPath) {
  for (PushPath path : {PushPath::kPeerMemory, PushPath::kUnixSocket, PushPath::kLoopback}) {
    absl::StatusOr<PushFigures> figures = BenchmarkPush(3000001, path, 2);
    ASSERT_TRUE(figures.ok()) << figures.status();
    EXPECT_EQ(figures->bytes, 3000001);
    EXPECT_GT(figures->median_gb_per_s, 0);
    EXPECT_GE(figures->best_gb_per_s, figures->median_gb_per_s);
    EXPECT_GT(figures->memcpy_gb_per_s, 0);
    EXPECT_GT(figures->checksum_gb_per_s, 0);
  }
  EXPECT_EQ(BenchmarkPush(0, PushPath::kUnixSocket, 1).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(BenchmarkPush(1, PushPath::kUnixSocket, 0).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace hone
