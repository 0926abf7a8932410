#pragma once

#include "lib/base/status.h"
#include "sandbox/descriptor.h"

namespace hone {

// A new network namespace with nothing in it but a loopback interface that is down. It lives as long as the descriptor or a process in it.
// Needs CAP_SYS_ADMIN: PermissionDenied without.
//
// A slot keeps one for its cold runs, which come one after another: the kernel makes and clears away such namespaces for all the machine in
// turn. Nothing is handed on in it: what a program can have there are AF_UNIX sockets, all other families are refused, and a namespace
// where one was left (cage::kSocketsLeft) is not used again.
absl::StatusOr<Descriptor> MakeNetwork();

}  // namespace hone
