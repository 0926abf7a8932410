#include "lib/transport/grpc_server.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <filesystem>

#include "fmt/format.h"
#include "lib/transport/address.h"
#include "lib/transport/internal/handlers.h"
#include "lib/transport/internal/process_setup.h"
#include "lib/transport/internal/verifier_handler.h"

namespace hone {
namespace {

using transport_internal::ControlHandler;
using transport_internal::RolloutHandler;
using transport_internal::ServerState;
using transport_internal::VerifierHandler;
using transport_internal::WeightHandler;

// Whether somebody accepts connections there. One that accepts and says nothing for two seconds counts as alive.
bool SomeoneListens(const Address& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  const auto channel = grpc::CreateCustomChannel(address.ToString(), grpc::InsecureChannelCredentials(), arguments);
  const auto deadline = std::chrono::system_clock::now() + std::chrono::seconds(2);
  grpc_connectivity_state state = channel->GetState(true);
  while (state != GRPC_CHANNEL_READY && state != GRPC_CHANNEL_TRANSIENT_FAILURE) {
    if (!channel->WaitForStateChange(state, deadline)) break;
    state = channel->GetState(true);
  }
  return state != GRPC_CHANNEL_TRANSIENT_FAILURE;
}

// Makes room for a socket: removes what a dead process left, refuses what a living one uses.
absl::Status PrepareSocketPath(const Address& address) {
  const std::filesystem::path path = address.unix_path;
  std::error_code error;
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  if (!std::filesystem::is_directory(folder, error)) {
    return absl::NotFoundError(
        fmt::format("cannot listen on {}: the folder {} is not there; make it first", address.ToString(), folder.string()));
  }
  const std::filesystem::file_status found = std::filesystem::symlink_status(path, error);
  if (!std::filesystem::exists(found)) return absl::OkStatus();
  if (!std::filesystem::is_socket(found)) {
    return absl::AlreadyExistsError(
        fmt::format("cannot listen on {}: there is a file that is no socket; choose another path", address.ToString()));
  }
  if (SomeoneListens(address)) {
    return absl::AlreadyExistsError(
        fmt::format("cannot listen on {}: another process listens there; stop it, or choose another run or path", address.ToString()));
  }
  std::filesystem::remove(path, error);
  if (error) {
    return absl::PermissionDeniedError(fmt::format(
        "cannot listen on {}: the socket left by a dead process cannot be removed ({}); remove it", address.ToString(), error.message()));
  }
  return absl::OkStatus();
}

}  // namespace

struct GrpcServer::Impl {
  // Constant after Start.
  std::string address;
  ServerState state;
  std::unique_ptr<RolloutHandler> rollout;
  std::unique_ptr<WeightHandler> weights;
  std::unique_ptr<ControlHandler> control;
  std::unique_ptr<VerifierHandler> verifier;
  // Synchronized by itself.
  std::unique_ptr<grpc::Server> server;  // last: goes first
};

GrpcServer::GrpcServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
GrpcServer::~GrpcServer() {
  Stop(absl::ZeroDuration());
}

const std::string& GrpcServer::address() const {
  return impl_->address;
}

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Start(const GrpcServerOptions& options) {
  HONE_ASSIGN_OR_RETURN(Address address, ParseAddress(options.address));
  if (options.token.empty() && !(options.open_socket && address.is_unix()))
    return absl::InvalidArgumentError("cannot listen without a run token; make one with NewRunToken");
  if (!address.is_local() && !options.allow_plaintext_remote) {
    return absl::PermissionDeniedError(
        fmt::format("cannot listen on {}: other machines reach it and nothing is encrypted; use unix:PATH, 127.0.0.1:PORT or a tunnel",
                    options.address));
  }
  transport_internal::SetUpProcess();
  if (address.is_unix()) HONE_RETURN_IF_ERROR(PrepareSocketPath(address));

  auto impl = std::make_unique<Impl>();
  impl->state.token = options.token;
  impl->state.max_waiting_calls = options.max_waiting_calls;
  impl->state.same_machine = address.is_unix();

  namespace limits = transport_internal;
  grpc::ServerBuilder builder;
  builder.SetMaxReceiveMessageSize(limits::kMaxMessageBytes);
  builder.SetMaxSendMessageSize(limits::kMaxMessageBytes);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);  // else a second server shares the port and takes half of the calls
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, limits::kMaxStreamsPerConnection);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_FRAME_SIZE, limits::kMaxFrameBytes);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 30000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 5000);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, 0);
  grpc::ResourceQuota quota("hone");
  quota.SetMaxThreads(options.max_calls);
  builder.SetResourceQuota(quota);
  int port = 0;
  builder.AddListeningPort(address.ToString(), grpc::InsecureServerCredentials(), &port);
  if (options.rollout != nullptr) {
    impl->rollout = std::make_unique<RolloutHandler>(impl->state, *options.rollout);
    builder.RegisterService(impl->rollout.get());
  }
  if (options.weights != nullptr) {
    impl->weights = std::make_unique<WeightHandler>(impl->state, *options.weights);
    builder.RegisterService(impl->weights.get());
  }
  if (options.control != nullptr) {
    impl->control = std::make_unique<ControlHandler>(impl->state, *options.control);
    builder.RegisterService(impl->control.get());
  }
  if (options.verifier != nullptr) {
    impl->verifier = std::make_unique<VerifierHandler>(impl->state, *options.verifier, options.max_verifier_calls);
    builder.RegisterService(impl->verifier.get());
    grpc::EnableDefaultHealthCheckService(true);
  }
  impl->server = builder.BuildAndStart();
  if (impl->server == nullptr || (!address.is_unix() && port == 0)) {
    return absl::AlreadyExistsError(fmt::format(
        "cannot listen on {}: {}", options.address,
        address.is_unix() ? "the socket cannot be made there; is the folder writable and on a local disk?"
                          : "the port is in use, or the host is no address of this machine; choose another port, or 0 for a free one"));
  }
  if (address.is_unix()) {
    std::error_code error;
    using std::filesystem::perms;
    std::filesystem::permissions(address.unix_path, perms::owner_read | perms::owner_write, error);
    if (error) {
      return absl::PermissionDeniedError(fmt::format("cannot protect the socket {}: {}", address.ToString(), error.message()));
    }
  } else {
    address.port = port;
  }
  impl->address = address.ToString();
  return std::unique_ptr<GrpcServer>(new GrpcServer(std::move(impl)));
}

void GrpcServer::Stop(absl::Duration grace) {
  impl_->state.stopping = true;
  impl_->server->Shutdown(absl::ToChronoTime(absl::Now() + grace));
}

}  // namespace hone
