#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <type_traits>
#include <vector>

#include "lib/base/mutex.h"

namespace hone {

// The compute threads of a process: runs a function over a range of indices on all of them and waits.
//
// One pool per process is made at start and handed down; the caller's thread is one of its workers. Workers spin for a short while for
// the next job, so that the 300 small jobs of a decode step cost microseconds each, then sleep, so that an idle process leaves its
// cores to others. Jobs may not start jobs on the same pool.
//
// Threads: ParallelFor may be called from one thread at a time.
class ThreadPool {
 public:
  // num_threads >= 1, the caller's included.
  explicit ThreadPool(int num_threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int num_threads() const { return static_cast<int>(workers_.size()) + 1; }

  // Calls body(index) for every index in [0, count), each once, in any order and on any thread; returns when all are done.
  // The result must not depend on which thread takes which index.
  template <class Body>
  void ParallelFor(int64_t count, Body&& body) {
    using BodyType = std::remove_reference_t<Body>;
    if (count <= 0) return;
    if (count == 1 || workers_.empty()) {
      for (int64_t i = 0; i < count; ++i) body(i);
      return;
    }
    Run(
        count, [](void* context, int64_t i) { (*static_cast<BodyType*>(context))(i); }, const_cast<void*>(static_cast<const void*>(&body)));
  }

 private:
  using Function = void (*)(void* context, int64_t index);
  struct alignas(64) Job {
    std::atomic<int64_t> next{0};
    int64_t count = 0;
    Function function = nullptr;
    void* context = nullptr;
  };

  void Run(int64_t count, Function function, void* context);
  void WorkerLoop();
  void Work();

  Job job_;
  alignas(64) std::atomic<uint64_t> generation_{0};
  alignas(64) std::atomic<int> running_{0};
  std::atomic<bool> stop_{false};
  Mutex mu_;
  CondVar wake_;
  std::atomic<int> sleepers_{0};
  std::vector<std::thread> workers_;
};

// Physical compute threads this process may use (its CPU affinity).
int UsableCores();

}  // namespace hone
