// The conformance suite over the three ways to reach a verifier, and what faulty verifiers may not do to anybody: the test verifiers commit
// each fault between two good samples.
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/conformance/test_behaviour.h"
#include "verifiers/external/external.h"
#include "verifiers/external/verifier_check.h"

extern char** environ;

namespace hone {
namespace {

using ::testing::HasSubstr;

constexpr char kPlugin[] = "plugin:" HONE_FAULTY_PLUGIN, kBoundedPlugin[] = "plugin:" HONE_BOUNDED_PLUGIN;
constexpr char kCommand[] = "command:" HONE_FAULTY_COMMAND;
constexpr char kCommandInPlugin[] = "plugin:" HONE_COMMAND_PLUGIN;

absl::StatusOr<std::unique_ptr<CheckedVerifier>> Make(const std::string& uri, const std::string& params) {
  auto verifier = CreateExternalVerifier(uri, params);
  if (!verifier.ok()) return verifier.status();
  return std::make_unique<CheckedVerifier>(*std::move(verifier));
}
// The verifier, or a failed test and null.
std::unique_ptr<CheckedVerifier> MakeForTest(const std::string& uri, const std::string& params) {
  auto made = Make(uri, params);
  EXPECT_TRUE(made.ok()) << made.status();
  return made.ok() ? *std::move(made) : nullptr;
}

// The test service, for as long as the program runs.
class ServiceProcess {
 public:
  static const std::string& Uri() {
    static ServiceProcess service;
    return service.uri_;
  }

 private:
  ServiceProcess() {
    std::string name = (std::filesystem::temp_directory_path() / "hone-XXXXXX").string();
    folder_ = mkdtemp(name.data());
    std::string address = "unix:" + folder_ + "/s", program = HONE_FAULTY_SERVICE;
    char* arguments[] = {program.data(), address.data(), nullptr};
    if (posix_spawn(&pid_, program.c_str(), nullptr, nullptr, arguments, environ) != 0) pid_ = -1;
    uri_ = "grpc:" + address;
  }
  ~ServiceProcess() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
    std::error_code error;
    std::filesystem::remove_all(folder_, error);
  }
  std::string folder_, uri_;
  pid_t pid_ = -1;
};

struct Way {
  const char* name;
  std::string uri;
  std::string params = "{}";
};
std::vector<Way> Ways() {
  return {{"plugin", kPlugin},
          {"bounded plugin", kBoundedPlugin},
          {"command", kCommand},
          {"service", ServiceProcess::Uri()},
          {"command in a plugin", kCommandInPlugin, R"({"command":")" HONE_FAULTY_COMMAND R"("})"}};
}

VerifyRequest Ask(std::string_view completion, uint64_t id, absl::Duration left = absl::Seconds(20)) {
  VerifyRequest request;
  request.id = id;
  request.completion = completion;
  request.reference = "7";
  request.deadline = absl::Now() + left;
  return request;
}

std::string Why(const Verdict& verdict) {
  const InfraError* error = std::get_if<InfraError>(&verdict.outcome);
  return error == nullptr ? "" : error->why;
}

// A verdict that was not meant for a fault: the score that was asked for, or a failure that may be repeated; the latter only where allowed.
void ExpectUnharmed(const Verdict& verdict, double score, bool may_fail) {
  const InfraError* error = std::get_if<InfraError>(&verdict.outcome);
  if (error != nullptr && may_fail) {
    EXPECT_TRUE(error->retryable) << verdict.reason << ": " << error->why;
    return;
  }
  ASSERT_TRUE(std::holds_alternative<Score>(verdict.outcome)) << verdict.reason << ": " << Why(verdict);
  EXPECT_EQ(std::get<Score>(verdict.outcome).value, score);
  ASSERT_EQ(std::get<Score>(verdict.outcome).parts.size(), 1u);
  EXPECT_EQ(std::get<Score>(verdict.outcome).parts[0].value, score / 2);
}

struct Fault {
  const char* what;
  const char* ways;  // names of those that can commit it
  const char* reason;
  bool retryable;
  bool slow = false;  // neighbours in its batch may run out of time with it
};
constexpr Fault kFaults[] = {
    {"twice", "plugin,bounded plugin,command,service", "second_answer", false},
    {"missing", "plugin,bounded plugin,command,service,command in a plugin", "missing_answer", false},
    {"wrong_id", "plugin,bounded plugin,command,service,command in a plugin", "missing_answer", false},
    {"nan", "plugin,bounded plugin,service", "bad_score", false},
    {"nan", "command,command in a plugin", "garbage", false},
    {"range", "plugin,bounded plugin,command,service,command in a plugin", "bad_score", false},
    {"part", "plugin,bounded plugin,command,service,command in a plugin", "bad_score", false},
    {"unset", "plugin,bounded plugin,service", "no_outcome", false},
    {"unset", "command,command in a plugin", "bad_answer", false},
    {"throw", "plugin,bounded plugin", "exception", false},
    {"crash", "command,command in a plugin", "crash", true},
    {"crash", "service", "unavailable", true},
    {"half", "command,command in a plugin", "crash", true},
    {"garbage", "command,command in a plugin", "garbage", false},
    {"oversize", "command", "oversize", false},
    {"error", "command,command in a plugin", "error", false},
    {"hang", "plugin,command,service,command in a plugin", "timeout", true, true},
    {"late", "plugin,command,service,command in a plugin", "timeout", true, true},
};

bool Commits(const Fault& fault, const std::string& way) {
  return ("," + std::string(fault.ways) + ",").find("," + way + ",") != std::string::npos;
}

TEST(ExternalConformanceTest, EachWayPassesTheSuite) {
  for (const Way& way : Ways()) {
    SCOPED_TRACE(way.name);
    VerifierCheckOptions options{.params_json = way.params};
    options.lives = way.uri.starts_with("plugin:") && way.params == "{}" ? 1000 : 20;
    options.samples = {{.where = "score", .completion = "score:0.5", .score = 0.5, .parts = {{"half", 0.25}}, .reason = "scored"},
                       {.where = "na", .completion = "na", .outcome = OutcomeKind::kNotApplicable},
                       {.where = "task", .completion = "task", .outcome = OutcomeKind::kTaskError},
                       {.where = "infra", .completion = "infra", .outcome = OutcomeKind::kInfraError},
                       {.where = "gold", .completion = "it is 7", .reference = "7", .score = 1}};
    for (const VerifierCheckResult& result : CheckVerifier(
             options, [&](const std::string& params) { return Make(way.uri, params); }, nullptr)) {
      EXPECT_TRUE(result.ok()) << result.name << ": " << ::testing::PrintToString(result.problems);
    }
  }
}

TEST(ExternalConformanceTest, AFaultBecomesAnInfraErrorAndHarmsNoNeighbour) {
  for (const Way& way : Ways()) {
    auto verifier = MakeForTest(way.uri, way.params);
    ASSERT_NE(verifier, nullptr) << way.name;
    for (const Fault& fault : kFaults) {
      if (!Commits(fault, way.name)) continue;
      SCOPED_TRACE(std::string(way.name) + ": " + fault.what);
      const absl::Duration left = fault.slow ? absl::Milliseconds(300) : absl::Seconds(20);
      const VerifyRequest batch[] = {Ask("score:0.25", 1, left), Ask(fault.what, 2, left), Ask("score:0.75", 3, left)};
      const absl::Time begin = absl::Now();
      const std::vector<Verdict> verdicts = verifier->Verify(batch);
      EXPECT_LT(absl::Now() - begin, left + absl::Seconds(5));
      ASSERT_EQ(verdicts.size(), 3u);
      ExpectUnharmed(verdicts[0], 0.25, fault.slow);
      const InfraError* error = std::get_if<InfraError>(&verdicts[1].outcome);
      ASSERT_NE(error, nullptr) << "the fault became an outcome";
      EXPECT_EQ(verdicts[1].reason, fault.reason) << error->why;
      EXPECT_EQ(error->retryable, fault.retryable) << error->why;
      ExpectUnharmed(verdicts[2], 0.75, fault.slow);
      // And life goes on.
      const VerifyRequest next = Ask("score:0.5", 1);
      ExpectUnharmed(verifier->Verify({&next, 1}).at(0), 0.5, false);
    }
  }
}

TEST(ExternalConformanceTest, OtherThreadsKeepTheirScoresWhileFaultsAreCommitted) {
  for (const Way& way : Ways()) {
    SCOPED_TRACE(way.name);
    auto verifier = MakeForTest(way.uri, way.params);
    ASSERT_NE(verifier, nullptr);
    std::atomic<bool> stop{false};
    std::atomic<int64_t> scored{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; !stop.load() || i < 8; ++i) {
          const double score = (t * 8 + i % 8) / 32.0;
          const std::string text = "score:" + std::to_string(score);
          const VerifyRequest request = Ask(text, 2);
          const Verdict verdict = verifier->Verify({&request, 1}).at(0);
          ExpectUnharmed(verdict, score, true);
          scored += std::holds_alternative<Score>(verdict.outcome);
        }
      });
    }
    for (const Fault& fault : kFaults) {
      if (!Commits(fault, way.name)) continue;
      const VerifyRequest bad = Ask(fault.what, 2, fault.slow ? absl::Milliseconds(50) : absl::Seconds(20));
      const Verdict verdict = verifier->Verify({&bad, 1}).at(0);
      EXPECT_TRUE(std::holds_alternative<InfraError>(verdict.outcome)) << fault.what;
    }
    stop = true;
    for (std::thread& thread : threads) thread.join();
    EXPECT_GT(scored.load(), 0);
  }
}

TEST(ExternalConformanceTest, ALateAnswerIsDroppedAndCounted) {
  for (const Way& way : Ways()) {
    if (!Commits(kFaults[std::size(kFaults) - 1], way.name) || way.params != "{}" || way.uri.starts_with("grpc")) continue;
    SCOPED_TRACE(way.name);
    auto verifier = MakeForTest(way.uri, way.params);
    ASSERT_NE(verifier, nullptr);
    const VerifyRequest late = Ask("late", 1, absl::Milliseconds(100));
    EXPECT_EQ(verifier->Verify({&late, 1}).at(0).reason, "timeout");
    const absl::Time end = absl::Now() + absl::Seconds(20);
    while (verifier->num_faults() == 0 && absl::Now() < end) {
      const VerifyRequest next = Ask("score:0.5", 1);
      ExpectUnharmed(verifier->Verify({&next, 1}).at(0), 0.5, true);
    }
    EXPECT_GT(verifier->num_faults(), 0);
  }
}

TEST(ExternalConformanceTest, ManyStuckCallsOfAPluginAreRefusedAtLast) {
  auto verifier = MakeForTest(kPlugin, "{}");
  std::string reason;
  for (int i = 0; i < 70; ++i) {
    const VerifyRequest request = Ask("hang", 1, absl::Milliseconds(5));
    reason = verifier->Verify({&request, 1}).at(0).reason;
    if (reason == "stuck") break;
  }
  EXPECT_EQ(reason, "stuck");
}

TEST(ExternalConformanceTest, WhatCannotBeUsedIsRefusedAtStartByName) {
  struct Case {
    std::string uri, params;
    absl::StatusCode code;
    std::string message;
  };
  const std::string folder = (std::filesystem::temp_directory_path() / ("hone-refused-" + std::to_string(getpid()))).string();
  std::filesystem::create_directories(folder + "/open");
  const auto make = [&](const std::string& name, const std::string& content, int mode) {
    std::ofstream(folder + "/" + name) << content;
    chmod((folder + "/" + name).c_str(), static_cast<mode_t>(mode));
    return folder + "/" + name;
  };
  chmod((folder + "/open").c_str(), 0777);
  const Case cases[] = {
      {"plugin:./no/such.so", "{}", absl::StatusCode::kNotFound, "no file ./no/such.so"},
      {"plugin:" + make("text.so", "no library", 0644), "{}", absl::StatusCode::kInvalidArgument, "text.so cannot be loaded"},
      {"plugin:" + make("writable.so", "", 0666), "{}", absl::StatusCode::kPermissionDenied, "chmod o-w"},
      {"plugin:" + make("open/any.so", "", 0644), "{}", absl::StatusCode::kPermissionDenied, "its folder"},
      {"plugin:" + folder, "{}", absl::StatusCode::kInvalidArgument, "no regular file"},
      {"plugin:" HONE_OTHER_ABI_PLUGIN, "{}", absl::StatusCode::kInvalidArgument, "made for another version of the plugin interface"},
      {"plugin:" HONE_SMALL_PLUGIN, "{}", absl::StatusCode::kInvalidArgument, "incomplete table"},
      {"plugin:" HONE_NO_PLUGIN, "{}", absl::StatusCode::kInvalidArgument, "no verifier plugin"},
      {kPlugin, R"({"moed": "plain"})", absl::StatusCode::kInvalidArgument, R"("moed" is unknown; did you mean "mode"?)"},
      {kPlugin, R"({"mode": "odd"})", absl::StatusCode::kInvalidArgument, R"(must be one of "plain", "other")"},
      {"command:./no/such --flag", "{}", absl::StatusCode::kNotFound, "no file ./no/such"},
      {"command:no_such_program_here", "{}", absl::StatusCode::kNotFound, "write ./no_such_program_here"},
      {"command:", "{}", absl::StatusCode::kInvalidArgument, "names no program"},
      {"command:'open", "{}", absl::StatusCode::kInvalidArgument, "never closed"},
      {"command:" + make("plain", "x", 0644), "{}", absl::StatusCode::kPermissionDenied, "chmod +x"},
      {"command:" + make("writable", "x", 0777), "{}", absl::StatusCode::kPermissionDenied, "chmod o-w"},
      {"command:" + make("script", "#!/no/such/interpreter\n", 0755), "{}", absl::StatusCode::kUnavailable, "interpreter"},
      {"command:/bin/true", "{}", absl::StatusCode::kUnavailable, "ended with exit code 0"},
      {std::string(kCommand) + " dies", "{}", absl::StatusCode::kUnavailable, "no model file"},
      {kCommand, R"({"moed": "plain"})", absl::StatusCode::kInvalidArgument, "is unknown"},
      {kCommandInPlugin, "{}", absl::StatusCode::kInvalidArgument, R"(parameter "command" is needed)"},
      {"grpc:nowhere", "{}", absl::StatusCode::kInvalidArgument, "unix:PATH or HOST:PORT"},
      {ServiceProcess::Uri() + "?secret=1", "{}", absl::StatusCode::kInvalidArgument, "known: token_file, verifier"},
      {ServiceProcess::Uri(), R"({"moed": "plain"})", absl::StatusCode::kInvalidArgument, "is unknown"},
  };
  for (const Case& c : cases) {
    const absl::Status status = Make(c.uri, c.params).status();
    EXPECT_EQ(status.code(), c.code) << c.uri << ": " << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(c.message)) << c.uri;
    EXPECT_THAT(std::string(status.message()), HasSubstr("verifier \"" + c.uri)) << c.uri;
  }
  std::filesystem::remove_all(folder);
}

TEST(ExternalConformanceTest, ANewerMinorVersionIsTaken) {
  auto verifier = MakeForTest("plugin:" HONE_NEWER_PLUGIN, R"({"mode":"other"})");
  ASSERT_NE(verifier, nullptr);
  const VerifyRequest request = Ask("it is 7", 1);
  EXPECT_EQ(std::get<Score>(verifier->Verify({&request, 1}).at(0).outcome).value, 1);
}

TEST(ExternalConformanceTest, TheFilesHashIsRecorded) {
  EXPECT_THAT(MakeForTest(kPlugin, "{}")->Describe().origin, ::testing::MatchesRegex("plugin:/.* sha256:[0-9a-f]{64}"));
  EXPECT_THAT(MakeForTest(kCommand, "{}")->Describe().origin, ::testing::MatchesRegex("command:/.* sha256:[0-9a-f]{64}"));
}

}  // namespace
}  // namespace hone
