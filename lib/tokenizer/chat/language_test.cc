// The template language: small templates against what Jinja itself gives, limits, damage.

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/base/file.h"
#include "lib/base/random.h"
#include "lib/tokenizer/chat/chat_template.h"
#include "lib/tokenizer/chat/interpreter.h"
#include "lib/tokenizer/chat/json_value.h"
#include "lib/tokenizer/chat/parser.h"
#include "nlohmann/json.hpp"

namespace hone {
namespace {

using Json = nlohmann::ordered_json;
using ::testing::HasSubstr;

const absl::Time kNow = absl::FromCivil(absl::CivilSecond(2025, 1, 2, 3, 4, 5), absl::UTCTimeZone());

absl::StatusOr<std::string> Render(std::string_view source, const Json& variables = Json::object()) {
  HONE_ASSIGN_OR_RETURN(const ChatTemplate parsed, ChatTemplate::Parse(source, "t"));
  return parsed.Render(variables, kNow);
}

TEST(TemplateLanguageTest, AgreesWithJinjaOnSmallTemplates) {
  const auto content = ReadFile("tests/testdata/chat_language/cases.json");
  ASSERT_TRUE(content.ok()) << content.status();
  const Json golden = Json::parse(*content, nullptr, false);
  ASSERT_TRUE(golden.is_object());
  ASSERT_GE(golden["cases"].size(), 1000u);
  for (const Json& item : golden["cases"]) {
    const std::string source = item["template"];
    const auto parsed = ChatTemplate::Parse(source, "t");
    EXPECT_EQ(parsed.ok(), !item.contains("malformed")) << source << "\n" << parsed.status();
    if (!parsed.ok()) continue;
    const auto rendered = parsed->RenderWithSpans(golden["variables"], kNow);
    EXPECT_EQ(rendered.ok(), item.contains("text")) << source << "\n" << rendered.status();
    if (!rendered.ok() || !item.contains("text")) continue;
    EXPECT_EQ(rendered->text, item["text"].get<std::string>()) << source;
    EXPECT_EQ(Json(rendered->assistant_char_spans), item.value("spans", Json::array())) << source;
  }
}

TEST(TemplateLanguageTest, ErrorsNameTheLineAndTheCause) {
  struct Case {
    const char* source;
    const char* message;
  };
  const Case cases[] = {
      {"{{ 'a' + none }}", "t: line 1: can only concatenate str (not \"NoneType\") to str"},
      {"\n\n{{ x.y }}", "t: line 3: 'x' is undefined"},
      {"\n{% for a in 5 %}{% endfor %}", "t: line 2: 'int' object is not iterable"},
      {"{% macro m() %}\n{{ 1/0 }}{% endmacro %}\n{{ m() }}", "t: line 2: division by zero"},
      {"{{ [].append(1) }}", "access to attribute 'append' of 'list' object is unsafe"},
      {"{{ ''.__class__.__mro__ }}", "unsafe"},
      {"{{ 1 | nosuch }}", "t: line 1: there is no filter named 'nosuch'"},
      {"{{ 1 is nosuch }}", "t: line 1: there is no test named 'nosuch'"},
      {"a\n{% if x %}", "t: line 2: the template ends where 'endif' is missing"},
      {"{% include 'x' %}", "not supported"},
      {"{{ (1 }}", "unexpected"},
      {"{# a", "the comment is not closed"},
      {"{{ 'abc }}", "the string is not closed"},
      {"{{ 99999999999999999999 }}", "does not fit in 64 bits"},
  };
  for (const Case& c : cases) {
    const auto rendered = Render(c.source);
    EXPECT_EQ(rendered.status().code(), absl::StatusCode::kInvalidArgument) << c.source;
    EXPECT_THAT(std::string(rendered.status().message()), HasSubstr(c.message)) << c.source;
  }
}

TEST(TemplateLanguageTest, InvalidUtf8InVariablesPassesThrough) {
  const Json variables = {{"s", std::string("a\xff\xc3") + "b\xe6\x97"}};
  for (const char* source :
       {"{{ s }}", "{{ s[0:] }}", "{{ s|trim }}", "{{ s.upper().lower() }}", "{{ s|reverse|reverse }}", "{{ s|list|join }}"}) {
    const auto rendered = Render(source, variables);
    ASSERT_TRUE(rendered.ok()) << source << rendered.status();
    EXPECT_EQ(*rendered, variables["s"].get<std::string>()) << source;
  }
}

TEST(TemplateLimitsTest, TemplatesThatWouldNotEndOrFitEndInAnError) {
  jinja::Limits limits;
  limits.max_steps = 300'000;
  limits.max_bytes = 4 << 20;
  limits.max_text_bytes = 1 << 20;
  const std::string sources[] = {
      "{% for i in range(10**9) %}{% endfor %}",
      "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}",
      "{% for i in range(100000) %}aaaaaaaaaaaaaaaaaaaaaaaa{% endfor %}",
      "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
      "{% macro m() %}{% if true %}{% for x in [1] %}{{ [[m()]] }}{% endfor %}{% endif %}{% endmacro %}{{ m() }}",
      "{% macro m(a) %}{{ m(m(a)) }}{% endmacro %}{{ m(1) }}",
      "{% macro m() %}{% call m() %}{{ caller() }}{% endcall %}{% endmacro %}{{ m() }}",
      "{{ 'a' * 10**12 }}",
      "{{ [1] * 10**12 }}",
      "{{ 'a' * 9223372036854775807 }}",
      "{% set ns = namespace(s='a') %}{% for i in range(60) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
      "{% set ns = namespace(s='a') %}{% for i in range(60) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
      "{% set ns = namespace(s=[1]) %}{% for i in range(60) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
      "{% set ns = namespace(s=[1]) %}{% for i in range(60) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.s }}",
      "{% set ns = namespace(s=[1]) %}{% for i in range(60) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.s|tojson }}",
      "{% set a = namespace(s=[1], t=[1]) %}{% for i in range(60) %}{% set a.s = [a.s, a.s] %}{% set a.t = [a.t, a.t] %}{% endfor %}{{ a.s "
      "== a.t }}",
      "{% set ns = namespace(s=[1]) %}{% for i in range(5000) %}{% set ns.s = [ns.s] %}{% endfor %}{{ ns.s }}",
      "{% set ns = namespace(s=[1]) %}{% for i in range(5000) %}{% set ns.s = [ns.s] %}{% endfor %}{{ ns.s|tojson }}",
      "{% set ns = namespace() %}{% set ns.x = ns %}{{ ns }}",
      "{{ ('a' * 1000).replace('a', 'b' * 1000 * 1000) }}",
      "{{ ''.replace('', 'b' * 1000 * 1000) ~ 'aaaa'|replace('', 'b' * 1000 * 1000) }}",
      "{{ 'a'.center(10**10) }}",
      "{{ 'a'.zfill(10**10) }}",
      "{{ '%9999999999d' % 1 }}",
      "{{ '{:9999999999}'.format(1) }}",
      "{{ 'a'|indent(10**10) }}",
      "{{ [[1]]|tojson(indent=10**10) }}",
      "{{ [1]|batch(10**10, 1)|list }}",
      "{{ ('ab' * 1000)|join('x' * 100000) }}",
      "{{ ('x' * 100000).join(['a'] * 1000) }}",
      "{% for i in range(100000) %}{% set x = namespace(y=range(100000)|list) %}{% endfor %}",
  };
  const Json empty = Json::object();
  const auto variables = jinja::FromJson(empty);
  ASSERT_TRUE(variables.ok());
  for (const std::string& source : sources) {
    const auto parsed = jinja::ParseTemplate(source);
    ASSERT_TRUE(parsed.ok()) << source << parsed.status();
    const auto rendered = jinja::Interpreter(**parsed, *variables, limits, kNow).Run();
    EXPECT_FALSE(rendered.ok()) << source;
  }
}

TEST(TemplateLimitsTest, DeepValuesThatAreOnlyDroppedAreFine) {
  const auto rendered = Render("{% set ns = namespace(s=[1]) %}{% for i in range(100000) %}{% set ns.s = [ns.s] %}{% endfor %}ok");
  ASSERT_TRUE(rendered.ok()) << rendered.status();
  EXPECT_EQ(*rendered, "ok");
}

TEST(TemplateLimitsTest, DeepNestingInTheTemplateIsRefused) {
  const auto repeat = [](std::string_view text, int count) {
    std::string out;
    for (int i = 0; i < count; ++i) out += text;
    return out;
  };
  const std::string sources[] = {
      "{{ " + repeat("(", 100000) + "1" + repeat(")", 100000) + " }}",
      "{{ " + repeat("[", 100000) + repeat("]", 100000) + " }}",
      "{{ " + repeat("-", 100000) + "1 }}",
      "{{ " + repeat("not ", 100000) + "1 }}",
      "{{ 1" + repeat("+1", 100000) + " }}",
      "{{ 1" + repeat("|abs", 100000) + " }}",
      "{{ x" + repeat(".a", 100000) + " }}",
      "{{ x" + repeat("()", 100000) + " }}",
      "{{ 1" + repeat(" if 1 else 1", 100000) + " }}",
      repeat("{% if 1 %}", 100000),
      repeat("{% for x in y %}", 100000),
      "{% set " + repeat("(", 100000) + "x" + repeat(")", 100000) + " = 1 %}",
  };
  for (const std::string& source : sources) {
    const auto parsed = ChatTemplate::Parse(source, "t");
    EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument) << source.substr(0, 40);
    EXPECT_THAT(std::string(parsed.status().message()), HasSubstr("deeper")) << source.substr(0, 40);
  }
}

TEST(TemplateLimitsTest, ALongConversationIsFarFromTheLimits) {
  Json messages = Json::array();
  for (int i = 0; i < 2000; ++i) messages.push_back({{"role", i % 2 == 0 ? "user" : "assistant"}, {"content", std::string(1000, 'x')}});
  for (const char* name : {"qwen3", "glm4moe", "gptoss"}) {
    const auto source = ReadFile(std::string("tests/testdata/chat_templates/") + name + ".jinja");
    ASSERT_TRUE(source.ok());
    const auto rendered = Render(*source, Json{{"messages", messages}});
    ASSERT_TRUE(rendered.ok()) << rendered.status();
    EXPECT_GT(rendered->size(), 2'000'000u);
  }
}

// Flips, cuts, repeats and inserts bytes and tags of the given templates; whatever comes out may fail but not crash or hang.
TEST(TemplateFuzzTest, DamagedTemplatesNeverCrashOrHang) {
  const char* const pieces[] = {"{{",
                                "}}",
                                "{%",
                                "%}",
                                "-",
                                "{#",
                                "#}",
                                "(",
                                ")",
                                "[",
                                "]",
                                "|",
                                "'",
                                "\"",
                                "\\",
                                " if ",
                                " for x in ",
                                ".",
                                ":",
                                "~",
                                "**",
                                "\xff",
                                "{% endif %}",
                                "{% endfor %}",
                                "{% set x = messages %}",
                                "{% break %}",
                                "namespace(",
                                "99999999999",
                                "\n",
                                "is ",
                                "not ",
                                "{% raw %}"};
  const Json conversation =
      Json::parse(R"json({"messages": [{"role": "system", "content": "be good"}, {"role": "user", "content": "2+2? é"},
      {"role": "assistant", "content": "<think>\nhm\n</think>\n\n4", "tool_calls": [{"type": "function", "function": {"name": "f", "arguments": {"a": [1, 2.5, null]}}}]},
      {"role": "tool", "content": "ok"}], "tools": [{"type": "function", "function": {"name": "f", "description": "d", "parameters": {"type": "object",
      "properties": {"a": {"type": "array", "items": {"type": "number"}}}}}}], "add_generation_prompt": true})json");
  const auto variables = jinja::FromJson(conversation);
  ASSERT_TRUE(variables.ok());
  jinja::Limits limits;
  limits.max_steps = 20'000;
  limits.max_bytes = 8 << 20;
  limits.max_text_bytes = 1 << 20;
  RandomCursor random(RandomStream(7));
  int parsed_templates = 0, rendered_templates = 0;
  for (const char* name : {"smollm2", "qwen2_5", "qwen3", "qwen3_training", "deepseekv3", "phi3", "glm4moe", "gptoss", "tulu",
                           "header_style", "chatml_plain"}) {
    const auto source = ReadFile(std::string("tests/testdata/chat_templates/") + name + ".jinja");
    ASSERT_TRUE(source.ok());
    const int rounds = source->size() > 8000 ? 60 : 250;
    for (int round = 0; round < rounds; ++round) {
      std::string damaged = *source;
      for (uint64_t edits = 1 + random.Below(3); edits > 0; --edits) {
        const size_t at = random.Below(damaged.size() + 1), length = random.Below(20);
        switch (random.Below(5)) {
          case 0:
            damaged.erase(at, length);
            break;
          case 1:
            damaged.insert(at, pieces[random.Below(std::size(pieces))]);
            break;
          case 2:
            damaged.insert(at, damaged.substr(random.Below(damaged.size() + 1), length * 4));
            break;
          case 3:
            damaged.resize(damaged.size() - random.Below(damaged.size() / 8 + 1));
            break;
          default:
            if (at < damaged.size()) damaged[at] = static_cast<char>(random.Below(256));
        }
      }
      const auto parsed = jinja::ParseTemplate(damaged);
      if (!parsed.ok()) {
        EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument) << damaged;
        continue;
      }
      ++parsed_templates;
      if (jinja::Interpreter(**parsed, *variables, limits, kNow).Run().ok()) ++rendered_templates;
    }
  }
  EXPECT_GT(parsed_templates, 200);
  EXPECT_GT(rendered_templates, 100);
}

}  // namespace
}  // namespace hone
