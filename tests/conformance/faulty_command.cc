// A command that commits faults on request (test_behaviour.h); it writes its lines by hand, since most of them are wrong.
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <thread>

#include "nlohmann/json.hpp"
#include "tests/conformance/test_behaviour.h"

namespace {
using Json = nlohmann::json;

std::string Score(const Json& id, double value, const char* part = "half") {
  return Json({{"id", id}, {"outcome", "score"}, {"score", value}, {"parts", {{part, value / 2}}}, {"reason", "scored"}}).dump();
}

// The results for one request, separated by commas; faults that are not about one result are committed here.
std::string Results(const Json& request) {
  const Json& id = request["id"];
  const std::string what = request["completion"].is_string() ? request["completion"].get<std::string>() : "";
  const double value = hone_test::ScoreOf(what, request["reference"].get<std::string>());
  if (what == "na" || what == "task" || what == "infra" || what == "retry") {
    const char* outcome = what == "na" ? "not_applicable" : what == "task" ? "task_error" : "infra_error";
    return Json({{"id", id}, {"outcome", outcome}, {"retryable", what == "retry"}, {"why", "as asked"}, {"reason", "scored"}}).dump();
  }
  if (what == "crash") std::abort();
  if (what == "hang") {
    for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
  }
  if (what == "late") std::this_thread::sleep_for(std::chrono::milliseconds(hone_test::kLateMilliseconds));
  if (what == "garbage") std::cout << "Traceback (most recent call last):\n";
  if (what == "nan") return R"({"outcome":"score","score":NaN,"id":)" + id.dump() + "}";
  if (what == "half") {
    std::cout << R"({"id":2,"resul)" << std::flush;
    std::_Exit(0);
  }
  if (what == "oversize") {
    const std::string much(1 << 20, 'x');
    for (int i = 0; i < 20; ++i) std::cout << much;
  }
  if (what == "missing") return "";
  if (what == "wrong_id") return Score(id.get<uint64_t>() + 1, value);
  if (what == "range") return Score(id, 2);
  if (what == "part") return Score(id, value, "undeclared");
  if (what == "unset") return Json({{"id", id}, {"score", 1}}).dump();
  if (what == "twice") return Score(id, value) + "," + Score(id, 0.125);
  return Score(id, value);
}
}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  if (mode == "silent") {
    for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
  }
  if (mode == "dies") {
    std::cerr << "no model file\n";
    return 3;
  }
  for (std::string line; std::getline(std::cin, line);) {
    const Json call = Json::parse(line);
    if (call["op"] == "cancel") continue;
    const std::string id = call["id"].dump();
    if (call["op"] == "describe") {
      std::cout << "{\"id\":" << id << ",\"description\":" << Json::parse(hone_test::kDescription).dump() << ",\"later\":1}\n"
                << std::flush;
      continue;
    }
    std::string results;
    bool refused = false;
    for (const Json& request : call["requests"]) {
      refused = refused || request["completion"] == "error";
      const std::string more = Results(request);
      if (!more.empty()) results += (results.empty() ? "" : ",") + more;
    }
    if (refused) {
      std::cout << "{\"id\":" << id << ",\"error\":\"as asked\"}\n" << std::flush;
    } else {
      std::cout << "{\"id\":" << id << ",\"results\":[" << results << "]}\n" << std::flush;
    }
  }
  return 0;
}
