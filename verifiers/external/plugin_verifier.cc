#include "verifiers/external/plugin_verifier.h"

#include <algorithm>
#include <deque>
#include <unordered_map>
#include <utility>

#include "absl/time/clock.h"
#include "fmt/format.h"
#include "lib/base/log.h"
#include "verifiers/external/calls.h"
#include "verifiers/external/description.h"
#include "verifiers/external/limits.h"
#include "verifiers/external/params_schema.h"
#include "verifiers/external/plugin_library.h"
#include "verifiers/external/watched_call.h"

namespace hone {
namespace {
constexpr int kMaxStuck = 64;
constexpr absl::Duration kCancelGrace = absl::Milliseconds(100);
constexpr uint32_t kMaxPartsOfAnswer = 1000;

hone_bytes ToBytes(std::string_view text) {
  return {text.data() == nullptr ? "" : text.data(), text.size()};
}
std::string FromBytes(const hone_bytes& bytes, size_t max_bytes) {
  if (bytes.data == nullptr) return "";
  return std::string(static_cast<const char*>(bytes.data), std::min<uint64_t>(bytes.size, max_bytes));
}

// A call as sinks find it: by number. A plugin that answers after its call is gone holds a number that leads nowhere, not a pointer.
class OpenCall {
 public:
  explicit OpenCall(std::shared_ptr<AnswerTable> table) {
    Registry& all = All();
    MutexLock lock(all.mu);
    number_ = ++all.last;
    all.tables.emplace(number_, std::move(table));
  }
  ~OpenCall() {
    Registry& all = All();
    MutexLock lock(all.mu);
    all.tables.erase(number_);
  }
  OpenCall(const OpenCall&) = delete;
  OpenCall& operator=(const OpenCall&) = delete;

  void* context() const { return reinterpret_cast<void*>(static_cast<uintptr_t>(number_)); }
  // Null when the call is gone.
  static std::shared_ptr<AnswerTable> Find(const void* context) {
    Registry& all = All();
    MutexLock lock(all.mu);
    auto it = all.tables.find(reinterpret_cast<uintptr_t>(context));
    return it == all.tables.end() ? nullptr : it->second;
  }

 private:
  struct Registry {
    Mutex mu;
    uint64_t last ABSL_GUARDED_BY(mu) = 0;
    std::unordered_map<uint64_t, std::shared_ptr<AnswerTable>> tables ABSL_GUARDED_BY(mu);
  };
  static Registry& All() {
    static auto* all = new Registry;  // late answers may come until the process is gone
    return *all;
  }

  uint64_t number_ = 0;
};

Outcome ReadOutcome(const hone_outcome& from, std::string& reason) {
  switch (from.kind) {
    case HONE_SCORE: {
      Score score{.value = from.value};
      const uint32_t num_parts = from.parts == nullptr ? 0 : std::min(from.num_parts, kMaxPartsOfAnswer);
      for (uint32_t i = 0; i < num_parts; ++i)
        score.parts.push_back({FromBytes(from.parts[i].name, kExternalTextBytes), from.parts[i].value});
      return score;
    }
    case HONE_NOT_APPLICABLE:
      return NotApplicable{FromBytes(from.why, kExternalTextBytes)};
    case HONE_TASK_ERROR:
      return TaskError{FromBytes(from.why, kExternalTextBytes)};
    case HONE_INFRA_ERROR:
      return InfraError{FromBytes(from.why, kExternalTextBytes), from.retryable != 0};
    default:
      reason = "no_outcome";
      return InfraError{fmt::format("the plugin's answer is of kind {}, which is none", from.kind), /*retryable=*/false};
  }
}

extern "C" void HoneSink(void* context, uint64_t request_id, const hone_outcome* outcome) {
  const std::shared_ptr<AnswerTable> table = OpenCall::Find(context);
  if (table == nullptr) return;
  Verdict verdict;
  verdict.id = request_id;
  if (outcome == nullptr || outcome->struct_size < sizeof(hone_outcome)) {
    verdict.outcome = InfraError{"the plugin's answer has no or too small a struct_size", /*retryable=*/false};
    verdict.reason = "bad_answer";
  } else {
    verdict.reason = FromBytes(outcome->reason, kExternalTextBytes);
    verdict.evidence = FromBytes(outcome->evidence, kExternalEvidenceBytes);
    verdict.outcome = ReadOutcome(*outcome, verdict.reason);
  }
  table->Put(std::move(verdict));
}

extern "C" void HoneLog(uint32_t level, hone_bytes text) {
  const std::string line = FromBytes(text, 1000);
  switch (level) {
    case HONE_LOG_LEVEL_DEBUG:
      return HONE_LOG_DEBUG("plugin: {}", line);
    case HONE_LOG_LEVEL_INFO:
      return HONE_LOG_INFO("plugin: {}", line);
    case HONE_LOG_LEVEL_WARN:
      return HONE_LOG_WARN("plugin: {}", line);
    default:
      return HONE_LOG_ERROR("plugin: {}", line);
  }
}

constexpr hone_host kHost = {.struct_size = sizeof(hone_host), .abi_minor = HONE_VERIFIER_ABI_MINOR, .log = HoneLog};

// One call's requests in the plugin's form.
struct PluginBatch {
  std::vector<hone_request> requests;
  std::vector<const hone_request*> pointers;
  // The texts, where they are copied.
  std::deque<std::string> texts;
  std::deque<std::vector<int32_t>> token_ids;
};

void Fill(std::span<const VerifyRequest> batch, const AnswerTable& table, bool copy, PluginBatch& out) {
  const auto text = [&](std::string_view from) { return ToBytes(copy ? std::string_view(out.texts.emplace_back(from)) : from); };
  const absl::Time now = absl::Now();
  out.requests.reserve(batch.size());
  for (size_t i = 0; i < batch.size(); ++i) {
    const VerifyRequest& from = batch[i];
    hone_request& to = out.requests.emplace_back();
    to = {.struct_size = sizeof(hone_request), .id = table.wire_id(i)};
    to.finish_reason = !from.finish_reason.has_value()                ? HONE_FINISH_UNKNOWN
                       : *from.finish_reason == FinishReason::kStop   ? HONE_FINISH_STOP
                       : *from.finish_reason == FinishReason::kLength ? HONE_FINISH_LENGTH
                                                                      : HONE_FINISH_ABORTED;
    to.prompt = text(from.prompt);
    to.completion = text(from.completion);
    to.reference = text(from.reference);
    if (from.answer.has_value()) to.answer = text(*from.answer);
    to.row = text(from.row);
    to.group_id = from.group_id;
    to.sample_index = from.sample_index;
    to.seed = from.seed;
    to.num_tokens_completion = from.num_tokens_completion.value_or(-1);
    if (!from.token_ids.empty()) {
      to.token_ids = copy ? out.token_ids.emplace_back(from.token_ids.begin(), from.token_ids.end()).data() : from.token_ids.data();
      to.num_token_ids = from.token_ids.size();
    }
    to.timeout_ns = from.deadline == absl::InfiniteFuture() ? -1 : std::max<int64_t>(0, absl::ToInt64Nanoseconds(from.deadline - now));
  }
  for (const hone_request& request : out.requests) out.pointers.push_back(&request);
}

// A verifier that the plugin made; destroyed with the last call that uses it.
struct Instance {
  const hone_verifier_v1* table = nullptr;
  void* self = nullptr;
  ~Instance() {
    if (self != nullptr) table->destroy(self);
  }
};

class PluginVerifier final : public Verifier {
 public:
  PluginVerifier(const PluginVerifierOptions& options, std::shared_ptr<Instance> instance, ExternalDescription external)
      : instance_(std::move(instance)), description_(std::move(external.description)), bounded_(external.bounded) {
    limits_ = {.max_batch = description_.max_batch, .max_bytes = SIZE_MAX, .default_timeout = options.default_timeout};
  }

  const VerifierDescription& Describe() const override { return description_; }
  int64_t NumFaults() const override { return faults_->load(std::memory_order_relaxed); }

  std::vector<Verdict> Verify(std::span<const VerifyRequest> batch) const override {
    return VerifyInCalls(batch, limits_, faults_,
                         [this](std::span<const VerifyRequest> part, const std::shared_ptr<AnswerTable>& table, bool) {
                           const auto open = std::make_shared<OpenCall>(table);
                           return bounded_ ? CallHere(part, *table, *open) : CallWatched(part, *table, open);
                         });
  }

 private:
  static void CallPlugin(const Instance& instance, const PluginBatch& batch, const OpenCall& open) {
    instance.table->verify(instance.self, batch.pointers.data(), static_cast<uint32_t>(batch.pointers.size()), HoneSink, open.context());
  }

  CallEnd CallHere(std::span<const VerifyRequest> batch, const AnswerTable& table, const OpenCall& open) const {
    PluginBatch plugin_batch;
    Fill(batch, table, /*copy=*/false, plugin_batch);
    CallPlugin(*instance_, plugin_batch, open);
    return {};
  }

  // The call owns what it uses: it may be left behind.
  CallEnd CallWatched(std::span<const VerifyRequest> batch, const AnswerTable& table, const std::shared_ptr<OpenCall>& open) const {
    auto plugin_batch = std::make_shared<PluginBatch>();
    Fill(batch, table, /*copy=*/true, *plugin_batch);
    auto call = [instance = instance_, plugin_batch, open] { CallPlugin(*instance, *plugin_batch, *open); };
    switch (calls_.Run(std::move(call), table.last_deadline(), kCancelGrace, [&] {
      if (instance_->table->cancel == nullptr) return;
      for (const hone_request* request : plugin_batch->pointers) instance_->table->cancel(instance_->self, request->id);
    })) {
      case WatchedCalls::End::kReturned:
        return {};
      case WatchedCalls::End::kStuck:
        faults_->fetch_add(1, std::memory_order_relaxed);
        return {
            CallEnd::Kind::kTimeout, "timeout", {fmt::format("{} gave no answer in time", description_.FullName()), /*retryable=*/true}};
      case WatchedCalls::End::kRefused:
        break;
    }
    return {CallEnd::Kind::kRefused,
            "stuck",
            {fmt::format("{} calls of the plugin have not come back; it is called no more", kMaxStuck), /*retryable=*/false}};
  }

  // Constant after construction.
  const std::shared_ptr<Instance> instance_;
  const VerifierDescription description_;
  const bool bounded_;
  CallLimits limits_;
  const FaultCounter faults_ = std::make_shared<std::atomic<int64_t>>(0);
  // Synchronized by itself.
  mutable WatchedCalls calls_{kMaxStuck};
};

}  // namespace

absl::StatusOr<std::unique_ptr<Verifier>> LoadPluginVerifier(const PluginVerifierOptions& options) {
  HONE_ASSIGN_OR_RETURN(const PluginLibrary library, LoadPluginLibrary(options.path));
  const auto describe = [&](void* self) -> absl::StatusOr<ExternalDescription> {
    auto description = ParseDescription(FromBytes(library.table->describe(self), SIZE_MAX));
    if (!description.ok()) return Annotate(description.status(), fmt::format("the plugin {}", library.path));
    return description;
  };
  HONE_ASSIGN_OR_RETURN(const ExternalDescription general, describe(nullptr));
  HONE_RETURN_IF_ERROR(CheckParams(general.description.name, general.description.params_schema, options.params_json));
  auto instance = std::make_shared<Instance>();
  instance->table = library.table;
  hone_bytes error = {};
  const std::string params = options.params_json.empty() ? "{}" : options.params_json;
  if (library.table->create(ToBytes(params), &kHost, &instance->self, &error) != 0) {
    instance->self = nullptr;
    return absl::InvalidArgumentError(fmt::format("{}: {}", general.description.name, FromBytes(error, kExternalTextBytes)));
  }
  if (instance->self == nullptr)
    return absl::InvalidArgumentError(fmt::format("the plugin {} made no verifier and no error", library.path));
  HONE_ASSIGN_OR_RETURN(ExternalDescription external, describe(instance->self));
  external.description.origin = fmt::format("plugin:{} sha256:{}", library.path, library.sha256);
  return std::make_unique<PluginVerifier>(options, std::move(instance), std::move(external));
}

}  // namespace hone
