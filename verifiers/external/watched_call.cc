#include "verifiers/external/watched_call.h"

#include <exception>
#include <thread>
#include <utility>

#include "absl/time/clock.h"

namespace hone {

struct WatchedCalls::Worker {
  Mutex mu;
  CondVar changed;
  std::function<void()> call ABSL_GUARDED_BY(mu);
  std::exception_ptr thrown ABSL_GUARDED_BY(mu);
  bool busy ABSL_GUARDED_BY(mu) = false;
  bool leave ABSL_GUARDED_BY(mu) = false;
  std::thread thread;  // detached when it is stuck

  bool WaitUntilIdle(absl::Time deadline) {
    MutexLock lock(mu);
    while (busy) {
      if (!changed.WaitUntil(mu, deadline)) return !busy;
    }
    return true;
  }
};

struct WatchedCalls::Shared {
  Mutex mu;
  std::vector<std::shared_ptr<Worker>> idle ABSL_GUARDED_BY(mu);
  int num_stuck ABSL_GUARDED_BY(mu) = 0;
};

WatchedCalls::WatchedCalls(int max_stuck) : max_stuck_(max_stuck), shared_(std::make_shared<Shared>()) {}

WatchedCalls::~WatchedCalls() {
  std::vector<std::shared_ptr<Worker>> idle;
  {
    MutexLock lock(shared_->mu);
    idle.swap(shared_->idle);
  }
  for (const auto& worker : idle) {
    {
      MutexLock lock(worker->mu);
      worker->leave = true;
      worker->changed.NotifyAll();
    }
    worker->thread.join();
  }
}

bool WatchedCalls::GiveUp(Worker& worker) {
  MutexLock lock(worker.mu);
  if (!worker.busy) return false;
  worker.leave = true;
  // Nothing can end a thread that is stuck in foreign code, so nobody can wait for it; what it uses belongs to its call.
  worker.thread.detach();
  MutexLock shared_lock(shared_->mu);
  ++shared_->num_stuck;
  return true;
}

WatchedCalls::End WatchedCalls::Run(std::function<void()> call, absl::Time deadline, absl::Duration grace,
                                    const std::function<void()>& cancel) {
  std::shared_ptr<Worker> worker;
  {
    MutexLock lock(shared_->mu);
    if (shared_->num_stuck >= max_stuck_) return End::kRefused;
    if (!shared_->idle.empty()) {
      worker = std::move(shared_->idle.back());
      shared_->idle.pop_back();
    }
  }
  if (worker == nullptr) {
    worker = std::make_shared<Worker>();
    worker->thread = std::thread([worker, shared = shared_] {
      for (;;) {
        std::function<void()> job;
        {
          MutexLock lock(worker->mu);
          while (!worker->busy && !worker->leave) worker->changed.Wait(worker->mu);
          if (!worker->busy) return;
          job = std::exchange(worker->call, nullptr);
        }
        std::exception_ptr thrown;
        try {
          job();
        } catch (...) {
          thrown = std::current_exception();
        }
        job = nullptr;
        MutexLock lock(worker->mu);
        worker->thrown = thrown;
        worker->busy = false;
        worker->changed.NotifyAll();
        if (worker->leave) {  // it was given up meanwhile
          MutexLock shared_lock(shared->mu);
          --shared->num_stuck;
          return;
        }
      }
    });
  }
  {
    MutexLock lock(worker->mu);
    worker->call = std::move(call);
    worker->busy = true;
    worker->changed.NotifyAll();
  }
  if (!worker->WaitUntilIdle(deadline)) {
    cancel();
    if (!worker->WaitUntilIdle(absl::Now() + grace) && GiveUp(*worker)) return End::kStuck;
  }
  std::exception_ptr thrown;
  {
    MutexLock lock(worker->mu);
    thrown = std::exchange(worker->thrown, nullptr);
  }
  {
    MutexLock lock(shared_->mu);
    shared_->idle.push_back(std::move(worker));
  }
  if (thrown != nullptr) std::rethrow_exception(thrown);
  return End::kReturned;
}

}  // namespace hone
