#include "sandbox/header_cache.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "fmt/format.h"
#include "lib/base/file.h"
#include "lib/base/log.h"

namespace hone {
namespace {

constexpr const char* kParsedName = "all.h.gch";  // where GCC looks for the parsed form of all.h
constexpr const char* kSource = "#include <bits/stdc++.h>\n";
constexpr size_t kMaxParsedBytes = size_t{512} << 20;

// Headers of other libraries may mean something else when they are read later.
bool IsStandardHeader(absl::string_view name) {
  constexpr absl::string_view kOfC[] = {"assert.h", "complex.h", "ctype.h", "errno.h",  "float.h",  "inttypes.h",
                                        "limits.h", "locale.h",  "math.h",  "setjmp.h", "signal.h", "stdarg.h",
                                        "stddef.h", "stdint.h",  "stdio.h", "stdlib.h", "string.h", "time.h"};
  const bool plain = !name.empty() && std::all_of(name.begin(), name.end(),
                                                  [](char c) { return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_'; });
  return plain || std::find(std::begin(kOfC), std::end(kOfC), name) != std::end(kOfC);
}

// Ours, writable for nobody else, since a compiler believes what is in it, and readable for all: where we are root, compilers are not.
bool IsOwn(const std::string& path, bool folder) {
  struct stat info;
  return ::lstat(path.c_str(), &info) == 0 && (folder ? S_ISDIR(info.st_mode) : S_ISREG(info.st_mode) && info.st_size > 0) &&
         info.st_uid == ::geteuid() && (info.st_mode & (S_IWGRP | S_IWOTH)) == 0 && (::geteuid() != 0 || (info.st_mode & S_IROTH) != 0);
}

}  // namespace

bool IncludesAllHeaders(std::string_view text) {
  absl::string_view source(text.data(), text.size());
  while (true) {
    source = absl::StripLeadingAsciiWhitespace(source);
    if (absl::ConsumePrefix(&source, "/*")) {
      const size_t end = source.find("*/");
      if (end == source.npos) return false;
      source.remove_prefix(end + 2);
      continue;
    }
    const size_t end = source.find('\n');
    absl::string_view line = source.substr(0, end);
    source = end == source.npos ? absl::string_view() : source.substr(end + 1);
    if (line.find('\\') != line.npos) return false;  // might go on in the next line
    if (absl::ConsumePrefix(&line, "//")) continue;
    if (!absl::ConsumePrefix(&line, "#")) return false;
    line = absl::StripLeadingAsciiWhitespace(line);
    if (!absl::ConsumePrefix(&line, "include")) return false;
    line = absl::StripLeadingAsciiWhitespace(line);
    const size_t close = line.find('>');
    if (!absl::ConsumePrefix(&line, "<") || close == line.npos) return false;
    const absl::string_view name = line.substr(0, close - 1), rest = absl::StripAsciiWhitespace(line.substr(close));
    if (!rest.empty() && rest.substr(0, 2) != "//") return false;
    if (name == "bits/stdc++.h") return true;
    if (!IsStandardHeader(name)) return false;
  }
}

HeaderCache::HeaderCache(std::string folder, Make make)
    : folder_(std::move(folder)), make_(std::move(make)), stop_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

HeaderCache::~HeaderCache() {
  const uint64_t one = 1;
  (void)!::write(stop_.get(), &one, sizeof(one));
  std::thread maker;
  {
    MutexLock lock(mu_);
    maker = std::move(maker_);
  }
  if (maker.joinable()) maker.join();
}

std::string HeaderCache::FolderFor(std::string_view source) {
  if (folder_.empty() || !IncludesAllHeaders(source)) return "";
  MutexLock lock(mu_);
  if (state_ == State::kUnknown) {
    const std::string parsed = folder_ + "/" + kParsedName;
    if (IsOwn(folder_, true) && IsOwn(parsed, false)) {
      state_ = State::kReady;
      // Read by us, so that its pages are not counted as memory of whoever compiles first.
      const Descriptor file(::open(parsed.c_str(), O_RDONLY | O_CLOEXEC));
      if (file.valid()) ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_WILLNEED);
    } else if (++programs_ >= kWorthwhile) {
      state_ = State::kMaking;
      maker_ = std::thread([this] { MakeAndKeep(); });
    }
  }
  return state_ == State::kReady ? folder_ : "";
}

void HeaderCache::Drop() {
  MutexLock lock(mu_);
  if (state_ == State::kReady) state_ = State::kNone;
}

void HeaderCache::MakeAndKeep() {
  const absl::Status status = [&]() -> absl::Status {
    // First, so that nothing is made that cannot be kept.
    HONE_RETURN_IF_ERROR(MakeDirectories(folder_));
    if (!IsOwn(folder_, true)) {
      return absl::FailedPreconditionError(
          fmt::format("{} belongs to another user, or others may write to it; remove it or take their right away", folder_));
    }
    HONE_RETURN_IF_ERROR(WriteFileAtomically(folder_ + "/" + kHeaderName, kSource));
    HONE_ASSIGN_OR_RETURN(const Descriptor parsed, make_(kSource, stop_.get()));
    return WriteFileAtomically(folder_ + "/" + kParsedName, ReadAll(parsed.get(), kMaxParsedBytes));
  }();
  uint64_t stopped = 0;
  if (!status.ok() && ::read(stop_.get(), &stopped, sizeof(stopped)) < 0)
    HONE_LOG_INFO("sandbox: the C++ headers are parsed anew for each program: {}", status.ToString());
  MutexLock lock(mu_);
  state_ = status.ok() ? State::kReady : State::kNone;
}

}  // namespace hone
