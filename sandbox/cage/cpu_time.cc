#include "sandbox/cage/cpu_time.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

namespace hone::cage {
namespace {

// Ticks of a process and of its children that were waited for (fields 14 to 17 of its stat line); 0 when it is gone.
long long Ticks(const char* pid) {
  char path[64], text[1024];
  snprintf(path, sizeof(path), "/proc/%.20s/stat", pid);
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  const ssize_t size = read(file, text, sizeof(text) - 1);
  close(file);
  if (size <= 0) return 0;
  text[size] = '\0';
  // The name, in parentheses, is the program's own choice and may hold anything: the last closing one ends it.
  const char* at = strrchr(text, ')');
  long long user, system, children_user, children_system;
  if (at == nullptr || sscanf(at + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lld %lld %lld %lld", &user, &system, &children_user,
                              &children_system) != 4) {
    return 0;
  }
  return user + system + children_user + children_system;
}

}  // namespace

int64_t MonotonicUs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000'000LL + now.tv_nsec / 1000;
}

int64_t ProcessCpuUs() {
  static const long ticks_a_second = sysconf(_SC_CLK_TCK);
  DIR* folder = opendir("/proc");
  if (folder == nullptr) return 0;
  long long ticks = 0;
  while (const dirent* entry = readdir(folder)) {
    if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9') ticks += Ticks(entry->d_name);
  }
  closedir(folder);
  return ticks * 1'000'000 / ticks_a_second;
}

}  // namespace hone::cage
