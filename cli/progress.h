#pragma once

#include <string>

#include "learner/trainer.h"

namespace hone {

// Shows a run on stdout: a line per step, phases in between. On a terminal phases share one line that is rewritten; in a pipe everything
// is a plain line. mode: "auto", "plain", "none".
class ProgressPrinter : public TrainerObserver {
 public:
  explicit ProgressPrinter(const std::string& mode);
  void OnPhase(const std::string& text) override;
  void OnStep(int64_t step, int64_t total, const std::map<std::string, double>& metrics, double seconds_left) override;
  void OnEval(const EvalResult& result) override;
  void OnAlarm(int64_t step, const AlarmEvent& alarm) override;
  // A line of its own.
  void Line(const std::string& text);

 private:
  bool quiet_ = false;
  bool terminal_ = false;
  bool phase_open_ = false;
};

// The end of a run in a few lines: reward, held-out accuracy before and after with interval, checkpoint, what to try next.
std::string SummaryText(const Recipe& recipe, const std::string& run_dir, const TrainSummary& summary);

// "4m10s"
std::string DurationText(double seconds);

}  // namespace hone
