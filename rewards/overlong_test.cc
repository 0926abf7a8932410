#include "rewards/overlong.h"

#include <cmath>

#include "gtest/gtest.h"

namespace hone {
namespace {

TEST(OverlongTest, NoneChangesNothing) {
  EXPECT_EQ(ApplyOverlong({}, 0.75, 1 << 20, true), 0.75);
  EXPECT_EQ(OverlongPenalty({.kind = "stop_properly", .coef = 0.5}, 1 << 20), 0);
}

TEST(OverlongTest, BadSettingsAreRefused) {
  const std::pair<OverlongConfig, const char*> cases[] = {
      {{.kind = "sfot"}, "unknown kind \"sfot\""},
      {{.kind = "soft", .max_len = 10, .buffer = 0}, "buffer is 0"},
      {{.kind = "linear", .max_len = 10, .buffer = 11}, "between 1 and max_len 10"},
      {{.kind = "soft", .max_len = 10, .buffer = 5, .factor = -1}, "factor is -1"},
      {{.kind = "soft", .max_len = 10, .buffer = 5, .factor = NAN}, "factor is"},
      {{.kind = "stop_properly", .coef = 1.5}, "coef is 1.5"},
      {{.kind = "stop_properly", .coef = NAN}, "coef is"},
  };
  for (const auto& [config, part] : cases) {
    const absl::Status status = Validate(config);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << part;
    EXPECT_NE(std::string(status.message()).find(part), std::string::npos) << status;
  }
  EXPECT_TRUE(Validate(OverlongConfig{}).ok());
}

}  // namespace
}  // namespace hone
