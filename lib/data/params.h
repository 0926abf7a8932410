#pragma once

#include <initializer_list>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/status.h"

namespace hone {

// Reads the free JSON object `params` that a recipe hands to a plugin (a verifier, a generator).
//
// Each getter is the one definition of a parameter: name, type, default, range, meaning. It returns the value, or the default when the
// parameter is absent or bad; problems are collected and come out of Finish, all at once, together with every key that no getter asked
// for. Schema prints what the getters defined.
//
//   Params params("numeric", json_text);
//   const bool percent = params.Bool("percent_scales", false, "7% is 0.07");
//   HONE_RETURN_IF_ERROR(params.Finish());
//
// Threads: one thread.
class Params {
 public:
  // owner: whose parameters these are, for messages. json: a JSON object; empty text means {}. Bad JSON is reported by Finish.
  Params(std::string_view owner, std::string_view json);
  ~Params();
  Params(const Params&) = delete;
  Params& operator=(const Params&) = delete;

  bool Bool(std::string_view name, bool fallback, std::string_view help);
  // min and max are included.
  int64_t Int(std::string_view name, int64_t fallback, int64_t min, int64_t max, std::string_view help);
  double Number(std::string_view name, double fallback, double min, double max, std::string_view help);
  std::string Text(std::string_view name, std::string_view fallback, std::string_view help);
  // One of `choices`.
  std::string Choice(std::string_view name, std::string_view fallback, std::initializer_list<std::string_view> choices,
                     std::string_view help);
  // An array of strings.
  std::vector<std::string> TextList(std::string_view name, std::vector<std::string> fallback, std::string_view help);

  // Adds a problem that involves several parameters.
  void Problem(std::string_view message);

  // InvalidArgument with every problem found, in the form `numeric: parameter "percent_scale" is unknown; did you mean "percent_scales"?`,
  // one a line.
  absl::Status Finish();

  // JSON Schema (draft 7) of the parameters asked for so far.
  std::string Schema() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hone
