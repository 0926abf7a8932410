#include "verifiers/instruction/instruction.h"

#include <ctime>
#include <fstream>

#include "fmt/format.h"
#include "lib/base/hash.h"
#include "nlohmann/json.hpp"
#include "tests/conformance/verifier_conformance.h"
#include "verifiers/instruction/table.h"
#include "verifiers/instruction/task.h"
#include "verifiers/test_util.h"

namespace hone {
namespace {
using nlohmann::json;

std::string Row(const json& ids, const json& kwargs) {
  return json{{"key", "17"}, {"instruction_id_list", ids}, {"kwargs", kwargs}}.dump();
}

VerdictRecord Judge(std::string_view completion, const std::string& row) {
  return JudgeForTest(*MakeForTest("instruction", "{}"), VerifyRequest{.completion = completion, .row = row});
}

TEST(InstructionTest, Conforms) {
  // No sample has to be given a row by the suite: the completions are judged as the row of each says.
  const std::string row = Row({"startend:quotation", "punctuation:no_comma"}, json::array({nullptr, json::object()}));
  RunVerifierConformance({.name = "instruction", .gold_completion = "\"7\"", .row = row});
}

TEST(InstructionTest, TheScoreIsTheShareOfInstructionsFollowed) {
  const std::string row = Row({"punctuation:no_comma", "count:numbers"}, json::array({json::object(), {{"N", 2}}}));
  struct Case {
    const char* completion;
    double strict, loose, strict_all, loose_all;
    const char* reason;
  };
  const Case cases[] = {
      {"1 and 2", 1, 1, 1, 1, "followed"},     {"1, 2", 0.5, 0.5, 0, 0, "partly_followed"},
      {"1, 2, 3", 0, 0, 0, 0, "not_followed"}, {"Sure, here:\n1 and 2", 0.5, 1, 0, 1, "partly_followed"},
      {" \n", 0, 0, 0, 0, "not_followed"},
  };
  for (const Case& c : cases) {
    const VerdictRecord record = Judge(c.completion, row);
    EXPECT_EQ(record.score, c.strict) << c.completion;
    ASSERT_EQ(record.parts.size(), 4u);
    EXPECT_EQ(record.parts[0].value, c.strict) << c.completion;
    EXPECT_EQ(record.parts[1].value, c.loose) << c.completion;
    EXPECT_EQ(record.parts[2].value, c.strict_all) << c.completion;
    EXPECT_EQ(record.parts[3].value, c.loose_all) << c.completion;
    EXPECT_EQ(record.reason, c.reason) << c.completion;
  }
}

TEST(InstructionTest, TheEvidenceListsEveryInstruction) {
  const std::string row = Row({"punctuation:no_comma", "count:numbers"}, json::array({json::object(), {{"N", 2}}}));
  const json evidence = json::parse(Judge("1, 2", row).evidence);
  ASSERT_EQ(evidence.size(), 2u);
  EXPECT_EQ(evidence[0], (json{{"id", "punctuation:no_comma"}, {"strict", false}, {"loose", false}, {"reason", "there is a comma"}}));
  EXPECT_EQ(evidence[1], (json{{"id", "count:numbers"}, {"strict", true}, {"loose", true}, {"reason", "found 2 numbers, wanted 2"}}));
}

TEST(InstructionTest, LooseTriesWithoutTheFirstLineTheLastLineAndStars) {
  const std::string row = Row({"startend:quotation"}, json::array({json::object()}));
  struct Case {
    const char* completion;
    bool strict, loose;
  };
  const Case cases[] = {
      {"\"a\"", true, true},
      {"Sure:\n\"a\"", false, true},
      {"\"a\"\nDone.", false, true},
      {"Sure:\n\"a\"\nDone.", false, true},
      {"Sure:\n\n\"a\"\nDone.", false, true},
      {"**\"a\"**", false, true},
      {"Sure:\n**\"a\"**", false, true},
      {"Sure:\nVery sure:\n\"a\"", false, false},
      {"Sure: \"a\"", false, false},
  };
  for (const Case& c : cases) {
    const VerdictRecord record = Judge(c.completion, row);
    EXPECT_EQ(record.parts.at(0).value, c.strict) << c.completion;
    EXPECT_EQ(record.parts.at(1).value, c.loose) << c.completion;
  }
}

TEST(InstructionTest, BadRowsAreTheTasksFault) {
  struct Case {
    std::string row;
    const char* message;
  };
  const Case cases[] = {
      {"", "the row is no JSON object"},
      {"[1]", "the row is no JSON object"},
      {"{}", "\"instruction_id_list\" is missing or no list"},
      {R"({"key":3,"instruction_id_list":[]})", "row 3: \"kwargs\" is missing or no list"},
      {Row(json::array(), json::array()), "row \"17\": 0 instructions; must be 1 to 200"},
      {Row({"punctuation:no_comma"}, json::array()), "has 1 entries, \"kwargs\" has 0"},
      {Row(json::array({7}), json::array({nullptr})), "instruction 0 is no text"},
      {Row({"punctuation:no_coma"}, json::array({nullptr})),
       "row \"17\": unknown constraint \"punctuation:no_coma\"; did you mean \"punctuation:no_comma\"?"},
      {Row({"count:numbers"}, json::array({json::object()})), "row \"17\": parameters of count:numbers: \"N\" is missing"},
      {Row({"keywords:frequency"}, json::array({{{"keyword", "cat"}, {"frequency", 2}, {"relation", "at most"}}})),
       "\"relation\" is \"at most\", not \"at least\" or \"less than\""},
      {Row({"keywords:frequency"}, json::array({{{"keyword", nullptr}, {"frequency", 2}, {"relation", "at least"}}})),
       "\"keyword\" is missing"},
      {Row({"keywords:existence"}, json::array({{{"keywords", json::array()}}})), "\"keywords\" is [], not a list of words"},
      {Row({"keywords:existence"}, json::array({{{"keywords", {"(cat"}}}})), "\"(cat\" is no regular expression"},
      {Row({"length_constraints:number_words"}, json::array({{{"num_words", -5}, {"relation", "at least"}}})), "\"num_words\" is -5"},
      {Row({"length_constraints:number_words"}, json::array({{{"num_words", "five"}, {"relation", "at least"}}})),
       "\"num_words\" is \"five\""},
      {Row({"punctuation:no_comma"}, json::array({{{"num_words", 5}}})), "\"num_words\" is unknown"},
      {Row({"language:response_language"}, json::array({{{"language", "xx"}}})), "\"language\" is \"xx\""},
      {Row({"length_constraints:nth_paragraph_first_word"},
           json::array({{{"num_paragraphs", 2}, {"nth_paragraph", 3}, {"first_word", "so"}}})),
       "\"nth_paragraph\" is 3, more than \"num_paragraphs\" 2"},
      {std::string(100'000, '['), "the row is no JSON object"},
      {Row(json(std::vector<std::string>(201, "punctuation:no_comma")), json(std::vector<json>(201))), "201 instructions"},
  };
  for (const Case& c : cases) {
    const VerdictRecord record = Judge("text", c.row);
    EXPECT_EQ(record.outcome, OutcomeKind::kTaskError) << c.row.substr(0, 200);
    EXPECT_NE(record.reason.find(c.message), std::string::npos) << c.row.substr(0, 200) << " gave: " << record.reason;
  }
}

TEST(InstructionTest, InstructionsThatContradictAreTheTasksFault) {
  struct Instruction {
    const char* id;
    const char* kwargs;
  };
  struct Case {
    std::vector<Instruction> instructions;
    const char* message;  // empty: a response may follow all of them
  };
  const Case cases[] = {
      {{{"length_constraints:number_words", R"({"num_words":100,"relation":"at least"})"},
        {"length_constraints:number_words", R"({"num_words":50,"relation":"less than"})"}},
       "instructions 0 (length_constraints:number_words, words: at least 100) and 1 (length_constraints:number_words, words: at most 49) "
       "contradict each other"},
      {{{"length_constraints:number_words", R"({"num_words":50,"relation":"at least"})"},
        {"length_constraints:number_words", R"({"num_words":51,"relation":"less than"})"}},
       ""},
      {{{"length_constraints:number_words", R"({"num_words":50,"relation":"at least"})"},
        {"length_constraints:number_words", R"({"num_words":50,"relation":"less than"})"}},
       "contradict"},
      {{{"count:word_count_range", R"({"min_words":10,"max_words":20})"},
        {"length_constraints:number_words", R"({"num_words":21,"relation":"at least"})"}},
       "contradict"},
      {{{"count:word_count_range", R"({"min_words":20,"max_words":10})"}},
       "instruction 0 (count:word_count_range, words: at least 20 and at most 10) cannot be followed"},
      {{{"keywords:letter_frequency", R"({"letter":"q","let_frequency":0,"let_relation":"less than"})"}}, "cannot be followed"},
      {{{"keywords:letter_frequency", R"({"letter":"Q","let_frequency":3,"let_relation":"less than"})"},
        {"keywords:letter_frequency", R"({"letter":"q","let_frequency":3,"let_relation":"at least"})"}},
       "contradict"},
      {{{"change_case:english_capital", "{}"}, {"change_case:english_lowercase", "{}"}}, "contradict"},
      {{{"change_case:english_capital", "{}"}, {"language:response_language", R"({"language":"de"})"}}, "the language is \"de\""},
      {{{"change_case:english_capital", "{}"}, {"language:response_language", R"({"language":"en"})"}}, ""},
      {{{"language:response_language", R"({"language":"fr"})"}, {"language:response_language", R"({"language":"de"})"}}, "contradict"},
      {{{"change_case:english_lowercase", "{}"},
        {"change_case:capital_word_frequency", R"({"capital_frequency":1,"capital_relation":"at least"})"}},
       "contradict"},
      {{{"change_case:english_lowercase", "{}"}, {"detectable_format:constrained_response", "{}"}}, "contradict"},
      {{{"change_case:english_lowercase", "{}"},
        {"detectable_format:multiple_sections", R"({"section_spliter":"Section","num_sections":2})"}},
       "contradict"},
      {{{"change_case:english_capital", "{}"},
        {"detectable_format:multiple_sections", R"({"section_spliter":"SECTION","num_sections":2})"}},
       ""},
      {{{"keywords:existence", R"({"keywords":["cat","dog"]})"}, {"keywords:forbidden_words", R"({"forbidden_words":["Dog"]})"}},
       "contradict"},
      {{{"keywords:existence", R"({"keywords":["cat"]})"}, {"keywords:forbidden_words", R"({"forbidden_words":["dog"]})"}}, ""},
      {{{"keywords:frequency", R"({"keyword":"cat","frequency":2,"relation":"less than"})"},
        {"keywords:frequency", R"({"keyword":"cat","frequency":2,"relation":"at least"})"}},
       "contradict"},
      {{{"keywords:frequency", R"({"keyword":"cat","frequency":1,"relation":"less than"})"},
        {"sentence:keyword", R"({"N":1,"word":"cat"})"}},
       "contradict"},
      {{{"count:keywords_multiple", R"({"keyword1":"a","keyword2":"a","keyword3":"c","keyword4":"d","keyword5":"e"})"}}, "contradict"},
      {{{"length_constraints:number_sentences", R"({"num_sentences":3,"relation":"less than"})"},
        {"sentence:keyword", R"({"N":3,"word":"cat"})"}},
       "contradict"},
      {{{"length_constraints:number_paragraphs", R"({"num_paragraphs":2})"},
        {"length_constraints:number_paragraphs", R"({"num_paragraphs":3})"}},
       "contradict"},
      {{{"length_constraints:nth_paragraph_first_word", R"({"num_paragraphs":3,"nth_paragraph":1,"first_word":"so"})"},
        {"length_constraints:nth_paragraph_first_word", R"({"num_paragraphs":3,"nth_paragraph":1,"first_word":"then"})"}},
       "contradict"},
      {{{"length_constraints:nth_paragraph_first_word", R"({"num_paragraphs":3,"nth_paragraph":1,"first_word":"so"})"},
        {"length_constraints:nth_paragraph_first_word", R"({"num_paragraphs":3,"nth_paragraph":2,"first_word":"then"})"}},
       ""},
      {{{"detectable_format:number_bullet_lists", R"({"num_bullets":2})"},
        {"detectable_format:number_bullet_lists", R"({"num_bullets":4})"}},
       "contradict"},
      {{{"punctuation:no_comma", "{}"}, {"count:punctuation", "{}"}}, "commas"},
      {{{"punctuation:no_comma", "{}"}, {"startend:end_checker", R"({"end_phrase":"So, that is it."})"}}, "commas"},
      {{{"punctuation:no_comma", "{}"}, {"combination:repeat_prompt", R"({"prompt_to_repeat":"Well, say hi."})"}}, ""},
      {{{"punctuation:punctuation_dot", "{}"}, {"detectable_content:postscript", R"({"postscript_marker":"P.S."})"}}, "dots"},
      {{{"startend:end_checker", R"({"end_phrase":"The end."})"}, {"startend:end_checker", R"({"end_phrase":"Any questions?"})"}},
       "contradict"},
      {{{"startend:end_checker", R"({"end_phrase":"the end."})"}, {"startend:end_checker", R"({"end_phrase":"This is The end."})"}}, ""},
      {{{"startend:quotation", "{}"}, {"combination:repeat_prompt", R"({"prompt_to_repeat":"Say hi."})"}}, "contradict"},
      {{{"startend:quotation", "{}"}, {"startend:end_checker", R"({"end_phrase":"The end."})"}}, ""},
      {{{"format:no_whitespace", "{}"}, {"paragraphs:paragraphs2", "{}"}}, "white space"},
  };
  for (const Case& c : cases) {
    json ids = json::array(), kwargs = json::array();
    for (const Instruction& instruction : c.instructions) {
      ids.push_back(instruction.id);
      kwargs.push_back(json::parse(instruction.kwargs));
    }
    const std::string row = Row(ids, kwargs);
    const VerdictRecord record = Judge("text", row);
    const bool contradict = *c.message != '\0';
    EXPECT_EQ(record.outcome, contradict ? OutcomeKind::kTaskError : OutcomeKind::kScore) << row << " gave: " << record.reason;
    if (contradict) {
      EXPECT_NE(record.reason.find("row \"17\": instruction"), std::string::npos) << record.reason;
    }
    EXPECT_NE(record.reason.find(c.message), std::string::npos) << row << " gave: " << record.reason;
  }
}

TEST(InstructionTest, AnExplosiveKeywordIsOurFaultAndNotAScore) {
  const std::string row = Row({"keywords:existence"}, json::array({{{"keywords", {"(a+)+$"}}}}));
  const VerdictRecord record = Judge(std::string(5000, 'a') + "b", row);
  EXPECT_EQ(record.outcome, OutcomeKind::kInfraError);
  EXPECT_EQ(record.reason.substr(0, 6), "budget");
}

// Parameters that every constraint takes; those that it does not know are left out by trying.
std::string KwargsFor(const std::string& id) {
  const json all = {{"N", 3},
                    {"small_n", 2},
                    {"n", 2},
                    {"m", 2},
                    {"min_words", 1},
                    {"max_words", 9},
                    {"percentage", 50},
                    {"keyword", "word"},
                    {"keyword1", "a"},
                    {"keyword2", "b"},
                    {"keyword3", "c"},
                    {"keyword4", "d"},
                    {"keyword5", "e"},
                    {"word", "word"},
                    {"keywords", {"word"}},
                    {"forbidden_words", {"word"}},
                    {"frequency", 2},
                    {"relation", "at least"},
                    {"letter", "a"},
                    {"let_frequency", 2},
                    {"let_relation", "at least"},
                    {"language", "en"},
                    {"num_sentences", 2},
                    {"num_words", 2},
                    {"num_paragraphs", 2},
                    {"nth_paragraph", 1},
                    {"first_word", "word"},
                    {"num_placeholders", 1},
                    {"postscript_marker", "P.S."},
                    {"num_bullets", 2},
                    {"num_highlights", 2},
                    {"section_spliter", "Section"},
                    {"num_sections", 2},
                    {"prompt_to_repeat", "say word"},
                    {"end_phrase", "end"},
                    {"capital_frequency", 2},
                    {"capital_relation", "at least"},
                    {"reference_text", "some text"},
                    {"options", "yes/no"},
                    {"sep", "-"},
                    {"n_start", 1},
                    {"n_end", 3},
                    {"phrase", "a b c"},
                    {"n_sent", 2},
                    {"n_words", 3},
                    {"last_word", "word"}};
  json kwargs = all;
  for (const auto& [key, value] : all.items()) {
    json without = kwargs;
    without.erase(key);
    const absl::Status status = instruction::MakeChecker(id, without.dump()).status();
    if (std::string(status.message()).find(fmt::format("\"{}\" is missing", key)) == std::string::npos) kwargs = without;
  }
  return kwargs.dump();
}

TEST(InstructionTest, NoTextHoldsAnyConstraintUp) {
  constexpr size_t kBig = 1'000'000;  // the conformance suite has 10 MB
  auto repeated = [](std::string_view unit) {
    std::string text;
    while (text.size() < kBig) text += unit;
    return text;
  };
  const std::pair<const char*, std::string> texts[] = {
      {"a", repeated("a")},
      {"words", repeated("word ")},
      {"sentences", repeated("A b. ")},
      {"initials", repeated("A. ")},
      {"line ends", repeated("\n")},
      {"blank lines of two kinds", repeated(" \n\n")},
      {"stars", repeated("*")},
      {"list", repeated("* a\n")},
      {"quotes", repeated("\"")},
      {"brackets", repeated("[")},
      {"spaced periods", repeated(". ")},
      {"marks", repeated("?!")},
      {"tags", repeated("<<")},
      {"questions", "Question" + repeated("Question 1")},
      {"commas", repeated(",")},
      {"bad bytes", repeated("\xff")},
      {"spaces", "x" + repeated(" ") + "y"},
      {"Chinese", repeated("中文。")},
  };
  std::vector<std::pair<std::string, instruction::Checker>> checkers;
  for (const std::string& id : instruction::KnownConstraints()) {
    auto checker = instruction::MakeChecker(id, KwargsFor(id));
    ASSERT_TRUE(checker.ok()) << checker.status();
    checkers.emplace_back(id, *std::move(checker));
  }
  for (const auto& [name, text] : texts) {
    const instruction::Response response(instruction::Decode(text));
    for (const auto& [id, checker] : checkers) {
      const std::clock_t begin = std::clock();
      const auto finding = checker(response);
      EXPECT_TRUE(finding.ok()) << id << " on 1 MB of " << name << ": " << finding.status();
      EXPECT_LT(static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC, 5) << id << " on 1 MB of " << name;
    }
  }
}

TEST(InstructionTest, RandomTextsAreJudgedTheSameTwice) {
  const std::string_view pieces[] = {"word", "A",  ".",   "?",   "!",   "\n",        "\n\n",      " ",  "*", "**",   "-",
                                     "\"",   "'",  "(",   ")",   "[",   "]",         "<<",        ">>", "5", "\xff", "\xF0\x9F\x98\x80",
                                     "é",    "猫", "Mr.", "...", "***", "Section 1", "{\"a\":1}", "\t", ",", "P.S."};
  std::vector<std::pair<std::string, instruction::Task>> tasks;  // one for each: together they contradict
  for (const std::string& id : instruction::KnownConstraints()) {
    auto task = instruction::Task::Parse(Row({id}, json::array({json::parse(KwargsFor(id))})));
    ASSERT_TRUE(task.ok()) << task.status();
    tasks.emplace_back(id, *std::move(task));
  }
  for (uint64_t i = 0; i < 300; ++i) {
    std::string text;
    for (uint64_t k = 0, n = Hash64("length", i) % 60; k < n; ++k) text += pieces[Hash64("piece", i * 1000 + k) % std::size(pieces)];
    for (const auto& [id, task] : tasks) {
      auto first = task.Check(text), second = task.Check(text);
      ASSERT_TRUE(first.ok()) << text << " " << first.status();
      ASSERT_TRUE(second.ok());
      const instruction::InstructionVerdict &one = first->at(0), &other = second->at(0);
      EXPECT_EQ(one.strict, other.strict) << id << " on " << text;
      EXPECT_EQ(one.loose, other.loose) << id << " on " << text;
      EXPECT_TRUE(one.loose || !one.strict) << id << " on " << text;
    }
  }
}

TEST(InstructionTest, ThePublishedVerdictsAreReproduced) {
  const char* data = std::getenv("HONE_TEST_DATA");
  if (data == nullptr) GTEST_SKIP() << "HONE_TEST_DATA is not set: it names the folder with ifbench/verdicts.jsonl";
  std::ifstream file(std::string(data) + "/ifbench/verdicts.jsonl");
  ASSERT_TRUE(file) << data;
  int64_t strict = 0, loose = 0;
  for (std::string line; std::getline(file, line);) {
    const json row = json::parse(line);
    const VerdictRecord record = Judge(row["response"].get<std::string>(), line);
    ASSERT_EQ(record.outcome, OutcomeKind::kScore) << record.reason;
    const json evidence = json::parse(record.evidence);
    for (size_t i = 0; i < evidence.size(); ++i) {
      EXPECT_EQ(evidence[i]["strict"], row["strict"][i]) << row["key"] << " " << evidence[i];
      EXPECT_EQ(evidence[i]["loose"], row["loose"][i]) << row["key"] << " " << evidence[i];
      strict += evidence[i]["strict"] == row["strict"][i];
      loose += evidence[i]["loose"] == row["loose"][i];
    }
  }
  EXPECT_EQ(strict, 223);
  EXPECT_EQ(loose, 223);
}

TEST(InstructionTest, EveryTaskOfTheBenchmarkCanBeScored) {
  const char* data = std::getenv("HONE_TEST_DATA");
  if (data == nullptr) GTEST_SKIP() << "HONE_TEST_DATA is not set: it names the folder with ifbench/test.jsonl";
  std::ifstream file(std::string(data) + "/ifbench/test.jsonl");
  ASSERT_TRUE(file) << data;
  int64_t rows = 0;
  for (std::string line; std::getline(file, line); ++rows) {
    const auto task = instruction::Task::Parse(line);
    EXPECT_TRUE(task.ok()) << task.status();
  }
  EXPECT_GE(rows, 299);
}

}  // namespace
}  // namespace hone
