#include "rewards/alarms.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "fmt/format.h"
#include "rewards/second_checker.h"
#include "rewards/several_answers.h"

namespace hone {
namespace {

constexpr double kRise = 0.05;       // of accuracy, that explains longer or better formed answers
constexpr size_t kRecentSteps = 5;   // that part_rise compares with
constexpr size_t kSecondSteps = 50;  // over which disagreement is counted
constexpr double kMinChecked = 20;   // samples judged twice
constexpr double kDeviations = 4;    // part_rise
constexpr int64_t kQuietSteps = 10;  // after which an alarm begins anew
constexpr std::string_view kParts = "reward_parts/";

// Stems of the reason codes behind a sign. A code stands before the first colon of a reason. A part of the score that has the sign's own
// name and is above 0 says the same.
struct ReasonSign {
  const char* name;
  std::array<std::string_view, 3> stems;
};
constexpr std::string_view kSigns = "signs/";
constexpr ReasonSign kReasonSigns[] = {
    {"forgery", {"forge", "forgery", "forged"}},
    {"undecided", {"undecided", "likely_equal", "over_budget"}},
    {"malformed", {"malformed", "unparsed", "unreadable"}},
};

bool Shows(const VerdictRecord& verdict, const ReasonSign& sign) {
  std::string code = verdict.reason.substr(0, std::min<size_t>(verdict.reason.find(':'), 100));
  std::transform(code.begin(), code.end(), code.begin(), [](unsigned char c) { return std::tolower(c); });
  return std::any_of(sign.stems.begin(), sign.stems.end(), [&](std::string_view stem) { return code.find(stem) != std::string::npos; }) ||
         std::any_of(verdict.parts.begin(), verdict.parts.end(), [&](const ScorePart& p) { return p.name == sign.name && p.value > 0; });
}

std::optional<double> Find(const Metrics& metrics, const std::string& name) {
  const auto found = metrics.find(name);
  if (found == metrics.end() || !std::isfinite(found->second)) return std::nullopt;
  return found->second;
}

// Pearson's correlation of two lists of equal length; nullopt when one of them does not vary.
std::optional<double> Correlation(const std::vector<double>& x, const std::vector<double>& y) {
  double xx = 0, yy = 0, xy = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    xx += x[i] * x[i];
    yy += y[i] * y[i];
    xy += x[i] * y[i];
  }
  if (!(xx > 0) || !(yy > 0)) return std::nullopt;
  return xy / std::sqrt(xx * yy);
}

// Of reward and length within the groups: both less the mean of the group, so that harder prompts with longer answers do not count.
std::optional<double> LengthCorrelation(std::span<const AlarmSample> samples) {
  struct Means {
    double reward = 0, tokens = 0, count = 0;
  };
  std::map<int64_t, Means> groups;
  for (const AlarmSample& sample : samples) {
    if (!sample.scored) continue;
    Means& means = groups[sample.group];
    means.reward += sample.reward;
    means.tokens += static_cast<double>(sample.num_tokens);
    means.count += 1;
  }
  std::vector<double> rewards, tokens;
  for (const AlarmSample& sample : samples) {
    if (!sample.scored) continue;
    const Means& means = groups[sample.group];
    rewards.push_back(sample.reward - means.reward / means.count);
    tokens.push_back(static_cast<double>(sample.num_tokens) - means.tokens / means.count);
  }
  return Correlation(rewards, tokens);
}

// The first of these names that a verifier or term has.
bool IsNamed(const Recipe& recipe, std::string_view name) {
  return std::any_of(recipe.verifiers.begin(), recipe.verifiers.end(), [&](const VerifierUse& use) { return use.name == name; }) ||
         std::any_of(recipe.reward.terms.begin(), recipe.reward.terms.end(), [&](const NamedTerm& term) { return term.name == name; });
}

std::string MetricOf(const std::string& part) {
  return part.empty() ? std::string() : std::string(kParts) + part;
}

}  // namespace

Metrics ReadSigns(const RewardSection& reward, std::span<const AlarmSample> samples) {
  Metrics signs;
  double scored = 0, several = 0, verdicts = 0, checked = 0, disagreed = 0;
  std::array<double, std::size(kReasonSigns)> with_reason{};
  for (const AlarmSample& sample : samples) {
    scored += sample.scored;
    several += sample.scored && HasSeveralAnswers(sample.completion);
    for (const VerdictRecord& verdict : sample.verdicts) {
      if (IsSecondLabel(verdict.label)) continue;
      verdicts += 1;
      for (size_t i = 0; i < with_reason.size(); ++i) with_reason[i] += Shows(verdict, kReasonSigns[i]);
    }
    if (!reward.second.has_value()) continue;
    if (const auto differs = SecondDisagrees(*reward.second, sample.verdicts)) {
      checked += 1;
      disagreed += *differs;
    }
  }
  signs["signs/scored"] = scored;
  if (scored > 0) signs["signs/several_answers"] = several / scored;
  if (const auto correlation = LengthCorrelation(samples)) signs["signs/length_correlation"] = *correlation;
  for (size_t i = 0; i < with_reason.size() && verdicts > 0; ++i)
    signs[std::string(kSigns) + kReasonSigns[i].name] = with_reason[i] / verdicts;
  if (reward.second.has_value()) {
    signs["second/checked"] = checked;
    signs["second/disagreed"] = disagreed;
  }
  return signs;
}

std::string AccuracyPart(const Recipe& recipe) {
  if (!recipe.reward.alarms.accuracy.empty()) return recipe.reward.alarms.accuracy;
  if (IsNamed(recipe, "accuracy")) return "accuracy";
  return recipe.verifiers.empty() ? "" : recipe.verifiers.front().name;
}

std::string FormatPart(const Recipe& recipe) {
  if (!recipe.reward.alarms.format.empty()) return recipe.reward.alarms.format;
  return IsNamed(recipe, "format") ? "format" : "";
}

AlarmMonitor::AlarmMonitor(const Recipe& recipe)
    : config_(recipe.reward.alarms), accuracy_(MetricOf(AccuracyPart(recipe))), format_(MetricOf(FormatPart(recipe))) {}

std::optional<double> AlarmMonitor::Baseline(const std::string& name) const {
  const auto sum = baseline_.find(name);
  if (steps_ < config_.baseline_steps || sum == baseline_.end()) return std::nullopt;
  return sum->second.total / static_cast<double>(sum->second.count);
}

std::optional<double> AlarmMonitor::AccuracyRise(const Metrics& metrics) const {
  const auto now = Find(metrics, accuracy_), before = Baseline(accuracy_);
  if (!now || !before) return std::nullopt;
  return *now - *before;
}

std::optional<AlarmMonitor::Reading> AlarmMonitor::VisibleHiddenGap(const Metrics& metrics, double threshold) const {
  constexpr std::string_view kVisible = "/visible";
  std::optional<Reading> most;
  for (const auto& [name, visible] : metrics) {
    if (!name.starts_with(kParts) || !name.ends_with(kVisible)) continue;
    const std::string label = name.substr(0, name.size() - kVisible.size()), other = label + "/hidden";
    const auto hidden = Find(metrics, other), visible_before = Baseline(name), hidden_before = Baseline(other);
    if (!hidden || !visible_before || !hidden_before) continue;
    const double growth = (visible - *hidden) - (*visible_before - *hidden_before);
    if (most && most->value >= growth) continue;
    most =
        Reading{growth, growth >= threshold,
                fmt::format("{} passes {:.2f} of the visible tests and {:.2f} of the hidden ones; in the first {} steps it was {:.2f} and "
                            "{:.2f}",
                            label.substr(kParts.size()), visible, *hidden, config_.baseline_steps, *visible_before, *hidden_before)};
  }
  return most;
}

std::optional<AlarmMonitor::Reading> AlarmMonitor::LengthDrift(const Metrics& metrics, double threshold) const {
  const std::string kLength = "completion_length/mean";
  const auto now = Find(metrics, kLength), before = Baseline(kLength), rise = AccuracyRise(metrics);
  if (!now || !before || !rise || *before <= 0 || *now <= 0) return std::nullopt;
  const double drift = std::max(*now / *before, *before / *now);
  return Reading{drift, drift >= threshold && *rise < kRise,
                 fmt::format("completions have {:.1f} tokens, in the first {} steps {:.1f}; accuracy has changed by {:+.3f}", *now,
                             config_.baseline_steps, *before, *rise)};
}

std::optional<AlarmMonitor::Reading> AlarmMonitor::FormatWithoutAccuracy(const Metrics& metrics, double threshold) const {
  if (format_.empty() || format_ == accuracy_) return std::nullopt;
  const auto format = Find(metrics, format_), accuracy = Find(metrics, accuracy_), rise = AccuracyRise(metrics);
  if (!format || !accuracy || !rise) return std::nullopt;
  const double gap = *format - *accuracy;
  return Reading{gap, gap >= threshold && *rise < kRise,
                 fmt::format("format is {:.2f} and accuracy {:.2f}, which has changed by {:+.3f} since the first {} steps", *format,
                             *accuracy, *rise, config_.baseline_steps)};
}

std::optional<AlarmMonitor::Reading> AlarmMonitor::SecondDisagreement(const Metrics& metrics, double threshold) const {
  double checked = Find(metrics, "second/checked").value_or(0), disagreed = Find(metrics, "second/disagreed").value_or(0);
  for (const Metrics& step : recent_) {
    checked += Find(step, "second/checked").value_or(0);
    disagreed += Find(step, "second/disagreed").value_or(0);
  }
  if (checked < kMinChecked) return std::nullopt;
  return Reading{disagreed / checked, disagreed / checked >= threshold,
                 fmt::format("the second checker disagrees on {:.0f} of {:.0f} samples", disagreed, checked)};
}

std::optional<AlarmMonitor::Reading> AlarmMonitor::PartRise(const Metrics& metrics, double threshold) const {
  if (recent_.size() < kRecentSteps) return std::nullopt;
  std::optional<Reading> most;
  for (auto part = metrics.lower_bound(std::string(kParts)); part != metrics.end() && part->first.starts_with(kParts); ++part) {
    const auto& [name, now] = *part;
    double sum = 0, squares = 0, count = 0;
    for (size_t i = recent_.size() - kRecentSteps; i < recent_.size(); ++i) {
      const auto value = Find(recent_[i], name);
      if (!value) continue;
      sum += *value;
      squares += *value * *value;
      count += 1;
    }
    if (count < static_cast<double>(kRecentSteps)) continue;
    const double mean = sum / count, deviation = std::sqrt(std::max(0.0, (squares - sum * mean) / (count - 1)));
    const auto largest = largest_.find(name);
    const double scale = std::max(1.0, largest == largest_.end() ? 0 : largest->second);
    const double rise = (now - mean) / scale;
    if (most && most->value >= rise) continue;
    most = Reading{rise, rise >= threshold && now - mean >= kDeviations * deviation,
                   fmt::format("{} rose from {:.3f} in the last {} steps to {:.3f}", name.substr(kParts.size()), mean, kRecentSteps, now)};
  }
  return most;
}

std::optional<AlarmMonitor::Reading> AlarmMonitor::Sign(const Metrics& metrics, std::string_view name, double threshold) const {
  const auto value = Find(metrics, fmt::format("signs/{}", name));
  if (!value) return std::nullopt;
  return Reading{*value, *value >= threshold, fmt::format("it is {:.3f}, the threshold {:g}", *value, threshold)};
}

std::span<const AlarmMonitor::Entry> AlarmMonitor::Entries() {
  static constexpr Entry kEntries[] = {
      {"visible_hidden_gap", &AlarmsSection::visible_hidden_gap, &AlarmMonitor::VisibleHiddenGap},
      {"several_answers", &AlarmsSection::several_answers, nullptr},
      {"length_drift", &AlarmsSection::length_drift, &AlarmMonitor::LengthDrift},
      {"length_correlation", &AlarmsSection::length_correlation, nullptr},
      {"format_without_accuracy", &AlarmsSection::format_without_accuracy, &AlarmMonitor::FormatWithoutAccuracy},
      {"second_disagreement", &AlarmsSection::second_disagreement, &AlarmMonitor::SecondDisagreement},
      {"forgery", &AlarmsSection::forgery, nullptr},
      {"undecided", &AlarmsSection::undecided, nullptr},
      {"malformed", &AlarmsSection::malformed, nullptr},
      {"part_rise", &AlarmsSection::part_rise, &AlarmMonitor::PartRise},
  };
  return kEntries;
}

void AlarmMonitor::Remember(const Metrics& metrics) {
  if (steps_++ < config_.baseline_steps) {
    for (const auto& [name, value] : metrics) {
      if (!std::isfinite(value)) continue;
      Sum& sum = baseline_[name];
      sum.total += value;
      ++sum.count;
    }
  }
  Metrics kept;
  for (const auto& [name, value] : metrics) {
    if (!name.starts_with(kParts) && !name.starts_with("second/")) continue;
    kept[name] = value;
    if (name.starts_with(kParts) && std::isfinite(value)) largest_[name] = std::max(largest_[name], std::abs(value));
  }
  recent_.push_back(std::move(kept));
  if (recent_.size() >= kSecondSteps) recent_.pop_front();  // with the step to come it is kSecondSteps
}

std::vector<AlarmEvent> AlarmMonitor::Step(Metrics* metrics) {
  std::vector<AlarmEvent> begun;
  if (config_.on_alarm == "off") return begun;
  const bool enough = Find(*metrics, "signs/scored").value_or(0) >= static_cast<double>(config_.min_samples);
  Metrics alarms;
  for (const Entry& entry : Entries()) {
    const auto& threshold = config_.*entry.threshold;
    if (!threshold.has_value()) continue;
    std::optional<Reading> reading;
    if (enough) {
      reading = entry.detector != nullptr ? (this->*entry.detector)(*metrics, *threshold) : Sign(*metrics, entry.name, *threshold);
    }
    const bool on = reading.has_value() && reading->on;
    alarms[fmt::format("alarm/{}", entry.name)] = on;
    if (reading.has_value()) alarms[fmt::format("alarm_value/{}", entry.name)] = reading->value;
    if (!on) continue;
    const auto last = last_on_.find(entry.name);
    if (last == last_on_.end() || steps_ - last->second > kQuietSteps) begun.push_back({entry.name, reading->text});
    last_on_[entry.name] = steps_;
  }
  if (enough) Remember(*metrics);
  metrics->insert(alarms.begin(), alarms.end());
  return begun;
}

}  // namespace hone
