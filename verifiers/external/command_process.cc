#include "verifiers/external/command_process.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/time/clock.h"
#include "fmt/format.h"
#include "lib/base/log.h"
#include "lib/config/strict_json.h"
#include "verifiers/external/line_codec.h"

namespace hone {
namespace {
constexpr absl::Duration kGrace = absl::Seconds(1);  // for an overdue answer, and for leaving
constexpr absl::Duration kTermGrace = absl::Milliseconds(500);
constexpr absl::Duration kWriteSlice = absl::Milliseconds(100);
constexpr size_t kReadBytes = 256 << 10;
constexpr size_t kMaxLogLineBytes = 500;
constexpr int64_t kMaxLogLines = 1000;  // of one process
constexpr size_t kLastWordsBytes = 500;

int ToPollTimeout(absl::Duration duration) {
  return static_cast<int>(std::clamp<int64_t>(absl::ToInt64Milliseconds(duration) + 1, 0, 60'000));
}
}  // namespace

CommandProcess::CommandProcess(const Options& options, FaultCounter faults)
    : options_(options), faults_(std::move(faults)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), thread_([this] { Run(); }) {}

CommandProcess::~CommandProcess() {
  {
    MutexLock lock(mu_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  Wake();
  thread_.join();
  ::close(wake_);
}

void CommandProcess::Wake() {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_, &one, sizeof(one));
}

bool CommandProcess::broken() {
  MutexLock lock(mu_);
  return broken_.has_value();
}

bool CommandProcess::has_answered() {
  MutexLock lock(mu_);
  return has_answered_;
}

void CommandProcess::Break(CallEnd end) {
  {
    MutexLock lock(mu_);
    if (broken_.has_value()) return;
    broken_ = end;
    for (auto& [id, call] : calls_) call->end = end;
    calls_.clear();
    changed_.NotifyAll();
  }
  Wake();
}

void CommandProcess::BreakWithFault(std::string reason, std::string why) {
  faults_->fetch_add(1, std::memory_order_relaxed);
  Break({CallEnd::Kind::kBroken, std::move(reason), {fmt::format("{}: {}", options_.command.program, why), /*retryable=*/false}});
}

std::string CommandProcess::LastWords() {
  MutexLock lock(mu_);
  return last_words_.empty() ? std::string() : fmt::format("; its last words: {}", JsonQuote(last_words_));
}

absl::Time CommandProcess::NextLook() {
  MutexLock lock(mu_);
  absl::Time next = absl::Now() + absl::Seconds(60);
  for (const auto& [id, until] : abandoned_) next = std::min(next, until);
  return next;
}

void CommandProcess::Run() {
  const absl::Time start_deadline = absl::Now() + options_.start_timeout;
  {
    auto child = ChildProcess::Start(options_.command);
    if (!child.ok()) {
      return Break({CallEnd::Kind::kBroken, "start", {std::string(child.status().message()), /*retryable=*/true}});
    }
    MutexLock lock(mu_);
    child_ = *std::move(child);
    running_ = child_.get();
  }
  bool output = Write(DescribeLine(1, options_.params_json), start_deadline).kind == CallEnd::Kind::kFinished;
  bool log = true;
  for (;;) {
    {
      MutexLock lock(mu_);
      if (stopping_ || broken_.has_value()) break;
      if (!description_.has_value() && absl::Now() >= start_deadline) output = false;
    }
    if (!output) break;
    absl::Time look = NextLook();
    {
      MutexLock lock(mu_);
      if (!description_.has_value()) look = std::min(look, start_deadline);
    }
    pollfd fds[] = {{running_->out(), POLLIN, 0}, {log ? running_->err() : -1, POLLIN, 0}, {wake_, POLLIN, 0}};
    if (::poll(fds, 3, ToPollTimeout(look - absl::Now())) < 0 && errno != EINTR) break;
    if (fds[2].revents != 0) {
      uint64_t count;
      [[maybe_unused]] const ssize_t got = ::read(wake_, &count, sizeof(count));
    }
    if (fds[1].revents != 0) log = ReadLog();
    if (fds[0].revents != 0) output = ReadOutput();
    bool overdue = false;
    {
      MutexLock lock(mu_);
      for (const auto& [id, until] : abandoned_) overdue = overdue || absl::Now() >= until;
    }
    if (overdue) {
      faults_->fetch_add(1, std::memory_order_relaxed);
      Break({CallEnd::Kind::kBroken,
             "hang",
             {fmt::format("{} did not answer and was killed", options_.command.program), /*retryable=*/true}});
    }
  }
  Shut();
}

void CommandProcess::Shut() {
  std::shared_ptr<ChildProcess> child;
  bool stopping = false;
  bool described = false;
  {
    MutexLock lock(mu_);
    child = child_;
    stopping = stopping_ && !broken_.has_value();
    described = description_.has_value();
  }
  if (stopping) {
    child->CloseInput();
    if (child->WaitUntil(absl::Now() + kGrace).empty()) {
      child->Signal(SIGTERM);
      child->WaitUntil(absl::Now() + kTermGrace);
    }
  } else {
    // What it has left to say explains its end.
    const std::string ended = child->WaitUntil(absl::Now() + absl::Milliseconds(broken() ? 0 : 200));
    ReadLog();
    std::string why = ended.empty() && !described
                          ? fmt::format("did not describe itself within {:.0f} s", absl::ToDoubleSeconds(options_.start_timeout))
                      : ended.empty() ? "closed its output"
                                      : "ended with " + ended;
    Break({CallEnd::Kind::kBroken, "crash", {fmt::format("{} {}{}", options_.command.program, why, LastWords()), /*retryable=*/true}});
  }
  // Writers have stopped, or stop at the next look at broken_, before the descriptors go.
  MutexLock lock(mu_);
  while (writing_) changed_.Wait(mu_);
  child_ = nullptr;
}

bool CommandProcess::ReadLog() {
  char bytes[4096];
  for (;;) {
    const ssize_t got = ::read(running_->err(), bytes, sizeof(bytes));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return got < 0;
    {
      MutexLock lock(mu_);
      last_words_.append(bytes, static_cast<size_t>(got));
      if (last_words_.size() > kLastWordsBytes) last_words_.erase(0, last_words_.size() - kLastWordsBytes);
    }
    for (ssize_t i = 0; i < got; ++i) {
      if (bytes[i] != '\n') {
        if (log_line_.size() < kMaxLogLineBytes) log_line_ += bytes[i];
        continue;
      }
      if (++log_lines_ <= kMaxLogLines) HONE_LOG_INFO("{}: {}", options_.command.program, JsonQuote(log_line_));
      if (log_lines_ == kMaxLogLines) HONE_LOG_WARN("{}: says no more here after {} lines", options_.command.program, kMaxLogLines);
      log_line_.clear();
    }
  }
}

bool CommandProcess::ReadOutput() {
  const size_t old_size = buffer_.size();
  buffer_.resize(old_size + kReadBytes);
  const ssize_t got = ::read(running_->out(), buffer_.data() + old_size, kReadBytes);
  buffer_.resize(old_size + static_cast<size_t>(std::max<ssize_t>(got, 0)));
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  if (got == 0) return false;
  size_t begin = 0;
  for (size_t end; (end = buffer_.find('\n', std::max(begin, scanned_))) != std::string::npos; begin = end + 1) {
    TakeLine(std::string_view(buffer_).substr(begin, end - begin));
    if (broken()) return true;
  }
  buffer_.erase(0, begin);
  scanned_ = buffer_.size();
  if (buffer_.size() > kMaxLineBytes) {
    BreakWithFault("oversize", fmt::format("it printed a line above {} bytes", kMaxLineBytes));
  } else if (buffer_.empty() && buffer_.capacity() > (1 << 20)) {
    std::string().swap(buffer_);
  }
  return true;
}

void CommandProcess::TakeLine(std::string_view text) {
  auto line = ParseAnswerLine(text);
  if (!line.ok()) {
    return BreakWithFault("garbage", fmt::format("it printed a line that is no answer ({}): {}; stdout is for answers only",
                                                 std::string(line.status().message()), JsonQuote(text.substr(0, 80))));
  }
  if (line->call == 1) return TakeDescription(*line);
  faults_->fetch_add(line->num_nameless, std::memory_order_relaxed);
  MutexLock lock(mu_);
  has_answered_ = true;
  auto it = calls_.find(line->call);
  if (it == calls_.end()) {
    // Late, a second time, or to nobody.
    faults_->fetch_add(static_cast<int64_t>(line->verdicts.size()), std::memory_order_relaxed);
    if (!line->more) abandoned_.erase(line->call);
    return;
  }
  for (Verdict& verdict : line->verdicts) it->second->table->Put(std::move(verdict));
  if (line->error.has_value()) {
    it->second->end = CallEnd{CallEnd::Kind::kBroken, "error", {*line->error, /*retryable=*/false}};
  } else if (line->more) {
    return;
  } else {
    it->second->end = CallEnd{};
  }
  calls_.erase(it);
  changed_.NotifyAll();
}

void CommandProcess::TakeDescription(const AnswerLine& line) {
  absl::StatusOr<ExternalDescription> description = line.error.has_value() ? absl::InvalidArgumentError(*line.error)
                                                    : line.description.has_value()
                                                        ? ParseDescription(*line.description)
                                                        : absl::InvalidArgumentError("the first answer is no description");
  if (!description.ok()) description = Annotate(description.status(), options_.command.program);
  MutexLock lock(mu_);
  if (description_.has_value()) {
    faults_->fetch_add(1, std::memory_order_relaxed);
    return;
  }
  description_ = std::move(description);
  changed_.NotifyAll();
}

absl::StatusOr<ExternalDescription> CommandProcess::WaitUntilReady(absl::Time deadline) {
  MutexLock lock(mu_);
  while (!description_.has_value() && !broken_.has_value()) {
    if (!changed_.WaitUntil(mu_, deadline)) {
      return absl::DeadlineExceededError(fmt::format("{} has not described itself yet", options_.command.program));
    }
  }
  if (description_.has_value()) return *description_;
  return absl::UnavailableError(broken_->error.why);
}

CallEnd CommandProcess::Write(std::string_view line, absl::Time deadline) {
  const CallEnd stuck = {
      CallEnd::Kind::kTimeout, "timeout", {fmt::format("{} did not take the request in time", options_.command.program), true}};
  std::shared_ptr<ChildProcess> child;
  {
    MutexLock lock(mu_);
    while (writing_ && !broken_.has_value()) {
      if (!changed_.WaitUntil(mu_, deadline) && writing_) return stuck;
    }
    if (broken_.has_value()) return *broken_;
    if (child_ == nullptr) return stuck;
    writing_ = true;
    child = child_;
  }
  size_t sent = 0;
  CallEnd end;
  while (sent < line.size()) {
    const ssize_t got = ::send(child->in(), line.data() + sent, line.size() - sent, MSG_NOSIGNAL);
    if (got > 0) {
      sent += static_cast<size_t>(got);
    } else if (got < 0 && errno == EAGAIN) {
      pollfd fd{child->in(), POLLOUT, 0};
      ::poll(&fd, 1, ToPollTimeout(std::min(deadline - absl::Now(), kWriteSlice)));
      MutexLock lock(mu_);
      if (broken_.has_value()) end = *broken_;
      if (end.kind == CallEnd::Kind::kFinished && absl::Now() >= deadline) end = stuck;
    } else if (got < 0 && errno == EINTR) {
      continue;
    } else {
      end = {CallEnd::Kind::kBroken, "crash", {fmt::format("{} has closed its input", options_.command.program), /*retryable=*/true}};
    }
    if (end.kind != CallEnd::Kind::kFinished) break;
  }
  child = nullptr;
  {
    MutexLock lock(mu_);
    writing_ = false;
    changed_.NotifyAll();
  }
  if (sent > 0 && sent < line.size()) Break({CallEnd::Kind::kBroken, "hang", {stuck.error.why, /*retryable=*/true}});
  return end;
}

CallEnd CommandProcess::Verify(std::span<const VerifyRequest> batch, AnswerTable& table) {
  const absl::Time deadline = table.last_deadline();
  auto call = std::make_shared<Call>();
  call->table = &table;
  uint64_t id = 0;
  {
    MutexLock lock(mu_);
    if (broken_.has_value()) return *broken_;
    id = next_call_++;
    calls_.emplace(id, call);
  }
  const std::string line = VerifyLine(id, batch, table, absl::Now());
  CallEnd sent;
  if (line.size() > kMaxLineBytes) {
    sent = {CallEnd::Kind::kRefused,
            "too_large",
            {fmt::format("the request is {} bytes as a line, above the {} bytes of the protocol", line.size(), kMaxLineBytes), false}};
  } else {
    sent = Write(line, deadline);
  }
  bool cancel = false;
  {
    MutexLock lock(mu_);
    while (sent.kind == CallEnd::Kind::kFinished && !call->end.has_value()) {
      if (changed_.WaitUntil(mu_, deadline) || call->end.has_value()) continue;
      // Nobody is left to hear the answer; the reader gives it a second, then ends the process.
      sent = {CallEnd::Kind::kTimeout, "timeout", {fmt::format("{} gave no answer in time", options_.command.program), /*retryable=*/true}};
      abandoned_.emplace(id, absl::Now() + kGrace);
      cancel = true;
    }
    calls_.erase(id);
    if (call->end.has_value()) return *call->end;
  }
  if (cancel) {
    Wake();
    Write(CancelLine(id), absl::Now() + kWriteSlice);
  }
  return sent;
}

}  // namespace hone
