#pragma once

#include <memory>
#include <string_view>

#include "lib/base/status.h"
#include "verifiers/verifier.h"

namespace hone {

// Scores the share of tool calls in the completion that could be carried out: blocks `<tool_call>{"name":..,"arguments":{..}}</tool_call>`
// that are JSON, name a tool and give it arguments that its schema allows. The arguments may be an object or a text that holds one; a block
// that is not closed is a bad call.
//
// The tools are the list `tools` of the row, or the parameter `tools`: {"name", "parameters"} or {"function": {"name", "parameters"}},
// where parameters is a JSON Schema (the keywords of external/params_schema.h). NotApplicable without tools; a TaskError for tools that
// cannot be read. Parameters: tools (JSON text), open, close (the tags), min_calls: with fewer calls the score is 0. Parts: calls (their
// number), well_formed and known (shares). Reasons: good, bad_calls, too_few_calls, no_tools, bad_tools. Evidence: what is wrong with the
// first bad calls.
absl::StatusOr<std::unique_ptr<Verifier>> CreateToolUse(std::string_view params_json);

}  // namespace hone
