#include "lib/tokenizer/unicode.h"

#include <cstdlib>
#include <cstring>
#include <iterator>
#include <memory>

#include "utf8proc.h"

namespace hone {
namespace {

bool IsWhiteSpace(uint32_t c) {
  return (c >= 0x9 && c <= 0xD) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
         c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

// Alphabetic or Join_Control by property, though the general category does not say so.
bool IsOtherWordCharacter(uint32_t c) {
  return c == 0x200C || c == 0x200D || (c >= 0x24B6 && c <= 0x24E9) || (c >= 0x1F130 && c <= 0x1F149) || (c >= 0x1F150 && c <= 0x1F169) ||
         (c >= 0x1F170 && c <= 0x1F189);
}

uint8_t ClassOfCategory(int category) {
  switch (category) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LT:
      return kLetter | kUpperLike | kWordCharacter;
    case UTF8PROC_CATEGORY_LL:
      return kLetter | kLowerLike | kWordCharacter;
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
      return kLetter | kUpperLike | kLowerLike | kWordCharacter;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
      return kUpperLike | kLowerLike | kWordCharacter;
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
      return kNumber | kNumeric | kWordCharacter;
    case UTF8PROC_CATEGORY_NO:
      return kNumber | kNumeric;
    case UTF8PROC_CATEGORY_PC:
      return kWordCharacter;
    default:
      return 0;
  }
}

std::unique_ptr<uint8_t[]> BuildClasses() {
  constexpr uint32_t kEnd = 0x110000;
  auto classes = std::make_unique<uint8_t[]>(kEnd);
  for (uint32_t c = 0; c < kEnd; ++c) {
    uint8_t bits = ClassOfCategory(utf8proc_category(static_cast<utf8proc_int32_t>(c)));
    if (IsWhiteSpace(c)) bits |= kWhiteSpace;
    if (IsOtherWordCharacter(c)) bits |= kWordCharacter;
    classes[c] = bits;
  }
  for (const CategoryRange& range : CategoriesSinceUnicode14()) {
    for (uint32_t c = range.first; c <= range.last; ++c) classes[c] = ClassOfCategory(range.category);
  }
  for (uint32_t c = 0x11DE0; c <= 0x11DE9; ++c) classes[c] |= kNumeric;
  for (uint32_t c = 0x16FF4; c <= 0x16FF6; ++c) classes[c] |= kNumeric;
  return classes;
}

}  // namespace

const std::vector<CategoryRange>& CategoriesSinceUnicode14() {
  static const auto* const kRanges = new std::vector<CategoryRange>{
      // clang-format off
      {0x897, 0x897, UTF8PROC_CATEGORY_MN}, {0xCF3, 0xCF3, UTF8PROC_CATEGORY_MC}, {0xECE, 0xECE, UTF8PROC_CATEGORY_MN},
      {0x1B4E, 0x1B4F, UTF8PROC_CATEGORY_PO}, {0x1B7F, 0x1B7F, UTF8PROC_CATEGORY_PO}, {0x1C89, 0x1C89, UTF8PROC_CATEGORY_LU},
      {0x1C8A, 0x1C8A, UTF8PROC_CATEGORY_LL}, {0x2427, 0x2429, UTF8PROC_CATEGORY_SO}, {0x2FFC, 0x2FFF, UTF8PROC_CATEGORY_SO},
      {0x31E4, 0x31E5, UTF8PROC_CATEGORY_SO}, {0x31EF, 0x31EF, UTF8PROC_CATEGORY_SO}, {0xA7CB, 0xA7CC, UTF8PROC_CATEGORY_LU},
      {0xA7CD, 0xA7CD, UTF8PROC_CATEGORY_LL}, {0xA7DA, 0xA7DA, UTF8PROC_CATEGORY_LU}, {0xA7DB, 0xA7DB, UTF8PROC_CATEGORY_LL},
      {0xA7DC, 0xA7DC, UTF8PROC_CATEGORY_LU}, {0x105C0, 0x105F3, UTF8PROC_CATEGORY_LO}, {0x10D40, 0x10D49, UTF8PROC_CATEGORY_ND},
      {0x10D4A, 0x10D4D, UTF8PROC_CATEGORY_LO}, {0x10D4E, 0x10D4E, UTF8PROC_CATEGORY_LM}, {0x10D4F, 0x10D4F, UTF8PROC_CATEGORY_LO},
      {0x10D50, 0x10D65, UTF8PROC_CATEGORY_LU}, {0x10D69, 0x10D6D, UTF8PROC_CATEGORY_MN}, {0x10D6E, 0x10D6E, UTF8PROC_CATEGORY_PD},
      {0x10D6F, 0x10D6F, UTF8PROC_CATEGORY_LM}, {0x10D70, 0x10D85, UTF8PROC_CATEGORY_LL}, {0x10D8E, 0x10D8F, UTF8PROC_CATEGORY_SM},
      {0x10EC2, 0x10EC4, UTF8PROC_CATEGORY_LO}, {0x10EFC, 0x10EFF, UTF8PROC_CATEGORY_MN}, {0x1123F, 0x11240, UTF8PROC_CATEGORY_LO},
      {0x11241, 0x11241, UTF8PROC_CATEGORY_MN}, {0x11380, 0x11389, UTF8PROC_CATEGORY_LO}, {0x1138B, 0x1138B, UTF8PROC_CATEGORY_LO},
      {0x1138E, 0x1138E, UTF8PROC_CATEGORY_LO}, {0x11390, 0x113B5, UTF8PROC_CATEGORY_LO}, {0x113B7, 0x113B7, UTF8PROC_CATEGORY_LO},
      {0x113B8, 0x113BA, UTF8PROC_CATEGORY_MC}, {0x113BB, 0x113C0, UTF8PROC_CATEGORY_MN}, {0x113C2, 0x113C2, UTF8PROC_CATEGORY_MC},
      {0x113C5, 0x113C5, UTF8PROC_CATEGORY_MC}, {0x113C7, 0x113CA, UTF8PROC_CATEGORY_MC}, {0x113CC, 0x113CD, UTF8PROC_CATEGORY_MC},
      {0x113CE, 0x113CE, UTF8PROC_CATEGORY_MN}, {0x113CF, 0x113CF, UTF8PROC_CATEGORY_MC}, {0x113D0, 0x113D0, UTF8PROC_CATEGORY_MN},
      {0x113D1, 0x113D1, UTF8PROC_CATEGORY_LO}, {0x113D2, 0x113D2, UTF8PROC_CATEGORY_MN}, {0x113D3, 0x113D3, UTF8PROC_CATEGORY_LO},
      {0x113D4, 0x113D5, UTF8PROC_CATEGORY_PO}, {0x113D7, 0x113D8, UTF8PROC_CATEGORY_PO}, {0x113E1, 0x113E2, UTF8PROC_CATEGORY_MN},
      {0x116D0, 0x116E3, UTF8PROC_CATEGORY_ND}, {0x1171E, 0x1171E, UTF8PROC_CATEGORY_MC}, {0x11B00, 0x11B09, UTF8PROC_CATEGORY_PO},
      {0x11BC0, 0x11BE0, UTF8PROC_CATEGORY_LO}, {0x11BE1, 0x11BE1, UTF8PROC_CATEGORY_PO}, {0x11BF0, 0x11BF9, UTF8PROC_CATEGORY_ND},
      {0x11F00, 0x11F01, UTF8PROC_CATEGORY_MN}, {0x11F02, 0x11F02, UTF8PROC_CATEGORY_LO}, {0x11F03, 0x11F03, UTF8PROC_CATEGORY_MC},
      {0x11F04, 0x11F10, UTF8PROC_CATEGORY_LO}, {0x11F12, 0x11F33, UTF8PROC_CATEGORY_LO}, {0x11F34, 0x11F35, UTF8PROC_CATEGORY_MC},
      {0x11F36, 0x11F3A, UTF8PROC_CATEGORY_MN}, {0x11F3E, 0x11F3F, UTF8PROC_CATEGORY_MC}, {0x11F40, 0x11F40, UTF8PROC_CATEGORY_MN},
      {0x11F41, 0x11F41, UTF8PROC_CATEGORY_MC}, {0x11F42, 0x11F42, UTF8PROC_CATEGORY_MN}, {0x11F43, 0x11F4F, UTF8PROC_CATEGORY_PO},
      {0x11F50, 0x11F59, UTF8PROC_CATEGORY_ND}, {0x11F5A, 0x11F5A, UTF8PROC_CATEGORY_MN}, {0x1342F, 0x1342F, UTF8PROC_CATEGORY_LO},
      {0x13439, 0x1343F, UTF8PROC_CATEGORY_CF}, {0x13440, 0x13440, UTF8PROC_CATEGORY_MN}, {0x13441, 0x13446, UTF8PROC_CATEGORY_LO},
      {0x13447, 0x13455, UTF8PROC_CATEGORY_MN}, {0x13460, 0x143FA, UTF8PROC_CATEGORY_LO}, {0x16100, 0x1611D, UTF8PROC_CATEGORY_LO},
      {0x1611E, 0x16129, UTF8PROC_CATEGORY_MN}, {0x1612A, 0x1612C, UTF8PROC_CATEGORY_MC}, {0x1612D, 0x1612F, UTF8PROC_CATEGORY_MN},
      {0x16130, 0x16139, UTF8PROC_CATEGORY_ND}, {0x16D40, 0x16D42, UTF8PROC_CATEGORY_LM}, {0x16D43, 0x16D6A, UTF8PROC_CATEGORY_LO},
      {0x16D6B, 0x16D6C, UTF8PROC_CATEGORY_LM}, {0x16D6D, 0x16D6F, UTF8PROC_CATEGORY_PO}, {0x16D70, 0x16D79, UTF8PROC_CATEGORY_ND},
      {0x18CFF, 0x18CFF, UTF8PROC_CATEGORY_LO}, {0x1B132, 0x1B132, UTF8PROC_CATEGORY_LO}, {0x1B155, 0x1B155, UTF8PROC_CATEGORY_LO},
      {0x1CC00, 0x1CCEF, UTF8PROC_CATEGORY_SO}, {0x1CCF0, 0x1CCF9, UTF8PROC_CATEGORY_ND}, {0x1CD00, 0x1CEB3, UTF8PROC_CATEGORY_SO},
      {0x1D2C0, 0x1D2D3, UTF8PROC_CATEGORY_NO}, {0x1DF25, 0x1DF2A, UTF8PROC_CATEGORY_LL}, {0x1E030, 0x1E06D, UTF8PROC_CATEGORY_LM},
      {0x1E08F, 0x1E08F, UTF8PROC_CATEGORY_MN}, {0x1E4D0, 0x1E4EA, UTF8PROC_CATEGORY_LO}, {0x1E4EB, 0x1E4EB, UTF8PROC_CATEGORY_LM},
      {0x1E4EC, 0x1E4EF, UTF8PROC_CATEGORY_MN}, {0x1E4F0, 0x1E4F9, UTF8PROC_CATEGORY_ND}, {0x1E5D0, 0x1E5ED, UTF8PROC_CATEGORY_LO},
      {0x1E5EE, 0x1E5EF, UTF8PROC_CATEGORY_MN}, {0x1E5F0, 0x1E5F0, UTF8PROC_CATEGORY_LO}, {0x1E5F1, 0x1E5FA, UTF8PROC_CATEGORY_ND},
      {0x1E5FF, 0x1E5FF, UTF8PROC_CATEGORY_PO}, {0x1F6DC, 0x1F6DC, UTF8PROC_CATEGORY_SO}, {0x1F774, 0x1F776, UTF8PROC_CATEGORY_SO},
      {0x1F77B, 0x1F77F, UTF8PROC_CATEGORY_SO}, {0x1F7D9, 0x1F7D9, UTF8PROC_CATEGORY_SO}, {0x1F8B2, 0x1F8BB, UTF8PROC_CATEGORY_SO},
      {0x1F8C0, 0x1F8C1, UTF8PROC_CATEGORY_SO}, {0x1FA75, 0x1FA77, UTF8PROC_CATEGORY_SO}, {0x1FA87, 0x1FA89, UTF8PROC_CATEGORY_SO},
      {0x1FA8F, 0x1FA8F, UTF8PROC_CATEGORY_SO}, {0x1FAAD, 0x1FAAF, UTF8PROC_CATEGORY_SO}, {0x1FABB, 0x1FABF, UTF8PROC_CATEGORY_SO},
      {0x1FAC6, 0x1FAC6, UTF8PROC_CATEGORY_SO}, {0x1FACE, 0x1FACF, UTF8PROC_CATEGORY_SO}, {0x1FADA, 0x1FADC, UTF8PROC_CATEGORY_SO},
      {0x1FADF, 0x1FADF, UTF8PROC_CATEGORY_SO}, {0x1FAE8, 0x1FAE9, UTF8PROC_CATEGORY_SO}, {0x1FAF7, 0x1FAF8, UTF8PROC_CATEGORY_SO},
      {0x1FBCB, 0x1FBEF, UTF8PROC_CATEGORY_SO}, {0x2B739, 0x2B739, UTF8PROC_CATEGORY_LO}, {0x2EBF0, 0x2EE5D, UTF8PROC_CATEGORY_LO},
      {0x31350, 0x323AF, UTF8PROC_CATEGORY_LO},
      // clang-format on
  };
  return *kRanges;
}

std::string_view CategoryName(int8_t category) {
  static constexpr std::string_view kNames[] = {"Cn", "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Pc", "Pd", "Ps",
                                                "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co"};
  const auto index = static_cast<size_t>(category);
  return index < std::size(kNames) ? kNames[index] : kNames[0];
}

const uint8_t* CodePointClasses() {
  static const uint8_t* const kClasses = BuildClasses().release();
  return kClasses;
}

Utf8Step StepUtf8(std::string_view bytes) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(bytes[i]); };
  const uint8_t lead = byte(0);
  if (lead < 0x80) return {.length = 1, .valid = true, .code_point = lead};
  size_t length;
  uint8_t low = 0x80, high = 0xBF;  // what the second byte may be
  if (lead >= 0xC2 && lead <= 0xDF) {
    length = 2;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    length = 3;
    if (lead == 0xE0) low = 0xA0;
    if (lead == 0xED) high = 0x9F;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    length = 4;
    if (lead == 0xF0) low = 0x90;
    if (lead == 0xF4) high = 0x8F;
  } else {
    return {.length = 1};
  }
  uint32_t code_point = lead & (0x7Fu >> length);
  for (size_t i = 1; i < length; ++i) {
    if (i == bytes.size()) return {.length = static_cast<uint8_t>(i), .cut_off = true};
    if (byte(i) < low || byte(i) > high) return {.length = static_cast<uint8_t>(i)};
    code_point = code_point << 6 | (byte(i) & 0x3Fu);
    low = 0x80;
    high = 0xBF;
  }
  return {.length = static_cast<uint8_t>(length), .valid = true, .code_point = code_point};
}

bool IsValidUtf8(std::string_view bytes) {
  size_t i = 0;
  while (i < bytes.size()) {
    uint64_t eight;
    if (i + 8 <= bytes.size() && (std::memcpy(&eight, bytes.data() + i, 8), (eight & 0x8080808080808080u) == 0)) {
      i += 8;
      continue;
    }
    const Utf8Step step = StepUtf8(bytes.substr(i));
    if (!step.valid) return false;
    i += step.length;
  }
  return true;
}

size_t AppendCompleteUtf8(std::string_view bytes, std::string* out) {
  size_t copied = 0;
  size_t i = 0;
  while (i < bytes.size()) {
    const Utf8Step step = StepUtf8(bytes.substr(i));
    if (step.valid) {
      i += step.length;
      continue;
    }
    out->append(bytes, copied, i - copied);
    if (step.cut_off) return step.length;
    out->append("\xEF\xBF\xBD");
    i += step.length;
    copied = i;
  }
  out->append(bytes, copied, i - copied);
  return 0;
}

void AppendLossyUtf8(std::string_view bytes, std::string* out) {
  if (AppendCompleteUtf8(bytes, out) > 0) out->append("\xEF\xBF\xBD");
}

void AppendUtf8(uint32_t c, std::string* out) {
  if (c < 0x80) {
    out->push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    out->push_back(static_cast<char>(0xC0 | c >> 6));
    out->push_back(static_cast<char>(0x80 | (c & 0x3F)));
  } else if (c < 0x10000) {
    out->push_back(static_cast<char>(0xE0 | c >> 12));
    out->push_back(static_cast<char>(0x80 | (c >> 6 & 0x3F)));
    out->push_back(static_cast<char>(0x80 | (c & 0x3F)));
  } else {
    out->push_back(static_cast<char>(0xF0 | c >> 18));
    out->push_back(static_cast<char>(0x80 | (c >> 12 & 0x3F)));
    out->push_back(static_cast<char>(0x80 | (c >> 6 & 0x3F)));
    out->push_back(static_cast<char>(0x80 | (c & 0x3F)));
  }
}

std::string NormalizeUnicode(std::string_view text, NormalizationForm form) {
  // All code points below U+0300 are their own NFC; their UTF-8 has no byte above 0xCB.
  const bool composed = form == NormalizationForm::kNfc || form == NormalizationForm::kNfkc;
  const uint8_t first_that_may_change = form == NormalizationForm::kNfc ? 0xCC : 0x80;
  bool may_change = false;
  for (const char c : text) may_change |= static_cast<uint8_t>(c) >= first_that_may_change;
  if (!may_change) return std::string(text);

  int options = UTF8PROC_STABLE | (composed ? UTF8PROC_COMPOSE : UTF8PROC_DECOMPOSE);
  if (form == NormalizationForm::kNfkc || form == NormalizationForm::kNfkd) options |= UTF8PROC_COMPAT;
  utf8proc_uint8_t* mapped = nullptr;
  const utf8proc_ssize_t size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                             static_cast<utf8proc_ssize_t>(text.size()), &mapped, static_cast<utf8proc_option_t>(options));
  std::string normal = size < 0 ? std::string(text) : std::string(reinterpret_cast<const char*>(mapped), static_cast<size_t>(size));
  std::free(mapped);
  return normal;
}

}  // namespace hone
