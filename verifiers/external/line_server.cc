#include "verifiers/external/line_server.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>

#include "absl/time/clock.h"
#include "fmt/format.h"
#include "lib/base/mutex.h"
#include "lib/base/queue.h"
#include "verifiers/external/line_codec.h"

namespace hone {
namespace {

// One line after the other from a descriptor.
class LineReader {
 public:
  explicit LineReader(int fd) : fd_(fd) {}

  // False at the end of the input. DataLoss above kMaxLineBytes.
  absl::StatusOr<bool> Next(std::string& line) {
    for (size_t scanned = 0;;) {
      if (const size_t end = buffer_.find('\n', scanned); end != std::string::npos) {
        line.assign(buffer_, 0, end);
        buffer_.erase(0, end + 1);
        return true;
      }
      scanned = buffer_.size();
      if (scanned > kMaxLineBytes) return absl::DataLossError(fmt::format("a line is longer than {} bytes", kMaxLineBytes));
      buffer_.resize(scanned + (256 << 10));
      const ssize_t got = ::read(fd_, buffer_.data() + scanned, 256 << 10);
      buffer_.resize(scanned + static_cast<size_t>(std::max<ssize_t>(got, 0)));
      if (got == 0) return false;
      if (got < 0 && errno != EINTR) return absl::UnavailableError(fmt::format("the input cannot be read: {}", std::strerror(errno)));
    }
  }

 private:
  const int fd_;
  std::string buffer_;
};

class LineServer {
 public:
  LineServer(int out, VerifierSource& source, int threads) : out_(out), source_(source), queue_("calls", static_cast<size_t>(threads)) {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
  }
  ~LineServer() {
    queue_.Close();
    for (std::thread& thread : threads_) thread.join();
  }

  absl::Status Take(const std::string& text) {
    HONE_ASSIGN_OR_RETURN(CallLine line, ParseCallLine(text, absl::Now()));
    if (line.op == CallLine::Op::kCancel) return absl::OkStatus();  // a call ends by itself at its deadline
    if (line.op == CallLine::Op::kDescribe) {
      auto verifier = source_.Get("", line.params_json);
      if (!verifier.ok()) return Write(ErrorLine(line.call, std::string(verifier.status().message())));
      verifier_ = *verifier;
      return Write(DescriptionLine(line.call, verifier_->Describe()));
    }
    if (verifier_ == nullptr) return absl::DataLossError("\"describe\" comes before \"verify\"");
    return queue_.Push({std::make_shared<CallLine>(std::move(line)), verifier_}, absl::InfiniteFuture());
  }

 private:
  struct Job {
    std::shared_ptr<CallLine> line;
    std::shared_ptr<const Verifier> verifier;
  };

  void Work() {
    for (;;) {
      const auto job = queue_.Pop(absl::InfiniteFuture());
      if (!job.ok()) return;
      const absl::Status written = Write(ResultLines(job->line->call, job->verifier->Verify(job->line->requests)));
      if (!written.ok()) queue_.Close();
    }
  }

  absl::Status Write(std::string_view text) {
    MutexLock lock(mu_);
    while (!text.empty()) {
      const ssize_t sent = ::write(out_, text.data(), text.size());
      if (sent > 0) {
        text.remove_prefix(static_cast<size_t>(sent));
      } else if (errno != EINTR) {
        return absl::UnavailableError(fmt::format("an answer cannot be written: {}", std::strerror(errno)));
      }
    }
    return absl::OkStatus();
  }

  // Constant after construction.
  const int out_;
  VerifierSource& source_;
  // Of the thread that calls Take.
  std::shared_ptr<const Verifier> verifier_;
  // Synchronized by itself.
  Queue<Job> queue_;
  Mutex mu_;  // one line at a time
  std::vector<std::thread> threads_;
};

}  // namespace

absl::Status ServeLines(int in, int out, VerifierSource& source, int threads) {
  LineServer server(out, source, threads);
  LineReader reader(in);
  std::string line;
  for (;;) {
    HONE_ASSIGN_OR_RETURN(const bool more, reader.Next(line));
    if (!more) return absl::OkStatus();
    HONE_RETURN_IF_ERROR(server.Take(line));
  }
}

}  // namespace hone
