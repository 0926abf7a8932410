#pragma once
// The alphabet of byte-level tokenizers: each byte is written as one visible character, so that tokens are text.
// Printable Latin-1 stands for itself; the other 68 bytes take U+0100, U+0101, ... in order (GPT-2's encoder).

#include <cstdint>
#include <string>
#include <string_view>

namespace hone {

// The UTF-8 form of the character that stands for `byte`.
std::string_view CharacterOfByte(uint8_t byte);

// Appends the characters that stand for the bytes of `bytes`.
void AppendByteCharacters(std::string_view bytes, std::string* out);

// Appends the bytes that `characters` (valid UTF-8) stands for. False, and nothing appended, when a character stands for no byte.
bool AppendBytesOfCharacters(std::string_view characters, std::string* out);

}  // namespace hone
