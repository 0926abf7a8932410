#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <thread>

#include "lib/base/mutex.h"
#include "sandbox/descriptor.h"

namespace hone {

// Whether a C++ source may be compiled as if <bits/stdc++.h> stood in its first line: it includes that header, and before it there is
// nothing but comments and other headers of the standard library.
bool IncludesAllHeaders(std::string_view source);

// The C++ standard library, parsed once for all programs that include all of it: compiling one takes a fifth of the time.
//
// The parsed form is a file of about 120 MB that is kept from one process to the next. It is made in the background, and only where it is
// worth it: when a process meets several such programs. Where it cannot be made or kept, programs are compiled without.
//
// Threads: any. The destructor stops a making under way and waits for it.
class HeaderCache {
 public:
  static constexpr int kWorthwhile = 3;  // programs

  // Compiles a header in the sandbox, until `stop` (an eventfd) becomes readable; the result, or why there is none. source: of the header.
  using Make = std::function<absl::StatusOr<Descriptor>(const std::string& source, int stop)>;

  // folder: of this compiler with these flags and headers, and no others; it need not exist yet.
  HeaderCache(std::string folder, Make make);
  ~HeaderCache();

  // The folder in which kHeaderName and its parsed form lie, for a program with this source; empty: none, or not yet.
  std::string FolderFor(std::string_view source);

  // The folder is of no use: from now on there is none.
  void Drop();

  static constexpr const char* kHeaderName = "all.h";

 private:
  enum class State { kUnknown, kMaking, kReady, kNone };
  void MakeAndKeep();

  const std::string folder_;
  const Make make_;
  const Descriptor stop_;
  Mutex mu_;
  State state_ ABSL_GUARDED_BY(mu_) = State::kUnknown;
  int programs_ ABSL_GUARDED_BY(mu_) = 0;
  std::thread maker_ ABSL_GUARDED_BY(mu_);
};

}  // namespace hone
