#include "verifiers/external/new_verifier.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/base/file.h"

namespace hone {
namespace {

class NewVerifierTest : public ::testing::Test {
 protected:
  NewVerifierTest() : folder_((std::filesystem::temp_directory_path() / ("hone-new-" + std::to_string(::getpid()))).string()) {
    std::filesystem::create_directories(folder_);
  }
  ~NewVerifierTest() override { std::filesystem::remove_all(folder_); }
  const std::string folder_;
};

TEST_F(NewVerifierTest, EachLanguageWritesItsFilesUnderTheName) {
  for (const std::string& language : TemplateLanguages()) {
    const auto made = WriteNewVerifier(folder_, "my_" + language, language);
    ASSERT_TRUE(made.ok()) << made.status();
    EXPECT_TRUE(std::filesystem::exists(*made + "/README.md")) << language;
    struct stat found;
    ASSERT_EQ(stat((*made + "/test.sh").c_str(), &found), 0) << language;
    EXPECT_NE(found.st_mode & S_IXUSR, 0u) << language;
    for (const auto& entry : std::filesystem::directory_iterator(*made)) {
      EXPECT_EQ(ReadFile(entry.path().string())->find("@NAME@"), std::string::npos) << entry.path();
      EXPECT_EQ(entry.path().string().find('@'), std::string::npos) << entry.path();
    }
  }
  EXPECT_TRUE(std::filesystem::exists(folder_ + "/my_cpp/hone_verifier.h"));
  EXPECT_TRUE(std::filesystem::exists(folder_ + "/my_cpp/my_cpp.cc"));
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/my_cpp/my_cpp.py"));
  EXPECT_TRUE(std::filesystem::exists(folder_ + "/my_python/my_python.py"));
}

TEST_F(NewVerifierTest, BadNamesAndTakenFoldersAreRefused) {
  for (const std::string& name :
       {std::string(), std::string("../up"), std::string("a b"), std::string("1a"), std::string("a.b"), std::string(65, 'a')}) {
    EXPECT_EQ(WriteNewVerifier(folder_, name, "cpp").status().code(), absl::StatusCode::kInvalidArgument) << name;
  }
  EXPECT_THAT(std::string(WriteNewVerifier(folder_, "a", "pyhton").status().message()), ::testing::HasSubstr("did you mean \"python\"?"));
  ASSERT_TRUE(WriteNewVerifier(folder_, "a", "any").ok());
  EXPECT_EQ(WriteNewVerifier(folder_, "a", "any").status().code(), absl::StatusCode::kAlreadyExists);
}

}  // namespace
}  // namespace hone
