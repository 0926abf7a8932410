#include "lib/checkpoint/gguf.h"

#include <limits>

#include "lib/checkpoint/gguf_parser.h"
#include "lib/checkpoint/test_files.h"

namespace hone {
namespace {

using testing::HasSubstr;

constexpr uint32_t kF32 = 0, kQ4_0 = 2;                // tensor types
constexpr uint32_t kU32 = 4, kString = 8, kArray = 9;  // value types

absl::StatusOr<GgufContents> Parse(const std::string& bytes) {
  return ParseGguf("file.gguf", absl::Span<const uint8_t>(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()));
}

GgufBytes Valid() {
  GgufBytes file;
  file.values = {GgufBytes::Value("general.architecture", kString, GgufString("llama")),
                 GgufBytes::Value("n", kU32, LittleEndian<uint32_t>(7)),
                 GgufBytes::Value("list", kArray, LittleEndian(kString) + LittleEndian<uint64_t>(2) + GgufString("a") + GgufString(""))};
  file.tensors = {GgufBytes::Tensor("x", {4, 2}, kF32, 0), GgufBytes::Tensor("y", {32}, kQ4_0, 32)};
  return file;
}

TEST(GgufTest, ReadsEveryTypeOfValueAndPlainTensor) {
  const auto opened = GgufFile::Open("tests/testdata/gguf/metadata.gguf");
  ASSERT_TRUE(opened.ok()) << opened.status();
  const GgufFile& file = **opened;
  EXPECT_EQ(file.version(), 3u);
  EXPECT_EQ(file.GetInteger("u8").value(), 200);
  EXPECT_EQ(file.GetInteger("i8").value(), -100);
  EXPECT_EQ(file.GetInteger("u16").value(), 60000);
  EXPECT_EQ(file.GetInteger("i16").value(), -30000);
  EXPECT_EQ(file.GetInteger("u32").value(), 4000000000);
  EXPECT_EQ(file.GetInteger("i32").value(), -2000000000);
  EXPECT_EQ(file.GetInteger("i64").value(), -9000000000000000000);
  EXPECT_EQ(file.GetInteger("u64").status().code(), absl::StatusCode::kInvalidArgument) << "does not fit";
  EXPECT_EQ(std::get<uint64_t>(*file.FindValue("u64")), std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(file.GetNumber("f32").value(), 1e-5) << "the shortest decimal of a float32";
  EXPECT_EQ(file.GetNumber("f64").value(), 0.1);
  EXPECT_EQ(file.GetNumber("u8").value(), 200.0);
  EXPECT_TRUE(file.GetBool("yes").value());
  EXPECT_EQ(file.GetString("text").value(), "gr\u00fc\u00df");
  EXPECT_EQ(file.GetArray("list.strings").value()->strings, (std::vector<std::string>{"a", "", "\u0120b"}));
  EXPECT_EQ(file.GetArray("list.integers").value()->integers, (std::vector<int64_t>{1, -2, 3}));
  EXPECT_EQ(file.GetArray("list.floats").value()->floats, (std::vector<double>{0.5, -0.25}));
  EXPECT_EQ(file.GetArray("list.bools").value()->integers, (std::vector<int64_t>{1, 0}));
  EXPECT_EQ(file.GetString("u8").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(file.GetString("none").status().code(), absl::StatusCode::kNotFound);

  std::vector<float> six(6), four(4), two(2);
  ASSERT_TRUE(file.ReadFloat32("f32", absl::MakeSpan(six)).ok());
  EXPECT_EQ(six, (std::vector<float>{1.5f, -2.0f, 3.25f, 0.0f, 1e-3f, -1e10f}));
  EXPECT_EQ(file.Find("f32")->shape, (std::vector<int64_t>{2, 3}));
  ASSERT_TRUE(file.ReadFloat32("f16", absl::MakeSpan(four)).ok());
  EXPECT_EQ(four, (std::vector<float>{1.0f, -0.5f, 0x1p-24f, 65504.0f}));
  ASSERT_TRUE(file.ReadFloat32("f64", absl::MakeSpan(two)).ok());
  EXPECT_EQ(two, (std::vector<float>{0.1f, -2.5f}));
  EXPECT_EQ(file.ReadFloat32("i32", absl::MakeSpan(two)).code(), absl::StatusCode::kUnimplemented);
}

TEST(GgufTest, ReadsVersionTwo) {
  GgufBytes file = Valid();
  ASSERT_TRUE(Parse(file.Build()).ok()) << Parse(file.Build()).status();
  file.version = 2;
  EXPECT_TRUE(Parse(file.Build()).ok()) << Parse(file.Build()).status();
}

struct BadCase {
  const char* message;
  absl::StatusCode code;
  void (*damage)(GgufBytes&);
};

TEST(GgufTest, RefusesMalformedFilesNamingFieldAndByte) {
  constexpr absl::StatusCode kLoss = absl::StatusCode::kDataLoss, kUnknown = absl::StatusCode::kUnimplemented;
  using B = GgufBytes;
  const BadCase cases[] = {
      {"header: byte 0: does not start with \"GGUF\"", kLoss, [](B& f) { f.magic = "GGML"; }},
      {"version 1", kUnknown, [](B& f) { f.version = 1; }},
      {"version 4", kUnknown, [](B& f) { f.version = 4; }},
      {"big-endian", kUnknown, [](B& f) { f.version = 0x03000000; }},
      {"tensors cannot fit", kLoss, [](B& f) { f.extra_tensors = int64_t{1} << 40; }},
      {"metadata values cannot fit", kLoss, [](B& f) { f.extra_values = int64_t{1} << 62; }},
      {"metadata \"n\": byte", kLoss, [](B& f) { f.values.push_back(B::Value("n", kU32, LittleEndian<uint32_t>(7))); }},
      {"unknown value type 13", kLoss, [](B& f) { f.values.push_back(B::Value("m", 13, "1234")); }},
      {"its key is empty", kLoss, [](B& f) { f.values.push_back(B::Value("", kU32, "1234")); }},
      {"above the limit of 65535", kLoss, [](B& f) { f.values.push_back(B::Value(std::string(70000, 'k'), kU32, "1234")); }},
      {"leaves the file", kLoss, [](B& f) { f.values.push_back(B::Value("s", kString, LittleEndian(~uint64_t{0} >> 1))); }},
      {"an array of 18446744073709551615 elements", kLoss,
       [](B& f) { f.values.push_back(B::Value("s", kArray, LittleEndian(kU32) + LittleEndian(~uint64_t{0}))); }},
      {"unknown value type 99", kLoss,
       [](B& f) { f.values.push_back(B::Value("s", kArray, LittleEndian<uint32_t>(99) + LittleEndian<uint64_t>(1))); }},
      {"nested deeper than 4", kLoss,
       [](B& f) {
         std::string nested;
         for (int i = 0; i < 6; ++i) nested += LittleEndian(kArray) + LittleEndian<uint64_t>(1);
         f.values.push_back(B::Value("s", kArray, nested));
       }},
      {"a boolean is 2", kLoss, [](B& f) { f.values.push_back(B::Value("s", 7, "\x02")); }},
      {"power of two", kLoss, [](B& f) { f.values.push_back(B::Value("general.alignment", kU32, LittleEndian<uint32_t>(48))); }},
      {"power of two", kLoss, [](B& f) { f.values.push_back(B::Value("general.alignment", kU32, LittleEndian<uint32_t>(0))); }},
      {"power of two", kLoss, [](B& f) { f.values.push_back(B::Value("general.alignment", kString, GgufString("32"))); }},
      {"tensor \"x\": byte", kLoss, [](B& f) { f.tensors.push_back(B::Tensor("x", {4}, kF32, 64)); }},
      {"its name is empty", kLoss, [](B& f) { f.tensors.push_back(B::Tensor("", {4}, kF32, 64)); }},
      {"above the limit of 256", kLoss, [](B& f) { f.tensors.push_back(B::Tensor(std::string(300, 't'), {4}, kF32, 64)); }},
      {"has 0 dimensions", kLoss, [](B& f) { f.tensors.push_back(B::Tensor("z", {}, kF32, 64)); }},
      {"has 5 dimensions", kLoss,
       [](B& f) {
         f.tensors.push_back(B::Tensor("z", {1, 1, 1, 1, 1}, kF32, 64));
       }},
      {"dimension 1 is 0", kLoss,
       [](B& f) {
         f.tensors.push_back(B::Tensor("z", {4, 0}, kF32, 64));
       }},
      {"dimension 0 is 18446744073709551615", kLoss, [](B& f) { f.tensors.push_back(B::Tensor("z", {~uint64_t{0}}, kF32, 64)); }},
      {"too many elements", kLoss,
       [](B& f) {
         f.tensors.push_back(B::Tensor("z", {uint64_t{1} << 40, uint64_t{1} << 40}, kF32, 64));
       }},
      {"too many elements", kLoss, [](B& f) { f.tensors.push_back(B::Tensor("z", {uint64_t{1} << 62}, kF32, 64)); }},
      {"not whole Q4_0 blocks of 32", kLoss, [](B& f) { f.tensors.push_back(B::Tensor("z", {33}, kQ4_0, 64)); }},
      {"type IQ2_XXS is not read", kUnknown, [](B& f) { f.tensors.push_back(B::Tensor("z", {256}, 16, 64)); }},
      {"unknown tensor type 4", kLoss, [](B& f) { f.tensors.push_back(B::Tensor("z", {32}, 4, 64)); }},
      {"not a multiple of the alignment 32", kLoss, [](B& f) { f.tensors.push_back(B::Tensor("z", {4}, kF32, 65)); }},
      {"leave the data", kLoss, [](B& f) { f.tensors.push_back(B::Tensor("z", {4}, kF32, 256)); }},
      {"leave the data", kLoss, [](B& f) { f.tensors.push_back(B::Tensor("z", {4}, kF32, ~uint64_t{31})); }},
      {"overlaps tensor \"x\"", kLoss, [](B& f) { f.tensors[1] = B::Tensor("y", {4}, kF32, 0); }},
      {"leave the data", kLoss, [](B& f) { f.data_bytes = 40; }},
  };
  for (const BadCase& c : cases) {
    GgufBytes file = Valid();
    c.damage(file);
    const auto parsed = Parse(file.Build());
    EXPECT_EQ(parsed.status().code(), c.code) << c.message << ": " << parsed.status();
    const std::string message(parsed.status().message());
    EXPECT_THAT(message, HasSubstr(c.message));
    EXPECT_THAT(message, HasSubstr("file.gguf: ")) << c.message;
    EXPECT_THAT(message, HasSubstr("byte ")) << c.message;
  }
}

TEST(GgufTest, RefusesEveryTruncation) {
  GgufBytes file = Valid();
  file.data_bytes = 32 + 18;
  const std::string valid = file.Build();
  ASSERT_TRUE(Parse(valid).ok()) << Parse(valid).status();
  for (size_t length = 0; length < valid.size(); ++length) {
    EXPECT_EQ(Parse(valid.substr(0, length)).status().code(), absl::StatusCode::kDataLoss) << "cut to " << length;
  }
}

TEST(GgufTest, SurvivesDamagedFiles) {
  const std::string valid = Valid().Build();
  int refused = 0;
  for (uint64_t i = 0; i < 4000; ++i) {
    const std::string bytes = Damaged(valid, i, valid.size() - 256);
    const auto parsed = Parse(bytes);
    if (!parsed.ok()) {
      ++refused;
      continue;
    }
    for (size_t t = 0; t < parsed->tensors.size(); ++t) {
      ASSERT_LE(parsed->offsets[t] + parsed->tensors[t].num_bytes, bytes.size()) << "damage " << i;
    }
  }
  EXPECT_GT(refused, 2000);
}

}  // namespace
}  // namespace hone
