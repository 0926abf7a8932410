#include "verifiers/pool/pool.h"

#include <atomic>
#include <functional>
#include <map>
#include <stdexcept>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/time/clock.h"
#include "fmt/format.h"
#include "gtest/gtest.h"
#include "lib/base/mutex.h"
#include "verifiers/pool/circuit_breaker.h"

namespace hone {
namespace {

// Opened once; whoever waits goes on.
class Gate {
 public:
  void Open() {
    MutexLock lock(mu_);
    open_ = true;
    changed_.NotifyAll();
  }
  void Wait() {
    MutexLock lock(mu_);
    ++waiting_;
    changed_.NotifyAll();
    while (!open_) changed_.Wait(mu_);
  }
  void WaitForWaiters(int count) {
    MutexLock lock(mu_);
    while (waiting_ < count) changed_.Wait(mu_);
  }

 private:
  Mutex mu_;
  CondVar changed_;
  bool open_ = false;
  int waiting_ = 0;
};

// Counts what it is asked; says whatever `say` says about one completion. Stays alive with the threads that are still in it.
struct Script {
  std::function<Outcome(const VerifyRequest&)> say = [](const VerifyRequest&) { return Score{1, {}}; };
  VerifierDescription description = [] {
    VerifierDescription d;
    d.name = "script";
    d.range_max = 1e6;
    d.max_batch = 16;
    return d;
  }();
  std::atomic<int> calls{0}, requests{0};
};

class ScriptVerifier : public Verifier {
 public:
  explicit ScriptVerifier(std::shared_ptr<Script> script) : script_(std::move(script)) {}
  const VerifierDescription& Describe() const override { return script_->description; }
  std::vector<Verdict> Verify(std::span<const VerifyRequest> batch) const override {
    ++script_->calls;
    std::vector<Verdict> verdicts;
    for (const VerifyRequest& request : batch) {
      ++script_->requests;
      Verdict verdict;
      verdict.id = request.id;
      verdict.outcome = script_->say(request);
      verdict.reason = "said";
      verdict.evidence.assign(2 * kMaxEvidenceBytes, 'e');
      verdicts.push_back(std::move(verdict));
    }
    return verdicts;
  }

 private:
  const std::shared_ptr<Script> script_;
};

PooledVerifier Use(std::vector<std::shared_ptr<Script>> scripts) {
  PooledVerifier use{.label = "label", .config_hash = std::string(16, 'c')};
  for (auto& script : scripts) use.endpoints.push_back(std::make_shared<CheckedVerifier>(std::make_unique<ScriptVerifier>(script)));
  return use;
}

VerifyInput Input(std::string completion, int64_t group = 0, int64_t sample = 0) {
  return {.prompt = "p", .completion = std::move(completion), .group_id = group, .sample_index = sample, .seed = 1};
}

double Number(const VerifyRequest& request) {
  double value = -1;
  EXPECT_TRUE(absl::SimpleAtod({request.completion.data(), request.completion.size()}, &value)) << request.completion;
  return value;
}

// Collects records by sample index.
class Collector {
 public:
  VerifierPool::Done For(int64_t sample) {
    return [this, sample](std::vector<VerdictRecord> records) {
      MutexLock lock(mu_);
      EXPECT_TRUE(records_.emplace(sample, std::move(records)).second) << "sample " << sample << " was done twice";
      changed_.NotifyAll();
    };
  }
  std::map<int64_t, std::vector<VerdictRecord>> WaitFor(size_t count) {
    MutexLock lock(mu_);
    while (records_.size() < count) changed_.Wait(mu_);
    return records_;
  }
  size_t size() {
    MutexLock lock(mu_);
    return records_.size();
  }

 private:
  Mutex mu_;
  CondVar changed_;
  std::map<int64_t, std::vector<VerdictRecord>> records_;
};

std::unique_ptr<VerifierPool> Pool(std::vector<PooledVerifier> verifiers, const PoolOptions& options = {}) {
  auto pool = VerifierPool::Create(std::move(verifiers), options);
  EXPECT_TRUE(pool.ok()) << pool.status();
  return *std::move(pool);
}

// Waits for the verdicts on one completion.
std::vector<VerdictRecord> Judge(VerifierPool& pool, VerifyInput input) {
  Collector collector;
  EXPECT_TRUE(pool.Submit(std::move(input), collector.For(0)).ok());
  return collector.WaitFor(1).at(0);
}

TEST(VerifierPool, WritesRecordsThatNameTheQuestion) {
  auto script = std::make_shared<Script>();
  auto pool = Pool({Use({script})});
  const std::vector<VerdictRecord> records = Judge(*pool, Input("7"));
  ASSERT_EQ(records.size(), 1u);
  const VerdictRecord& record = records[0];
  EXPECT_EQ(record.label, "label");
  EXPECT_EQ(record.verifier, "script@1");
  EXPECT_EQ(record.outcome, OutcomeKind::kScore);
  EXPECT_EQ(record.score, 1);
  EXPECT_EQ(record.reason, "said");
  EXPECT_EQ(record.attempts, 1);
  EXPECT_FALSE(record.cached);
  EXPECT_EQ(record.config_hash, std::string(16, 'c'));
  EXPECT_EQ(record.input_hash.size(), 16u);
  EXPECT_EQ(record.evidence.size(), static_cast<size_t>(kMaxEvidenceBytes));
  EXPECT_GE(record.queue_ms, 0);
}

TEST(VerifierPool, APluginOfTheSameNameFromAnotherFileIsAskedItself) {
  auto first = std::make_shared<Script>(), second = std::make_shared<Script>(), again = std::make_shared<Script>();
  first->description.origin = again->description.origin = "plugin:/a.so sha256:11";
  second->description.origin = "plugin:/a.so sha256:22";
  first->say = [](const VerifyRequest&) { return Score{1, {}}; };
  second->say = [](const VerifyRequest&) { return Score{0, {}}; };
  again->say = [](const VerifyRequest&) { return Score{0.5, {}}; };
  auto pool = Pool({Use({first}), Use({second}), Use({again})});
  Judge(*pool, Input("7"));
  const std::vector<VerdictRecord> records = Judge(*pool, Input("7"));
  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(records[1].score, 0);
  EXPECT_EQ(second->requests, 1);
  EXPECT_NE(records[0].config_hash, records[1].config_hash);
  // The same file under another label is the same question: what is known answers for both.
  for (const VerdictRecord& record : records) EXPECT_TRUE(record.cached);
  EXPECT_EQ(records[0].score, records[2].score);
  EXPECT_EQ(records[0].config_hash, records[2].config_hash);
}

TEST(VerifierPool, TheEndpointsOfAPluginHaveOneFile) {
  auto here = std::make_shared<Script>(), there = std::make_shared<Script>();
  here->description.origin = "plugin:/here/a.so sha256:11";
  there->description.origin = "plugin:/there/a.so sha256:11";
  EXPECT_TRUE(VerifierPool::Create({Use({here, there})}, {}).ok());
  there->description.origin = "plugin:/there/a.so sha256:22";
  const absl::Status status = VerifierPool::Create({Use({here, there})}, {}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(std::string(status.message()).find("sha256:22"), std::string::npos) << status;
}

TEST(VerifierPool, ManyThreadsManyVerifiersEachAnswerOnce) {
  auto rule = std::make_shared<Script>(), waits = std::make_shared<Script>();
  rule->say = [](const VerifyRequest& r) { return Score{Number(r), {}}; };
  waits->say = [](const VerifyRequest& r) { return Score{2 * Number(r), {}}; };
  waits->description.needs = {"process"};
  auto pool = Pool({Use({rule}), Use({waits, waits})}, {.compute_threads = 2, .wait_threads = 4, .max_inputs = 64});
  Collector collector;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int64_t i = 0; i < 500; ++i) {
        const int64_t sample = t * 500 + i;
        EXPECT_TRUE(pool->Submit(Input(std::to_string(sample), 0, sample), collector.For(sample)).ok());
      }
    });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& [sample, records] : collector.WaitFor(2000)) {
    ASSERT_EQ(records.size(), 2u);
    EXPECT_EQ(records[0].score, static_cast<double>(sample));
    EXPECT_EQ(records[1].score, 2.0 * static_cast<double>(sample));
  }
  EXPECT_EQ(pool->stats().inputs, 0);
  EXPECT_EQ(pool->stats().requests, 4000);
}

TEST(VerifierPool, RepeatsOnlyFailuresThatCanPass) {
  struct Case {
    Outcome first;
    OutcomeKind expected;
    int attempts;
  };
  const Case cases[] = {
      {InfraError{"down", true}, OutcomeKind::kScore, 2},
      {InfraError{"broken", false}, OutcomeKind::kInfraError, 1},
      {TaskError{"no tests"}, OutcomeKind::kTaskError, 1},
      {NotApplicable{"no"}, OutcomeKind::kNotApplicable, 1},
      {Score{0, {}}, OutcomeKind::kScore, 1},
  };
  for (const Case& c : cases) {
    auto script = std::make_shared<Script>();
    script->say = [&c, script = script.get()](const VerifyRequest&) -> Outcome { return script->requests == 1 ? c.first : Score{1, {}}; };
    auto pool = Pool({Use({script})});
    const VerdictRecord record = Judge(*pool, Input("x")).at(0);
    EXPECT_EQ(record.outcome, c.expected) << Name(KindOf(c.first));
    EXPECT_EQ(record.attempts, c.attempts) << Name(KindOf(c.first));
  }
}

TEST(VerifierPool, AFailureThatStaysIsAnInfraErrorAfterAllAttempts) {
  auto script = std::make_shared<Script>();
  script->say = [](const VerifyRequest&) { return InfraError{"down", true}; };
  auto pool = Pool({Use({script})});
  const VerdictRecord record = Judge(*pool, Input("x")).at(0);
  EXPECT_EQ(record.outcome, OutcomeKind::kInfraError);
  EXPECT_EQ(record.attempts, 3);
  EXPECT_EQ(script->requests, 3);
  EXPECT_EQ(pool->stats().retries, 2);
  EXPECT_EQ(pool->stats().infra_errors, 1);
}

TEST(VerifierPool, TriesAnotherPlaceFirst) {
  auto dead = std::make_shared<Script>(), alive = std::make_shared<Script>();
  dead->say = [](const VerifyRequest&) { return InfraError{"down", true}; };
  PooledVerifier use = Use({dead, alive});
  use.max_attempts = 2;
  use.remote = true;
  auto pool = Pool({use});
  for (int i = 0; i < 50; ++i) {
    const VerdictRecord record = Judge(*pool, Input(std::to_string(i))).at(0);
    EXPECT_EQ(record.outcome, OutcomeKind::kScore) << i;
  }
  // After five failures it is left alone, and tried once after half a second at the earliest.
  EXPECT_GE(dead->calls, CircuitBreaker::kFailures);
  EXPECT_LE(dead->calls, CircuitBreaker::kFailures + 3);
  EXPECT_EQ(pool->stats().places_left_alone, 1);
}

TEST(VerifierPool, RequestsWaitForAPlaceThatComesBack) {
  auto script = std::make_shared<Script>();
  script->say = [script = script.get()](const VerifyRequest&) -> Outcome {
    if (script->requests <= 5) return InfraError{"restarting", true};
    return Score{1, {}};
  };
  PooledVerifier use = Use({script});
  use.max_attempts = 6;
  auto pool = Pool({use});
  const VerdictRecord record = Judge(*pool, Input("x")).at(0);
  EXPECT_EQ(record.outcome, OutcomeKind::kScore);
  EXPECT_EQ(record.attempts, 6);
  EXPECT_GE(record.queue_ms, 500);  // the breaker's first pause
}

TEST(VerifierPool, EqualRequestsShareOneCall) {
  auto script = std::make_shared<Script>();
  Gate gate;
  script->say = [&](const VerifyRequest&) {
    gate.Wait();
    return Score{0.5, {}};
  };
  auto pool = Pool({Use({script})});
  Collector collector;
  for (int64_t i = 0; i < 100; ++i) EXPECT_TRUE(pool->Submit(Input("same", 0, i), collector.For(i)).ok());
  gate.Open();
  int cached = 0;
  for (const auto& [sample, records] : collector.WaitFor(100)) {
    EXPECT_EQ(records[0].score, 0.5);
    cached += records[0].cached;
  }
  EXPECT_EQ(cached, 99);
  EXPECT_EQ(script->requests, 1);
  EXPECT_EQ(pool->stats().shared, 99);
  const VerdictRecord again = Judge(*pool, Input("same", 7, 7)).at(0);
  EXPECT_TRUE(again.cached);
  EXPECT_EQ(again.attempts, 0);
  EXPECT_EQ(again.score, 0.5);
  EXPECT_EQ(pool->stats().cache_hits, 1);
  EXPECT_FALSE(Judge(*pool, Input("other")).at(0).cached);
}

TEST(VerifierPool, ASharedFailureIsNotShared) {
  auto script = std::make_shared<Script>();
  Gate gate;
  script->say = [&](const VerifyRequest&) -> Outcome {
    gate.Wait();
    return script->requests == 1 ? Outcome(InfraError{"once", false}) : Outcome(Score{1, {}});
  };
  auto pool = Pool({Use({script})});
  Collector collector;
  for (int64_t i = 0; i < 10; ++i) EXPECT_TRUE(pool->Submit(Input("same", 0, i), collector.For(i)).ok());
  gate.Open();
  for (const auto& [sample, records] : collector.WaitFor(10)) {
    EXPECT_EQ(records[0].outcome, sample == 0 ? OutcomeKind::kInfraError : OutcomeKind::kScore) << sample;
  }
  EXPECT_EQ(script->requests, 2);
}

TEST(VerifierPool, WhatIsNotDeterministicIsAskedEveryTime) {
  auto script = std::make_shared<Script>();
  script->description.deterministic = false;
  auto pool = Pool({Use({script})});
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(Judge(*pool, Input("same")).at(0).cached);
  EXPECT_EQ(script->requests, 5);
}

TEST(VerifierPool, AHangCostsItsOwnSampleOnly) {
  auto script = std::make_shared<Script>();
  auto gate = std::make_shared<Gate>(), first = std::make_shared<Gate>();
  script->say = [gate, first](const VerifyRequest& r) -> Outcome {
    if (r.completion == "first") first->Wait();
    if (r.completion == "hang") gate->Wait();
    return Score{1, {}};
  };
  PooledVerifier use = Use({script});
  use.timeout = absl::Milliseconds(400);
  use.max_attempts = 2;
  std::map<int64_t, std::vector<VerdictRecord>> got;
  {
    auto pool = Pool({use}, {.grace = absl::Milliseconds(20)});
    Collector collector;
    // While the only thread is held up, a batch of ten gathers.
    EXPECT_TRUE(pool->Submit(Input("first"), collector.For(-1)).ok());
    first->WaitForWaiters(1);
    for (int64_t i = 0; i < 10; ++i) {
      EXPECT_TRUE(pool->Submit(Input(i == 4 ? "hang" : std::to_string(i), 0, i), collector.For(i)).ok());
    }
    first->Open();
    got = collector.WaitFor(11);
    EXPECT_EQ(pool->stats().threads_given_up, 2);
  }  // does not wait for the hanging threads
  for (const auto& [sample, records] : got) {
    EXPECT_EQ(records[0].outcome, sample == 4 ? OutcomeKind::kInfraError : OutcomeKind::kScore) << sample;
    EXPECT_EQ(records[0].reason.find("deadline") == 0, sample == 4) << sample;
  }
  gate->Open();
}

TEST(VerifierPool, ABrokenVerifierLeavesTheOthersAlone) {
  auto broken = std::make_shared<Script>(), good = std::make_shared<Script>();
  broken->say = [](const VerifyRequest& r) -> Outcome {
    if (r.sample_index % 3 == 0) throw std::runtime_error("boom");
    if (r.sample_index % 3 == 1) return Score{std::nan(""), {}};
    return Score{0.5, {}};
  };
  auto pool = Pool({Use({broken}), Use({good})});
  Collector collector;
  for (int64_t i = 0; i < 30; ++i) EXPECT_TRUE(pool->Submit(Input(std::to_string(i), 0, i), collector.For(i)).ok());
  for (const auto& [sample, records] : collector.WaitFor(30)) {
    EXPECT_EQ(records[0].outcome, sample % 3 == 2 ? OutcomeKind::kScore : OutcomeKind::kInfraError) << sample;
    EXPECT_EQ(records[1].outcome, OutcomeKind::kScore) << sample;
    EXPECT_EQ(records[1].score, 1) << sample;
  }
}

TEST(VerifierPool, MakesTheSenderWaitWhenItIsFull) {
  auto script = std::make_shared<Script>();
  Gate gate;
  script->say = [&](const VerifyRequest&) {
    gate.Wait();
    return Score{1, {}};
  };
  auto pool = Pool({Use({script})}, {.max_inputs = 2});
  Collector collector;
  EXPECT_TRUE(pool->Submit(Input("1"), collector.For(1)).ok());
  EXPECT_TRUE(pool->Submit(Input("2"), collector.For(2)).ok());
  EXPECT_TRUE(absl::IsDeadlineExceeded(pool->Submit(Input("3"), collector.For(3), absl::Now() + absl::Milliseconds(20))));
  EXPECT_EQ(pool->stats().inputs, 2);
  gate.Open();
  EXPECT_TRUE(pool->Submit(Input("3"), collector.For(3)).ok());
  EXPECT_EQ(collector.WaitFor(3).size(), 3u);
}

TEST(VerifierPool, WhatWaitsForTooLongIsAnInfraError) {
  auto script = std::make_shared<Script>();
  Gate gate;
  script->say = [&](const VerifyRequest&) {
    gate.Wait();
    return Score{1, {}};
  };
  script->description.max_batch = 1;
  PooledVerifier use = Use({script});
  use.timeout = absl::Milliseconds(50);
  auto pool = Pool({use}, {.grace = absl::Minutes(1)});
  Collector collector;
  for (int64_t i = 0; i < 3; ++i) EXPECT_TRUE(pool->Submit(Input(std::to_string(i)), collector.For(i)).ok());
  auto got = collector.WaitFor(2);  // the two that wait for the thread
  for (const auto& [sample, records] : got) {
    EXPECT_EQ(records[0].outcome, OutcomeKind::kInfraError);
    EXPECT_EQ(records[0].attempts, 0);
  }
  gate.Open();
  EXPECT_EQ(collector.WaitFor(3).at(0)[0].outcome, OutcomeKind::kScore);  // late, but within the grace
}

TEST(VerifierPool, CanBeDestroyedWithWorkInIt) {
  for (int round = 0; round < 20; ++round) {
    auto script = std::make_shared<Script>();
    script->description.max_batch = 1;
    Collector collector;
    {
      auto pool = Pool({Use({script})});
      for (int64_t i = 0; i < 200; ++i) EXPECT_TRUE(pool->Submit(Input(std::to_string(i)), collector.For(i)).ok());
    }
    for (const auto& [sample, records] : collector.WaitFor(collector.size())) EXPECT_EQ(records[0].outcome, OutcomeKind::kScore);
    EXPECT_LE(collector.size(), 200u);
  }
}

TEST(VerifierPool, InjectedErrorsAreTheSameEveryTimeAndNeverAScore) {
  std::vector<bool> failed[2];
  for (auto& run : failed) {
    auto script = std::make_shared<Script>();
    PooledVerifier use = Use({script});
    use.inject_infra_errors = 0.1;
    use.max_attempts = 1;
    auto pool = Pool({use});
    Collector collector;
    for (int64_t i = 0; i < 2000; ++i) EXPECT_TRUE(pool->Submit(Input("same", i / 8, i % 8), collector.For(i)).ok());
    for (const auto& [sample, records] : collector.WaitFor(2000)) {
      run.push_back(records[0].outcome == OutcomeKind::kInfraError);
      if (run.back()) {
        EXPECT_EQ(records[0].reason.find("injected"), 0u) << records[0].reason;
        EXPECT_EQ(records[0].score, 0);  // no score at all
      } else {
        EXPECT_EQ(records[0].score, 1);
      }
      EXPECT_FALSE(records[0].cached);
    }
    EXPECT_EQ(pool->stats().injected, static_cast<int64_t>(std::count(run.begin(), run.end(), true)));
  }
  EXPECT_EQ(failed[0], failed[1]);
  const auto count = std::count(failed[0].begin(), failed[0].end(), true);
  EXPECT_GT(count, 150);
  EXPECT_LT(count, 250);
}

TEST(VerifierPool, AttemptsOvercomeInjectedErrors) {
  auto script = std::make_shared<Script>();
  PooledVerifier use = Use({script});
  use.inject_infra_errors = 0.3;
  use.max_attempts = 20;
  auto pool = Pool({use}, {.compute_threads = 4});
  Collector collector;
  for (int64_t i = 0; i < 200; ++i) EXPECT_TRUE(pool->Submit(Input("x", 0, i), collector.For(i)).ok());
  for (const auto& [sample, records] : collector.WaitFor(200)) EXPECT_EQ(records[0].outcome, OutcomeKind::kScore) << sample;
  EXPECT_GT(pool->stats().retries, 50);
}

TEST(VerifierPool, RefusesPlacesThatDiffer) {
  EXPECT_TRUE(absl::IsInvalidArgument(VerifierPool::Create({Use({})}, {}).status()));
  auto old = std::make_shared<Script>(), fresh = std::make_shared<Script>();
  fresh->description.version = 2;
  const absl::Status status = VerifierPool::Create({Use({old, fresh})}, {}).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_NE(std::string(status.message()).find("script@2"), std::string::npos) << status;
}

TEST(VerifierPool, AsksOnlyVerifiersThatApply) {
  auto some = std::make_shared<Script>(), all = std::make_shared<Script>();
  some->description.name = "some";
  PooledVerifier use = Use({some});
  use.applies = [](const VerifyInput& input) { return input.sample_index == 1; };
  auto pool = Pool({use, Use({all})});
  EXPECT_EQ(Judge(*pool, Input("x", 0, 0)).size(), 1u);
  const auto records = Judge(*pool, Input("x", 0, 1));
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].verifier, "some@1");
  EXPECT_EQ(records[1].verifier, "script@1");
}

TEST(VerifierPool, WithoutVerifiersACompletionIsDoneAtOnce) {
  auto pool = Pool({});
  EXPECT_TRUE(Judge(*pool, Input("x")).empty());
  EXPECT_EQ(pool->stats().inputs, 0);
}

TEST(VerifierPool, KnowsTheClassesByTheirNeeds) {
  struct Case {
    std::vector<std::string> needs;
    WorkClass expected;
  };
  for (const Case& c : {Case{{}, WorkClass::kCompute}, Case{{"token_ids"}, WorkClass::kCompute}, Case{{"sandbox"}, WorkClass::kSandbox},
                        Case{{"sandbox", "judge"}, WorkClass::kWait}, Case{{"process"}, WorkClass::kWait}}) {
    VerifierDescription description;
    description.needs = c.needs;
    EXPECT_EQ(ClassOf(description), c.expected) << fmt::format("{} needs", c.needs.size());
  }
}

}  // namespace
}  // namespace hone
