#include "verifiers/registry.h"

#include "fmt/format.h"
#include "lib/config/nearest.h"
#include "verifiers/code/code.h"
#include "verifiers/exact.h"
#include "verifiers/external/external.h"
#include "verifiers/format.h"
#include "verifiers/instruction/instruction.h"
#include "verifiers/language.h"
#include "verifiers/length.h"
#include "verifiers/math/math_verifier.h"
#include "verifiers/numeric.h"
#include "verifiers/puzzles/puzzle.h"
#include "verifiers/regex.h"
#include "verifiers/repetition.h"
#include "verifiers/tool_use.h"

namespace hone {
namespace {
struct Entry {
  const char* name;
  absl::StatusOr<std::unique_ptr<Verifier>> (*create)(std::string_view params_json, VerifierHost& host);
};
// A verifier that needs nothing but the text.
template <absl::StatusOr<std::unique_ptr<Verifier>> (*create)(std::string_view)>
absl::StatusOr<std::unique_ptr<Verifier>> Plain(std::string_view params_json, VerifierHost&) {
  return create(params_json);
}
// By hand and sorted: objects that register themselves are dropped from static libraries.
constexpr Entry kVerifiers[] = {
    {"code", CreateCode},
    {"exact", Plain<CreateExact>},
    {"format", Plain<CreateFormat>},
    {"instruction", Plain<CreateInstruction>},
    {"language", Plain<CreateLanguage>},
    {"length", Plain<CreateLength>},
    {"math", Plain<CreateMath>},
    {"numeric", Plain<CreateNumeric>},
    {"puzzle", Plain<CreatePuzzle>},
    {"regex", Plain<CreateRegex>},
    {"repetition", Plain<CreateRepetition>},
    {"tool_use", Plain<CreateToolUse>},
};
}  // namespace

std::vector<std::string> KnownVerifiers() {
  std::vector<std::string> names;
  for (const Entry& entry : kVerifiers) names.emplace_back(entry.name);
  return names;
}

absl::StatusOr<std::unique_ptr<CheckedVerifier>> CreateVerifier(std::string_view name, std::string_view params_json, VerifierHost& host) {
  if (IsVerifierUri(name)) {
    HONE_ASSIGN_OR_RETURN(std::unique_ptr<Verifier> verifier, CreateExternalVerifier(name, params_json));
    return std::make_unique<CheckedVerifier>(std::move(verifier));
  }
  for (const Entry& entry : kVerifiers) {
    if (name != entry.name) continue;
    HONE_ASSIGN_OR_RETURN(std::unique_ptr<Verifier> verifier, entry.create(params_json, host));
    return std::make_unique<CheckedVerifier>(std::move(verifier));
  }
  return absl::NotFoundError(fmt::format("unknown verifier \"{}\"{}", name, DidYouMean(name, KnownVerifiers())));
}

}  // namespace hone
