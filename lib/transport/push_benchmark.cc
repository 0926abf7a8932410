#include "lib/transport/push_benchmark.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <memory>
#include <vector>

#include "absl/time/clock.h"
#include "fmt/format.h"
#include "lib/base/hash.h"
#include "lib/base/random.h"
#include "lib/transport/grpc_client.h"
#include "lib/transport/grpc_server.h"
#include "lib/transport/run_token.h"
#include "lib/transport/weight_fetcher.h"

namespace hone {
namespace {

// Entries of 1 MB, about those of a small model's layers.
WeightManifest MakeManifest(int64_t version, int64_t bytes) {
  constexpr int64_t kEntryBytes = 1 << 20;
  WeightManifest manifest;
  manifest.version = version;
  manifest.dtype = "bf16";
  manifest.layout = "benchmark";
  manifest.total_bytes = bytes;
  for (int64_t at = 0; at < bytes; at += kEntryBytes) {
    const int64_t size = std::min(kEntryBytes, bytes - at);
    manifest.entries.push_back({fmt::format("entry.{}", manifest.entries.size()), {size}, at, size, 0});
  }
  return manifest;
}

template <class Work>
double SecondsOf(Work work) {
  const absl::Time begin = absl::Now();
  work();
  return absl::ToDoubleSeconds(absl::Now() - begin);
}

}  // namespace

const char* Name(PushPath path) {
  switch (path) {
    case PushPath::kPeerMemory:
      return "unix socket, same machine";
    case PushPath::kUnixSocket:
      return "unix socket, stream";
    case PushPath::kLoopback:
      return "loopback";
  }
  return "unknown";
}

absl::StatusOr<PushFigures> BenchmarkPush(int64_t bytes, PushPath path, int repeats) {
  const bool unix_socket = path != PushPath::kLoopback;
  constexpr int64_t kMaxBytes = int64_t{8} << 30;  // two arenas of this size are made
  if (bytes < 1 || bytes > kMaxBytes || repeats < 1) {
    return absl::InvalidArgumentError(
        fmt::format("push benchmark: {} bytes must be in [1, {}] and {} repeats >= 1", bytes, kMaxBytes, repeats));
  }
  auto arena = std::make_shared<std::vector<uint64_t>>(static_cast<size_t>((bytes + 7) / 8));
  for (size_t i = 0; i < arena->size(); ++i) (*arena)[i] = i * 0x9e3779b97f4a7c15u;
  const uint8_t* data = reinterpret_cast<const uint8_t*>(arena->data());
  std::vector<uint8_t> received(static_cast<size_t>(bytes));

  const std::string secret = NewRunToken();
  WeightPublisher publisher;
  GrpcServerOptions server_options;
  std::error_code error;
  server_options.address = unix_socket ? fmt::format("unix:{}/hone-push-{}.sock", std::filesystem::temp_directory_path(error).string(),
                                                     NewRunToken().substr(0, 12))
                                       : "127.0.0.1:0";
  server_options.token = secret;
  server_options.weights = &publisher;
  HONE_ASSIGN_OR_RETURN(const std::unique_ptr<GrpcServer> server, GrpcServer::Start(server_options));
  HONE_ASSIGN_OR_RETURN(
      const std::unique_ptr<GrpcClient> client,
      GrpcClient::Create({.address = server->address(), .token = secret, .read_peer_memory = path == PushPath::kPeerMemory}));

  PushFigures figures;
  figures.address = server->address();
  figures.bytes = bytes;
  figures.repeats = repeats;
  const auto rate = [bytes](double seconds) { return static_cast<double>(bytes) / 1e9 / std::max(seconds, 1e-9); };
  volatile uint64_t hash = 0;  // so that the work is done
  for (int i = 0; i < 3; ++i) {
    figures.memcpy_gb_per_s =
        std::max(figures.memcpy_gb_per_s, rate(SecondsOf([&] { std::memcpy(received.data(), data, static_cast<size_t>(bytes)); })));
    figures.checksum_gb_per_s =
        std::max(figures.checksum_gb_per_s, rate(SecondsOf([&] { hash = Hash64OfBytes(data, static_cast<size_t>(bytes)); })));
  }

  WeightManifest manifest = MakeManifest(0, bytes);
  FillChecksums(data, nullptr, manifest);
  WeightFetcher fetcher(*client, manifest);
  std::vector<double> rates;
  for (int i = 0; i <= repeats; ++i) {  // the first one connects and grows the windows
    auto snapshot = std::make_shared<WeightSnapshot>();
    snapshot->manifest = manifest;
    snapshot->manifest.version = i;
    snapshot->data = data;
    snapshot->owner = arena;
    const absl::Time begin = absl::Now();
    HONE_RETURN_IF_ERROR(publisher.Publish(std::move(snapshot)));
    HONE_ASSIGN_OR_RETURN(const WeightManifest newest, client->WaitForVersion(i - 1, begin + absl::Seconds(60)));
    HONE_RETURN_IF_ERROR(fetcher.Fetch(newest, absl::MakeSpan(received), begin + absl::Minutes(5)));
    if (i > 0) rates.push_back(rate(absl::ToDoubleSeconds(absl::Now() - begin)));
  }
  std::sort(rates.begin(), rates.end());
  figures.median_gb_per_s = rates[rates.size() / 2];
  figures.best_gb_per_s = rates.back();
  publisher.Close();
  server->Stop(absl::Seconds(1));
  return figures;
}

}  // namespace hone
