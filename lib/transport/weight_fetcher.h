#pragma once

#include <cstdint>

#include "lib/transport/checksums.h"
#include "lib/transport/services.h"

namespace hone {

// What fetching has met so far.
struct FetchStats {
  int64_t versions = 0;           // fetched and verified
  int64_t bytes = 0;              // received, those fetched again included
  int64_t damaged_entries = 0;    // arrivals of an entry whose checksum was wrong
  int64_t interrupted_calls = 0;  // streams that broke off and were continued
};

// The actor's side of the weights: brings a version into a buffer that nobody reads yet, and says whether it may be used.
//
// One stream brings the whole arena; each piece is copied to its place and added to its entry's checksum while it is in the cache. Entries
// whose checksum is wrong are fetched again, alone. Only ok means that every byte of every entry is right: the caller swaps then, and at
// no other time; after an error the buffer holds anything. Bytes between entries are left as they were.
//
// Threads: one call at a time.
class WeightFetcher {
 public:
  struct Options {
    int max_attempts = 3;  // to get one entry right, the first included; also streams without a byte in a row
  };
  // service: must outlive the fetcher.
  // expected: the form of the receiving arena (layout, dtype, entries); versions and checksums in it do not matter.
  WeightFetcher(WeightService& service, WeightManifest expected, Options options);
  WeightFetcher(WeightService& service, WeightManifest expected) : WeightFetcher(service, std::move(expected), Options()) {}

  // Fills `buffer` (exactly manifest.total_bytes) with the manifest's version.
  // Errors: InvalidArgument, the manifest is malformed; FailedPrecondition, the arena has another form, or the manifest is a difference:
  // ask for a full copy; Aborted, the version is no longer held: wait for the newest; DataLoss, an entry stayed wrong after max_attempts;
  // DeadlineExceeded, Unavailable, Cancelled as in services.h.
  absl::Status Fetch(const WeightManifest& manifest, absl::Span<uint8_t> buffer, absl::Time deadline);

  const FetchStats& stats() const { return stats_; }

 private:
  // Entries [first, last) of the manifest through one stream (continued when it breaks off); the indices of the damaged ones are appended.
  absl::Status FetchEntries(const WeightManifest& manifest, absl::Span<uint8_t> buffer, size_t first, size_t last, absl::Time deadline,
                            std::vector<size_t>& damaged);

  WeightService& service_;
  const WeightManifest expected_;
  const Options options_;
  RunningChecksum checksum_;
  FetchStats stats_;
};

}  // namespace hone
