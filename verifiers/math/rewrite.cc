#include "verifiers/math/rewrite.h"

namespace hone::math {
namespace {

std::string Replace(std::string text, std::string_view from, std::string_view to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
  return text;
}

}  // namespace

std::vector<std::string> PlainRewritings(std::string_view answer) {
  const std::string text(answer);
  std::vector<std::string> results = {"$" + text + "$",  "\\(" + text + "\\)", "\\boxed{" + text + "}", text + ".",
                                      "  " + text + " ", "{" + text + "}",     "**" + text + "**",      "\\displaystyle " + text};
  std::string plain = Replace(Replace(text, "\\dfrac", "\\frac"), "\\tfrac", "\\frac");
  if (plain.find("\\frac") != std::string::npos) {
    results.push_back(plain);
    results.push_back(Replace(plain, "\\frac", "\\dfrac"));
    results.push_back(Replace(plain, "\\frac", "\\tfrac"));
  }
  if (text.find("\\left") != std::string::npos) {
    results.push_back(Replace(Replace(text, "\\left", ""), "\\right", ""));
  } else if (text.find('\\') == std::string::npos || text.find("\\{") == std::string::npos) {
    std::string sized = Replace(Replace(text, "(", "\\left("), ")", "\\right)");
    if (text.find('[') == std::string::npos && text.find(']') == std::string::npos && text.find("\\text") == std::string::npos)
      results.push_back(sized);
  }
  if (text.find("\\text") == std::string::npos && text.find("\\mbox") == std::string::npos) {
    results.push_back(Replace(Replace(text, "+", " + "), "=", " = "));
  }
  if (text.find("\\cdot") == std::string::npos && text.find('{') == std::string::npos && text.find('\\') == std::string::npos)
    results.push_back("\\mathbf{" + text + "}");
  return results;
}

}  // namespace hone::math
