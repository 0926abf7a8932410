// The server's door: who may come in, what happens to addresses, restarts, stops and hostile bytes.
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <sys/stat.h>

#include <fstream>
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hone/rollout/v1/rollout_service.grpc.pb.h"
#include "lib/base/random.h"
#include "lib/transport/test_sockets.h"

namespace hone {
namespace {

using ::testing::HasSubstr;

class GrpcServerTest : public GrpcFixture {
 protected:
  // The answer to a Renew call by gRPC itself, with what is given and no more.
  grpc::Status RawRenew(const std::vector<std::string>& tokens, bool with_deadline, int leases = 1) {
    grpc::ChannelArguments arguments;
    arguments.SetMaxSendMessageSize(-1);
    const auto stub =
        rollout::v1::RolloutService::NewStub(grpc::CreateCustomChannel(server_->address(), grpc::InsecureChannelCredentials(), arguments));
    grpc::ClientContext context;
    context.set_wait_for_ready(true);
    for (const std::string& token : tokens) context.AddMetadata("hone-token", token);
    if (with_deadline) context.set_deadline(absl::ToChronoTime(Later()));
    rollout::v1::RenewRequest request;
    request.set_actor("actor-0");
    for (int i = 0; i < leases; ++i) request.add_leases(INT64_MAX);
    rollout::v1::RenewResponse response;
    return stub->Renew(&context, request, &response);
  }
};

TEST_F(GrpcServerTest, RefusesCallsWithAnotherToken) {
  StartServer(folder_.Socket());
  const std::unique_ptr<GrpcClient> stranger = Connect("secret-of-the-ruN");
  for (const absl::Status& status :
       {stranger->GetStatus().status(), stranger->RequestStop("x"), stranger->Register({.name = "a"}).status(),
        stranger->Lease("a", 1, Later()).status(), stranger->Renew("a", {}, 0).status(), stranger->Submit("a", {Trajectory()}).status(),
        stranger->WaitForVersion(-1, Later()).status(), stranger->Acknowledge("a", 1),
        stranger->Fetch(1, 0, 1, Later(), [](int64_t, absl::Span<const uint8_t>) { return absl::OkStatus(); })}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated) << status;
  }
  EXPECT_EQ(intake_.submit_calls(), 0);
  EXPECT_TRUE(Connect()->GetStatus().ok());
}

TEST_F(GrpcServerTest, RefusesCallsWithoutTokenOrDeadline) {
  StartServer(folder_.Socket());
  EXPECT_TRUE(RawRenew({kTestToken}, true).ok());
  EXPECT_EQ(RawRenew({}, true).error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(RawRenew({""}, true).error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(RawRenew({kTestToken, kTestToken}, true).error_code(), grpc::StatusCode::UNAUTHENTICATED);
  const grpc::Status status = RawRenew({kTestToken}, false);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("deadline"));
}

TEST_F(GrpcServerTest, TheSocketIsTheOwnersAlone) {
  StartServer(folder_.Socket());
  struct stat found;
  ASSERT_EQ(stat(server_->address().substr(5).c_str(), &found), 0);
  EXPECT_TRUE(S_ISSOCK(found.st_mode));
  EXPECT_EQ(found.st_mode & 0777, 0600u);
}

TEST_F(GrpcServerTest, NamesTheCureWhenItCannotListen) {
  StartServer(folder_.Socket());
  const std::unique_ptr<GrpcServer> unix_server = std::move(server_);
  StartServer("127.0.0.1:0");
  std::ofstream(folder_.path() + "/file") << "precious";
  struct Case {
    std::string address;
    std::string token;
    absl::StatusCode code;
    const char* cure;
  };
  const Case cases[] = {
      {unix_server->address(), "t", absl::StatusCode::kAlreadyExists, "another process listens there"},
      {server_->address(), "t", absl::StatusCode::kAlreadyExists, "choose another port"},
      {folder_.Socket("file"), "t", absl::StatusCode::kAlreadyExists, "choose another path"},
      {folder_.Socket("no/s"), "t", absl::StatusCode::kNotFound, "make it first"},
      {"unix:" + std::string(200, 'a'), "t", absl::StatusCode::kInvalidArgument, "shorter folder"},
      {"nonsense", "t", absl::StatusCode::kInvalidArgument, "unix:PATH or HOST:PORT"},
      {folder_.Socket("new"), "", absl::StatusCode::kInvalidArgument, "NewRunToken"},
      {"0.0.0.0:0", "t", absl::StatusCode::kPermissionDenied, "127.0.0.1:PORT"},
      {"127.0.0.1:99999", "t", absl::StatusCode::kInvalidArgument, "65535"},
  };
  for (const Case& c : cases) {
    GrpcServerOptions options;
    options.address = c.address;
    options.token = c.token;
    options.rollout = &intake_;
    const absl::Status status = GrpcServer::Start(options).status();
    EXPECT_EQ(status.code(), c.code) << c.address << ": " << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(c.cure)) << c.address;
  }
  std::string kept;
  std::ifstream(folder_.path() + "/file") >> kept;
  EXPECT_EQ(kept, "precious");
  EXPECT_TRUE(Connect()->GetStatus().ok());  // the living ones were not disturbed
  server_ = nullptr;
}

TEST_F(GrpcServerTest, ReplacesTheSocketOfADeadProcess) {
  LeaveStaleSocket(folder_.Socket());
  StartServer(folder_.Socket());
  ASSERT_NE(server_, nullptr);
  EXPECT_TRUE(Connect()->GetStatus().ok());
}

TEST_F(GrpcServerTest, TheClientFindsARestartedServer) {
  for (const std::string& first : {folder_.Socket(), std::string("127.0.0.1:0")}) {
    StartServer(first);
    client_ = Connect();
    ASSERT_TRUE(client_->GetStatus().ok());
    const std::string address = server_->address();
    server_ = nullptr;
    StartServer(address);
    absl::Status status = absl::UnavailableError("not asked yet");
    for (int i = 0; i < 20 && absl::IsUnavailable(status); ++i) status = client_->GetStatus().status();
    EXPECT_TRUE(status.ok()) << address << ": " << status;
  }
}

TEST_F(GrpcServerTest, ACallToNobodyIsUnavailableAfterTheTimeGiven) {
  StartBoth();
  server_->Stop(absl::ZeroDuration());
  const std::string address = server_->address();
  server_ = nullptr;
  absl::StatusOr<std::unique_ptr<GrpcClient>> client =
      GrpcClient::Create({.address = address, .token = "t", .connect_timeout = absl::Milliseconds(150)});
  const absl::Time begin = absl::Now();
  const absl::Status status = (*client)->GetStatus().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
  EXPECT_THAT(std::string(status.message()), testing::AllOf(HasSubstr("GetStatus"), HasSubstr(address), HasSubstr("is it running")));
  EXPECT_GE(absl::Now() - begin, absl::Milliseconds(100));
  EXPECT_EQ((*client)->WaitUntilConnected(absl::Now() + absl::Milliseconds(10)).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ((*client)->Fetch(0, 0, 1, Later(), [](int64_t, absl::Span<const uint8_t>) { return absl::OkStatus(); }).code(),
            absl::StatusCode::kUnavailable);
}

TEST_F(GrpcServerTest, RefusesClientsWithoutAddressOrToken) {
  EXPECT_EQ(GrpcClient::Create({.address = "x", .token = "t"}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(GrpcClient::Create({.address = "localhost:1", .token = ""}).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(GrpcServerTest, StopEndsWaitingCallsSoon) {
  StartBoth();
  absl::Status status;
  std::thread waiter([&] { status = client_->Lease("actor-0", 1, Later()).status(); });
  intake_.WaitUntilLeaseWaits();
  const absl::Time begin = absl::Now();
  server_->Stop(absl::Seconds(10));
  EXPECT_LT(absl::Now() - begin, absl::Seconds(10));
  client_->Cancel();  // it would wait for the next server
  waiter.join();
  EXPECT_TRUE(absl::IsUnavailable(status) || absl::IsCancelled(status)) << status;
  server_->Stop(absl::ZeroDuration());  // repeating is fine
}

TEST_F(GrpcServerTest, AWaitTooManyIsUnavailableAndOtherCallsGoOn) {
  max_waiting_calls_ = 1;
  StartBoth();
  absl::StatusOr<std::vector<GroupLease>> got;
  std::thread waiter([&] { got = client_->Lease("actor-0", 1, Later()); });
  intake_.WaitUntilLeaseWaits();
  const absl::Status status = client_->WaitForVersion(-1, Later()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
  EXPECT_TRUE(client_->GetStatus().ok());
  intake_.AddWork({.group = 1});
  waiter.join();
  EXPECT_TRUE(got.ok()) << got.status();
}

TEST_F(GrpcServerTest, AnOversizeMessageIsRefusedAndTheServerLivesOn) {
  StartBoth();
  const int leases = 8 << 20;  // of nine bytes each: 72 MiB
  EXPECT_EQ(RawRenew({kTestToken}, true, leases).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  const absl::Status status = client_->Renew("actor-0", std::vector<int64_t>(leases, INT64_MAX), 0).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);  // the client does not even send it
  EXPECT_THAT(std::string(status.message()), HasSubstr("67108864 bytes of a message"));
  EXPECT_TRUE(client_->GetStatus().ok());
}

TEST_F(GrpcServerTest, GarbageOnTheSocketHarmsNobody) {
  StartBoth();
  ASSERT_TRUE(client_->GetStatus().ok());
  RandomCursor random{RandomStream(8)};
  const std::string preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  const std::string settings("\0\0\0\4\0\0\0\0\0", 9);
  for (int i = 0; i < 60; ++i) {
    std::string bytes;
    if (i % 3 > 0) bytes += preface;
    if (i % 3 > 1) bytes += settings;
    const size_t count = 1 + random.Below(3000);
    for (size_t k = 0; k < count; ++k) bytes.push_back(static_cast<char>(random.Below(i % 2 ? 256 : 12)));
    const int fd = ConnectRaw(server_->address());
    ASSERT_GE(fd, 0);
    EXPECT_GT(send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL), 0);
    close(fd);
  }
  EXPECT_TRUE(client_->GetStatus().ok());
  EXPECT_TRUE(Connect()->GetStatus().ok());
}

}  // namespace
}  // namespace hone
