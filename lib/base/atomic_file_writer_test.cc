#include "lib/base/atomic_file_writer.h"

#include <filesystem>
#include <string>

#include "gtest/gtest.h"
#include "lib/base/file.h"

namespace hone {
namespace {

std::string FreshFolder(const std::string& name) {
  const std::string folder = testing::TempDir() + "/atomic_file_writer_" + name;
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder;
}

bool IsEmpty(const std::string& folder) {
  return std::filesystem::is_empty(folder);
}

TEST(AtomicFileWriterTest, WritesPiecesInAnyOrder) {
  const std::string path = FreshFolder("pieces") + "/file";
  auto writer = AtomicFileWriter::Create(path, 8);
  ASSERT_TRUE(writer.ok()) << writer.status();
  ASSERT_TRUE((*writer)->WriteAt(4, "5678", 4).ok());
  ASSERT_TRUE((*writer)->WriteAt(0, "1234", 4).ok());
  EXPECT_FALSE(std::filesystem::exists(path));
  ASSERT_TRUE((*writer)->Commit().ok());
  EXPECT_EQ(ReadFile(path).value(), "12345678");
  EXPECT_EQ((*writer)->WriteAt(0, "x", 1).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ((*writer)->Commit().code(), absl::StatusCode::kFailedPrecondition);
}

TEST(AtomicFileWriterTest, LeavesNothingWhenItIsNotCommitted) {
  const std::string folder = FreshFolder("abandoned");
  {
    auto writer = AtomicFileWriter::Create(folder + "/file", 4);
    ASSERT_TRUE(writer.ok()) << writer.status();
    EXPECT_FALSE(IsEmpty(folder));
  }
  EXPECT_TRUE(IsEmpty(folder));
}

TEST(AtomicFileWriterTest, NamesTheFileWhenTheFolderIsMissing) {
  const std::string path = FreshFolder("missing") + "/no/such/file";
  const auto writer = AtomicFileWriter::Create(path, 1);
  EXPECT_EQ(writer.status().code(), absl::StatusCode::kNotFound);
  EXPECT_NE(std::string(writer.status().message()).find(path), std::string::npos) << writer.status();
}

}  // namespace
}  // namespace hone
