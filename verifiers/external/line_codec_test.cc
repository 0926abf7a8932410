#include "verifiers/external/line_codec.h"

#include <deque>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/base/random.h"
#include "nlohmann/json.hpp"

namespace hone {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;

FaultCounter NoFaults() {
  return std::make_shared<std::atomic<int64_t>>(0);
}

// What the other side reads of one request.
CallLine RoundTrip(const VerifyRequest& request, uint64_t* wire_id = nullptr) {
  const AnswerTable table({&request, 1}, absl::Seconds(60), NoFaults());
  if (wire_id != nullptr) *wire_id = table.wire_id(0);
  const std::string line = VerifyLine(5, {&request, 1}, table, absl::Now());
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  auto read = ParseCallLine(std::string_view(line).substr(0, line.size() - 1), absl::Now());
  EXPECT_TRUE(read.ok()) << read.status();
  return read.ok() ? *std::move(read) : CallLine();
}

TEST(LineCodecTest, EveryFieldOfARequestArrives) {
  const int32_t tokens[] = {5, 0, 7};
  VerifyRequest request{.id = 9,
                        .prompt = "p",
                        .completion = "c\n\"\\",
                        .reference = "r",
                        .answer = "a",
                        .row = "{\"q\": [1,\n 2.50, \"\\n\"]}",
                        .group_id = 3,
                        .sample_index = 4,
                        .seed = UINT64_MAX,
                        .num_tokens_completion = 6,
                        .token_ids = tokens,
                        .finish_reason = FinishReason::kLength,
                        .deadline = absl::Now() + absl::Seconds(30)};
  uint64_t wire_id = 0;
  const CallLine line = RoundTrip(request, &wire_id);
  ASSERT_EQ(line.requests.size(), 1u);
  const VerifyRequest& read = line.requests[0];
  EXPECT_EQ(line.call, 5u);
  EXPECT_EQ(read.id, wire_id);
  EXPECT_EQ(read.prompt, "p");
  EXPECT_EQ(read.completion, "c\n\"\\");
  EXPECT_EQ(read.reference, "r");
  EXPECT_EQ(read.answer, "a");
  EXPECT_EQ(Json::parse(read.row), Json::parse(request.row));
  EXPECT_EQ(read.group_id, 3);
  EXPECT_EQ(read.sample_index, 4);
  EXPECT_EQ(read.seed, UINT64_MAX);
  EXPECT_EQ(read.num_tokens_completion, 6);
  EXPECT_THAT(read.token_ids, ::testing::ElementsAre(5, 0, 7));
  EXPECT_EQ(read.finish_reason, FinishReason::kLength);
  EXPECT_LT(read.deadline, absl::Now() + absl::Seconds(31));
}

TEST(LineCodecTest, AnyBytesOfACompletionArriveAndTenMegabytesFitALine) {
  const std::string texts[] = {"",
                               std::string("a\0b", 3),
                               "\xff\xfe",
                               "\xE2\x80\xAE",
                               std::string(10'000'000, '\0'),
                               std::string(10'000'000, '\xff'),
                               std::string(10'000'000, '\n'),
                               std::string(10'000'000, 'a')};
  for (const std::string& text : texts) {
    const VerifyRequest request{.completion = text};
    const AnswerTable table({&request, 1}, absl::Seconds(60), NoFaults());
    EXPECT_LE(VerifyLine(1, {&request, 1}, table, absl::Now()).size(), kMaxLineBytes) << text.substr(0, 4);
    const CallLine line = RoundTrip(request);
    ASSERT_EQ(line.requests.size(), 1u);
    EXPECT_TRUE(line.requests[0].completion == text) << text.substr(0, 4);
  }
}

TEST(LineCodecTest, ARowThatIsNoJsonIsLeftOut) {
  for (const std::string& row : {std::string("{"), std::string("nothing"), std::string(10'000, '['), std::string("\"\xff\"")}) {
    EXPECT_EQ(RoundTrip({.row = row}).requests.at(0).row, "") << row.substr(0, 20);
  }
}

TEST(LineCodecTest, EveryOutcomeArrives) {
  std::vector<Verdict> verdicts(5);
  verdicts[0].outcome = Score{0.1, {{"a", 1.5}}};
  verdicts[1].outcome = NotApplicable{"n"};
  verdicts[2].outcome = TaskError{"t"};
  verdicts[3].outcome = InfraError{"i", true};
  verdicts[4].outcome = InfraError{"j", false};
  for (size_t i = 0; i < verdicts.size(); ++i) {
    verdicts[i].id = i + 1;
    verdicts[i].reason = "code";
    verdicts[i].evidence = std::string(300'000, 'e');  // cut, and the line is split
  }
  std::string lines = ResultLines(7, verdicts);
  std::vector<Verdict> read;
  bool more = true;
  while (!lines.empty()) {
    EXPECT_TRUE(more);
    const size_t end = lines.find('\n');
    auto line = ParseAnswerLine(std::string_view(lines).substr(0, end));
    ASSERT_TRUE(line.ok()) << line.status();
    EXPECT_EQ(line->call, 7u);
    more = line->more;
    read.insert(read.end(), line->verdicts.begin(), line->verdicts.end());
    lines.erase(0, end + 1);
  }
  EXPECT_FALSE(more);
  ASSERT_EQ(read.size(), 5u);
  EXPECT_EQ(std::get<Score>(read[0].outcome).value, 0.1);
  EXPECT_EQ(std::get<Score>(read[0].outcome).parts.at(0).value, 1.5);
  EXPECT_EQ(std::get<NotApplicable>(read[1].outcome).why, "n");
  EXPECT_EQ(std::get<TaskError>(read[2].outcome).why, "t");
  EXPECT_TRUE(std::get<InfraError>(read[3].outcome).retryable);
  EXPECT_FALSE(std::get<InfraError>(read[4].outcome).retryable);
  EXPECT_EQ(read[0].reason, "code");
  EXPECT_EQ(read[0].evidence.size(), 64u << 10);
}

TEST(LineCodecTest, AnAnswerThatCannotBeReadIsNeverAScore) {
  const char* lines[] = {
      "",
      "Traceback (most recent call last):",
      "[]",
      "{}",
      R"({"id":1})",
      R"({"id":-1,"results":[]})",
      R"({"id":1.5,"results":[]})",
      R"({"id":"1x","results":[]})",
      R"({"id":1,"results":{}})",
      R"({"id":1,"results":[{"id":1,"outcome":"score","score":NaN}]})",
      R"({"id":1,"results":[{"id":1,"outcome":"score","score":1e999}]})",
      R"({"id":1,"more":1,"results":[]})",
      R"({"id":1,"error":5})",
      R"({"id":1,"results":[{"id":1,"outcome":"score","score":1}]} {"id":2})",
      "{\"id\":1,\"results\":[{\"id\":1,\"outcome\":\"score\",\"score\":1,\"reason\":\"\xff\"}]}",
  };
  for (const char* line : lines) EXPECT_EQ(ParseAnswerLine(line).status().code(), absl::StatusCode::kDataLoss) << line;
  EXPECT_THAT(std::string(ParseAnswerLine(std::string(10'000, '[')).status().message()), HasSubstr("too deep"));

  const char* results[] = {
      R"({"id":1})",
      R"({"id":1,"score":1})",
      R"({"id":1,"outcome":"score"})",
      R"({"id":1,"outcome":"score","score":"1"})",
      R"({"id":1,"outcome":"score","score":null})",
      R"({"id":1,"outcome":"Score","score":1})",
      R"({"id":1,"outcome":["score"],"score":1})",
      R"({"id":1,"outcome":"score","score":1,"parts":[1]})",
      R"({"id":1,"outcome":"score","score":1,"parts":{"a":"x"}})",
      R"({"id":1,"outcome":"score","score":1,"reason":5})",
      R"({"id":1,"outcome":"infra_error","retryable":"no"})",
  };
  for (const char* result : results) {
    const auto line = ParseAnswerLine(R"({"id":3,"results":[)" + std::string(result) + "]}");
    ASSERT_TRUE(line.ok()) << result;
    ASSERT_EQ(line->verdicts.size(), 1u) << result;
    EXPECT_EQ(line->verdicts[0].reason, "bad_answer") << result;
    EXPECT_FALSE(std::get<InfraError>(line->verdicts[0].outcome).retryable) << result;
  }
  EXPECT_EQ(ParseAnswerLine(R"({"id":3,"results":[{"outcome":"score","score":1}, 5]})")->num_nameless, 2);
}

TEST(LineCodecTest, DamagedLinesNeverDoMoreThanFail) {
  const std::string seeds[] = {
      R"({"id":2,"results":[{"id":1,"outcome":"score","score":0.5,"parts":{"a":1},"reason":"x"},{"id":"2","outcome":"task_error","why":"w"}],"more":true})",
      R"({"id":1,"description":{"name":"n","version":1,"range":[0,1],"params_schema":{"type":"object"}}})",
      R"({"id":2,"op":"verify","requests":[{"id":7,"completion":null,"completion_base64":"AAEC","token_ids":[1,2],"row":{"a":[]},"seed":"5"}]})"};
  RandomCursor random{RandomStream(4)};
  const auto next = [&](uint64_t bound) { return random.Bits() % bound; };
  for (int i = 0; i < 60'000; ++i) {
    std::string line = seeds[next(std::size(seeds))];
    for (uint64_t edits = 1 + next(4); edits > 0; --edits) {
      const size_t at = next(line.size() + 1);
      switch (next(4)) {
        case 0:
          line.insert(at, 1, "{}[]\",:0-e\\\xff"[next(12)]);
          break;
        case 1:
          line.erase(at, next(8));
          break;
        case 2:
          line.insert(at, line.substr(next(line.size() + 1), next(40)));
          break;
        default:
          if (at < line.size()) line[at] = static_cast<char>(next(256));
      }
    }
    for (const Verdict& verdict : ParseAnswerLine(line).value_or(AnswerLine()).verdicts) {
      EXPECT_LE(verdict.reason.size(), 4096u);
    }
    const auto call = ParseCallLine(line, absl::Now());
    if (call.ok()) {
      for (const VerifyRequest& request : call->requests) EXPECT_LE(request.completion.size(), line.size());
    }
  }
}

}  // namespace
}  // namespace hone
