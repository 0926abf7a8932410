#include "sandbox/cage/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <initializer_list>

namespace hone::cage {
namespace {

void Say(const char* name, bool held, const char* detail) {
  if (held) {
    dprintf(1, "%s held\n", name);
  } else {
    dprintf(1, "%s escaped %s\n", name, detail);
  }
}

void Write(const char* name, const char* const* paths, int flags) {
  for (; *paths != nullptr; ++paths) {
    const int file = open(*paths, flags | O_CLOEXEC, 0600);
    if (file < 0) continue;
    close(file);
    return Say(name, false, *paths);
  }
  Say(name, true, "");
}

void Environment() {
  char byte;
  const int file = open("/proc/1/environ", O_RDONLY | O_CLOEXEC);
  Say("environment", file < 0 || read(file, &byte, 1) <= 0, "/proc/1/environ can be read");
}

void Network() {
  for (const int family : {AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_VSOCK, AF_ALG}) {
    if (socket(family, family == AF_PACKET || family == AF_NETLINK ? SOCK_RAW : SOCK_STREAM, 0) >= 0) {
      return Say("socket", false, "a socket beyond AF_UNIX can be made");
    }
  }
  Say("socket", true, "");
}

// As many children as there may be, and no more: they end with the probe.
void Forks() {
  int children = 0;
  while (children < 64) {
    const pid_t child = fork();
    if (child < 0) break;
    if (child == 0) {
      pause();
      _exit(0);
    }
    ++children;
  }
  Say("forks", children < 64, "64 processes can be made under a limit of 8");
}

}  // namespace

int Probe(int argc, char** argv) {
  const char* outside[] = {"/x", "/usr/x", "/usr/bin/x", "/etc/x", "/dev/x", "/dev/shm/x", "/box/x", "/proc/x", nullptr};
  Write("write", outside, O_WRONLY | O_CREAT);
  const char* settings[] = {"/proc/sys/kernel/core_pattern", "/proc/sys/kernel/panic", "/proc/sys/vm/drop_caches", "/proc/sysrq-trigger",
                            nullptr};
  Write("settings", settings, O_WRONLY);
  const char* host[] = {argc > 1 ? argv[1] : "/etc/shadow", nullptr};
  Write("canary", host, O_RDONLY);
  Environment();
  Network();
  Forks();
  return 0;
}

}  // namespace hone::cage
