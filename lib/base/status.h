#pragma once
// Errors are values. Whatever can fail at run time returns absl::Status or absl::StatusOr<T>; the code tells the caller what to do:
//   InvalidArgument    the input (recipe, file, request) must be changed
//   NotFound           a named thing is missing
//   Unavailable        repeat this call
//   Aborted            redo the larger unit: the policy or the lease has moved on
//   ResourceExhausted  a budget is spent
//   DataLoss           a file or message is corrupt
//   DeadlineExceeded   a wait passed its deadline; the message names peer, operation and step
//   Cancelled          we are stopping: log nothing
// A message names what, the value, the limit and the cure.

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

#define HONE_STATUS_CONCAT_INNER_(a, b) a##b
#define HONE_STATUS_CONCAT_(a, b) HONE_STATUS_CONCAT_INNER_(a, b)

// Returns from the enclosing function when `expr` (an absl::Status) is not ok.
#define HONE_RETURN_IF_ERROR(expr)               \
  do {                                           \
    absl::Status hone_status_ = (expr);          \
    if (!hone_status_.ok()) return hone_status_; \
  } while (false)

// HONE_ASSIGN_OR_RETURN(auto x, F()): x takes the value of F(), or the enclosing function returns its error.
#define HONE_ASSIGN_OR_RETURN(lhs, expr) HONE_ASSIGN_OR_RETURN_(HONE_STATUS_CONCAT_(hone_or_, __LINE__), lhs, expr)
#define HONE_ASSIGN_OR_RETURN_(tmp, lhs, expr)   \
  auto tmp = (expr);                             \
  if (!tmp.ok()) return std::move(tmp).status(); \
  lhs = std::move(tmp).value()

namespace hone {

// The same error with `prefix` and ": " before its message; ok stays ok.
inline absl::Status Annotate(const absl::Status& status, std::string_view prefix) {
  if (status.ok()) return status;
  return absl::Status(status.code(), absl::StrCat(absl::string_view(prefix.data(), prefix.size()), ": ", status.message()));
}

}  // namespace hone
