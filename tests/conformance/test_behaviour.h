#pragma once
// What the test verifiers of this folder do with a completion: it names its own verdict, or the fault to commit. Three programs commit
// them, one for each way to reach a verifier: faulty_plugin.cc, faulty_command.cc, faulty_service.cc.
//
//   score:X          Score X with the part "half" = X / 2
//   na, task, infra, retry    the other outcomes; retry is an InfraError that may be repeated
//   crash, hang, late, twice, missing, wrong_id, nan, range, part, unset, throw, garbage, half, oversize, error    faults
//   anything else    Score 1 when it holds the reference, else 0

#include <cstdlib>
#include <string>
#include <string_view>

namespace hone_test {

inline constexpr char kDescription[] =
    R"({"name":"faulty","version":3,"range":[0,1],"parts":["half"],"max_batch":100,"params_schema":{"type":"object","properties":{
    "mode":{"type":"string","enum":["plain","other"]}}}})";
inline constexpr int kLateMilliseconds = 600;

// The X of score:X, or what anything else earns.
inline double ScoreOf(std::string_view completion, std::string_view reference) {
  if (completion.substr(0, 6) == "score:") return std::atof(std::string(completion.substr(6)).c_str());
  return !reference.empty() && completion.find(reference) != std::string_view::npos ? 1 : 0;
}

}  // namespace hone_test
