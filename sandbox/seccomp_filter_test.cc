#include "sandbox/seccomp_filter.h"

#include <linux/filter.h>

#include "gtest/gtest.h"

namespace hone {
namespace {

TEST(SeccompFilterTest, BothFiltersFitTheKernelAndTheProgramsIsTheStricter) {
  const auto cage = SeccompFilter(FilterKind::kCage), program = SeccompFilter(FilterKind::kProgram),
             alone = SeccompFilter(FilterKind::kProgramWithoutGroup);
  ASSERT_TRUE(cage.ok()) << cage.status();
  ASSERT_TRUE(program.ok()) << program.status();
  ASSERT_TRUE(alone.ok()) << alone.status();
  for (const std::string* filter : {&*cage, &*program, &*alone}) {
    EXPECT_EQ(filter->size() % sizeof(sock_filter), 0u);
    EXPECT_LE(filter->size() / sizeof(sock_filter), 1000u);
    EXPECT_GT(filter->size() / sizeof(sock_filter), 60u);
  }
  EXPECT_GT(program->size(), cage->size());
  EXPECT_GT(alone->size(), program->size());
}

}  // namespace
}  // namespace hone
