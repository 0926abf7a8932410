#pragma once

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>

#include "lib/base/mutex.h"
#include "sandbox/descriptor.h"
#include "sandbox/sandbox.h"

namespace hone {

// A source's binary, sealed in memory, or the record of why there is none.
struct Compiled {
  std::shared_ptr<const Descriptor> binary;  // null: see record
  int64_t bytes = 0;                         // of the binary
  RunRecord record;
};

// Remembers what compilers gave, up to a number of bytes, oldest use out first. Callers that ask for the same thing at once wait for one
// compiler.
//
// Threads: any.
class CompileCache {
 public:
  explicit CompileCache(int64_t max_bytes) : max_bytes_(max_bytes) {}

  // The result of `compile` for this key. Results that say nothing about the source (a sandbox's failure, a time limit on a busy machine)
  // are handed out and not kept.
  Compiled Get(const std::string& key, const std::function<Compiled()>& compile);

 private:
  struct Entry {
    bool ready = false;
    Compiled compiled;
    std::list<std::string>::iterator use;
  };
  void Forget() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const int64_t max_bytes_;
  Mutex mu_;
  CondVar changed_;
  std::unordered_map<std::string, Entry> entries_ ABSL_GUARDED_BY(mu_);
  std::list<std::string> uses_ ABSL_GUARDED_BY(mu_);  // latest first; only ready ones
  int64_t bytes_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace hone
