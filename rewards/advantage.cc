#include "rewards/advantage.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <unordered_map>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "lib/config/nearest.h"

namespace hone {
namespace {
using Values = std::vector<double>;
using Members = std::vector<size_t>;  // indices of the scorable samples of one group, in order

double Mean(const Values& x) {
  double sum = 0;
  for (double v : x) sum += v;
  return x.empty() ? 0 : sum / static_cast<double>(x.size());
}

// Standard deviation; 0 where it is undefined (no more than ddof values).
double Std(const Values& x, int ddof) {
  if (static_cast<int64_t>(x.size()) <= ddof) return 0;
  const double mean = Mean(x);
  double sum = 0;
  for (double v : x) sum += (v - mean) * (v - mean);
  return std::sqrt(sum / static_cast<double>(static_cast<int64_t>(x.size()) - ddof));
}

bool AllEqual(const Values& x) {
  return std::all_of(x.begin(), x.end(), [&](double v) { return v == x[0]; });
}

// What an estimator sees beside one group's rewards.
struct Batch {
  const AdvantageConfig& config;
  const AdvantageInput& input;
  double eps;
  double std;    // grpo_batch_std
  double alpha;  // gpg
};

// The advantages of one group of two or more members with rewards r that are not all equal.
using Estimator = Values (*)(const Batch& batch, const Members& members, const Values& r);

Values Centered(const Values& r, double scale) {
  const double mean = Mean(r);
  Values a(r.size());
  for (size_t i = 0; i < r.size(); ++i) a[i] = (r[i] - mean) * scale;
  return a;
}

Values DrGrpo(const Batch&, const Members&, const Values& r) {
  return Centered(r, 1);
}
Values Grpo(const Batch& batch, const Members&, const Values& r) {
  return Centered(r, 1 / (Std(r, batch.config.ddof) + batch.eps));
}
Values GrpoBatchStd(const Batch& batch, const Members&, const Values& r) {
  return Centered(r, 1 / (batch.std + batch.eps));
}
Values Gpg(const Batch& batch, const Members&, const Values& r) {
  return Centered(r, batch.alpha);
}
Values Rloo(const Batch&, const Members&, const Values& r) {
  const auto n = static_cast<double>(r.size());
  return Centered(r, n / (n - 1));
}

Values GrpoLoo(const Batch& batch, const Members& members, const Values& r) {
  Values a = Rloo(batch, members, r);
  if (batch.config.std_of == "group") {
    const double scale = 1 / (Std(r, batch.config.ddof) + batch.eps);
    for (double& v : a) v *= scale;
    return a;
  }
  for (size_t i = 0; i < r.size(); ++i) {
    Values others = r;
    others.erase(others.begin() + static_cast<int64_t>(i));
    const double std = AllEqual(others) ? 0 : Std(others, batch.config.ddof);
    if (std > 0) a[i] /= std + batch.eps;
  }
  return a;
}

Values Opo(const Batch& batch, const Members& members, const Values& r) {
  double weighted = 0, total = 0;
  for (size_t i = 0; i < r.size(); ++i) {
    const auto length = static_cast<double>(batch.input.length[members[i]]);
    weighted += length * r[i];
    total += length;
  }
  const double baseline = total > 0 ? weighted / total : Mean(r);
  Values a(r);
  for (double& v : a) v -= baseline;
  return a;
}

Values MaxRl(const Batch& batch, const Members&, const Values& r) {
  const double mean = Mean(r);
  return mean > 0 ? Centered(r, 1 / (mean + batch.eps)) : Values(r.size(), 0);
}

Values PassAtK(const Batch& batch, const Members&, const Values& r) {
  const size_t best = static_cast<size_t>(std::max_element(r.begin(), r.end()) - r.begin());  // the first of equals
  double second = -INFINITY;
  for (size_t i = 0; i < r.size(); ++i) {
    if (i != best) second = std::max(second, r[i]);
  }
  Values a(r.size(), 0);
  a[best] = r[best] - second;
  if (batch.config.scale == "group") a[best] /= Std(r, batch.config.ddof) + batch.eps;
  return a;
}

struct Entry {
  const char* name;
  Estimator estimator;      // null: not by group
  double eps;               // default
  bool raw_divides_by_eps;  // a raw singleton is r / (1 + eps)
  bool whitened;            // by default
};
// Sorted.
constexpr Entry kEstimators[] = {
    {"dr_grpo", DrGrpo, 0, false, false},
    {"gdpo", Grpo, 1e-6, true, true},
    {"gpg", Gpg, 0, false, false},
    {"grpo", Grpo, 1e-6, true, false},
    {"grpo_batch_std", GrpoBatchStd, 1e-6, true, false},
    {"grpo_loo", GrpoLoo, 1e-6, false, false},
    {"maxrl", MaxRl, 0, false, false},
    {"opo", Opo, 0, false, false},
    {"pass_at_k", PassAtK, 1e-6, false, false},
    {"reinforce_pp", nullptr, 0, false, true},
    {"reinforce_pp_baseline", DrGrpo, 0, false, true},
    {"remax", nullptr, 0, false, false},
    {"rloo", Rloo, 0, false, false},
};

const Entry* Find(const std::string& name) {
  for (const Entry& entry : kEstimators) {
    if (name == entry.name) return &entry;
  }
  return nullptr;
}

absl::Status OneOf(const char* field, const std::string& value, std::initializer_list<const char*> allowed) {
  for (const char* choice : allowed) {
    if (value == choice) return absl::OkStatus();
  }
  return absl::InvalidArgumentError(fmt::format("advantage.{} is \"{}\", must be one of {}", field, value, fmt::join(allowed, ", ")));
}

absl::Status GoodSpread(const char* where, int ddof, double eps) {
  if (ddof != 0 && ddof != 1) return absl::InvalidArgumentError(fmt::format("{}.ddof is {}, must be 0 or 1", where, ddof));
  if (!std::isfinite(eps) || eps < 0) return absl::InvalidArgumentError(fmt::format("{}.eps is {}, must be 0 or above", where, eps));
  return absl::OkStatus();
}

// Standardises the valid samples in place; weight[i] is how often sample i counts.
void Standardise(int ddof, const std::function<double(double variance)>& factor, std::span<const double> weight, Values* a) {
  double count = 0, sum = 0;
  for (size_t i = 0; i < a->size(); ++i) {
    count += weight[i];
    sum += weight[i] * (*a)[i];
  }
  if (count < 2) {
    std::fill(a->begin(), a->end(), 0);
    return;
  }
  const double mean = sum / count;
  double squares = 0;
  for (size_t i = 0; i < a->size(); ++i) squares += weight[i] * ((*a)[i] - mean) * ((*a)[i] - mean);
  const double f = factor(squares / (count - ddof));
  for (size_t i = 0; i < a->size(); ++i) (*a)[i] = weight[i] > 0 ? ((*a)[i] - mean) * f : 0;
}

double SafeInverse(double x) {
  return x > 0 ? 1 / x : 0;
}

class Computer {
 public:
  Computer(const AdvantageConfig& config, const AdvantageInput& input) : config_(config), input_(input), entry_(*Find(config.name)) {}

  absl::StatusOr<Advantages> Run() {
    HONE_RETURN_IF_ERROR(CheckInput());
    Group();
    const size_t n = input_.reward.size();
    Values& a = result_.value;
    a.assign(n, 0);
    if (config_.name == "gdpo") {
      for (const auto& [name, weight] : config_.weights) {
        const Values part = ByGroup(Part(name));
        for (size_t i = 0; i < n; ++i) a[i] += weight * part[i];
      }
    } else if (config_.name == "remax" || config_.name == "reinforce_pp") {
      for (size_t i = 0; i < n; ++i) {
        if (Valid(i)) a[i] = input_.reward[i] - (config_.name == "remax" ? input_.greedy[i] : 0);
      }
    } else {
      a = ByGroup(input_.reward);
    }
    if (config_.whiten.has_value() || entry_.whitened) Whiten(config_.whiten.value_or(WhitenConfig{}));
    if (config_.seq_norm.has_value()) SeqNorm(*config_.seq_norm);
    for (size_t i = 0; i < n; ++i) {
      if (!std::isfinite(a[i]))
        return absl::InvalidArgumentError(fmt::format("the advantage of sample {} is not finite; its reward is {}", i, input_.reward[i]));
    }
    return std::move(result_);
  }

 private:
  bool Valid(size_t i) const { return input_.valid.empty() || input_.valid[i] != 0; }

  std::span<const double> Part(const std::string& name) const {
    for (const auto& [key, values] : input_.parts) {
      if (key == name) return values;
    }
    return {};
  }

  absl::Status CheckInput() const {
    const size_t n = input_.reward.size();
    auto same = [&](const char* what, size_t size, bool needed) {
      if (size == n || (size == 0 && !needed)) return absl::OkStatus();
      return absl::InvalidArgumentError(fmt::format("{}: {} has {} entries, the rewards {}", config_.name, what, size, n));
    };
    const bool by_token = (config_.whiten.has_value() || entry_.whitened) && config_.whiten.value_or(WhitenConfig{}).unit == "token";
    HONE_RETURN_IF_ERROR(same("group", input_.group.size(), true));
    HONE_RETURN_IF_ERROR(same("valid", input_.valid.size(), false));
    HONE_RETURN_IF_ERROR(same("length", input_.length.size(), by_token || config_.name == "opo"));
    HONE_RETURN_IF_ERROR(same("greedy", input_.greedy.size(), config_.name == "remax"));
    if (config_.name == "gdpo") {
      for (const auto& [name, weight] : config_.weights) HONE_RETURN_IF_ERROR(same(("part " + name).c_str(), Part(name).size(), true));
    }
    for (size_t i = 0; i < n; ++i) {
      if (!Valid(i)) continue;
      bool finite = std::isfinite(input_.reward[i]);
      if (config_.name == "remax") finite = finite && std::isfinite(input_.greedy[i]);
      if (config_.name == "gdpo") {
        for (const auto& [name, weight] : config_.weights) finite = finite && std::isfinite(Part(name)[i]);
      }
      if (!finite) return absl::InvalidArgumentError(fmt::format("{}: a reward of sample {} is not finite", config_.name, i));
      if (config_.name == "maxrl" && input_.reward[i] < 0) {
        return absl::InvalidArgumentError(fmt::format("maxrl needs rewards of 0 or above; sample {} has {}", i, input_.reward[i]));
      }
      if (!input_.length.empty() && input_.length[i] < 0)
        return absl::InvalidArgumentError(fmt::format("sample {} has length {}", i, input_.length[i]));
    }
    return absl::OkStatus();
  }

  void Group() {
    std::unordered_map<int64_t, size_t> place;
    for (size_t i = 0; i < input_.reward.size(); ++i) {
      if (!Valid(i)) {
        ++result_.num_unscorable;
        continue;
      }
      auto [it, fresh] = place.emplace(input_.group[i], groups_.size());
      if (fresh) groups_.emplace_back();
      groups_[it->second].push_back(i);
    }
    result_.num_groups = static_cast<int64_t>(groups_.size());
    result_.zero_variance.assign(input_.reward.size(), 0);
    for (const Members& members : groups_) {
      const bool single = members.size() == 1;
      bool flat = AllEqual(Pick(input_.reward, members));
      if (config_.name == "gdpo") {
        for (const auto& [name, weight] : config_.weights) flat = flat && AllEqual(Pick(Part(name), members));
      }
      result_.num_singletons += single;
      result_.num_zero_variance_groups += flat && !single;
      const bool zero = single ? config_.singleton == "zero" : flat;
      for (size_t i : members) result_.zero_variance[i] = zero;
    }
  }

  static Values Pick(std::span<const double> values, const Members& members) {
    Values picked;
    for (size_t i : members) picked.push_back(values[i]);
    return picked;
  }

  // The entry's estimator on `reward`, group by group; 0 elsewhere.
  Values ByGroup(std::span<const double> reward) const {
    Values a(reward.size(), 0);
    Batch batch{config_, input_, config_.eps.value_or(config_.name == "grpo_loo" && config_.std_of == "group" ? 1e-4 : entry_.eps), 0, 0};
    Values all, centered;
    int64_t num_nonzero = 0;
    for (const Members& members : groups_) {
      const Values r = Pick(reward, members);
      const double mean = Mean(r);
      for (double v : r) {
        all.push_back(v);
        centered.push_back(v - mean);
        num_nonzero += v != 0;
      }
    }
    if (config_.batch_std_of == "reward") {
      batch.std = Std(all, config_.ddof);
    } else if (static_cast<int64_t>(centered.size()) > config_.ddof) {
      double squares = 0;
      for (double v : centered) squares += v * v;
      batch.std = std::sqrt(squares / static_cast<double>(static_cast<int64_t>(centered.size()) - config_.ddof));
    }
    batch.alpha = static_cast<double>(all.size()) / static_cast<double>(std::max<int64_t>(num_nonzero, 1));

    for (const Members& members : groups_) {
      const Values r = Pick(reward, members);
      if (members.size() == 1) {
        if (config_.singleton == "zero" || config_.name == "pass_at_k") continue;
        const double scale = config_.name == "gpg" ? batch.alpha : entry_.raw_divides_by_eps ? 1 / (1 + batch.eps) : 1;
        a[members[0]] = r[0] * scale;
      } else if (!AllEqual(r)) {
        const Values of_group = entry_.estimator(batch, members, r);
        for (size_t i = 0; i < members.size(); ++i) a[members[i]] = of_group[i];
      }
    }
    return a;
  }

  void Whiten(const WhitenConfig& whiten) {
    Values weight(result_.value.size(), 0);
    for (size_t i = 0; i < weight.size(); ++i) {
      if (Valid(i)) weight[i] = whiten.unit == "token" ? static_cast<double>(input_.length[i]) : 1;
    }
    Standardise(
        whiten.ddof,
        [&](double variance) {
          if (whiten.eps_mode == "inside") return SafeInverse(std::sqrt(variance + whiten.eps));
          if (whiten.eps_mode == "outside") return SafeInverse(std::sqrt(variance) + whiten.eps);
          return SafeInverse(std::sqrt(std::max(variance, whiten.eps)));
        },
        weight, &result_.value);
  }

  // A group without variance stays exactly 0: rounding must not give it a gradient.
  void SeqNorm(const SeqNormConfig& norm) {
    Values weight(result_.value.size(), 0);
    for (size_t i = 0; i < weight.size(); ++i) weight[i] = Valid(i);
    Standardise(
        norm.ddof, [&](double variance) { return SafeInverse(std::sqrt(variance) + norm.eps); }, weight, &result_.value);
    for (size_t i = 0; i < weight.size(); ++i) {
      if (result_.zero_variance[i] != 0) result_.value[i] = 0;
    }
  }

  const AdvantageConfig& config_;
  const AdvantageInput& input_;
  const Entry& entry_;
  std::vector<Members> groups_;
  Advantages result_;
};
}  // namespace

std::vector<std::string> KnownAdvantages() {
  std::vector<std::string> names;
  for (const Entry& entry : kEstimators) names.emplace_back(entry.name);
  return names;
}

absl::Status Validate(const AdvantageConfig& config) {
  if (Find(config.name) == nullptr) {
    return absl::InvalidArgumentError(
        fmt::format("advantage.name \"{}\" is unknown{}", config.name, DidYouMean(config.name, KnownAdvantages())));
  }
  HONE_RETURN_IF_ERROR(GoodSpread("advantage", config.ddof, config.eps.value_or(0)));
  HONE_RETURN_IF_ERROR(OneOf("singleton", config.singleton, {"zero", "raw"}));
  HONE_RETURN_IF_ERROR(OneOf("std_of", config.std_of, {"others", "group"}));
  HONE_RETURN_IF_ERROR(OneOf("batch_std_of", config.batch_std_of, {"reward", "centered"}));
  HONE_RETURN_IF_ERROR(OneOf("scale", config.scale, {"group", "none"}));
  if (config.whiten.has_value()) {
    HONE_RETURN_IF_ERROR(GoodSpread("advantage.whiten", config.whiten->ddof, config.whiten->eps));
    HONE_RETURN_IF_ERROR(OneOf("whiten.unit", config.whiten->unit, {"token", "sequence"}));
    HONE_RETURN_IF_ERROR(OneOf("whiten.eps_mode", config.whiten->eps_mode, {"inside", "outside", "floor"}));
  }
  if (config.seq_norm.has_value()) HONE_RETURN_IF_ERROR(GoodSpread("advantage.seq_norm", config.seq_norm->ddof, config.seq_norm->eps));
  if (config.name == "gdpo") {
    if (config.weights.size() < 2) return absl::InvalidArgumentError("advantage gdpo needs the weights of two or more reward parts");
    for (const auto& [part, weight] : config.weights) {
      if (!std::isfinite(weight))
        return absl::InvalidArgumentError(fmt::format("advantage.weights.{} is {}, must be finite", part, weight));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Advantages> ComputeAdvantages(const AdvantageConfig& config, const AdvantageInput& input) {
  HONE_RETURN_IF_ERROR(Validate(config));
  return Computer(config, input).Run();
}

}  // namespace hone
