#include "lib/tokenizer/byte_level.h"

#include <array>

#include "lib/tokenizer/unicode.h"

namespace hone {
namespace {

constexpr uint32_t kNumByteCharacters = 256 + 68;

struct Alphabet {
  std::array<std::string, 256> character_of_byte;
  std::array<int16_t, kNumByteCharacters> byte_of_code_point;  // -1: stands for no byte

  Alphabet() {
    byte_of_code_point.fill(-1);
    uint32_t next = 256;
    for (uint32_t byte = 0; byte < 256; ++byte) {
      const bool visible = (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
      const uint32_t code_point = visible ? byte : next++;
      AppendUtf8(code_point, &character_of_byte[byte]);
      byte_of_code_point[code_point] = static_cast<int16_t>(byte);
    }
  }
};

const Alphabet& TheAlphabet() {
  static const Alphabet* const kAlphabet = new Alphabet;
  return *kAlphabet;
}

}  // namespace

std::string_view CharacterOfByte(uint8_t byte) {
  return TheAlphabet().character_of_byte[byte];
}

void AppendByteCharacters(std::string_view bytes, std::string* out) {
  const Alphabet& alphabet = TheAlphabet();
  for (const char byte : bytes) out->append(alphabet.character_of_byte[static_cast<uint8_t>(byte)]);
}

bool AppendBytesOfCharacters(std::string_view characters, std::string* out) {
  const Alphabet& alphabet = TheAlphabet();
  const size_t size_before = out->size();
  const char* p = characters.data();
  const char* const end = p + characters.size();
  while (p < end) {
    uint32_t code_point;
    p += DecodeValidUtf8(p, &code_point);
    const int byte = code_point < kNumByteCharacters ? alphabet.byte_of_code_point[code_point] : -1;
    if (byte < 0) {
      out->resize(size_before);
      return false;
    }
    out->push_back(static_cast<char>(byte));
  }
  return true;
}

}  // namespace hone
