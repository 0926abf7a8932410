#include "lib/base/queue.h"

#include <thread>

#include "gtest/gtest.h"

namespace hone {
namespace {

TEST(QueueTest, ItemsComeOutInOrder) {
  Queue<int> queue("q", 3);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(queue.Push(i, absl::InfiniteFuture()).ok());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(*queue.Pop(absl::InfiniteFuture()), i);
}

TEST(QueueTest, FullAndEmptyEndAtTheDeadlineAndSaySo) {
  Queue<int> queue("q", 1);
  EXPECT_EQ(queue.Pop(absl::InfinitePast()).status().code(), absl::StatusCode::kDeadlineExceeded);
  ASSERT_TRUE(queue.Push(1, absl::InfiniteFuture()).ok());
  const absl::Status full = queue.Push(2, absl::InfinitePast());
  EXPECT_EQ(full.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(full.message(), "queue q stayed full (1 items)");
}

TEST(QueueTest, CloseWakesBothEndsAndKeepsWhatIsLeft) {
  Queue<int> queue("q", 1);
  std::thread reader([&] {
    EXPECT_EQ(*queue.Pop(absl::InfiniteFuture()), 1);
    EXPECT_EQ(queue.Pop(absl::InfiniteFuture()).status().code(), absl::StatusCode::kCancelled);
  });
  ASSERT_TRUE(queue.Push(1, absl::InfiniteFuture()).ok());
  queue.Close();
  reader.join();
  EXPECT_EQ(queue.Push(2, absl::InfiniteFuture()).code(), absl::StatusCode::kCancelled);
}

TEST(QueueTest, NothingIsLostOrDoubledBetweenManyThreads) {
  Queue<int> queue("q", 2);
  std::atomic<int64_t> sum{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      for (auto item = queue.Pop(absl::InfiniteFuture()); item.ok(); item = queue.Pop(absl::InfiniteFuture())) sum += *item;
    });
  }
  {
    std::vector<std::thread> writers;
    for (int t = 0; t < 3; ++t) {
      writers.emplace_back([&queue, t] {
        for (int i = 0; i < 1000; ++i) ASSERT_TRUE(queue.Push(t * 1000 + i, absl::InfiniteFuture()).ok());
      });
    }
    for (auto& writer : writers) writer.join();
  }
  queue.Close();
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(sum.load(), 2999 * 3000 / 2);
}

}  // namespace
}  // namespace hone
