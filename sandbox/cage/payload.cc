#include "sandbox/cage/payload.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hone::cage {
namespace {

// The string at *at; nullptr when no NUL follows before the end.
char* TakeString(const char** at, const char* end) {
  const void* nul = memchr(*at, '\0', end - *at);
  if (nul == nullptr) return nullptr;
  char* text = const_cast<char*>(*at);
  *at = static_cast<const char*>(nul) + 1;
  return text;
}

bool TakeStrings(const char** at, const char* end, uint32_t count, char** strings) {
  if (count > kMaxStrings) return false;
  for (uint32_t i = 0; i < count; ++i) {
    strings[i] = TakeString(at, end);
    if (strings[i] == nullptr) return false;
  }
  strings[count] = nullptr;
  return true;
}

bool WriteFile(const char* path, const char* data, uint64_t size) {
  const int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0555);
  if (file < 0) return false;
  while (size > 0) {
    const ssize_t written = write(file, data, size);
    if (written <= 0) return false;
    data += written;
    size -= written;
  }
  return close(file) == 0;
}

}  // namespace

bool Payload::Open(int descriptor) {
  struct stat info;
  if (fstat(descriptor, &info) != 0 || info.st_size < static_cast<off_t>(sizeof(PayloadHeader))) return false;
  void* map = mmap(nullptr, info.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE, descriptor, 0);
  if (map == MAP_FAILED) return false;
  begin_ = static_cast<const char*>(map);
  end_ = begin_ + info.st_size;
  PayloadHeader header;
  memcpy(&header, begin_, sizeof(header));
  const char* at = begin_ + sizeof(header);
  if (header.arguments == 0 || !TakeStrings(&at, end_, header.arguments, arguments_)) return false;
  if (!TakeStrings(&at, end_, header.environment, environment_)) return false;
  files_ = header.files;
  file_begin_ = at;
  return true;
}

void Payload::Close() {
  if (begin_ != nullptr) munmap(const_cast<char*>(begin_), end_ - begin_);
  begin_ = nullptr;
}

bool Payload::WriteFiles(const char* folder) const {
  char options[96];
  // A page and an inode a file, and some for the folder.
  const long long bytes = (end_ - file_begin_) + 4096LL * (files_ + 4);
  snprintf(options, sizeof(options), "size=%lld,nr_inodes=%u,mode=0755", bytes, files_ + 4);
  if (mount("box", folder, "tmpfs", MS_NOSUID | MS_NODEV, options) != 0) return false;
  const char* at = file_begin_;
  for (uint32_t i = 0; i < files_; ++i) {
    const char* name = TakeString(&at, end_);
    uint64_t size = 0;
    if (name == nullptr || end_ - at < static_cast<ptrdiff_t>(sizeof(size))) return errno = EBADMSG, false;
    memcpy(&size, at, sizeof(size));
    at += sizeof(size);
    if (size > static_cast<uint64_t>(end_ - at)) return errno = EBADMSG, false;
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    if (!WriteFile(path, at, size)) return false;
    at += size;
  }
  return mount(nullptr, folder, nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV, nullptr) == 0;
}

}  // namespace hone::cage
