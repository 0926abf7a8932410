#include "lib/checkpoint/safetensors.h"

#include <limits>
#include <thread>

#include "lib/checkpoint/test_files.h"

namespace hone {
namespace {

using testing::HasSubstr;

class SafetensorsTest : public testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<SafetensorsFile>> OpenBytes(const std::string& bytes) {
    return SafetensorsFile::Open(folder_.Put("file.safetensors", bytes));
  }
  absl::StatusOr<std::unique_ptr<SafetensorsFile>> OpenHeader(const std::string& header, size_t data_bytes) {
    return OpenBytes(SafetensorsBytes(header, data_bytes));
  }
  TestFolder folder_;
};

constexpr char kValid[] =
    R"({"__metadata__":{"format":"pt"},"b":{"dtype":"BF16","shape":[2,2],"data_offsets":[8,16]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";

TEST_F(SafetensorsTest, ReadsTensorsAndMetadata) {
  const auto file = OpenHeader(kValid, 16);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ((*file)->metadata().at("format"), "pt");
  ASSERT_EQ((*file)->tensors().size(), 2u);
  EXPECT_EQ((*file)->tensors()[0].name, "a");
  const TensorInfo* b = (*file)->Find("b");
  ASSERT_NE(b, nullptr);
  EXPECT_EQ(b->shape, (std::vector<int64_t>{2, 2}));
  std::vector<uint16_t> row(2);
  ASSERT_TRUE((*file)->ReadBFloat16Rows("b", 1, 1, absl::MakeSpan(row)).ok());
  EXPECT_EQ(row, (std::vector<uint16_t>{0x0d0c, 0x0f0e}));
}

TEST_F(SafetensorsTest, RefusesReadsThatDoNotFit) {
  const auto file = OpenHeader(kValid, 16);
  ASSERT_TRUE(file.ok()) << file.status();
  std::vector<float> four(4), three(3);
  EXPECT_EQ((*file)->ReadFloat32("c", absl::MakeSpan(four)).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ((*file)->ReadFloat32("b", absl::MakeSpan(three)).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ((*file)->ReadFloat32Rows("b", 1, 2, absl::MakeSpan(four)).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ((*file)->ReadFloat32Rows("b", -1, 2, absl::MakeSpan(four)).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ((*file)->ReadFloat32Rows("b", std::numeric_limits<int64_t>::max(), 2, absl::MakeSpan(four)).code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(SafetensorsTest, RefusesMalformedHeadersNamingTensorAndByte) {
  const struct {
    const char* header;
    size_t data_bytes;
    const char* message;
  } cases[] = {
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]})", 8, "not valid JSON"},
      {R"([])", 0, "a list is not expected"},
      {R"()", 0, "not valid JSON"},
      {R"({"a":3})", 0, "tensor \"a\": byte"},
      {R"({"a":{"dtype":"F31","shape":[2],"data_offsets":[0,8]}})", 8, "unknown dtype \"F31\""},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,7]}})", 7, "span 7 bytes, but F32 of shape [2] takes 8"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})", 8, "run backwards"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,9]}})", 8, "more than two"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}})", 8, "needs two numbers"},
      {R"({"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})", 8, "a negative number"},
      {R"({"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}})", 8, "the number \"2.0\""},
      {R"({"a":{"dtype":"F32","shape":[18446744073709551615],"data_offsets":[0,8]}})", 8, "too large"},
      {R"({"a":{"dtype":"F32","shape":[99999999999999999999999],"data_offsets":[0,8]}})", 8, "not expected"},
      {R"({"a":{"dtype":"F32","shape":[4611686018427387904,4611686018427387904],"data_offsets":[0,8]}})", 8, "too many elements"},
      {R"({"a":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,8]}})", 8, "too many elements"},
      {R"({"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]}})", 4, "more than 16 dimensions"},
      {R"({"a":{"dtype":"F32","shape":[2]}})", 8, "needs the fields"},
      {R"({"a":{"dtype":"F32","shape":[2],"shape":[2],"data_offsets":[0,8]}})", 8, "occurs twice"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}})", 8, "unknown field \"x\""},
      {R"({"a":{"dtype":"F32","shape":[[2]],"data_offsets":[0,8]}})", 8, "a list is not expected"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}})", 16,
       "tensor \"a\": byte 64: the name occurs twice"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})", 12,
       "overlaps tensor \"a\""},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[12,20]}})", 20,
       "4 bytes before it belong to no tensor"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 9, "1 bytes belong to no tensor"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 7, "was it cut off"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[18446744073709551608,0]}})", 8, "run backwards"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[18446744073709551607,18446744073709551615]}})", 8, "was it cut off"},
      {R"({"__metadata__":{"a":1}})", 0, "not expected"},
      {R"({"__metadata__":{"a":"1","a":"2"}})", 0, "occurs twice"},
      {"{\"\xff\":1}", 0, "not valid JSON"},
  };
  for (const auto& c : cases) {
    const auto file = OpenHeader(c.header, c.data_bytes);
    EXPECT_EQ(file.status().code(), absl::StatusCode::kDataLoss) << c.header << ": " << file.status();
    const std::string message(file.status().message());
    EXPECT_THAT(message, HasSubstr(c.message)) << c.header;
    EXPECT_THAT(message, HasSubstr("file.safetensors")) << c.header;
    EXPECT_THAT(message, HasSubstr("byte ")) << c.header;
  }
}

TEST_F(SafetensorsTest, RefusesHeadersThatLeaveTheFile) {
  const std::string valid = SafetensorsBytes(kValid, 16);
  for (size_t length = 0; length < valid.size(); ++length) {
    EXPECT_EQ(OpenBytes(valid.substr(0, length)).status().code(), absl::StatusCode::kDataLoss) << "cut to " << length;
  }
  for (const uint64_t length : {uint64_t{100'000'001}, std::numeric_limits<uint64_t>::max(), std::numeric_limits<uint64_t>::max() - 7}) {
    EXPECT_THAT(std::string(OpenBytes(LittleEndian(length) + "{}").status().message()), HasSubstr("above the limit")) << length;
  }
  EXPECT_EQ(SafetensorsFile::Open(folder_ / "none").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(SafetensorsTest, DeepNestingDoesNotExhaustTheStack) {
  EXPECT_EQ(OpenHeader("{\"a\":" + std::string(1 << 20, '['), 0).status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(SafetensorsTest, SurvivesDamagedFiles) {
  const std::string valid = SafetensorsBytes(kValid, 16);
  int refused = 0;
  for (uint64_t i = 0; i < 3000; ++i) {
    const auto file = OpenBytes(Damaged(valid, i, valid.size()));
    if (!file.ok()) {
      ++refused;
      continue;
    }
    for (const TensorInfo& info : (*file)->tensors()) {
      std::vector<float> values(static_cast<size_t>(info.num_elements));
      (*file)->ReadFloat32(info.name, absl::MakeSpan(values)).IgnoreError();
    }
  }
  EXPECT_GT(refused, 2000);
}

TEST_F(SafetensorsTest, WritesWhatItReads) {
  const std::string path = folder_ / "out.safetensors";
  auto writer = SafetensorsWriter::Create(path, {{"b", StoredType::kBF16, {2, 3}},
                                                 {"a \"quoted\"", StoredType::kBF16, {}},
                                                 {"c", StoredType::kF32, {2}},
                                                 {"e", StoredType::kF32, {0, 5}}});
  ASSERT_TRUE(writer.ok()) << writer.status();
  const std::vector<float> b = {1, -2, 3, 0.1f, 5, 6};
  ASSERT_TRUE((*writer)->WriteFloat32("c", std::vector<float>{0.1f, -7}).ok());
  ASSERT_TRUE((*writer)->WriteFloat32("b", absl::MakeConstSpan(b).subspan(3), 3).ok());
  ASSERT_TRUE((*writer)->WriteFloat32("b", absl::MakeConstSpan(b).subspan(0, 3), 0).ok());
  EXPECT_EQ((*writer)->Finish().code(), absl::StatusCode::kFailedPrecondition) << "one tensor is missing";
  EXPECT_FALSE(std::filesystem::exists(path));
  ASSERT_TRUE((*writer)->WriteBFloat16("a \"quoted\"", std::vector<uint16_t>{0x3f80}).ok());
  ASSERT_TRUE((*writer)->Finish().ok());

  const auto file = SafetensorsFile::Open(path);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ((*file)->metadata().at("format"), "pt");
  std::vector<float> values(6), one(1), two(2);
  ASSERT_TRUE((*file)->ReadFloat32("b", absl::MakeSpan(values)).ok());
  for (size_t i = 0; i < b.size(); ++i) EXPECT_EQ(values[i], FloatFromBFloat16(BFloat16FromFloat(b[i]))) << i;
  ASSERT_TRUE((*file)->ReadFloat32("a \"quoted\"", absl::MakeSpan(one)).ok());
  EXPECT_EQ(one[0], 1.0f);
  ASSERT_TRUE((*file)->ReadFloat32("c", absl::MakeSpan(two)).ok());
  EXPECT_EQ(two, (std::vector<float>{0.1f, -7}));
  EXPECT_TRUE((*file)->ReadFloat32("e", absl::Span<float>()).ok());
}

TEST_F(SafetensorsTest, EqualWeightsGiveEqualFilesWhateverTheOrder) {
  const std::vector<TensorSpec> specs = {{"x", StoredType::kBF16, {100, 7}}, {"y", StoredType::kF32, {9}}, {"w", StoredType::kF32, {3}}};
  std::string contents[2];
  for (const bool reversed : {false, true}) {
    std::vector<TensorSpec> order = specs;
    if (reversed) std::reverse(order.begin(), order.end());
    const std::string path = folder_ / "order.safetensors";
    auto writer = SafetensorsWriter::Create(path, order);
    ASSERT_TRUE(writer.ok()) << writer.status();
    std::vector<std::thread> threads;
    for (const TensorSpec& spec : order) {
      threads.emplace_back([&writer, spec] {
        const std::vector<float> values(static_cast<size_t>(*CountElements(spec.shape)), static_cast<float>(spec.name[0]));
        EXPECT_TRUE((*writer)->WriteFloat32(spec.name, values).ok());
      });
    }
    for (std::thread& thread : threads) thread.join();
    ASSERT_TRUE((*writer)->Finish().ok());
    contents[reversed ? 1 : 0] = ReadFile(path).value();
  }
  EXPECT_EQ(contents[0], contents[1]);
}

TEST_F(SafetensorsTest, WriterRefusesBadSpecsAndSizes) {
  const struct {
    std::vector<TensorSpec> specs;
    const char* message;
  } cases[] = {
      {{{"a", StoredType::kF32, {1}}, {"a", StoredType::kF32, {1}}}, "announced twice"},
      {{{"a", StoredType::kQ4_0, {32}}}, "cannot be written as Q4_0"},
      {{{"__metadata__", StoredType::kF32, {1}}}, "not a name"},
      {{{"a", StoredType::kF32, {-1}}}, "shape [-1]"},
      {{{"\xff", StoredType::kF32, {1}}}, "UTF-8"},
  };
  for (const auto& c : cases) {
    const auto writer = SafetensorsWriter::Create(folder_ / "bad.safetensors", c.specs);
    EXPECT_EQ(writer.status().code(), absl::StatusCode::kInvalidArgument) << c.message;
    EXPECT_THAT(std::string(writer.status().message()), HasSubstr(c.message));
  }
  auto writer = SafetensorsWriter::Create(folder_ / "bad.safetensors", {{"a", StoredType::kF32, {2}}});
  ASSERT_TRUE(writer.ok()) << writer.status();
  EXPECT_EQ((*writer)->WriteFloat32("z", std::vector<float>{1}).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ((*writer)->WriteFloat32("a", std::vector<float>{1, 2, 3}).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ((*writer)->WriteFloat32("a", std::vector<float>{1, 2}, 1).code(), absl::StatusCode::kInvalidArgument);
  ASSERT_TRUE((*writer)->WriteFloat32("a", std::vector<float>{1, 2}).ok());
  ASSERT_TRUE((*writer)->WriteFloat32("a", std::vector<float>{1, 2}).ok());
  EXPECT_EQ((*writer)->Finish().code(), absl::StatusCode::kFailedPrecondition) << "a tensor was written twice";
}

}  // namespace
}  // namespace hone
