#pragma once
// Tools of this folder's tests: a temporary folder, byte builders for both weight formats, and a source of damaged copies.

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/base/file.h"
#include "lib/base/random.h"
#include "lib/base/status.h"

namespace hone {

// A folder that is removed at the end of the test.
class TestFolder {
 public:
  TestFolder() : path_(testing::TempDir() + "/hone_checkpoint_" + std::to_string(::getpid())) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~TestFolder() { std::filesystem::remove_all(path_); }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

  // Writes a file and returns its path.
  std::string Put(const std::string& name, const std::string& content) const {
    const std::string path = *this / name;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::filesystem::remove(path);  // a new file is not flushed to the disk when it is closed, a rewritten one is on some file systems
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }

 private:
  std::string path_;
};

template <class T>
std::string LittleEndian(T value) {
  return std::string(reinterpret_cast<const char*>(&value), sizeof(T));
}

// A safetensors file of this header and this many data bytes (0, 1, 2, ...).
inline std::string SafetensorsBytes(const std::string& header, size_t data_bytes) {
  std::string bytes = LittleEndian<uint64_t>(header.size()) + header;
  for (size_t i = 0; i < data_bytes; ++i) bytes.push_back(static_cast<char>(i));
  return bytes;
}

inline std::string GgufString(std::string_view text) {
  return LittleEndian<uint64_t>(text.size()) + std::string(text);
}

// Builds GGUF bytes piece by piece; every field can be wrong.
struct GgufBytes {
  std::string magic = "GGUF";
  uint32_t version = 3;
  std::vector<std::string> values;   // see Value
  std::vector<std::string> tensors;  // see Tensor
  int64_t extra_tensors = 0;         // announced beyond those present
  int64_t extra_values = 0;
  size_t data_bytes = 256;
  uint64_t alignment = 32;

  static std::string Value(std::string_view key, uint32_t type, std::string_view payload) {
    return GgufString(key) + LittleEndian(type) + std::string(payload);
  }
  static std::string Tensor(std::string_view name, const std::vector<uint64_t>& dimensions, uint32_t type, uint64_t offset) {
    std::string bytes = GgufString(name) + LittleEndian<uint32_t>(dimensions.size());
    for (const uint64_t dimension : dimensions) bytes += LittleEndian(dimension);
    return bytes + LittleEndian(type) + LittleEndian(offset);
  }

  std::string Build() const {
    std::string bytes = magic + LittleEndian(version) + LittleEndian<uint64_t>(tensors.size() + extra_tensors) +
                        LittleEndian<uint64_t>(values.size() + extra_values);
    for (const std::string& value : values) bytes += value;
    for (const std::string& tensor : tensors) bytes += tensor;
    bytes.append((alignment - bytes.size() % alignment) % alignment, '\0');
    for (size_t i = 0; i < data_bytes; ++i) bytes.push_back(static_cast<char>(i));
    return bytes;
  }
};

// Copy number `i` of `valid` with a few bytes flipped, set to an extreme, inserted, removed, or cut off. The same for the same i.
// Positions favour the first `head` bytes, where the structure is.
inline std::string Damaged(const std::string& valid, uint64_t i, size_t head) {
  RandomCursor random(RandomStream(20260101, i));
  std::string bytes = valid;
  const uint64_t changes = 1 + random.Below(4);
  for (uint64_t c = 0; c < changes && !bytes.empty(); ++c) {
    const size_t reach = random.Below(4) == 0 ? bytes.size() : std::min(head, bytes.size());
    const size_t at = random.Below(reach);
    switch (random.Below(7)) {
      case 0:
        bytes[at] = static_cast<char>(random.Below(256));
        break;
      case 1:
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.Below(8)));
        break;
      case 2:
        bytes[at] = static_cast<char>(0xff);
        break;
      case 3:
        bytes.insert(at, 1, static_cast<char>(random.Below(256)));
        break;
      case 4:
        bytes.erase(at, 1 + random.Below(8));
        break;
      case 5:
        bytes.resize(at);
        break;
      default: {  // eight bytes of a huge or tiny number
        const uint64_t number = random.Bits() >> random.Below(64);
        std::memcpy(bytes.data() + at, &number, std::min<size_t>(8, bytes.size() - at));
      }
    }
  }
  return bytes;
}

}  // namespace hone
