#pragma once
// Alarms against reward hacking: signs that the reward rises in another way than meant (recipe: reward.alarms). They look and warn; no
// reward is changed by them.
//
// In two stages, so that a run that is resumed has the same alarms as one that never stopped: ReadSigns turns a step's samples into
// numbers, which are logged as metrics; AlarmMonitor reads metrics only, and can be fed those of earlier steps again.

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/config/recipe.h"
#include "lib/rollout/trajectory.h"

namespace hone {

// By name, as in metrics.jsonl.
using Metrics = std::map<std::string, double>;

// One completion of a step. The views must outlive the call.
struct AlarmSample {
  int64_t group = 0;
  bool scored = false;
  double reward = 0;  // composed; only with scored
  int64_t num_tokens = 0;
  std::string_view completion;
  std::span<const VerdictRecord> verdicts;
};

// What the samples of a step show; only what could be measured:
//   signs/scored                             scored samples
//   signs/several_answers                    share of them with more than one different final answer (several_answers.h)
//   signs/length_correlation                 of reward and length, both less their group's mean
//   signs/forgery, undecided, malformed      share of verdicts whose reason code or part of this name says so
//   second/checked, second/disagreed         samples judged twice, and those of them with different scores (second_checker.h)
Metrics ReadSigns(const RewardSection& reward, std::span<const AlarmSample> samples);

// The part that says whether an answer is right, and the one that judges its form (empty: none): as given, else by name.
std::string AccuracyPart(const Recipe& recipe);
std::string FormatPart(const Recipe& recipe);

// An alarm that has just begun.
struct AlarmEvent {
  std::string name;  // of its threshold: "length_drift"
  std::string text;  // what was seen, for people
};

// Watches a run step by step.
//
//   name                     value; the alarm is on when it reaches the threshold and ...
//   visible_hidden_gap       growth of reward_parts/X/visible - reward_parts/X/hidden over the baseline, the largest of all X
//   several_answers          signs/several_answers
//   length_drift             completion_length/mean over the baseline's, or the inverse, ... accuracy has not risen
//   length_correlation       signs/length_correlation
//   format_without_accuracy  format less accuracy, ... accuracy has not risen
//   second_disagreement      disagreed / checked over the last 50 steps, ... 20 or more were checked
//   forgery, undecided, malformed   signs/...
//   part_rise                rise of the mean of a part over that of the last five steps, divided by the part's largest mean so far where
//                            that is above 1; the largest of all parts, ... it is four times their standard deviation
//
// The baseline is the mean of the first baseline_steps steps; alarms that need it are silent until it is complete. "Has not risen": by less
// than 0.05 over the baseline. A step with fewer than min_samples scored samples is not looked at.
//
// Threads: one.
class AlarmMonitor {
 public:
  explicit AlarmMonitor(const Recipe& recipe);

  // The next step: reads the metrics that PrepareBatch made, with the signs among them, and adds alarm/NAME (0 or 1) and, where it could be
  // computed, alarm_value/NAME for every alarm that has a threshold. Returns the alarms that begin: those that are on and were not on in
  // any of the last ten steps.
  std::vector<AlarmEvent> Step(Metrics* metrics);

 private:
  struct Reading {
    double value = 0;
    bool on = false;
    std::string text;
  };
  using Detector = std::optional<Reading> (AlarmMonitor::*)(const Metrics& metrics, double threshold) const;
  struct Entry {
    const char* name;
    std::optional<double> AlarmsSection::*threshold;
    Detector detector;  // null: the sign of this name is the value
  };
  static std::span<const Entry> Entries();

  std::optional<Reading> VisibleHiddenGap(const Metrics& metrics, double threshold) const;
  std::optional<Reading> LengthDrift(const Metrics& metrics, double threshold) const;
  std::optional<Reading> FormatWithoutAccuracy(const Metrics& metrics, double threshold) const;
  std::optional<Reading> SecondDisagreement(const Metrics& metrics, double threshold) const;
  std::optional<Reading> PartRise(const Metrics& metrics, double threshold) const;
  std::optional<Reading> Sign(const Metrics& metrics, std::string_view name, double threshold) const;

  // Mean of a metric over the baseline; nullopt while that is not complete or when it was never there.
  std::optional<double> Baseline(const std::string& name) const;
  // By how much accuracy stands above its baseline.
  std::optional<double> AccuracyRise(const Metrics& metrics) const;
  void Remember(const Metrics& metrics);

  const AlarmsSection config_;
  const std::string accuracy_, format_;  // names of metrics; empty: none
  int64_t steps_ = 0;                    // looked at
  struct Sum {
    double total = 0;
    int64_t count = 0;
  };
  std::map<std::string, Sum> baseline_;
  std::deque<Metrics> recent_;              // the newest last
  std::map<std::string, double> largest_;   // |mean| of each part so far
  std::map<std::string, int64_t> last_on_;  // alarm -> step_ at which it was last on
};

}  // namespace hone
