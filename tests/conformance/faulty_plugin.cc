// A plugin that commits faults on request (test_behaviour.h). Compiled several times: HONE_TEST_ABI is the major version it offers,
// HONE_TEST_NEWER adds a field behind the table, HONE_TEST_SMALL makes it too small, HONE_TEST_BOUNDED promises to come back.
#include <cmath>
#include <limits>
#include <new>
#include <stdexcept>
#include <thread>

#include "tests/conformance/test_behaviour.h"
#include "verifiers/external/hone_verifier.h"

#ifndef HONE_TEST_ABI
#define HONE_TEST_ABI HONE_VERIFIER_ABI_MAJOR
#endif

namespace {
std::string_view Text(const hone_bytes& bytes) {
  return {static_cast<const char*>(bytes.data), bytes.size};
}
hone_bytes Bytes(std::string_view text) {
  return {text.data(), text.size()};
}

#ifdef HONE_TEST_BOUNDED
const std::string& Description() {
  static const std::string text = R"({"bounded":true,)" + std::string(hone_test::kDescription + 1);
  return text;
}
#else
std::string_view Description() {
  return hone_test::kDescription;
}
#endif

hone_bytes Describe(void*) {
  return Bytes(Description());
}
int Create(hone_bytes, const hone_host*, void** self, hone_bytes*) {
  *self = new int(0);
  return 0;
}
void Destroy(void* self) {
  delete static_cast<int*>(self);
}

void Answer(const hone_request& request, hone_sink sink, void* context) {
  const std::string_view what = Text(request.completion);
  hone_outcome outcome = {};
  outcome.struct_size = sizeof(outcome);
  outcome.kind = HONE_SCORE;
  outcome.reason = Bytes("scored");
  outcome.value = hone_test::ScoreOf(what, Text(request.reference));
  hone_part part = {Bytes("half"), outcome.value / 2};
  outcome.parts = &part;
  outcome.num_parts = 1;
  uint64_t id = request.id;
  if (what == "na" || what == "task" || what == "infra" || what == "retry") {
    outcome.kind = what == "na" ? HONE_NOT_APPLICABLE : what == "task" ? HONE_TASK_ERROR : HONE_INFRA_ERROR;
    outcome.retryable = what == "retry";
    outcome.why = Bytes("as asked");
  } else if (what == "crash") {
    std::abort();
  } else if (what == "hang") {
    for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
  } else if (what == "late") {
    std::this_thread::sleep_for(std::chrono::milliseconds(hone_test::kLateMilliseconds));
  } else if (what == "throw") {
    throw std::runtime_error("as asked");
  } else if (what == "missing") {
    return;
  } else if (what == "wrong_id") {
    ++id;
  } else if (what == "nan") {
    outcome.value = std::numeric_limits<double>::quiet_NaN();
  } else if (what == "range") {
    outcome.value = 2;
  } else if (what == "part") {
    part.name = Bytes("undeclared");
  } else if (what == "unset") {
    outcome.kind = 0;
  } else if (what == "twice") {
    sink(context, id, &outcome);
    outcome.value = 0.125;
  }
  sink(context, id, &outcome);
}

void Verify(void*, const hone_request* const* requests, uint32_t n, hone_sink sink, void* context) {
  for (uint32_t i = 0; i < n; ++i) Answer(*requests[i], sink, context);
}

struct Table {
  hone_verifier_v1 table;
  void (*of_a_later_version)();
};
constexpr Table kTable = {{
#if defined(HONE_TEST_SMALL)
                              .struct_size = sizeof(hone_verifier_v1) - 8,
#elif defined(HONE_TEST_NEWER)
                              .struct_size = sizeof(Table),
#else
                              .struct_size = sizeof(hone_verifier_v1),
#endif
                              .abi_minor = HONE_VERIFIER_ABI_MINOR,
                              .describe = Describe,
                              .create = Create,
                              .verify = Verify,
                              .cancel = nullptr,
                              .destroy = Destroy},
                          nullptr};
}  // namespace

extern "C" const hone_verifier_v1* hone_verifier_entry(uint32_t abi_major) {
  return abi_major == HONE_TEST_ABI ? &kTable.table : nullptr;
}
