#pragma once
// HONE_CHECK aborts on a programmer's mistake and prints where. Never use it on bytes from network, disk, sandbox, model or recipe:
// those end in an absl::Status.

#include <cstdio>
#include <cstdlib>
#include <string>

#include "fmt/format.h"

namespace hone::internal {
[[noreturn]] inline void CheckFailed(const char* file, int line, const char* what, const std::string& detail) {
  std::fprintf(stderr, "%s:%d: check failed: %s%s%s\n", file, line, what, detail.empty() ? "" : ": ", detail.c_str());
  std::abort();
}
template <class A, class B>
std::string TwoValues(const A& a, const B& b) {
  return fmt::format("{} against {}", a, b);
}
}  // namespace hone::internal

#define HONE_CHECK(condition)                                                            \
  do {                                                                                   \
    if (!(condition)) ::hone::internal::CheckFailed(__FILE__, __LINE__, #condition, ""); \
  } while (false)
#define HONE_CHECK_OP_(a, op, b)                                                                                           \
  do {                                                                                                                     \
    const auto& hone_a_ = (a);                                                                                             \
    const auto& hone_b_ = (b);                                                                                             \
    if (!(hone_a_ op hone_b_))                                                                                             \
      ::hone::internal::CheckFailed(__FILE__, __LINE__, #a " " #op " " #b, ::hone::internal::TwoValues(hone_a_, hone_b_)); \
  } while (false)
#define HONE_CHECK_EQ(a, b) HONE_CHECK_OP_(a, ==, b)
#define HONE_CHECK_NE(a, b) HONE_CHECK_OP_(a, !=, b)
#define HONE_CHECK_LE(a, b) HONE_CHECK_OP_(a, <=, b)
#define HONE_CHECK_LT(a, b) HONE_CHECK_OP_(a, <, b)
#define HONE_CHECK_GE(a, b) HONE_CHECK_OP_(a, >=, b)
#define HONE_CHECK_GT(a, b) HONE_CHECK_OP_(a, >, b)
