#include "learner/policy_update.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "fmt/format.h"
#include "lib/ops/elementwise.h"
#include "lib/ops/softmax.h"

namespace hone {
namespace {

double SecondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

int64_t NumTargets(const TrainSample& sample) {
  return sample.valid ? std::count(sample.mask.begin(), sample.mask.end(), uint8_t{1}) : 0;
}

}  // namespace

PolicyUpdater::PolicyUpdater(const ops::Context& context, const Decoder& decoder, DType dtype, PolicyUpdateConfig config)
    : context_(context),
      decoder_(decoder),
      dtype_(dtype),
      config_(std::move(config)),
      master_(context.device, *decoder.layout()),
      moment1_(context.device, *decoder.layout()),
      moment2_(context.device, *decoder.layout()),
      grads_(context.device, *decoder.layout()),
      weights_(std::make_shared<WeightArena>(context, decoder.layout(), dtype)) {}

int64_t PolicyUpdater::PlannedBytes(const Decoder& decoder, DType dtype, const PolicyUpdateConfig& config, int64_t max_sample_tokens) {
  const int64_t elements = decoder.layout()->total_elements();
  const int64_t rows = std::max(config.micro_batch_tokens, max_sample_tokens);
  const int64_t arenas = elements * (4 * 4 + 2 * static_cast<int64_t>(SizeOf(dtype)) + (config.kl_coef > 0 ? SizeOf(dtype) : 0));
  const int64_t floats = decoder.TrainFloats(rows, rows, /*keep=*/true) + rows * decoder.config().hidden_size +
                         config.head_chunk_rows * decoder.config().vocab_size;
  return arenas + floats * 4;
}

std::shared_ptr<WeightArena> PolicyUpdater::FreshArena() {
  // use_count 1: only we hold it, so no push reads it any more.
  if (spare_ != nullptr && spare_.use_count() == 1) return std::move(spare_);
  return std::make_shared<WeightArena>(context_, decoder_.layout(), dtype_);
}

absl::Status PolicyUpdater::Load(const TensorSource& source) {
  WeightArena full(decoder_.layout(), Tensor::Borrow(context_.device, DType::kFloat32, {master_.size()}, master_.data()));
  HONE_RETURN_IF_ERROR(full.Load(context_, source));
  moment1_.Zero();
  moment2_.Zero();
  adam_step_ = 0;
  RefreshWeights();
  return absl::OkStatus();
}

void PolicyUpdater::RefreshWeights() {
  auto fresh = FreshArena();
  const int64_t vectors = decoder_.layout()->vector_elements();
  ops::RoundWeights(context_, vectors, master_.data(), dtype_, fresh->bytes(), /*paired=*/false);
  ops::RoundWeights(context_, master_.size() - vectors, master_.data() + vectors, dtype_, fresh->bytes() + vectors * SizeOf(dtype_),
                    /*paired=*/true);
  fresh->WidenVectors(context_);
  spare_ = std::move(weights_);
  weights_ = std::move(fresh);
}

void PolicyUpdater::FreezeReference() {
  reference_ = std::make_shared<WeightArena>(context_, decoder_.layout(), dtype_);
  std::copy_n(weights_->bytes(), weights_->size_bytes(), reference_->bytes());
  reference_->WidenVectors(context_);
}

std::vector<PackedMicroBatch> PolicyUpdater::PackGroups(const std::vector<TrainGroup>& groups, const std::vector<bool>& chosen) const {
  std::vector<PackGroup> packs(groups.size());
  for (size_t g = 0; g < groups.size(); ++g) {
    packs[g].prompt = groups[g].prompt;
    for (const TrainSample& sample : groups[g].samples) {
      // Unchosen samples keep their place, so that targets' indices are those of the groups, but have no tokens and so no rows.
      const bool used = chosen[g] && sample.valid;
      packs[g].samples.push_back(used ? PackSample{sample.tokens, sample.mask} : PackSample{});
    }
  }
  return Pack(packs, config_.micro_batch_tokens);
}

void PolicyUpdater::EnsureWorkspace(absl::Span<const PackedMicroBatch> batches, bool keep) {
  int64_t floats = 0;
  for (const PackedMicroBatch& batch : batches) {
    const int64_t targets = static_cast<int64_t>(batch.targets.size());
    floats =
        std::max(floats, decoder_.TrainFloats(batch.rows(), targets, keep) + Workspace::RoundUp(targets * decoder_.config().hidden_size) +
                             Workspace::RoundUp(config_.head_chunk_rows * decoder_.config().vocab_size));
  }
  if (workspace_ == nullptr || workspace_->capacity() < floats) {
    workspace_.reset();  // first give back, then take
    workspace_ = std::make_unique<Workspace>(context_.device, floats);
  }
}

absl::Status PolicyUpdater::ForwardBackward(const WeightArena& weights, const std::vector<TrainGroup>& groups,
                                            absl::Span<const PackedMicroBatch> batches, const TokenFunction* token_function,
                                            const std::function<void(const Target&, float)>* observe, UpdateStats* stats) {
  const bool keep = token_function != nullptr;
  const int64_t c = decoder_.config().hidden_size, v = decoder_.config().vocab_size;
  EnsureWorkspace(batches, keep);
  for (const PackedMicroBatch& batch : batches) {
    workspace_->Reset();
    const PackedBatch packed{
        .tokens = batch.tokens, .positions = batch.positions, .segments = batch.segments, .head_rows = batch.head_rows};
    TrainState state;
    HONE_RETURN_IF_ERROR(decoder_.TrainForward(context_, weights, packed, keep, *workspace_, &state));
    const int64_t targets = static_cast<int64_t>(batch.targets.size());
    float* dhidden = workspace_->Floats(targets * c);
    float* logits = workspace_->Floats(config_.head_chunk_rows * v);
    for (int64_t begin = 0; begin < targets; begin += config_.head_chunk_rows) {
      const int64_t rows = std::min(config_.head_chunk_rows, targets - begin);
      decoder_.Head(context_, weights, rows, state.hidden + begin * c, logits);
      std::vector<float> temperature(rows), logprob(rows), coef(rows), entropy_coef(rows);
      std::vector<ops::SoftmaxStats> row_stats(rows);
      for (int64_t i = 0; i < rows; ++i) temperature[i] = groups[batch.targets[begin + i].group].temperature;
      const auto ids = absl::MakeConstSpan(batch.target_ids).subspan(begin, rows);
      ops::LogProbs(context_, rows, v, logits, v, temperature, ids, logprob.data(), row_stats.data());
      bool any_entropy = false;
      for (int64_t i = 0; i < rows; ++i) {
        const Target& target = batch.targets[begin + i];
        if (observe != nullptr) (*observe)(target, logprob[i]);
        if (!keep) continue;
        const TokenGrad grad = (*token_function)(target, logprob[i], row_stats[i].entropy);
        coef[i] = static_cast<float>(grad.dlogprob);
        entropy_coef[i] = static_cast<float>(grad.dentropy);
        any_entropy |= entropy_coef[i] != 0;
      }
      if (!keep) continue;
      ops::LogProbsGrad(context_, rows, v, logits, v, temperature, ids, row_stats, coef,
                        any_entropy ? absl::MakeConstSpan(entropy_coef) : absl::Span<const float>());
      decoder_.HeadGrad(context_, weights, rows, state.hidden + begin * c, logits, dhidden + begin * c, grads_);
    }
    if (keep) decoder_.TrainBackward(context_, weights, packed, state, dhidden, *workspace_, grads_);
    stats->rows += batch.rows();
    stats->trained_tokens += targets;
    ++stats->micro_batches;
  }
  return absl::OkStatus();
}

bool PolicyUpdater::Apply(double lr, UpdateStats* stats) {
  const auto start = std::chrono::steady_clock::now();
  const ParameterLayout& layout = *decoder_.layout();
  stats->grad_norm = ops::Norm(context_, grads_.size(), grads_.data());
  if (!std::isfinite(stats->grad_norm) || !std::isfinite(stats->loss)) {
    stats->non_finite = true;
    return false;
  }
  ops::AdamWParams params = config_.adam;
  params.lr = static_cast<float>(lr);
  params.step = ++adam_step_;
  params.grad_scale =
      config_.clip_norm > 0 && stats->grad_norm > config_.clip_norm ? static_cast<float>(config_.clip_norm / stats->grad_norm) : 1.0f;
  auto fresh = FreshArena();
  const int64_t vectors = layout.vector_elements();
  ops::AdamW(context_, vectors, params, grads_.data(), master_.data(), moment1_.data(), moment2_.data(), dtype_, fresh->bytes(), false);
  ops::AdamW(context_, layout.total_elements() - vectors, params, grads_.data() + vectors, master_.data() + vectors,
             moment1_.data() + vectors, moment2_.data() + vectors, dtype_, fresh->bytes() + vectors * SizeOf(dtype_), true);
  fresh->WidenVectors(context_);
  spare_ = std::move(weights_);
  weights_ = std::move(fresh);
  ++stats->optimizer_steps;
  stats->optimizer_seconds += SecondsSince(start);
  return true;
}

absl::StatusOr<PolicyUpdater::LogProbTable> PolicyUpdater::LogProbs(const WeightArena& weights, const std::vector<TrainGroup>& groups) {
  LogProbTable table(groups.size());
  for (size_t g = 0; g < groups.size(); ++g) {
    for (const TrainSample& sample : groups[g].samples) table[g].emplace_back(sample.tokens.size(), 0.0f);
  }
  const std::function<void(const Target&, float)> observe = [&](const Target& target, float logprob) {
    table[target.group][target.sample][target.token] = logprob;
  };
  UpdateStats ignored;
  HONE_RETURN_IF_ERROR(
      ForwardBackward(weights, groups, PackGroups(groups, std::vector<bool>(groups.size(), true)), nullptr, &observe, &ignored));
  return table;
}

absl::StatusOr<UpdateStats> PolicyUpdater::Update(const std::vector<TrainGroup>& groups, double lr, bool skip_zero_advantage) {
  UpdateStats stats;
  const int num_updates = std::max(1, std::min<int>(config_.minibatches, static_cast<int>(groups.size())));
  const bool recompute_old = num_updates * config_.epochs > 1;
  LogProbTable old_table, reference_table;
  if (recompute_old) {
    HONE_ASSIGN_OR_RETURN(old_table, LogProbs(*weights_, groups));
  }
  if (config_.kl_coef > 0) {
    HONE_CHECK(reference_ != nullptr);
    HONE_ASSIGN_OR_RETURN(reference_table, LogProbs(*reference_, groups));
  }
  double clipped = 0, ppo_kl = 0, mismatch_kl = 0, entropy = 0, observed = 0;
  for (int epoch = 0; epoch < config_.epochs; ++epoch) {
    for (int update = 0; update < num_updates; ++update) {
      const auto start = std::chrono::steady_clock::now();
      // Groups of this optimizer step, and the weight of each of their sequences.
      std::vector<bool> in_step(groups.size()), chosen(groups.size());
      std::vector<SequenceTokens> sequences;
      for (size_t g = 0; g < groups.size(); ++g) {
        in_step[g] = static_cast<int>(g * num_updates / groups.size()) == update;
        bool any = false;
        for (const TrainSample& sample : groups[g].samples) {
          const int64_t count = in_step[g] ? NumTargets(sample) : 0;
          sequences.push_back({groups[g].group, count});
          any |= count > 0 && (sample.advantage != 0 || !skip_zero_advantage);
          if (epoch == 0) stats.trainable_tokens += count;
        }
        chosen[g] = in_step[g] && any;
        if (epoch == 0) {
          stats.groups += in_step[g];
          stats.groups_trained += chosen[g];
        }
      }
      const std::vector<double> weights = AggregationWeights(config_.aggregation, sequences);
      std::vector<size_t> first(groups.size());
      for (size_t g = 0, next = 0; g < groups.size(); next += groups[g].samples.size(), ++g) first[g] = next;
      double step_tokens = 0;
      for (const SequenceTokens& sequence : sequences) step_tokens += static_cast<double>(sequence.trainable);

      grads_.Zero();
      const TokenFunction token_function = [&](const Target& target, double logprob, double token_entropy) {
        const TrainGroup& group = groups[target.group];
        const TrainSample& sample = group.samples[target.sample];
        const double rollout = sample.logprobs_rollout[target.token];
        const double old = recompute_old ? old_table[target.group][target.sample][target.token] : logprob;
        const double weight = weights[first[target.group] + target.sample];
        const TokenLoss loss = EvaluatePolicyLoss(config_.loss, {sample.advantage, old, rollout}, logprob);
        // rho = 1 exactly when one engine serves both roles and the versions agree.
        const double log_rho = std::clamp(old - rollout, -20.0, 20.0);
        const double importance = config_.loss.behaviour_rollout ? 1.0 : std::min(std::exp(log_rho), config_.tis_cap);
        TokenGrad grad{weight * importance * loss.dlogprob, 0};
        stats.loss += weight * importance * loss.loss;
        if (config_.kl_coef > 0) {
          const KlTerm kl = EvaluateKl(config_.kl, logprob, reference_table[target.group][target.sample][target.token], old);
          stats.loss += weight * config_.kl_coef * kl.value;
          stats.kl += weight * kl.value;
          grad.dlogprob += weight * config_.kl_coef * kl.dlogprob;
        }
        if (config_.entropy_coef != 0) {
          stats.loss -= config_.entropy_coef * token_entropy / step_tokens;
          grad.dentropy = -config_.entropy_coef / step_tokens;
        }
        clipped += loss.clipped;
        ppo_kl += old - logprob;
        entropy += token_entropy;
        observed += 1;
        if (epoch == 0 && update == 0) {
          mismatch_kl += std::expm1(log_rho) - log_rho;
          if (sample.same_version[target.token] != 0) {
            const double difference = std::abs(old - rollout);
            // A NaN must show, not hide in a comparison.
            if (!(difference <= stats.mismatch_max_abs)) stats.mismatch_max_abs = difference;
          }
        }
        return grad;
      };
      HONE_RETURN_IF_ERROR(ForwardBackward(*weights_, groups, PackGroups(groups, chosen), &token_function, nullptr, &stats));
      stats.forward_backward_seconds += SecondsSince(start);
      const bool nothing = std::find(chosen.begin(), chosen.end(), true) == chosen.end();
      if (nothing) continue;  // no gradient, so no step
      if (!Apply(lr, &stats)) return stats;
    }
  }
  if (observed > 0) {
    stats.clip_frac = clipped / observed;
    stats.ppo_kl = ppo_kl / observed;
    stats.entropy = entropy / observed;
    stats.mismatch_gen_kl = mismatch_kl / observed;
  }
  return stats;
}

absl::StatusOr<double> PolicyUpdater::SupervisedGradient(const std::vector<TrainGroup>& groups) {
  double targets = 0, loss = 0;
  for (const TrainGroup& group : groups) {
    for (const TrainSample& sample : group.samples) targets += static_cast<double>(NumTargets(sample));
  }
  grads_.Zero();
  const TokenFunction token_function = [&](const Target&, double logprob, double) {
    loss -= logprob / targets;
    return TokenGrad{-1 / targets, 0};
  };
  UpdateStats stats;
  HONE_RETURN_IF_ERROR(
      ForwardBackward(*weights_, groups, PackGroups(groups, std::vector<bool>(groups.size(), true)), &token_function, nullptr, &stats));
  return loss;
}

absl::StatusOr<UpdateStats> PolicyUpdater::SupervisedStep(const std::vector<TrainGroup>& groups, double lr) {
  UpdateStats stats;
  HONE_ASSIGN_OR_RETURN(stats.loss, SupervisedGradient(groups));
  Apply(lr, &stats);
  return stats;
}

}  // namespace hone
