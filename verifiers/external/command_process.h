#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>

#include "lib/base/mutex.h"
#include "verifiers/external/calls.h"
#include "verifiers/external/child_process.h"
#include "verifiers/external/description.h"

namespace hone {

// One life of a command: from its start to the first sign that it cannot be relied on.
//
// A thread of its own starts the program, asks it for its description, then hands each line to the call it belongs to. Whatever makes the
// stream unreliable ends the process for good and every open call with CallEnd::kBroken: it exits, prints a line that is none of the
// protocol's or one above 16 MiB, leaves a call without an answer for a second after its deadline, or does not describe itself in time.
//
// Threads: all methods from any thread.
class CommandProcess {
 public:
  struct Options {
    Command command;
    std::string params_json;
    absl::Duration start_timeout = absl::Seconds(60);
  };
  // Begins to start it.
  CommandProcess(const Options& options, FaultCounter faults);
  // Closes its input, gives it a second to end, then SIGTERM and half a second, then SIGKILL. No call may be running.
  ~CommandProcess();

  // Its description, once it has given one. Unavailable: it broke first, or (DeadlineExceeded) the deadline came; InvalidArgument: it
  // refused the parameters or describes itself wrongly.
  absl::StatusOr<ExternalDescription> WaitUntilReady(absl::Time deadline);

  CallEnd Verify(std::span<const VerifyRequest> batch, AnswerTable& table);

  bool broken();
  // Whether it has ever answered a call.
  bool has_answered();

 private:
  struct Call {
    AnswerTable* table = nullptr;
    std::optional<CallEnd> end;
  };

  void Run();
  // Reads what there is. False when the stream has ended.
  bool ReadOutput();
  bool ReadLog();
  void TakeLine(std::string_view line);
  void TakeDescription(const struct AnswerLine& line);
  void Break(CallEnd end);
  void BreakWithFault(std::string reason, std::string why);
  std::string LastWords();
  void Shut();
  // Writes a line of a call. kFinished when all of it went out.
  CallEnd Write(std::string_view line, absl::Time deadline);
  void Wake();
  // When the reader has to look again without news.
  absl::Time NextLook();

  // Constant after construction.
  const Options options_;
  const FaultCounter faults_;
  const int wake_;  // an eventfd
  // Of the reader thread.
  ChildProcess* running_ = nullptr;  // child_
  std::string buffer_;
  size_t scanned_ = 0;    // of buffer_, without a line end
  std::string log_line_;  // the unfinished line of stderr
  int64_t log_lines_ = 0;

  Mutex mu_;
  CondVar changed_;
  std::shared_ptr<ChildProcess> child_ ABSL_GUARDED_BY(mu_);  // null until it has started
  std::optional<absl::StatusOr<ExternalDescription>> description_ ABSL_GUARDED_BY(mu_);
  std::map<uint64_t, std::shared_ptr<Call>> calls_ ABSL_GUARDED_BY(mu_);
  std::map<uint64_t, absl::Time> abandoned_ ABSL_GUARDED_BY(mu_);  // calls whose answer is overdue, and until when it may come
  std::optional<CallEnd> broken_ ABSL_GUARDED_BY(mu_);
  uint64_t next_call_ ABSL_GUARDED_BY(mu_) = 2;  // 1 is the description
  bool writing_ ABSL_GUARDED_BY(mu_) = false;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  bool has_answered_ ABSL_GUARDED_BY(mu_) = false;
  std::string last_words_ ABSL_GUARDED_BY(mu_);  // the end of stderr

  std::thread thread_;
};

}  // namespace hone
