#include "verifiers/code/appended_source.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <vector>

#include "absl/strings/ascii.h"
#include "fmt/format.h"
#include "sandbox/header_cache.h"
#include "verifiers/code/program_text.h"

namespace hone {
namespace {

bool IsWordByte(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
}

// The words of a text that a macro could have for a name.
std::set<std::string_view> Words(std::string_view text) {
  // Not identifiers to the preprocessor.
  static constexpr std::array<std::string_view, 12> kReserved = {"and", "and_eq", "bitand", "bitor", "compl", "defined",
                                                                 "not", "not_eq", "or",     "or_eq", "xor",   "xor_eq"};
  std::set<std::string_view> words;
  for (size_t at = 0; at < text.size();) {
    size_t end = at;
    while (end < text.size() && IsWordByte(text[end])) ++end;
    const std::string_view word = text.substr(at, end - at);
    if (!word.empty() && !absl::ascii_isdigit(static_cast<unsigned char>(word[0])) && !word.starts_with("__") &&
        std::find(kReserved.begin(), kReserved.end(), word) == kReserved.end())
      words.insert(word);
    at = std::max(end, at + 1);
  }
  return words;
}

// The text as the preprocessor sees its words: continued lines joined, comments gone. String literals are not told apart, so more than
// comments may go; what is looked for in it are macro definitions, which stand outside of them.
std::string Joined(std::string_view text, bool drop_comments) {
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool trigraph = text.substr(i).starts_with("?\?/");  // C has them
    if (text[i] == '\\' || trigraph) {
      size_t end = i + (trigraph ? 3 : 1);
      while (end < text.size() && (text[end] == ' ' || text[end] == '\t' || text[end] == '\r')) ++end;
      if (end < text.size() && text[end] == '\n') {
        i = end;
        continue;
      }
    }
    result += text[i];
  }
  if (!drop_comments) return result;
  std::string plain;
  for (size_t i = 0; i < result.size(); ++i) {
    if (result.compare(i, 2, "/*") == 0) {
      i = std::min(result.find("*/", i + 2), result.size() - 2) + 1;
      plain += ' ';
    } else {
      plain += result[i];
    }
  }
  return plain;
}

void AddDefined(const std::string& text, std::set<std::string>* names) {
  for (size_t at = text.find("define"); at != std::string::npos; at = text.find("define", at + 1)) {
    size_t begin = at + 6;
    while (begin < text.size() && (text[begin] == ' ' || text[begin] == '\t' || text[begin] == '\v' || text[begin] == '\f')) ++begin;
    size_t end = begin;
    while (end < text.size() && IsWordByte(text[end])) ++end;
    names->insert(text.substr(begin, end - begin));
  }
}

// Names that the code may have made macros of; both readings of its comments are taken, so none is missed.
std::set<std::string> DefinedMacros(std::string_view code) {
  std::set<std::string> names;
  AddDefined(Joined(code, true), &names);
  AddDefined(Joined(code, false), &names);
  return names;
}

// Where the head of the prompt's last function begins (its line), when the prompt ends in one.
std::optional<size_t> HeadOf(std::string_view prompt) {
  const size_t last = prompt.find_last_not_of(" \t\r\n");
  if (last == std::string_view::npos || prompt[last] != '{') return std::nullopt;
  const size_t line = prompt.rfind('\n', last);
  return line == std::string_view::npos ? 0 : line + 1;
}

// The name of the function that a head declares: the word before its first parenthesis.
std::string_view NameIn(std::string_view head) {
  size_t end = std::min(head.find('('), head.size());
  while (end > 0 && head[end - 1] == ' ') --end;
  size_t begin = end;
  while (begin > 0 && IsWordByte(head[begin - 1])) --begin;
  return head.substr(begin, end - begin);
}

// Whether a function's body begins here, behind its parameters.
bool BeginsABody(std::string_view rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t\r\n"), rest.size()));
  if (rest.starts_with('{')) return true;
  const bool qualified = rest.starts_with("->") || rest.starts_with("const") || rest.starts_with("noexcept");
  const size_t stop = rest.find_first_of("{;()=}");
  return qualified && stop != std::string_view::npos && rest[stop] == '{';
}

// Whether the code has a definition of the function: its name, parentheses, a brace. Calls are followed by something else.
bool DefinesFunction(std::string_view code, std::string_view name) {
  if (name.empty()) return true;
  std::vector<bool> open;  // of every open parenthesis: whether the name stands before it
  for (size_t i = 0; i < code.size(); ++i) {
    if (code[i] == '(') {
      std::string_view before = code.substr(0, i);
      before = before.substr(0, before.find_last_not_of(" \t\r\n") + 1);
      const bool named = before.ends_with(name);
      before.remove_suffix(named ? name.size() : 0);
      open.push_back(named && (before.empty() || !IsWordByte(before.back())));
    } else if (code[i] == ')' && !open.empty()) {
      if (open.back() && BeginsABody(code.substr(i + 1))) return true;
      open.pop_back();
    }
  }
  return false;
}

std::string Assemble(std::string_view begin, std::string_view code, std::string_view tests, std::string_view token) {
  // Names that code written before the token was made cannot use.
  const std::string end_name = fmt::format("hone_end_{}", token), fail_name = fmt::format("hone_fail_{}", token);
  // The token is not in the program as it stands: the two halves of every byte are.
  std::string masked, mask;
  for (size_t i = 0; i < token.size(); ++i) {
    const unsigned char key = static_cast<unsigned char>(token[token.size() - 1 - i] * 7 + 13 * i);
    masked += fmt::format("{},", static_cast<unsigned char>(token[i]) ^ key);
    mask += fmt::format("{},", key);
  }
  // First again where it is first, so that it need not be parsed for each program.
  std::string source = IncludesAllHeaders(fmt::format("{}{}", begin, code)) ? "#include <bits/stdc++.h>\n" : "";
  source += fmt::format(
      "#ifdef __cplusplus\nextern \"C\"\n#endif\n"
      "__typeof__((char*)0 - (char*)0) write(int, const void*, __typeof__(sizeof 0));\n"
      "static void {0}(void) {{\n"
      "  static const volatile unsigned char a[] = {{{2}}}, b[] = {{{3}}};\n"
      "  unsigned char frame[4 + sizeof a] = {{sizeof a}};\n"
      "  for (unsigned i = 0; i < sizeof a; ++i) frame[4 + i] = a[i] ^ b[i];\n"
      "  if (write(3, frame, sizeof frame) < 0) __builtin_trap();\n"
      "}}\n"
      "static void {1}(void) {{\n"
      "  if (write(3, \"\\1\\0\\0\\0F\", 5) < 0) __builtin_trap();\n"
      "  for (;;) __builtin_trap();\n"
      "}}\n",
      end_name, fail_name, masked, mask);
  source += fmt::format("#define main hone_main_{}\n#line 1 \"solution\"\n{}{}\n", token, begin, code);
  const std::set<std::string> macros = DefinedMacros(code);
  std::string undone;
  for (std::string_view word : Words(tests)) {
    if (macros.contains(std::string(word))) undone += fmt::format("#undef {}\n", word);
  }
  const size_t brace = std::min(tests.rfind('}'), tests.size());
  const bool closes = tests.starts_with('}');  // the body that goes on from the prompt
  source += fmt::format(
      "{0}\nstruct hone_{1};\n#undef main\n{2}#undef assert\n"
      "#define assert(...) ((__VA_ARGS__) ? (void)0 : hone_fail_{1}())\n"
      "#line 1 \"tests\"\n{3}\n{4}(); {5}\n",
      closes ? "}" : "", token, undone, tests.substr(closes ? 1 : 0, brace - (closes ? 1 : 0)), end_name, tests.substr(brace));
  return source;
}

}  // namespace

std::string AppendTests(const CodeProblem& problem, std::string_view code, std::string_view token) {
  const std::optional<size_t> head = HeadOf(problem.prompt);
  const std::string_view prompt = problem.prompt;
  std::string_view tests = problem.test_file;
  tests.remove_prefix(std::min(tests.find_first_not_of(" \t\r\n"), tests.size()));
  if (head.has_value() && !DefinesFunction(code, NameIn(prompt.substr(*head))))
    return Assemble(prompt, CutAtStops(code, problem.stop_tokens), tests, token);
  if (tests.starts_with('}')) tests.remove_prefix(1);
  return Assemble("", code, tests, token);
}

std::string TestsAlone(const CodeProblem& problem, std::string_view token) {
  if (!HeadOf(problem.prompt).has_value()) return {};
  return AppendTests(problem, "  for (;;) __builtin_trap();\n", token);
}

}  // namespace hone
