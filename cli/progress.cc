#include "cli/progress.h"

#include <unistd.h>

#include <cmath>
#include <cstdio>

#include "fmt/format.h"
#include "lib/base/log.h"

namespace hone {
namespace {

double Get(const std::map<std::string, double>& metrics, const std::string& name) {
  const auto found = metrics.find(name);
  return found == metrics.end() ? 0 : found->second;
}

const EvalResult* Find(const TrainSummary& summary, const std::string& kind, bool last) {
  const EvalResult* found = nullptr;
  for (const EvalResult& eval : summary.evals) {
    if (eval.kind != kind) continue;
    if (last || found == nullptr) found = &eval;
    if (!last && found != nullptr) break;
  }
  return found;
}

std::string EvalText(const EvalResult& eval) {
  return fmt::format("{:.1f} % [{:.1f}, {:.1f}] of {} held-out prompts, at most {} tokens", 100 * eval.score, 100 * eval.low,
                     100 * eval.high, eval.prompts, eval.max_new_tokens);
}

}  // namespace

std::string DurationText(double seconds) {
  const int64_t s = std::llround(std::max(0.0, seconds));
  if (s >= 3600) return fmt::format("{}h{:02}m", s / 3600, s % 3600 / 60);
  if (s >= 60) return fmt::format("{}m{:02}s", s / 60, s % 60);
  return fmt::format("{}s", s);
}

ProgressPrinter::ProgressPrinter(const std::string& mode)
    : quiet_(mode == "none"), terminal_(mode == "auto" && ::isatty(STDOUT_FILENO) == 1) {}

void ProgressPrinter::Line(const std::string& text) {
  if (quiet_) return;
  std::printf("%s%s\n", phase_open_ ? "\r\033[K" : "", text.c_str());
  phase_open_ = false;
  std::fflush(stdout);
}

void ProgressPrinter::OnPhase(const std::string& text) {
  if (quiet_) return;
  if (!terminal_) return Line(text);
  std::printf("\r\033[K%s", text.c_str());
  phase_open_ = true;
  std::fflush(stdout);
}

void ProgressPrinter::OnStep(int64_t step, int64_t total, const std::map<std::string, double>& metrics, double seconds_left) {
  Line(
      fmt::format("step {:>3}/{}  reward {:.3f}  entropy {:.3f}  length {:.1f}  trained {}/{} groups  actor {:.0f} tok/s  learner {:.0f} "
                  "tok/s  {:.1f}s  "
                  "left {}",
                  step, total, Get(metrics, "reward/mean"), Get(metrics, "entropy/mean"), Get(metrics, "completion_length/mean"),
                  Get(metrics, "groups/trained"), Get(metrics, "groups/total"), Get(metrics, "tokens_per_second/actor"),
                  Get(metrics, "tokens_per_second/learner"), Get(metrics, "seconds/step"), DurationText(seconds_left)));
}

void ProgressPrinter::OnEval(const EvalResult& result) {
  Line(fmt::format("eval at step {} ({}): {}", result.step, result.kind, EvalText(result)));
}

void ProgressPrinter::OnAlarm(int64_t step, const AlarmEvent& alarm) {
  if (quiet_) HONE_LOG_WARN("step {}: alarm {}: {}", step, alarm.name, alarm.text);
  Line(fmt::format("warning: step {}: alarm {}: {}", step, alarm.name, alarm.text));
}

std::string SummaryText(const Recipe& recipe, const std::string& run_dir, const TrainSummary& summary) {
  std::string text = fmt::format("\n{} after {} of {} steps in {}: {} prompts trained on\n", summary.interrupted ? "stopped" : "done",
                                 summary.last_step, recipe.run.steps, DurationText(summary.seconds), summary.trained_prompts);
  if (!summary.rewards.empty()) {
    text += fmt::format("  reward         {:.3f} at the first step of this process, {:.3f} at the last\n", summary.rewards.front(),
                        summary.rewards.back());
  }
  const EvalResult* before = Find(summary, "greedy", false);
  const EvalResult* baseline = Find(summary, "baseline", false);
  const EvalResult* after = Find(summary, "greedy", true);
  if (before != nullptr) text += fmt::format("  before         {}\n", EvalText(*before));
  if (baseline != nullptr) text += fmt::format("  fair baseline  {} (untrained, with room to finish)\n", EvalText(*baseline));
  const EvalResult* reference = baseline != nullptr ? baseline : before;
  if (after != nullptr && after->step > 0) {
    text += fmt::format("  after          {}\n", EvalText(*after));
    // Interval of a difference of two shares on the same number of prompts, taken as independent (the pairs agree more, so this is wide).
    auto variance = [](const EvalResult& e) { return e.score * (1 - e.score) / std::max<double>(1, static_cast<double>(e.prompts)); };
    const double gain = 100 * (after->score - reference->score), half = 196 * std::sqrt(variance(*after) + variance(*reference));
    text += fmt::format("  gain           {:+.1f} points [{:+.1f}, {:+.1f}] over the {}\n", gain, gain - half, gain + half,
                        baseline != nullptr ? "fair baseline" : "untrained model");
  }
  text += fmt::format("  run            {}\n", run_dir);
  if (!summary.checkpoint.empty()) text += fmt::format("  checkpoint     {}\n", summary.checkpoint);
  if (summary.interrupted) {
    text += fmt::format("go on with:    hone resume {}\n", run_dir);
  } else {
    text += fmt::format("try next:      hone chat {}\n", summary.checkpoint.empty() ? run_dir : summary.checkpoint);
    text += fmt::format("               hone rollouts show {} --limit 5\n", run_dir);
  }
  return text;
}

}  // namespace hone
