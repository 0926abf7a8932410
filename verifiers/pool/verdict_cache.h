#pragma once

#include <list>
#include <string>
#include <unordered_map>

#include "verifiers/verifier.h"

namespace hone {

// Verdicts by CallHash, the least recently used ones dropped beyond a bound of bytes.
//
// Threads: the caller's lock.
class VerdictCache {
 public:
  explicit VerdictCache(int64_t max_bytes) : max_bytes_(max_bytes) {}

  // Null when it is not there; valid until the next Insert.
  const Verdict* Find(const std::string& key);
  // Keeps scores and task errors, which are facts; anything else is ignored, and so is a verdict above the bound.
  void Insert(const std::string& key, const Verdict& verdict);

  int64_t bytes() const { return bytes_; }
  size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::string key;
    Verdict verdict;
    int64_t bytes = 0;
  };
  const int64_t max_bytes_;
  int64_t bytes_ = 0;
  std::list<Entry> entries_;  // the one used last comes first
  std::unordered_map<std::string, std::list<Entry>::iterator> by_key_;
};

}  // namespace hone
