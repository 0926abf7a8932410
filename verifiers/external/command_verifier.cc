#include "verifiers/external/command_verifier.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "fmt/format.h"
#include "lib/base/log.h"
#include "verifiers/external/command_process.h"
#include "verifiers/external/line_codec.h"
#include "verifiers/external/params_schema.h"

namespace hone {
namespace {
constexpr absl::Duration kFirstBackoff = absl::Milliseconds(100);
constexpr absl::Duration kMaxBackoff = absl::Seconds(10);
// A text may be eight times as long in JSON: six for a control character and the rest for its base64 form. So a batch fits a line.
constexpr size_t kMaxCallBytes = kMaxLineBytes / 8;

bool SameDescription(const VerifierDescription& a, const VerifierDescription& b) {
  return a.FullName() == b.FullName() && a.params_schema == b.params_schema && a.range_min == b.range_min && a.range_max == b.range_max &&
         a.parts == b.parts;
}

// A process of the program that is there again when it has broken.
class Lane {
 public:
  Lane(const CommandProcess::Options& options, FaultCounter faults) : options_(options), faults_(std::move(faults)) {}

  // The living process, maybe still starting; DeadlineExceeded when it may not be started again until then.
  absl::StatusOr<std::shared_ptr<CommandProcess>> Get(absl::Time deadline) {
    std::shared_ptr<CommandProcess> old;  // goes when the lock is gone: ending it takes time
    MutexLock lock(mu_);
    if (process_ != nullptr && process_->broken()) {
      backoff_ = process_->has_answered() ? absl::ZeroDuration() : std::clamp(2 * backoff_, kFirstBackoff, kMaxBackoff);
      not_before_ = absl::Now() + backoff_;
      old = std::exchange(process_, nullptr);
    }
    while (process_ == nullptr) {
      const absl::Time now = absl::Now();
      if (now >= not_before_) {
        process_ = std::make_shared<CommandProcess>(options_, faults_);
      } else if (now >= deadline) {
        return absl::DeadlineExceededError(fmt::format("{} has failed and is started again only in {:.1f} s", options_.command.program,
                                                       absl::ToDoubleSeconds(not_before_ - now)));
      } else {
        changed_.WaitUntil(mu_, std::min(not_before_, deadline));
      }
    }
    return process_;
  }

 private:
  const CommandProcess::Options& options_;
  const FaultCounter faults_;
  Mutex mu_;
  CondVar changed_;
  std::shared_ptr<CommandProcess> process_ ABSL_GUARDED_BY(mu_);
  absl::Duration backoff_ ABSL_GUARDED_BY(mu_) = absl::ZeroDuration();
  absl::Time not_before_ ABSL_GUARDED_BY(mu_) = absl::InfinitePast();
};

class CommandVerifier final : public Verifier {
 public:
  explicit CommandVerifier(const CommandVerifierOptions& options, Command command)
      : options_{.command = std::move(command), .params_json = options.params_json, .start_timeout = options.start_timeout},
        together_(options_, faults_),
        alone_(options_, faults_) {
    limits_ = {.max_bytes = kMaxCallBytes, .default_timeout = options.default_timeout};
  }

  absl::Status Start(const std::string& uri) {
    const absl::Time deadline = absl::Now() + options_.start_timeout + absl::Seconds(5);
    HONE_ASSIGN_OR_RETURN(const std::shared_ptr<CommandProcess> process, together_.Get(deadline));
    HONE_ASSIGN_OR_RETURN(ExternalDescription external, process->WaitUntilReady(deadline));
    description_ = std::move(external.description);
    description_.origin = fmt::format("{} sha256:{}", uri, options_.command.sha256);
    if (std::find(description_.needs.begin(), description_.needs.end(), "process") == description_.needs.end()) {
      description_.needs.push_back("process");
    }
    limits_.max_batch = description_.max_batch;
    HONE_LOG_INFO("verifier {}: {}", description_.FullName(), description_.origin);
    return CheckParams(description_.name, description_.params_schema, options_.params_json);
  }

  const VerifierDescription& Describe() const override { return description_; }
  int64_t NumFaults() const override { return faults_->load(std::memory_order_relaxed); }

  std::vector<Verdict> Verify(std::span<const VerifyRequest> batch) const override {
    return VerifyInCalls(batch, limits_, faults_,
                         [this](std::span<const VerifyRequest> part, const std::shared_ptr<AnswerTable>& table, bool alone) {
                           return alone ? SendAlone(part, *table) : Send(together_, part, *table);
                         });
  }

 private:
  CallEnd Send(Lane& lane, std::span<const VerifyRequest> batch, AnswerTable& table) const {
    const absl::Time deadline = table.last_deadline();
    const auto process = lane.Get(deadline);
    if (!process.ok()) return {CallEnd::Kind::kTimeout, "restarting", {std::string(process.status().message()), /*retryable=*/true}};
    const auto ready = (*process)->WaitUntilReady(deadline);
    if (!ready.ok()) {
      const bool waiting = absl::IsDeadlineExceeded(ready.status());
      const bool retryable = waiting || absl::IsUnavailable(ready.status());
      return {waiting ? CallEnd::Kind::kTimeout : CallEnd::Kind::kBroken,
              waiting ? "timeout" : "start",
              {std::string(ready.status().message()), retryable}};
    }
    if (!SameDescription(ready->description, description_)) {
      return {CallEnd::Kind::kRefused,
              "changed",
              {fmt::format("{} now describes itself as {} or with other parts; it was {}", options_.command.program,
                           ready->description.FullName(), description_.FullName()),
               /*retryable=*/false}};
    }
    return (*process)->Verify(batch, table);
  }

  // One at a time, so that what breaks the process is the request itself.
  CallEnd SendAlone(std::span<const VerifyRequest> one, AnswerTable& table) const {
    {
      MutexLock lock(mu_);
      while (alone_taken_) {
        if (!changed_.WaitUntil(mu_, table.last_deadline()) && alone_taken_) {
          return {CallEnd::Kind::kTimeout,
                  "timeout",
                  {fmt::format("{} was busy with other requests that broke it", options_.command.program), true}};
        }
      }
      alone_taken_ = true;
    }
    CallEnd end = Send(alone_, one, table);
    MutexLock lock(mu_);
    alone_taken_ = false;
    changed_.NotifyAll();
    return end;
  }

  // Constant after Start.
  const CommandProcess::Options options_;
  CallLimits limits_;
  VerifierDescription description_;
  // Synchronized by themselves.
  const FaultCounter faults_ = std::make_shared<std::atomic<int64_t>>(0);
  mutable Lane together_, alone_;

  mutable Mutex mu_;
  mutable CondVar changed_;
  mutable bool alone_taken_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Verifier>> StartCommandVerifier(const CommandVerifierOptions& options) {
  HONE_ASSIGN_OR_RETURN(Command command, ParseCommand(options.command));
  auto verifier = std::make_unique<CommandVerifier>(options, std::move(command));
  HONE_RETURN_IF_ERROR(verifier->Start("command:" + options.command));
  return verifier;
}

}  // namespace hone
