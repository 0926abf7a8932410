#include "lib/ledger/segment.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "gtest/gtest.h"
#include "lib/base/file.h"

namespace hone {
namespace {

class SegmentTest : public ::testing::Test {
 protected:
  SegmentTest()
      : folder_(testing::TempDir() + "/hone_segment_" + std::to_string(::getpid()) + "_" +
                testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::filesystem::remove_all(folder_);
  }
  ~SegmentTest() override { std::filesystem::remove_all(folder_); }

  RecordPlace Append(const std::string& payload, int64_t max_bytes = 1 << 20) {
    auto writer = SegmentWriter::Open(folder_, max_bytes);
    EXPECT_TRUE(writer.ok()) << writer.status();
    auto place = writer->Append(payload);
    EXPECT_TRUE(place.ok()) << place.status();
    return *place;
  }
  std::string File(int number) const { return folder_ + "/00000" + std::to_string(number) + ".seg"; }
  void Cut(int64_t bytes_off_the_end) { std::filesystem::resize_file(File(0), std::filesystem::file_size(File(0)) - bytes_off_the_end); }
  void Flip(int64_t offset) {
    std::fstream file(File(0), std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(offset);
    const char byte = static_cast<char>(file.get());
    file.seekp(offset);
    file.put(static_cast<char>(byte ^ 0x20));
  }
  const std::string folder_;
};

TEST_F(SegmentTest, RecordsComeBackAsWritten) {
  const std::string binary("\0\xff\n", 3), big(3 << 20, 'x');
  const RecordPlace a = Append(""), b = Append(binary), c = Append(big);
  EXPECT_EQ(*ReadRecord(folder_, a), "");
  EXPECT_EQ(*ReadRecord(folder_, b), binary);
  EXPECT_EQ(*ReadRecord(folder_, c), big);
}

TEST_F(SegmentTest, AFullSegmentIsFollowedByTheNext) {
  const RecordPlace a = Append("one", 10), b = Append("two", 10);
  EXPECT_EQ(a.segment, 0);
  EXPECT_EQ(b.segment, 1);
  EXPECT_EQ(*ReadRecord(folder_, a), "one");
  EXPECT_EQ(*ReadRecord(folder_, b), "two");
}

TEST_F(SegmentTest, ATornTailIsCutAndWrittenOver) {
  const RecordPlace a = Append("first");
  const RecordPlace b = Append("second");
  Cut(3);
  EXPECT_EQ(ReadRecord(folder_, b).status().code(), absl::StatusCode::kDataLoss);
  const RecordPlace c = Append("third");
  EXPECT_EQ(c.offset, b.offset);
  EXPECT_EQ(*ReadRecord(folder_, a), "first");
  EXPECT_EQ(*ReadRecord(folder_, c), "third");
}

TEST_F(SegmentTest, DamageIsNamedWithFileAndByteAndNothingBehindItIsCut) {
  const RecordPlace a = Append("first record"), b = Append("second record");
  Flip(a.offset + 15);
  const absl::Status status = ReadRecord(folder_, a).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_NE(status.message().find(File(0)), std::string::npos) << status;
  EXPECT_NE(status.message().find("byte 8"), std::string::npos) << status;
  EXPECT_EQ(SegmentWriter::Open(folder_).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(*ReadRecord(folder_, b), "second record");
}

TEST_F(SegmentTest, AForeignFileIsRefused) {
  ASSERT_TRUE(MakeDirectories(folder_).ok());
  ASSERT_TRUE(WriteFileAtomically(File(0), "this is not a ledger").ok());
  EXPECT_EQ(SegmentWriter::Open(folder_).status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(SegmentTest, PlacesOutsideTheFileAreErrors) {
  Append("x");
  for (RecordPlace place : {RecordPlace{0, -5}, RecordPlace{0, 3}, RecordPlace{0, 1 << 30}, RecordPlace{7, 8}}) {
    EXPECT_FALSE(ReadRecord(folder_, place).ok()) << place.segment << ":" << place.offset;
  }
}

}  // namespace
}  // namespace hone
