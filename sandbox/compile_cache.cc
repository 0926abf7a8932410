#include "sandbox/compile_cache.h"

namespace hone {
namespace {

// What an entry holds: the binary or the diagnostics, and something for itself.
int64_t Size(const Compiled& compiled) {
  return compiled.bytes + static_cast<int64_t>(compiled.record.err.size() + compiled.record.out.size()) + 512;
}

}  // namespace

Compiled CompileCache::Get(const std::string& key, const std::function<Compiled()>& compile) {
  {
    MutexLock lock(mu_);
    for (;;) {
      const auto found = entries_.find(key);
      if (found == entries_.end()) break;
      if (found->second.ready) {
        uses_.splice(uses_.begin(), uses_, found->second.use);
        return found->second.compiled;
      }
      changed_.Wait(mu_);
    }
    entries_[key];
  }
  Compiled compiled = compile();
  MutexLock lock(mu_);
  if (compiled.binary != nullptr || compiled.record.run_class == RunClass::kCompileError) {
    uses_.push_front(key);
    entries_[key] = {true, compiled, uses_.begin()};
    bytes_ += Size(compiled);
    Forget();
  } else {
    entries_.erase(key);
  }
  changed_.NotifyAll();
  return compiled;
}

void CompileCache::Forget() {
  while (bytes_ > max_bytes_ && uses_.size() > 1) {
    const auto oldest = entries_.find(uses_.back());
    bytes_ -= Size(oldest->second.compiled);
    entries_.erase(oldest);
    uses_.pop_back();
  }
}

}  // namespace hone
