#include "sandbox/header_cache.h"

#include <poll.h>
#include <sys/stat.h>

#include <fstream>

#include "gtest/gtest.h"
#include "lib/base/file.h"

namespace hone {
namespace {

constexpr const char* kSource = "#include <bits/stdc++.h>\nint main() {}\n";

struct HeaderCacheTest : testing::Test {
  HeaderCacheTest() : folder(testing::TempDir() + "header_cache_" + testing::UnitTest::GetInstance()->current_test_info()->name()) {
    Clear();
  }
  ~HeaderCacheTest() override { Clear(); }
  void Clear() {
    for (const char* name : {"/all.h", "/all.h.gch", ""}) ::remove((folder + name).c_str());
  }
  // Asks for the folder for so many programs; all that was begun has ended then.
  std::string Ask(int programs, absl::StatusOr<std::string> parsed = "parsed") {
    std::string last;
    HeaderCache cache(folder, [&](const std::string& source, int) -> absl::StatusOr<Descriptor> {
      ++made;
      EXPECT_EQ(source, "#include <bits/stdc++.h>\n");
      if (!parsed.ok()) return parsed.status();
      return SealedFile("parsed", *parsed);
    });
    for (int i = 0; i < programs; ++i) last = cache.FolderFor(kSource);
    return last;
  }
  const std::string folder;
  int made = 0;
};

TEST(IncludesAllHeadersTest, OnlyTheLibraryMayStandBefore) {
  const struct {
    const char* source;
    bool includes;
  } cases[] = {
      {"#include <bits/stdc++.h>", true},
      {"#include <bits/stdc++.h>\nint main() {}", true},
      {"\n  #  include  <bits/stdc++.h>  // all\n", true},
      {"// a\n/* b\n c */ /* d */\n#include<assert.h>\n#include<bits/stdc++.h>\n", true},
      {"#include <vector>\r\n#include <bits/stdc++.h>\r\n", true},
      {"", false},
      {"int main() {}", false},
      {"#include <vector>\nint main() {}", false},
      {"#include \"bits/stdc++.h\"\n", false},
      {"#define NDEBUG\n#include <bits/stdc++.h>\n", false},
      {"#pragma GCC optimize(\"O3\")\n#include <bits/stdc++.h>\n", false},
      {"#include <ncurses.h>\n#include <bits/stdc++.h>\n", false},
      {"#include <sys/mman.h>\n#include <bits/stdc++.h>\n", false},
      {"#include \"other\"\n#include <bits/stdc++.h>\n", false},
      {"#include <vector> int x;\n#include <bits/stdc++.h>\n", false},
      {"int x;\n#include <bits/stdc++.h>\n", false},
      {"// a \\\n#include <bits/stdc++.h>\n", false},
      {"#include \\\n<bits/stdc++.h>\n", false},
      {"/* #include <bits/stdc++.h>\n", false},
      {"/* a */ int x; /* b */\n#include <bits/stdc++.h>\n", false},
      {"#if 0\n#include <bits/stdc++.h>\n#endif\n", false},
      {"#include <>\n#include <bits/stdc++.h>\n", false},
      {"#include <bits/stdc++.h\n", false},
      {"#include_next <bits/stdc++.h>\n", false},
  };
  for (const auto& each : cases) EXPECT_EQ(IncludesAllHeaders(each.source), each.includes) << each.source;
}

TEST_F(HeaderCacheTest, MadeOnceWhenSeveralProgramsNeedIt) {
  EXPECT_EQ(Ask(HeaderCache::kWorthwhile - 1), "");
  EXPECT_EQ(made, 0);
  Ask(HeaderCache::kWorthwhile + 5);
  EXPECT_EQ(made, 1);
  EXPECT_EQ(Ask(1), folder);  // by another process
  EXPECT_EQ(made, 1);
  EXPECT_EQ(*ReadFile(folder + "/all.h.gch"), "parsed");
  EXPECT_EQ(*ReadFile(folder + "/all.h"), "#include <bits/stdc++.h>\n");
}

TEST_F(HeaderCacheTest, WithoutItProgramsAreCompiledAllTheSame) {
  EXPECT_EQ(Ask(HeaderCache::kWorthwhile + 5, absl::InternalError("no compiler")), "");
  EXPECT_EQ(made, 1);  // not tried again
  EXPECT_EQ(Ask(1), "");
  HeaderCache nowhere("", nullptr);
  HeaderCache impossible("/proc/none/headers", nullptr);
  for (int i = 0; i < HeaderCache::kWorthwhile + 1; ++i) {
    EXPECT_EQ(nowhere.FolderFor(kSource), "");
    EXPECT_EQ(impossible.FolderFor(kSource), "");
  }
}

TEST_F(HeaderCacheTest, WhatOthersMayWriteIsNotBelieved) {
  Ask(HeaderCache::kWorthwhile);
  ASSERT_EQ(Ask(1), folder);
  for (const std::string& path : {folder, folder + "/all.h.gch"}) {
    const mode_t before = path == folder ? 0755 : 0644;
    ASSERT_EQ(::chmod(path.c_str(), 0777), 0);
    EXPECT_EQ(Ask(1), "") << path;
    ASSERT_EQ(::chmod(path.c_str(), before), 0);
  }
  EXPECT_EQ(Ask(1), folder);
  ASSERT_EQ(::chmod(folder.c_str(), 0777), 0);
  ::remove((folder + "/all.h.gch").c_str());
  Ask(HeaderCache::kWorthwhile);
  EXPECT_EQ(made, 1);  // and nothing is made there
}

TEST_F(HeaderCacheTest, WhatIsDroppedStaysSo) {
  Ask(HeaderCache::kWorthwhile);
  HeaderCache cache(folder, nullptr);
  EXPECT_EQ(cache.FolderFor(kSource), folder);
  EXPECT_EQ(cache.FolderFor("int main() {}"), "");
  cache.Drop();
  EXPECT_EQ(cache.FolderFor(kSource), "");
}

TEST_F(HeaderCacheTest, AMakingUnderWayIsStopped) {
  HeaderCache cache(folder, [](const std::string&, int stop) -> absl::StatusOr<Descriptor> {
    pollfd polled{stop, POLLIN, 0};
    ::poll(&polled, 1, -1);
    return absl::CancelledError("stopped");
  });
  for (int i = 0; i < HeaderCache::kWorthwhile; ++i) EXPECT_EQ(cache.FolderFor(kSource), "");
}

}  // namespace
}  // namespace hone
