#include "lib/transport/internal/process_setup.h"

#include <grpc/grpc.h>
#include <grpc/support/log.h>
#include <malloc.h>

#include <mutex>

#include "lib/base/log.h"

namespace hone::transport_internal {

void SetUpProcess() {
  static std::once_flag once;
  std::call_once(once, [] {
    gpr_set_log_function([](gpr_log_func_args* args) { ::spdlog::debug("gRPC {}:{}: {}", args->file, args->line, args->message); });
    grpc_init();
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 128 << 20);
#endif
  });
}

}  // namespace hone::transport_internal
