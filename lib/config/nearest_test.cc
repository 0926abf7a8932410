#include "lib/config/nearest.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace hone {
namespace {

TEST(NearestTest, CountsInsertionsDeletionsReplacementsAndSwaps) {
  const struct {
    std::string a, b;
    int distance;
  } kCases[] = {{"", "", 0},
                {"", "abc", 3},
                {"abc", "", 3},
                {"kitten", "sitting", 3},
                {"ab", "ba", 1},
                {"abcd", "acbd", 1},
                {"ca", "abc", 3},
                {"group_size", "grup_size", 1},
                {"Group-Size", "group_size", 0}};
  for (const auto& c : kCases) {
    EXPECT_EQ(EditDistance(c.a, c.b), c.distance) << c.a << " " << c.b;
    EXPECT_EQ(EditDistance(c.b, c.a), c.distance) << c.b << " " << c.a;
  }
}

TEST(NearestTest, FindsWhatWasMeantAndNothingWhenNothingIsNear) {
  const std::vector<std::string> known = {"group_size", "max_new_tokens", "lr", "eps", "temperature", "top_k", "top_p", "betas"};
  const struct {
    std::string name, nearest;  // empty: none
  } kCases[] = {{"grup_size", "group_size"},
                {"groupSize", "group_size"},
                {"max_new_token", "max_new_tokens"},
                {"temprature", "temperature"},
                {"temp", "temperature"},
                {"top-k", "top_k"},
                {"esp", "eps"},
                {"beta", "betas"},
                {"LR", "lr"},
                {"learning_rate", ""},
                {"zzz", ""},
                {"", ""},
                {"x", ""},
                {std::string(1000, 'g'), ""},
                {"top", "top_k"}};
  for (const auto& c : kCases) EXPECT_EQ(Nearest(c.name, known).value_or(""), c.nearest) << c.name;
}

TEST(NearestTest, APrefixOfTwoNamesMeansNeither) {
  EXPECT_EQ(Nearest("alpha", std::vector<std::string>{"alpha_of_the_first", "alpha_of_the_second"}), std::nullopt);
}

TEST(NearestTest, EndsAMessageWithTheNearestNameOrAllOfThem) {
  const std::vector<std::string> known = {"exact", "numeric"};
  EXPECT_EQ(DidYouMean("numerik", known), "; did you mean \"numeric\"?");
  EXPECT_EQ(DidYouMean("math", known), "; known: exact, numeric");
  EXPECT_EQ(DidYouMean("math", std::vector<std::string>()), "");
}

}  // namespace
}  // namespace hone
