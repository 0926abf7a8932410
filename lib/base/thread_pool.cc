#include "lib/base/thread_pool.h"

#include <immintrin.h>
#include <sched.h>

namespace hone {
namespace {
// About 30 to 60 microseconds: longer than the gap between two operators, shorter than anything a neighbour would notice.
constexpr int kSpins = 2000;
}  // namespace

ThreadPool::ThreadPool(int num_threads) {
  for (int i = 1; i < num_threads; ++i) workers_.emplace_back([this] { WorkerLoop(); });
}

ThreadPool::~ThreadPool() {
  {
    MutexLock lock(mu_);
    stop_.store(true);
    generation_.fetch_add(1);
    wake_.NotifyAll();
  }
  for (auto& worker : workers_) worker.join();
}

void ThreadPool::Work() {
  for (;;) {
    const int64_t index = job_.next.fetch_add(1, std::memory_order_relaxed);
    if (index >= job_.count) return;
    job_.function(job_.context, index);
  }
}

void ThreadPool::Run(int64_t count, Function function, void* context) {
  job_.count = count;
  job_.function = function;
  job_.context = context;
  job_.next.store(0, std::memory_order_relaxed);
  running_.store(static_cast<int>(workers_.size()), std::memory_order_relaxed);
  generation_.fetch_add(1);  // sequentially consistent against sleepers_ below
  if (sleepers_.load() > 0) {
    MutexLock lock(mu_);
    wake_.NotifyAll();
  }
  Work();
  for (int spins = 0; running_.load(std::memory_order_acquire) > 0; ++spins) {
    if (spins < kSpins) {
      _mm_pause();
    } else {
      sched_yield();  // a worker has lost its core to another process
    }
  }
}

void ThreadPool::WorkerLoop() {
  uint64_t seen = 0;
  for (;;) {
    for (int spins = 0; generation_.load(std::memory_order_acquire) == seen && spins < kSpins; ++spins) _mm_pause();
    if (generation_.load() == seen) {
      MutexLock lock(mu_);
      sleepers_.fetch_add(1);
      while (generation_.load() == seen) wake_.Wait(mu_);
      sleepers_.fetch_sub(1);
    }
    seen = generation_.load();  // the caller waits for all workers, so no generation is ever missed
    if (stop_.load()) return;
    Work();
    running_.fetch_sub(1, std::memory_order_release);
  }
}

int UsableCores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) != 0) return 1;
  const int count = CPU_COUNT(&set);
  return count < 1 ? 1 : count;
}

}  // namespace hone
