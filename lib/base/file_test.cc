#include "lib/base/file.h"

#include <unistd.h>

#include <filesystem>

#include "gtest/gtest.h"

namespace hone {
namespace {

class FileTest : public ::testing::Test {
 protected:
  FileTest() : folder_(testing::TempDir() + "/hone_file_test_" + std::to_string(::getpid())) {
    std::filesystem::create_directories(folder_);
  }
  ~FileTest() override { std::filesystem::remove_all(folder_); }
  const std::string folder_;
};

TEST_F(FileTest, WhatIsWrittenAtomicallyIsReadBack) {
  const std::string path = folder_ + "/a";
  ASSERT_TRUE(WriteFileAtomically(path, "one").ok());
  ASSERT_TRUE(WriteFileAtomically(path, "two").ok());
  EXPECT_EQ(*ReadFile(path), "two");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1) << "no temporary file is left";
}

TEST_F(FileTest, ErrorsNameTheFile) {
  auto missing = ReadFile(folder_ + "/nothing");
  EXPECT_EQ(missing.status().code(), absl::StatusCode::kNotFound);
  EXPECT_NE(missing.status().message().find(folder_), std::string::npos);
  EXPECT_EQ(ReadFile(folder_).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(WriteFileAtomically(folder_ + "/no/such/folder", "x").ok());
  EXPECT_EQ(MappedFile::Open(folder_ + "/nothing").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(FileTest, AFileOverTheLimitIsRefused) {
  ASSERT_TRUE(WriteFileAtomically(folder_ + "/a", "12345").ok());
  EXPECT_TRUE(ReadFile(folder_ + "/a", 5).ok());
  EXPECT_EQ(ReadFile(folder_ + "/a", 4).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(FileTest, AMappedFileShowsTheBytes) {
  ASSERT_TRUE(WriteFileAtomically(folder_ + "/a", "12345").ok());
  auto file = MappedFile::Open(folder_ + "/a");
  ASSERT_TRUE(file.ok());
  EXPECT_EQ(std::string((*file)->data(), (*file)->data() + (*file)->size()), "12345");
  ASSERT_TRUE(WriteFileAtomically(folder_ + "/empty", "").ok());
  EXPECT_EQ((*MappedFile::Open(folder_ + "/empty"))->size(), 0u);
}

TEST_F(FileTest, AFullDiskIsSaidWithItsCure) {
  const absl::Status status = ErrnoToStatus(ENOSPC, "cannot write", "x");
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_NE(status.message().find("free some disk space"), std::string::npos);
}

}  // namespace
}  // namespace hone
