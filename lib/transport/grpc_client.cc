#include "lib/transport/grpc_client.h"

#include <grpcpp/generic/generic_stub.h>

#include <cstring>
#include <optional>
#include <set>
#include <utility>

#include "absl/time/clock.h"
#include "fmt/format.h"
#include "hone/control/v1/control_service.grpc.pb.h"
#include "hone/rollout/v1/rollout_service.grpc.pb.h"
#include "hone/weights/v1/weights_service.grpc.pb.h"
#include "lib/base/log.h"
#include "lib/base/mutex.h"
#include "lib/rollout/codec.h"
#include "lib/transport/address.h"
#include "lib/transport/internal/channel.h"
#include "lib/transport/internal/chunk_header.h"
#include "lib/transport/internal/limits.h"
#include "lib/transport/internal/messages.h"
#include "lib/transport/internal/peer_memory.h"
#include "lib/transport/internal/process_setup.h"

namespace hone {
namespace {

using namespace transport_internal;  // NOLINT: the folder's own parts

// What a call with a wait of its own gets on top of it before it counts as unanswered.
constexpr absl::Duration kAnswerSlack = absl::Seconds(5);
constexpr absl::Duration kLeastUnavailable = absl::Milliseconds(100);

// Copies the first bytes of a message for its header.
size_t Peek(const std::vector<grpc::Slice>& slices, std::array<uint8_t, kMaxChunkHeaderBytes>& out) {
  size_t filled = 0;
  for (const grpc::Slice& slice : slices) {
    const size_t take = std::min(out.size() - filled, slice.size());
    std::memcpy(out.data() + filled, slice.begin(), take);
    filled += take;
    if (filled == out.size()) break;
  }
  return filled;
}

// Hands the data of one FetchResponse to the sink, piece by piece, without copying it. `next` is where it must begin, and moves on.
absl::Status TakeChunk(const grpc::ByteBuffer& message, int64_t& next, int64_t end,
                       const std::function<absl::Status(int64_t, absl::Span<const uint8_t>)>& sink) {
  std::vector<grpc::Slice> slices;
  if (!message.Dump(&slices).ok()) return absl::DataLossError("weights: a message cannot be read");
  std::array<uint8_t, kMaxChunkHeaderBytes> head;
  ChunkHeader header;
  HONE_ASSIGN_OR_RETURN(size_t skip, ReadChunkHeader(head.data(), Peek(slices, head), message.Length(), header));
  if (header.offset != next || header.size > end - next) {
    return absl::DataLossError(
        fmt::format("weights: a chunk of {} bytes at {} came where [{}, {}) was due", header.size, header.offset, next, end));
  }
  for (const grpc::Slice& slice : slices) {
    if (skip >= slice.size()) {
      skip -= slice.size();
      continue;
    }
    const size_t size = slice.size() - skip;
    HONE_RETURN_IF_ERROR(sink(next, absl::MakeConstSpan(slice.begin() + skip, size)));
    next += static_cast<int64_t>(size);
    skip = 0;
  }
  return absl::OkStatus();
}

}  // namespace

struct GrpcClient::Impl {
  explicit Impl(GrpcClientOptions given)
      : options(std::move(given)),
        channel(MakeChannel(options.address)),
        rollout(rollout::v1::RolloutService::NewStub(channel)),
        weights(weights::v1::WeightService::NewStub(channel)),
        control(control::v1::ControlService::NewStub(channel)),
        generic(channel) {}

  // A call that Cancel can end; takes itself off the list.
  class OpenCall {
   public:
    OpenCall(Impl& impl, absl::Time deadline) : impl_(impl) {
      context.set_deadline(absl::ToChronoTime(std::min(deadline, absl::Now() + kMaxCallTime - absl::Minutes(1))));
      context.AddMetadata(kTokenKey, impl.options.token);
      MutexLock lock(impl_.mu);
      impl_.open.insert(&context);
      if (impl_.cancelled) context.TryCancel();
    }
    ~OpenCall() {
      MutexLock lock(impl_.mu);
      impl_.open.erase(&context);
    }
    grpc::ClientContext context;

   private:
    Impl& impl_;
  };

  bool IsCancelled() {
    MutexLock lock(mu);
    return cancelled;
  }

  absl::Status CancelledStatus(const char* operation) {
    return absl::CancelledError(fmt::format("{} at {}: the client was cancelled", operation, options.address));
  }

  // Sleeps until `since` + 100 ms, or Cancel.
  void PaceUnavailable(absl::Time since) {
    const absl::Time until = since + kLeastUnavailable;
    MutexLock lock(mu);
    while (!cancelled && absl::Now() < until) cancelled_changed.WaitUntil(mu, until);
  }

  absl::Status WaitUntilConnected(absl::Time deadline) {
    while (channel->GetState(true) != GRPC_CHANNEL_READY) {
      if (IsCancelled()) return CancelledStatus("connect");
      if (absl::Now() >= deadline) {
        return absl::UnavailableError(
            fmt::format("cannot reach the learner at {}; is it running, and is this its address?", options.address));
      }
      channel->WaitForConnected(absl::ToChronoTime(std::min(deadline, absl::Now() + kWaitSlice)));
    }
    return absl::OkStatus();
  }

  // Our status of a finished call. What gRPC itself reports may pass, unless it is about the message.
  absl::Status Translate(const char* operation, const grpc::ClientContext& context, const grpc::Status& status, absl::Time begin) {
    if (status.ok()) return absl::OkStatus();
    const bool from_hone = context.GetServerTrailingMetadata().count(kOriginKey) > 0;
    absl::StatusCode code = static_cast<absl::StatusCode>(status.error_code());
    std::string message = status.error_message();
    if (!from_hone) {
      if (IsCancelled()) return CancelledStatus(operation);
      switch (code) {
        case absl::StatusCode::kDeadlineExceeded:
          message = fmt::format("no answer within {:.1f} s", absl::ToDoubleSeconds(absl::Now() - begin));
          code = absl::StatusCode::kUnavailable;
          break;
        case absl::StatusCode::kUnknown:            // the stream was cut
        case absl::StatusCode::kCancelled:          // the server stops
        case absl::StatusCode::kResourceExhausted:  // the server has no thread left; sizes are checked before sending
          code = absl::StatusCode::kUnavailable;
          break;
        default:
          break;
      }
    }
    return absl::Status(code, fmt::format("{} at {}: {}", operation, options.address, message));
  }

  // One unary call. connect_until: how long it may wait for the connection, connect_timeout at most; answer_within: from then on.
  template <class Stub, class Request, class Response>
  absl::Status Call(const char* operation, absl::Time connect_until, absl::Duration answer_within, Stub& stub,
                    grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*), const Request& request,
                    Response* response) {
    const absl::Time begin = absl::Now();
    if (request.ByteSizeLong() > static_cast<size_t>(kMaxMessageBytes)) {
      return absl::InvalidArgumentError(fmt::format("{} at {}: {} bytes are above the {} bytes of a message", operation, options.address,
                                                    request.ByteSizeLong(), kMaxMessageBytes));
    }
    absl::Status result = Annotate(WaitUntilConnected(std::min(connect_until, begin + options.connect_timeout)), operation);
    if (result.ok()) {
      OpenCall call(*this, absl::Now() + answer_within);
      const grpc::Status status = (stub.*method)(&call.context, request, response);
      result = Translate(operation, call.context, status, begin);
    }
    if (absl::IsUnavailable(result)) PaceUnavailable(begin);
    return result;
  }
  // One that waits for nothing.
  template <class Stub, class Request, class Response>
  absl::Status Call(const char* operation, Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                    const Request& request, Response* response) {
    return Call(operation, absl::InfiniteFuture(), options.call_timeout, stub, method, request, response);
  }

  // Calls once(wait) again and again, each with a wait that the server takes, until it gives something other than "nothing yet"
  // (DeadlineExceeded) or the deadline has passed.
  template <class Once>
  auto WaitInCalls(absl::Time deadline, Once once) -> decltype(once(absl::Duration())) {
    while (true) {
      auto result = once(std::clamp(deadline - absl::Now(), absl::ZeroDuration(), kMaxWait));
      if (!absl::IsDeadlineExceeded(result.status()) || absl::Now() >= deadline) return result;
    }
  }

  // Keeps where the newest version lies, if the server said so.
  void Remember(const WeightManifest& manifest, const weights::v1::WaitForVersionResponse& response) {
    MutexLock lock(mu);
    newest = {.version = manifest.version, .bytes = manifest.total_bytes};
    if (options.read_peer_memory && response.has_memory()) newest.memory = Decode(response.memory());
  }
  // Where this range of that version lies, once.
  std::optional<PeerMemory> TakeMemory(int64_t version, int64_t offset, int64_t length) {
    MutexLock lock(mu);
    if (newest.version != version || offset < 0 || length < 0 || length > newest.bytes || offset > newest.bytes - length)
      return std::nullopt;
    return std::exchange(newest.memory, std::nullopt);
  }

  // Constant after construction.
  const GrpcClientOptions options;
  // Synchronized by themselves.
  const std::shared_ptr<grpc::Channel> channel;
  const std::unique_ptr<rollout::v1::RolloutService::Stub> rollout;
  const std::unique_ptr<weights::v1::WeightService::Stub> weights;
  const std::unique_ptr<control::v1::ControlService::Stub> control;
  grpc::GenericStub generic;

  Mutex mu;
  CondVar cancelled_changed;
  bool cancelled ABSL_GUARDED_BY(mu) = false;
  struct Newest {
    int64_t version = -1;
    int64_t bytes = 0;
    std::optional<PeerMemory> memory;
  };
  Newest newest ABSL_GUARDED_BY(mu);
  std::set<grpc::ClientContext*> open ABSL_GUARDED_BY(mu);
};

GrpcClient::GrpcClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
GrpcClient::~GrpcClient() {
  Cancel();
}

absl::StatusOr<std::unique_ptr<GrpcClient>> GrpcClient::Create(const GrpcClientOptions& options) {
  HONE_RETURN_IF_ERROR(ParseAddress(options.address).status());
  if (options.token.empty()) return absl::InvalidArgumentError(fmt::format("no run token for {}; use the learner's", options.address));
  SetUpProcess();
  return std::unique_ptr<GrpcClient>(new GrpcClient(std::make_unique<Impl>(options)));
}

absl::Status GrpcClient::WaitUntilConnected(absl::Time deadline) {
  return impl_->WaitUntilConnected(deadline);
}

void GrpcClient::Cancel() {
  MutexLock lock(impl_->mu);
  impl_->cancelled = true;
  for (grpc::ClientContext* context : impl_->open) context->TryCancel();
  impl_->cancelled_changed.NotifyAll();
}

absl::StatusOr<Registration> GrpcClient::Register(const ActorInfo& actor) {
  rollout::v1::RegisterRequest request;
  Encode(actor, request.mutable_actor());
  rollout::v1::RegisterResponse response;
  using Stub = rollout::v1::RolloutService::Stub;
  HONE_RETURN_IF_ERROR(impl_->Call("Register", *impl_->rollout, &Stub::Register, request, &response));
  return Decode(response);
}

absl::StatusOr<std::vector<GroupLease>> GrpcClient::Lease(const std::string& actor, int32_t max_groups, absl::Time deadline) {
  return impl_->WaitInCalls(deadline, [&](absl::Duration wait) -> absl::StatusOr<std::vector<GroupLease>> {
    rollout::v1::LeaseRequest request;
    request.set_actor(actor);
    request.set_max_groups(std::min(max_groups, kMaxGroupsPerLease));
    request.set_wait_ms(absl::ToInt64Milliseconds(wait));
    rollout::v1::LeaseResponse response;
    using Stub = rollout::v1::RolloutService::Stub;
    HONE_RETURN_IF_ERROR(impl_->Call("Lease", deadline, wait + kAnswerSlack, *impl_->rollout, &Stub::Lease, request, &response));
    if (response.groups_size() == 0) {
      return absl::DeadlineExceededError(fmt::format("Lease at {}: no work in time", impl_->options.address));
    }
    std::vector<GroupLease> groups;
    for (const rollout::v1::GroupLease& group : response.groups()) {
      HONE_ASSIGN_OR_RETURN(GroupLease decoded, hone::Decode(group));
      groups.push_back(std::move(decoded));
    }
    return groups;
  });
}

absl::StatusOr<std::vector<int64_t>> GrpcClient::Renew(const std::string& actor, absl::Span<const int64_t> leases,
                                                       double tokens_per_second) {
  rollout::v1::RenewRequest request;
  request.set_actor(actor);
  request.mutable_leases()->Assign(leases.begin(), leases.end());
  request.set_tokens_per_second(tokens_per_second);
  rollout::v1::RenewResponse response;
  using Stub = rollout::v1::RolloutService::Stub;
  HONE_RETURN_IF_ERROR(impl_->Call("Renew", *impl_->rollout, &Stub::Renew, request, &response));
  return std::vector<int64_t>(response.lost_leases().begin(), response.lost_leases().end());
}

absl::StatusOr<std::vector<bool>> GrpcClient::Submit(const std::string& actor, std::vector<Trajectory> trajectories) {
  std::vector<bool> accepted;
  for (size_t next = 0; next < trajectories.size();) {
    rollout::v1::SubmitRequest request;
    request.set_actor(actor);
    for (size_t bytes = 0; next < trajectories.size() && bytes < kSubmitBatchBytes; ++next) {
      rollout::v1::Trajectory* added = request.add_trajectories();
      hone::Encode(trajectories[next], added);
      const size_t size = added->ByteSizeLong();
      if (bytes > 0 && bytes + size > kSubmitBatchBytes) {  // alone, in the next call
        request.mutable_trajectories()->RemoveLast();
        break;
      }
      bytes += size;
    }
    rollout::v1::SubmitResponse response;
    using Stub = rollout::v1::RolloutService::Stub;
    HONE_RETURN_IF_ERROR(impl_->Call("Submit", *impl_->rollout, &Stub::Submit, request, &response));
    if (response.accepted_size() != request.trajectories_size()) {
      return absl::InternalError(fmt::format("Submit at {}: {} answers for {} trajectories", impl_->options.address,
                                             response.accepted_size(), request.trajectories_size()));
    }
    accepted.insert(accepted.end(), response.accepted().begin(), response.accepted().end());
  }
  return accepted;
}

absl::StatusOr<WeightManifest> GrpcClient::WaitForVersion(int64_t newer_than, absl::Time deadline) {
  return impl_->WaitInCalls(deadline, [&](absl::Duration wait) -> absl::StatusOr<WeightManifest> {
    weights::v1::WaitForVersionRequest request;
    request.set_newer_than(newer_than);
    request.set_wait_ms(absl::ToInt64Milliseconds(wait));
    weights::v1::WaitForVersionResponse response;
    using Stub = weights::v1::WeightService::Stub;
    HONE_RETURN_IF_ERROR(
        impl_->Call("WaitForVersion", deadline, wait + kAnswerSlack, *impl_->weights, &Stub::WaitForVersion, request, &response));
    if (!response.has_manifest()) {
      return absl::DeadlineExceededError(
          fmt::format("WaitForVersion at {}: no version above {} in time", impl_->options.address, newer_than));
    }
    absl::StatusOr<WeightManifest> manifest = Decode(response.manifest());
    if (manifest.ok()) impl_->Remember(*manifest, response);
    return manifest;
  });
}

absl::Status GrpcClient::Fetch(int64_t version, int64_t offset, int64_t length, absl::Time deadline,
                               const std::function<absl::Status(int64_t offset, absl::Span<const uint8_t> chunk)>& sink) {
  const absl::Time begin = absl::Now();
  // The learner's memory is read once; what was wrong with it then comes through the socket.
  if (const std::optional<PeerMemory> memory = impl_->TakeMemory(version, offset, length); memory.has_value()) {
    int64_t read = 0;
    const absl::Status status = ReadPeerMemory(*memory, offset, length, deadline, sink, read);
    if (!absl::IsUnavailable(status)) return status;
    HONE_LOG_DEBUG("Fetch at {}: {}; taking the socket", impl_->options.address, std::string(status.message()));
    offset += read;
    length -= read;
  }
  weights::v1::FetchRequest request;
  request.set_version(version);
  request.set_offset(offset);
  request.set_length(length);
  const absl::Status connected = Annotate(impl_->WaitUntilConnected(std::min(deadline, begin + impl_->options.connect_timeout)), "Fetch");
  if (!connected.ok()) {
    if (absl::IsUnavailable(connected)) impl_->PaceUnavailable(begin);
    return connected;
  }

  // The answers are read as raw messages over a queue of this call's own: this thread does all of the work, from socket to sink.
  absl::Status taken;
  absl::Status result;
  {
    grpc::CompletionQueue queue;
    Impl::OpenCall call(*impl_, deadline);
    const auto next_ok = [&queue] {
      void* tag = nullptr;
      bool ok = false;
      return queue.Next(&tag, &ok) && ok;
    };
    const std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream = impl_->generic.PrepareCall(&call.context, kFetchMethod, &queue);
    stream->StartCall(nullptr);
    bool ok = next_ok();
    if (ok) {
      const grpc::Slice slice(request.SerializeAsString());
      stream->WriteLast(grpc::ByteBuffer(&slice, 1), grpc::WriteOptions(), nullptr);
      ok = next_ok();
    }
    int64_t next = offset;
    while (ok) {
      grpc::ByteBuffer message;
      stream->Read(&message, nullptr);
      ok = next_ok();
      if (!ok) break;
      taken = TakeChunk(message, next, offset + length, sink);
      if (!taken.ok()) {
        call.context.TryCancel();
        break;
      }
    }
    grpc::Status status;
    stream->Finish(&status, nullptr);
    next_ok();
    queue.Shutdown();
    while (next_ok()) {
    }
    result = impl_->Translate("Fetch", call.context, status, begin);
    if (result.ok() && taken.ok() && next != offset + length) {
      result = absl::DataLossError(
          fmt::format("Fetch at {}: the stream ended at byte {} of [{}, {})", impl_->options.address, next, offset, offset + length));
    }
  }
  if (!taken.ok()) return taken;
  if (absl::IsUnavailable(result) && absl::Now() >= deadline) return absl::DeadlineExceededError(result.message());
  if (absl::IsUnavailable(result)) impl_->PaceUnavailable(begin);
  return result;
}

absl::Status GrpcClient::Acknowledge(const std::string& actor, int64_t version) {
  weights::v1::AcknowledgeRequest request;
  request.set_actor(actor);
  request.set_version(version);
  weights::v1::AcknowledgeResponse response;
  using Stub = weights::v1::WeightService::Stub;
  return impl_->Call("Acknowledge", *impl_->weights, &Stub::Acknowledge, request, &response);
}

absl::StatusOr<RunStatus> GrpcClient::GetStatus() {
  control::v1::GetStatusRequest request;
  control::v1::GetStatusResponse response;
  using Stub = control::v1::ControlService::Stub;
  HONE_RETURN_IF_ERROR(impl_->Call("GetStatus", *impl_->control, &Stub::GetStatus, request, &response));
  return Decode(response.status());
}

absl::Status GrpcClient::RequestStop(const std::string& reason) {
  control::v1::RequestStopRequest request;
  request.set_reason(reason);
  control::v1::RequestStopResponse response;
  using Stub = control::v1::ControlService::Stub;
  return impl_->Call("RequestStop", *impl_->control, &Stub::RequestStop, request, &response);
}

}  // namespace hone
