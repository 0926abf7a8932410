#pragma once

#include <cstddef>
#include <deque>
#include <utility>

#include "absl/time/clock.h"
#include "lib/base/mutex.h"
#include "lib/base/status.h"

namespace hone {

// A bounded queue between threads that can be closed.
//
// Push waits while the queue is full, Pop while it is empty, both up to a deadline. Close wakes everyone: Push then fails at once; Pop
// still hands out what is left and fails when that is gone.
//
// Threads: all methods may be called from any thread.
// Errors: Cancelled after Close; DeadlineExceeded when the deadline passed, with the queue's name and bound.
template <class T>
class Queue {
 public:
  // name: for error messages; must outlive the queue (a literal).
  // capacity: items held at most, at least 1.
  Queue(const char* name, size_t capacity) : name_(name), capacity_(capacity < 1 ? 1 : capacity) {}

  absl::Status Push(T item, absl::Time deadline) {
    MutexLock lock(mu_);
    while (!closed_ && items_.size() >= capacity_) {
      if (!changed_.WaitUntil(mu_, deadline) && items_.size() >= capacity_ && !closed_) {
        return absl::DeadlineExceededError(absl::StrCat("queue ", name_, " stayed full (", capacity_, " items)"));
      }
    }
    if (closed_) return absl::CancelledError(absl::StrCat("queue ", name_, " is closed"));
    items_.push_back(std::move(item));
    changed_.NotifyAll();
    return absl::OkStatus();
  }

  absl::StatusOr<T> Pop(absl::Time deadline) {
    MutexLock lock(mu_);
    while (!closed_ && items_.empty()) {
      if (!changed_.WaitUntil(mu_, deadline) && items_.empty() && !closed_) {
        return absl::DeadlineExceededError(absl::StrCat("queue ", name_, " stayed empty"));
      }
    }
    if (items_.empty()) return absl::CancelledError(absl::StrCat("queue ", name_, " is closed"));
    T item = std::move(items_.front());
    items_.pop_front();
    changed_.NotifyAll();
    return item;
  }

  void Close() {
    MutexLock lock(mu_);
    closed_ = true;
    changed_.NotifyAll();
  }

  size_t size() {
    MutexLock lock(mu_);
    return items_.size();
  }

 private:
  const char* const name_;
  const size_t capacity_;
  Mutex mu_;
  CondVar changed_;
  std::deque<T> items_ ABSL_GUARDED_BY(mu_);
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace hone
