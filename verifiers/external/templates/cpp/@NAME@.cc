// @NAME@: a verifier for hone, as a shared library.
//
// Score 1 when the last line of the completion that is not empty is the reference, or one of the texts in the row's list "accept"; else 0.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "hone_verifier.h"
#include "nlohmann/json.hpp"

namespace {
using Json = nlohmann::json;

// ---- What it judges: the part to change. --------------------------------------------------------------------------------------------

// Raise the version when the same input may score differently. "bounded" promises that Judge comes back by itself, in time linear in the
// text; leave it out when it may not.
constexpr char kDescription[] = R"({
  "name": "@NAME@",
  "version": 1,
  "range": [0, 1],
  "parts": ["exact"],
  "deterministic": true,
  "bounded": true,
  "max_batch": 256,
  "params_schema": {
    "type": "object",
    "properties": {
      "ignore_case": {"type": "boolean", "default": false, "description": "ASCII letters of either case are equal"}
    }
  }
})";

struct Verifier {
  bool ignore_case = false;
};

// hone has held the parameters against the schema above.
Verifier FromParams(const Json& params) {
  return {params.value("ignore_case", false)};
}

struct Judgement {
  uint32_t kind = HONE_SCORE;
  double score = 0;
  std::string reason;  // a short code
  std::string why;     // in words, where there is no score
  double exact = 0;    // the part: equal as it stands
};

// The completion is bytes chosen by a model that is paid for its score: any length, NUL, invalid UTF-8. It never crashes or hangs this function.
Judgement Judge(const Verifier& verifier, std::string_view completion, std::string_view reference, const Json& row) {
  std::vector<std::string> accepted;
  if (!reference.empty()) accepted.emplace_back(reference);
  if (row.is_object() && row.contains("accept") && row["accept"].is_array()) {
    for (const Json& text : row["accept"]) {
      if (text.is_string()) accepted.push_back(text.get<std::string>());
    }
  }
  if (accepted.empty()) return {HONE_TASK_ERROR, 0, "no_reference", "neither a reference nor a list \"accept\" in the row", 0};

  // The last line that is not empty.
  while (!completion.empty() && (completion.back() == '\n' || completion.back() == '\r' || completion.back() == ' ')) completion.remove_suffix(1);
  if (const size_t line_end = completion.rfind('\n'); line_end != std::string_view::npos) completion.remove_prefix(line_end + 1);
  while (!completion.empty() && completion.front() == ' ') completion.remove_prefix(1);

  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  for (const std::string& text : accepted) {
    if (completion == text) return {HONE_SCORE, 1, "correct", "", 1};
    if (verifier.ignore_case && std::equal(completion.begin(), completion.end(), text.begin(), text.end(),
                                           [&](char a, char b) { return lower(a) == lower(b); })) {
      return {HONE_SCORE, 1, "correct", "", 0};
    }
  }
  return {HONE_SCORE, 0, "wrong", "", 0};
}

// ---- How hone reaches it: seldom to be changed. -------------------------------------------------------------------------------------

std::string_view Text(const hone_bytes& bytes) {
  return bytes.size == 0 ? std::string_view() : std::string_view(static_cast<const char*>(bytes.data), bytes.size);
}
hone_bytes Bytes(std::string_view text) {
  return {text.data(), text.size()};
}

hone_bytes Describe(void*) {
  return Bytes(std::string_view(kDescription, sizeof(kDescription) - 1));
}

int Create(hone_bytes params, const hone_host*, void** self, hone_bytes* error) {
  thread_local std::string message;
  try {
    *self = new Verifier(FromParams(Json::parse(Text(params))));
    return 0;
  } catch (const std::exception& e) {
    message = e.what();
  }
  *error = Bytes(message);
  return 1;
}

void VerifyOne(const Verifier& verifier, const hone_request& request, hone_sink sink, void* sink_ctx) {
  Judgement judgement;
  try {
    const Json row = Json::parse(Text(request.row), nullptr, /*allow_exceptions=*/false);
    judgement = Judge(verifier, Text(request.completion), Text(request.reference), row);
  } catch (const std::exception& e) {
    judgement = {HONE_INFRA_ERROR, 0, "exception", e.what(), 0};
  }
  const hone_part parts[] = {{Bytes("exact"), judgement.exact}};
  hone_outcome outcome = {};
  outcome.struct_size = sizeof(outcome);
  outcome.kind = judgement.kind;
  outcome.value = judgement.score;
  outcome.parts = parts;
  outcome.num_parts = judgement.kind == HONE_SCORE ? 1 : 0;
  outcome.reason = Bytes(judgement.reason);
  outcome.why = Bytes(judgement.why);
  sink(sink_ctx, request.id, &outcome);
}

void Verify(void* self, const hone_request* const* requests, uint32_t n, hone_sink sink, void* sink_ctx) {
  for (uint32_t i = 0; i < n; ++i) VerifyOne(*static_cast<const Verifier*>(self), *requests[i], sink, sink_ctx);
}

void Destroy(void* self) {
  delete static_cast<Verifier*>(self);
}

constexpr hone_verifier_v1 kTable = {sizeof(hone_verifier_v1), HONE_VERIFIER_ABI_MINOR, Describe, Create, Verify, nullptr, Destroy};

}  // namespace

extern "C" const hone_verifier_v1* hone_verifier_entry(uint32_t abi_major) {
  return abi_major == HONE_VERIFIER_ABI_MAJOR ? &kTable : nullptr;
}
