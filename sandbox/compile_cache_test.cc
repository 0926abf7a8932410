#include "sandbox/compile_cache.h"

#include <atomic>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace hone {
namespace {

Compiled Binary(int64_t bytes) {
  return {.binary = std::make_shared<Descriptor>(), .bytes = bytes};
}

TEST(CompileCacheTest, KeepsBinariesAndErrorsButNotAccidents) {
  struct {
    const char* name;
    Compiled compiled;
    int compilations;  // of two asked for
  } cases[] = {{"binary", Binary(10), 1},
               {"error", {.record = {.run_class = RunClass::kCompileError}}, 1},
               {"time", {.record = {.run_class = RunClass::kCompileTimeout}}, 2},
               {"sandbox", {.record = {.run_class = RunClass::kSandboxError}}, 2}};
  CompileCache cache(1 << 20);
  for (const auto& each : cases) {
    int compilations = 0;
    for (int i = 0; i < 2; ++i) {
      const Compiled compiled = cache.Get(each.name, [&] {
        ++compilations;
        return each.compiled;
      });
      EXPECT_EQ(compiled.record.run_class, each.compiled.record.run_class) << each.name;
    }
    EXPECT_EQ(compilations, each.compilations) << each.name;
  }
}

TEST(CompileCacheTest, ForgetsWhatWasUsedLongestAgo) {
  CompileCache cache(2500);
  int compilations = 0;
  const auto get = [&](const char* key) {
    cache.Get(key, [&] {
      ++compilations;
      return Binary(400);
    });
  };
  get("a"), get("b"), get("a"), get("c");  // about 900 bytes each: the third pushes out b
  EXPECT_EQ(compilations, 3);
  get("a"), get("c");
  EXPECT_EQ(compilations, 3);
  get("b");
  EXPECT_EQ(compilations, 4);
}

TEST(CompileCacheTest, CallersAtOnceShareOneCompilation) {
  CompileCache cache(1 << 20);
  std::atomic<int> compilations{0}, waiting{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      ++waiting;
      cache.Get("key", [&] {
        while (waiting < 4) std::this_thread::yield();
        ++compilations;
        return Binary(1);
      });
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(compilations, 1);
}

}  // namespace
}  // namespace hone
