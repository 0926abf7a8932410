#include "lib/torch/loader.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace hone {
namespace {

using ::testing::HasSubstr;

TEST(TorchLoaderTest, AMissingLibraryIsNamedWithTheCure) {
  const absl::Status status = TorchBackend::LoadFrom("/nowhere/libhone_torch.so").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr("/nowhere/libhone_torch.so"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("scripts/setup"));
}

TEST(TorchLoaderTest, AFileThatIsNoLibraryIsRefused) {
  std::string folder = (std::filesystem::temp_directory_path() / "hone-torch-XXXXXX").string();
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  const std::string path = folder + "/libhone_torch.so";
  std::ofstream(path) << "not a library";
  const absl::Status status = TorchBackend::LoadFrom(path).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr(path));
  std::filesystem::remove_all(folder);
}

TEST(TorchLoaderTest, AnotherLibraryIsNotTakenForOurs) {
  const absl::Status status = TorchBackend::LoadFrom("libm.so.6").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("libm.so.6 has no hone_torch_api"));
}

TEST(TorchLoaderTest, TheStatusSaysWhatIsThereOrHowToGetIt) {
  const TorchStatus status = GetTorchStatus();
  EXPECT_EQ(status.available, TorchBackend::Load().ok());
  if (status.available) {
    int major = 0, minor = 0;
    ASSERT_EQ(std::sscanf(status.found.c_str(), "%d.%d.", &major, &minor), 2) << status.found;
    EXPECT_GE(std::make_pair(major, minor), std::make_pair(2, 11)) << status.found;
  } else {
    EXPECT_THAT(status.found, HasSubstr("LibTorch"));
    EXPECT_THAT(status.cure, HasSubstr("scripts/setup"));
  }
}

}  // namespace
}  // namespace hone
