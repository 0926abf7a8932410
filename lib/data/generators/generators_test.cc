#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "gtest/gtest.h"
#include "lib/data/generators/registry.h"
#include "lib/data/generators/sequence.h"
#include "nlohmann/json.hpp"

namespace hone {
namespace {
using Json = nlohmann::json;

std::unique_ptr<PromptSource> Make(std::string_view name, std::string_view params, GeneratorOptions options = {}) {
  auto source = CreateGenerator(name, params, options);
  EXPECT_TRUE(source.ok()) << source.status();
  return source.ok() ? *std::move(source) : nullptr;
}

std::string Question(const Prompt& prompt) {
  return prompt.messages.empty() ? prompt.text : prompt.messages.back().content;
}

// The numbers of a text, as they are written.
std::vector<std::string> NumbersIn(const std::string& text) {
  std::vector<std::string> numbers;
  for (size_t i = 0; i < text.size(); ++i) {
    if (!std::isdigit(static_cast<unsigned char>(text[i]))) continue;
    size_t end = i;
    while (std::isdigit(static_cast<unsigned char>(text[end])) ||
           (text[end] == '.' && std::isdigit(static_cast<unsigned char>(text[end + 1]))))
      ++end;
    numbers.push_back(text.substr(i, end - i));
    i = end;
  }
  return numbers;
}

// What tells two tasks apart, from the text alone.
std::string KeyOf(const Prompt& prompt) {
  std::vector<std::string> numbers = NumbersIn(Question(prompt));
  std::sort(numbers.begin(), numbers.end());
  std::string key;
  for (const std::string& number : numbers) key += number + " ";
  return key;
}

struct Subject {
  const char *name, *params;
};
constexpr Subject kSubjects[] = {
    {"word_problems", ""}, {"word_problems", R"({"operand_max":40,"factor_max":12,"heldout_percent":10})"},
    {"decimals", ""},      {"decimals", R"({"whole_max":3,"digits_max":3})"},
    {"sequence", ""},      {"sequence", R"({"tasks":["reverse"],"length_min":4,"length_max":5})"},
};

TEST(GeneratorsTest, TheSameSeedGivesTheSameTasksAndAnotherSeedOthers) {
  for (const Subject& subject : kSubjects) {
    auto a = Make(subject.name, subject.params, {.seed = 5}), b = Make(subject.name, subject.params, {.seed = 5}),
         c = Make(subject.name, subject.params, {.seed = 6});
    EXPECT_EQ(a->size(), std::nullopt);
    int same = 0;
    for (int64_t i = 99; i >= 0; --i) {
      const Prompt x = *a->Get(i), y = *b->Get(i);
      EXPECT_EQ(Question(x), Question(y)) << subject.name;
      EXPECT_EQ(x.reference, y.reference);
      EXPECT_EQ(x.row, y.row);
      same += Question(x) == Question(*c->Get(i));
    }
    EXPECT_LT(same, 10) << subject.name << " " << subject.params;
  }
}

// The same on every machine: these are fixed for good.
TEST(GeneratorsTest, TheFirstTasksAreTheseOnEveryMachine) {
  EXPECT_EQ(Question(*Make("word_problems", "", {.seed = 1})->Get(0)),
            "Adam has 5 books. Emma has 5 times as many. How many books does Emma have? Answer with just the number.");
  EXPECT_EQ(Question(*Make("decimals", "", {.seed = 1})->Get(0)), "Which number is larger, 17.9 or 17.6? Answer with just the number.");
  EXPECT_EQ(Question(*Make("sequence", "", {.seed = 1})->Get(0)), "sort:76158395=>");
}

TEST(GeneratorsTest, IdsAreUniqueAndRowsAreJson) {
  for (const Subject& subject : kSubjects) {
    std::set<std::string> ids, questions;
    for (Split split : {Split::kTrain, Split::kHeldout}) {
      auto source = Make(subject.name, subject.params, {.seed = 2, .split = split});
      for (int64_t i = 0; i < 300; ++i) {
        const Prompt prompt = *source->Get(i);
        EXPECT_TRUE(ids.insert(prompt.id).second) << prompt.id;
        EXPECT_TRUE(Json::parse(prompt.row, nullptr, false).is_object()) << prompt.row;
        EXPECT_FALSE(prompt.reference.empty());
        questions.insert(Question(prompt));
      }
    }
    EXPECT_GT(questions.size(), 400u) << subject.name << " " << subject.params;
  }
}

TEST(GeneratorsTest, TrainAndHeldOutTasksNeverMeet) {
  for (const Subject& subject : kSubjects) {
    std::set<std::string> keys[2], seeds[2];
    for (Split split : {Split::kTrain, Split::kHeldout}) {
      for (uint64_t seed = 0; seed < 4; ++seed) {  // whatever the seeds of the runs
        auto source = Make(subject.name, subject.params, {.seed = seed, .split = split});
        for (int64_t i = 0; i < 1000; ++i) {
          const Prompt prompt = *source->Get(i);
          keys[static_cast<int>(split)].insert(KeyOf(prompt));
          seeds[static_cast<int>(split)].insert(Json::parse(prompt.row)["seed"].get<std::string>());
        }
      }
    }
    EXPECT_GT(keys[0].size(), keys[1].size()) << subject.name;
    EXPECT_GT(keys[1].size(), 5u) << subject.name;
    for (const std::string& key : keys[1]) EXPECT_FALSE(keys[0].contains(key)) << subject.name << ": " << key;
    for (const std::string& seed : seeds[1]) EXPECT_FALSE(seeds[0].contains(seed)) << subject.name << ": " << seed;
  }
}

TEST(GeneratorsTest, SystemAndRawTextAreHonoured) {
  auto chat = Make("decimals", "", {.system = "S"});
  EXPECT_EQ(chat->Get(0)->messages.size(), 2u);
  auto raw = Make("decimals", "", {.chat = false, .system = "S"});
  EXPECT_TRUE(raw->Get(0)->messages.empty());
  EXPECT_EQ(raw->Get(0)->text, "S\n\n" + chat->Get(0)->messages[1].content);
}

// An oracle that knows the phrases and not the templates.
int64_t Solve(const std::string& question) {
  const std::vector<std::string> numbers = NumbersIn(question);
  EXPECT_EQ(numbers.size(), 2u) << question;
  if (numbers.size() != 2) return -1;
  const int64_t a = std::stoll(numbers[0]), b = std::stoll(numbers[1]);
  auto has = [&](const char* phrase) { return question.find(phrase) != std::string::npos; };
  if (has("equally") || has("does each friend") || has("How many bags")) return a / b;
  if (has("in each box.") || has("times as many") || has("tickets cost") || has("every day") || has("every week") || has("rows with"))
    return a * b;
  if (has("left") || has("difference") || has("How many more") || has("fewer")) return a - b;
  if (has("get back")) return b - a;
  if (has("more") || has("together") || has("in all")) return a + b;
  ADD_FAILURE() << "no rule for: " << question;
  return -1;
}

TEST(WordProblemsTest, AnswersAreRightByAnIndependentReading) {
  for (Split split : {Split::kTrain, Split::kHeldout}) {
    auto source = Make("word_problems", "", {.seed = 11, .split = split});
    for (int64_t i = 0; i < 2000; ++i) {
      const Prompt prompt = *source->Get(i);
      EXPECT_EQ(prompt.reference, std::to_string(Solve(Question(prompt)))) << Question(prompt);
      EXPECT_TRUE(Question(prompt).ends_with("? Answer with just the number.")) << Question(prompt);
      EXPECT_EQ(Question(prompt).find_first_of("{}"), std::string::npos) << Question(prompt);
    }
  }
}

TEST(WordProblemsTest, AllTwentyTemplatesAppearInBothSplitsWithNumbersInRange) {
  for (Split split : {Split::kTrain, Split::kHeldout}) {
    std::map<std::string, int> seen;
    auto source = Make("word_problems", R"({"operand_max":12,"factor_max":9})", {.split = split});
    for (int64_t i = 0; i < 2000; ++i) {
      const Json row = Json::parse(source->Get(i)->row);
      ++seen[row["template"]];
      EXPECT_GE(std::min(row["a"].get<int>(), row["b"].get<int>()), 2);
      EXPECT_LE(std::max(row["a"].get<int>(), row["b"].get<int>()), 81);
    }
    EXPECT_EQ(seen.size(), 20u);
    for (const auto& [name, count] : seen) EXPECT_GT(count, 50) << name;
  }
}

TEST(WordProblemsTest, AboutTheAskedShareOfPairsIsHeldOut) {
  std::set<std::string> keys[2];
  for (Split split : {Split::kTrain, Split::kHeldout}) {
    auto source = Make("word_problems", R"({"operand_max":30,"templates":["gain"]})", {.split = split});
    for (int64_t i = 0; i < 6000; ++i) keys[static_cast<int>(split)].insert(KeyOf(*source->Get(i)));
  }
  EXPECT_NEAR(static_cast<double>(keys[1].size()) / static_cast<double>(keys[0].size() + keys[1].size()), 0.3, 0.08);
}

TEST(WordProblemsTest, TheSmallestMaximumStillHasBothSplitsOrSaysSo) {
  for (Split split : {Split::kTrain, Split::kHeldout}) {
    const auto source = CreateGenerator("word_problems", R"({"operand_max":4,"factor_max":4,"heldout_percent":1})", {.split = split});
    if (source.ok()) {
      EXPECT_TRUE((*source)->Get(0).ok());
    } else {
      EXPECT_NE(std::string(source.status().message()).find("raise the maximum"), std::string::npos) << source.status();
    }
  }
}

TEST(DecimalsTest, TheAnswerIsTheLargerNumberAndTheTrapIsThere) {
  auto source = Make("decimals", "", {.seed = 4});
  int traps = 0;
  for (int64_t i = 0; i < 2000; ++i) {
    const Prompt prompt = *source->Get(i);
    const std::vector<std::string> numbers = NumbersIn(Question(prompt));
    ASSERT_EQ(numbers.size(), 2u) << Question(prompt);
    const double a = std::stod(numbers[0]), b = std::stod(numbers[1]);
    ASSERT_NE(a, b) << Question(prompt);
    EXPECT_EQ(prompt.reference, a > b ? numbers[0] : numbers[1]) << Question(prompt);
    traps += (a > b) == (numbers[0].size() < numbers[1].size()) && numbers[0].size() != numbers[1].size();
  }
  EXPECT_GT(traps, 200);
}

TEST(SequenceTest, AnswersAreRightAndOfTheLengthAskedFor) {
  for (const char* params : {R"({"tasks":["copy","reverse","sort","increment"]})",
                             R"({"tasks":["sort","increment"],"alphabet":"zab","separator":" ","length_min":8,"length_max":12})"}) {
    auto source = Make("sequence", params);
    for (int64_t i = 0; i < 400; ++i) {
      const Prompt prompt = *source->Get(i);
      const size_t colon = prompt.text.find(':');
      ASSERT_TRUE(prompt.text.ends_with("=>"));
      const std::string task = prompt.text.substr(0, colon);
      const std::string given = prompt.text.substr(colon + 1, prompt.text.size() - colon - 3), &got = prompt.reference;
      EXPECT_EQ(given.size(), got.size());
      EXPECT_GE(got.size(), 8u);
      for (char c : prompt.text + got) EXPECT_NE(kSequenceCharacters.find(c), std::string_view::npos) << c;
      const bool spaced = given.find(' ') != std::string::npos;
      const std::string alphabet = spaced ? "zab" : "0123456789";
      const size_t step = spaced ? 2 : 1;
      for (size_t k = 0; k < got.size(); k += step) {
        const size_t index = alphabet.find(got[k]);
        ASSERT_NE(index, std::string::npos);
        bool right = false;
        if (task == "copy") right = got[k] == given[k];
        if (task == "reverse") right = got[k] == given[given.size() - 1 - k];
        if (task == "increment") right = index == (alphabet.find(given[k]) + 1) % alphabet.size();
        if (task == "sort") {
          right = std::count(got.begin(), got.end(), got[k]) == std::count(given.begin(), given.end(), got[k]) &&
                  (k == 0 || alphabet.find(got[k - step]) <= index);
        }
        EXPECT_TRUE(right) << prompt.text << got << " at " << k;
      }
    }
  }
}

TEST(SequenceTest, IsAlwaysRawText) {
  auto source = Make("sequence", "", {.chat = true, .system = "S"});
  EXPECT_TRUE(source->Get(0)->messages.empty());
  EXPECT_TRUE(source->Get(0)->text.starts_with("sort:"));
}

TEST(GeneratorsTest, BadInputIsRefused) {
  struct Case {
    const char *name, *params, *part;
  };
  const Case cases[] = {
      {"word_problems", R"({"operand_max":1})", "operand_max\" is 1, must be between 4 and 999"},
      {"word_problems", R"({"operands_max":5})", "did you mean \"operand_max\"?"},
      {"word_problems", R"({"templates":["gian"]})", "unknown template \"gian\"; known: gain"},
      {"word_problems", R"({"heldout_percent":0})", "must be between 1 and 99"},
      {"word_problems", "[]", "JSON object"},
      {"decimals", R"({"digits_max":0})", "between 1 and 9"},
      {"decimals", R"({"whole_max":"9"})", "a whole number"},
      {"sequence", R"({"length_min":9})", "length_min 9 must be at most length_max 8"},
      {"sequence", R"({"alphabet":"a"})", "two or more different"},
      {"sequence", R"({"alphabet":"aba"})", "two or more different"},
      {"sequence", R"({"alphabet":"AB"})", "two or more different"},
      {"sequence", R"({"tasks":[]})", "at least one"},
      {"sequence", R"({"tasks":["sum"]})", "unknown task \"sum\""},
      {"sequence", R"({"separator":"-"})", "one of"},
  };
  for (const Case& c : cases) {
    const absl::Status status = CreateGenerator(c.name, c.params, {}).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << c.params;
    EXPECT_NE(std::string(status.message()).find(c.part), std::string::npos) << status;
  }
  const absl::Status unknown = CreateGenerator("word_problem", "", {}).status();
  EXPECT_EQ(unknown.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(unknown.message(), "unknown generator \"word_problem\"; did you mean \"word_problems\"?");
  for (const std::string& name : KnownGenerators()) EXPECT_FALSE(Make(name, "")->Get(-1).ok()) << name;
}

TEST(GeneratorsTest, ParametersThatLeaveASplitEmptyAreRefused) {
  int refused = 0;
  for (Split split : {Split::kTrain, Split::kHeldout}) {
    // Four sequences in all (00, 01, 10, 11): at 1 % one of the splits is almost certainly empty.
    refused +=
        !CreateGenerator("sequence", R"({"alphabet":"01","length_min":2,"length_max":2,"heldout_percent":1})", {.split = split}).ok();
  }
  EXPECT_EQ(refused, 1);
}

}  // namespace
}  // namespace hone
