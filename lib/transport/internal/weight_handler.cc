#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/proto_buffer_reader.h>

#include <array>

#include "fmt/format.h"
#include "lib/transport/internal/chunk_header.h"
#include "lib/transport/internal/handlers.h"
#include "lib/transport/internal/messages.h"
#include "lib/transport/internal/peer_memory.h"

namespace hone::transport_internal {
namespace {

// A slice of the snapshot that holds a reference to it until gRPC has sent the bytes; nothing is copied.
grpc::Slice SliceOf(const std::shared_ptr<const WeightSnapshot>& snapshot, int64_t offset, int64_t size) {
  using Holder = std::shared_ptr<const WeightSnapshot>;
  return grpc::Slice(
      const_cast<uint8_t*>(snapshot->data + offset), static_cast<size_t>(size), [](void* holder) { delete static_cast<Holder*>(holder); },
      new Holder(snapshot));
}

// Writes the chunks of a range one after the other, each when the one before has left; then the status. Deletes itself.
class FetchReactor final : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  // Answers with `status` at once when it is not ok.
  FetchReactor(grpc::CallbackServerContext& context, absl::Status status, std::shared_ptr<const WeightSnapshot> snapshot, int64_t offset,
               int64_t length)
      : context_(context), snapshot_(std::move(snapshot)), offset_(offset), end_(offset + length) {
    if (status.ok()) {
      WriteNext();
    } else {
      Finish(Answer(context_, status));
    }
  }

  void OnWriteDone(bool ok) override {
    if (ok) {
      WriteNext();
    } else {
      Finish(Answer(context_, absl::CancelledError("the caller is gone")));
    }
  }
  void OnDone() override { delete this; }

 private:
  void WriteNext() {
    if (offset_ >= end_) {
      Finish(Answer(context_, absl::OkStatus()));
      return;
    }
    const int64_t size = std::min(kChunkBytes, end_ - offset_);
    std::array<uint8_t, kMaxChunkHeaderBytes> header;
    const size_t header_bytes = WriteChunkHeader({offset_, size}, header);
    const grpc::Slice slices[2] = {grpc::Slice(header.data(), header_bytes), SliceOf(snapshot_, offset_, size)};
    message_ = grpc::ByteBuffer(slices, 2);
    offset_ += size;
    StartWrite(&message_);
  }

  grpc::CallbackServerContext& context_;
  const std::shared_ptr<const WeightSnapshot> snapshot_;
  int64_t offset_;
  const int64_t end_;
  grpc::ByteBuffer message_;
};

absl::StatusOr<weights::v1::FetchRequest> ParseRequest(const grpc::ByteBuffer& buffer) {
  weights::v1::FetchRequest request;
  grpc::ByteBuffer copy(buffer);  // of the reference; the reader below consumes it
  grpc::ProtoBufferReader reader(&copy);
  if (!reader.status().ok() || !request.ParseFromZeroCopyStream(&reader)) {
    return absl::InvalidArgumentError(fmt::format("{} bytes are not a FetchRequest", buffer.Length()));
  }
  return request;
}

}  // namespace

grpc::Status WeightHandler::WaitForVersion(grpc::ServerContext* context, const weights::v1::WaitForVersionRequest* request,
                                           weights::v1::WaitForVersionResponse* response) {
  return Serve(state_, *context, [&]() -> absl::Status {
    absl::StatusOr<WeightManifest> manifest = WaitInSlices(
        state_, *context, request->wait_ms(), [&](absl::Time until) { return weights_.WaitForVersion(request->newer_than(), until); });
    if (absl::IsDeadlineExceeded(manifest.status())) return absl::OkStatus();  // no manifest: not yet
    HONE_RETURN_IF_ERROR(manifest.status());
    Encode(*manifest, response->mutable_manifest());
    if (!state_.same_machine) return absl::OkStatus();
    if (const auto snapshot = weights_.Hold(manifest->version); snapshot.ok()) {
      Encode(ThisProcess((*snapshot)->data), response->mutable_memory());
    }
    return absl::OkStatus();
  });
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* WeightHandler::Fetch(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) {
  std::shared_ptr<const WeightSnapshot> snapshot;
  weights::v1::FetchRequest range;
  const absl::Status status = [&]() -> absl::Status {
    HONE_RETURN_IF_ERROR(Admit(state_, *context));
    HONE_ASSIGN_OR_RETURN(range, ParseRequest(*request));
    HONE_ASSIGN_OR_RETURN(snapshot, weights_.Hold(range.version()));
    return CheckRange(snapshot->manifest, range.offset(), range.length());
  }();
  if (!status.ok()) return new FetchReactor(*context, status, nullptr, 0, 0);
  return new FetchReactor(*context, status, std::move(snapshot), range.offset(), range.length());
}

grpc::Status WeightHandler::Acknowledge(grpc::ServerContext* context, const weights::v1::AcknowledgeRequest* request,
                                        weights::v1::AcknowledgeResponse* response) {
  return Serve(state_, *context, [&]() -> absl::Status {
    HONE_RETURN_IF_ERROR(CheckActorName(request->actor()));
    return weights_.Acknowledge(request->actor(), request->version());
  });
}

}  // namespace hone::transport_internal
