#include <cstdlib>
#include <string_view>

#include "lib/base/check.h"
#include "lib/base/log.h"
#include "lib/ops/tensor.h"

namespace hone::ops {
namespace {

// What the processor has and the operating system saves (the builtin asks cpuid and xgetbv).
Isa Detect() {
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) {
    ::hone::internal::CheckFailed(__FILE__, __LINE__, "the processor has AVX2 and FMA",
                                  "hone needs an x86-64 processor from 2013 or later; a virtual machine must pass these features on");
  }
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
                      __builtin_cpu_supports("avx512dq");
  if (!avx512) return Isa::kAvx2;
  return __builtin_cpu_supports("avx512bf16") ? Isa::kAvx512Bf16 : Isa::kAvx512;
}

// `best` or what HONE_ISA lowers it to.
Isa Lower(Isa best) {
  const char* wish = std::getenv("HONE_ISA");
  if (wish == nullptr || *wish == 0) return best;
  for (Isa isa : {Isa::kAvx2, Isa::kAvx512, Isa::kAvx512Bf16}) {
    if (std::string_view(wish) != Name(isa)) continue;
    if (isa <= best) return isa;
    HONE_LOG_WARN("HONE_ISA={} asks for more than this machine has; using {}", wish, Name(best));
    return best;
  }
  HONE_LOG_WARN("HONE_ISA={} is none of avx2, avx512, avx512_bf16; using {}", wish, Name(best));
  return best;
}

}  // namespace

const char* Name(Isa isa) {
  switch (isa) {
    case Isa::kAvx2:
      return "avx2";
    case Isa::kAvx512:
      return "avx512";
    case Isa::kAvx512Bf16:
      return "avx512_bf16";
  }
  return "unknown";
}

Isa BestIsa() {
  static const Isa best = Lower(Detect());
  return best;
}

}  // namespace hone::ops
