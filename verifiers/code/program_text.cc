#include "verifiers/code/program_text.h"

#include <algorithm>
#include <optional>

#include "fmt/format.h"

namespace hone {
namespace {

// One line off the front of *text, without its end.
std::string_view TakeLine(std::string_view* text) {
  const size_t end = text->find('\n');
  std::string_view line = text->substr(0, end);
  text->remove_prefix(end == std::string_view::npos ? text->size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

struct Fence {
  std::string_view indentation;
  char mark;
  size_t length;
  bool bare;  // nothing behind it: may close a block
};

std::optional<Fence> FenceOf(std::string_view line) {
  const std::string_view indentation = line.substr(0, line.find_first_not_of(" \t"));
  line.remove_prefix(indentation.size());
  if (line.empty() || (line[0] != '`' && line[0] != '~')) return std::nullopt;
  const size_t length = std::min(line.find_first_not_of(line[0]), line.size());
  if (length < 3) return std::nullopt;
  const std::string_view rest = line.substr(length);
  if (line[0] == '`' && rest.find('`') != std::string_view::npos) return std::nullopt;  // code within a line
  return Fence{indentation, line[0], length, rest.find_first_not_of(" \t") == std::string_view::npos};
}

// Whether a line at the left margin begins the definition of `name` in Python.
bool Defines(std::string_view line, std::string_view name) {
  for (std::string_view head : {"def ", "async def ", "class ", ""}) {
    if (!line.starts_with(head)) continue;
    std::string_view rest = line.substr(head.size());
    if (!head.empty()) rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    if (!rest.starts_with(name)) continue;
    rest.remove_prefix(name.size());
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
    if (head.empty() ? (rest.starts_with('=') && !rest.starts_with("==")) || rest.starts_with(':')
                     : rest.empty() || rest[0] == '(' || rest[0] == ':' || rest[0] == '[')
      return true;
  }
  return false;
}

std::optional<size_t> DefinitionOf(std::string_view text, std::string_view name) {
  if (name.empty()) return std::nullopt;
  std::optional<size_t> found, decorators;
  for (std::string_view rest = text; !rest.empty();) {
    const size_t at = text.size() - rest.size();
    const std::string_view line = TakeLine(&rest);
    if (Defines(line, name)) found = decorators.value_or(at);
    decorators = line.starts_with('@') ? decorators.value_or(at) : std::optional<size_t>();
  }
  return found;
}

// Whether the first statement stands at the left margin and is one that programs begin with.
bool BeginsAProgram(std::string_view code) {
  while (!code.empty()) {
    const std::string_view line = TakeLine(&code);
    if (line.find_first_not_of(" \t") == std::string_view::npos || line[0] == '#') continue;
    for (std::string_view word : {"def ", "async def ", "class ", "@", "import ", "from "}) {
      if (line.starts_with(word)) return true;
    }
    return false;
  }
  return false;
}

std::string Indented(std::string_view code) {
  std::string result;
  while (!code.empty()) {
    const std::string_view line = TakeLine(&code);
    result += line.empty() ? "\n" : fmt::format("    {}\n", line);
  }
  return result;
}

// Takes off every line what it shares with the indentation.
std::string Outdented(std::string_view code, std::string_view indentation) {
  if (indentation.empty()) return std::string(code);
  std::string result;
  while (!code.empty()) {
    const size_t end = std::min(code.find('\n'), code.size() - 1) + 1;
    const std::string_view line = code.substr(0, end);
    const auto differs = std::mismatch(line.begin(), line.end(), indentation.begin(), indentation.end()).first;
    result.append(differs, line.end());
    code.remove_prefix(end);
  }
  return result;
}
}  // namespace

std::string ExtractCode(std::string_view completion) {
  if (completion.starts_with("\xEF\xBB\xBF")) completion.remove_prefix(3);
  std::string_view code = completion, indentation;
  std::optional<Fence> open;
  size_t fence_at = 0, begin = 0;
  bool found = false;
  for (std::string_view rest = completion; !rest.empty();) {
    const size_t at = completion.size() - rest.size();
    const std::optional<Fence> fence = FenceOf(TakeLine(&rest));
    if (!fence.has_value()) continue;
    if (!open.has_value()) {
      open = fence;
      fence_at = at;
      begin = completion.size() - rest.size();
    } else if (fence->bare && fence->mark == open->mark && fence->length >= open->length) {
      code = completion.substr(begin, at - begin);
      indentation = open->indentation;
      found = true;
      open.reset();
    }
  }
  if (open.has_value() && completion.find_first_not_of(" \t\r\n", begin) != std::string_view::npos) {
    code = completion.substr(begin);
    indentation = open->indentation;
  } else if (open.has_value() && !found) {
    code = completion.substr(0, fence_at);  // the prompt has opened the block
  }
  return Outdented(code, indentation);
}

std::string_view PreambleOf(std::string_view prompt, std::string_view entry_point) {
  return prompt.substr(0, DefinitionOf(prompt, entry_point).value_or(prompt.size()));
}

PythonProgram JoinPython(std::string_view prompt, std::string_view code, std::string_view entry_point) {
  const std::optional<size_t> head = DefinitionOf(prompt, entry_point);
  // Nothing to go on from: the code stands alone. The prompt is then a question in words, not Python.
  if (!head.has_value()) return {.preamble = "", .variants = {std::string(code)}};
  PythonProgram program{.preamble = std::string(prompt.substr(0, *head)), .variants = {}};
  if (DefinitionOf(code, entry_point).has_value()) {
    program.variants.emplace_back(code);
    return program;
  }
  if (BeginsAProgram(code)) program.variants.emplace_back(code);
  const std::string start(prompt.substr(*head));
  program.variants.push_back(start + std::string(code));
  program.variants.push_back(start + "    " + std::string(code));  // the first line has lost its indentation
  program.variants.push_back(start + Indented(code));              // all lines have
  return program;
}

std::string_view CutAtStops(std::string_view text, const std::vector<std::string>& stops) {
  size_t end = text.size();
  for (const std::string& stop : stops) {
    if (!stop.empty()) end = std::min(end, text.find(stop));
  }
  return text.substr(0, end);
}

}  // namespace hone
