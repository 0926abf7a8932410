#pragma once
// A temporary folder, a server on it and a client, and raw sockets, for the tests labelled grpc.

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "lib/transport/grpc_client.h"
#include "lib/transport/grpc_server.h"
#include "lib/transport/test_fakes.h"

namespace hone {

inline constexpr char kTestToken[] = "secret-of-the-run";

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "hone-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~TemporaryFolder() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  std::string Socket(const std::string& name = "s") const { return "unix:" + path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// A connected Unix socket; -1 when nobody listens.
inline int ConnectRaw(const std::string& unix_address) {
  const std::string path = unix_address.substr(5);
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, path.data(), path.size());
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (connect(fd, reinterpret_cast<sockaddr*>(&name), sizeof(name)) == 0) return fd;
  close(fd);
  return -1;
}

// A socket file whose process is gone.
inline void LeaveStaleSocket(const std::string& unix_address) {
  const std::string path = unix_address.substr(5);
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, path.data(), path.size());
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&name), sizeof(name)), 0);
  close(fd);
}

// A server for an intake and a publisher, and a client of it.
class GrpcFixture : public testing::Test {
 protected:
  void StartServer(const std::string& address) {
    GrpcServerOptions options;
    options.address = address;
    options.token = kTestToken;
    options.rollout = &intake_;
    options.weights = &publisher_;
    options.control = &intake_;
    options.max_waiting_calls = max_waiting_calls_;
    absl::StatusOr<std::unique_ptr<GrpcServer>> server = GrpcServer::Start(options);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  std::unique_ptr<GrpcClient> Connect(const std::string& token = kTestToken, absl::Duration connect_timeout = absl::Seconds(20)) {
    absl::StatusOr<std::unique_ptr<GrpcClient>> client = GrpcClient::Create(
        {.address = server_->address(), .token = token, .connect_timeout = connect_timeout, .call_timeout = absl::Minutes(4)});
    EXPECT_TRUE(client.ok()) << client.status();
    return *std::move(client);
  }
  void StartBoth() {
    StartServer(folder_.Socket());
    if (server_ != nullptr) client_ = Connect();
  }

  TemporaryFolder folder_;
  FakeIntake intake_;
  WeightPublisher publisher_;
  int max_waiting_calls_ = 16;
  std::unique_ptr<GrpcServer> server_;
  std::unique_ptr<GrpcClient> client_;
};

inline absl::Time Later() {
  return absl::Now() + absl::Minutes(1);
}

}  // namespace hone
