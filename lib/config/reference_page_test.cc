#include "lib/config/reference_page.h"

#include <cstdlib>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/base/file.h"
#include "lib/config/recipe.h"
#include "lib/config/schema.h"

namespace hone {
namespace {

TEST(ReferencePageTest, HasEveryFieldAndSection) {
  const std::string page = RecipeReferenceMarkdown();
  for (const FieldSpec& field : RecipeSchema().fields())
    EXPECT_THAT(page, ::testing::HasSubstr("\n| `" + field.path + "` | ")) << field.path;
  for (const SectionSpec& section : RecipeSchema().sections())
    EXPECT_THAT(page, ::testing::HasSubstr("\n## " + section.path + "\n")) << section.path;
  EXPECT_THAT(page, ::testing::HasSubstr("\n| `verifiers[].gate` | number or null | `null` |"));
  EXPECT_THAT(page, ::testing::HasSubstr("\n| `dr_grpo` | "));
}

// HONE_WRITE_DOCS=1 writes the page instead.
TEST(ReferencePageTest, DocsHaveThePageOfThisTable) {
  const std::string page = RecipeReferenceMarkdown();
  if (std::getenv("HONE_WRITE_DOCS") != nullptr) {
    ASSERT_TRUE(WriteFileAtomically("docs/recipe.md", page).ok());
  }
  const auto written = ReadFile("docs/recipe.md");
  ASSERT_TRUE(written.ok()) << written.status().message();
  EXPECT_TRUE(*written == page) << "docs/recipe.md is not what the table says; write it anew with\n"
                                   "  HONE_WRITE_DOCS=1 config_test --gtest_filter='ReferencePageTest.*'\nfrom the source folder";
}

}  // namespace
}  // namespace hone
