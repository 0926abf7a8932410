#include "verifiers/code/plain_value.h"

#include <cmath>
#include <limits>

#include "gtest/gtest.h"
#include "lib/base/random.h"

namespace hone {
namespace {

PlainValue OfJson(std::string_view text) {
  auto value = PlainFromJson(text);
  EXPECT_TRUE(value.ok()) << text << value.status();
  return value.ok() ? *value : PlainValue();
}

PlainValue Wire(std::string_view bytes) {
  auto value = DecodePlain(bytes, {});
  EXPECT_TRUE(value.ok()) << bytes << value.status();
  return value.ok() ? *value : PlainValue();
}

TEST(PlainValueTest, EncodingAndDecodingAreInverse) {
  using namespace std::string_literals;
  for (const std::string& sample :
       {"N"s, "T"s, "F"s, "i0;"s, "i-12;"s, "i" + std::string(10000, '7') + ";", "f0x1.8p+0;"s, "fnan;"s, "f-inf;"s, "s0:"s,
        "s5:a\0b\xc3\xa9"s, "s3:\xed\xa0\xbd"s, "b2:\xff\0"s, "l0:"s, "l2:i1;t1:N"s, "e1:z1:i2;"s, "d2:s1:ai1;i1;l1:T"s}) {
    auto value = DecodePlain(sample, {});
    ASSERT_TRUE(value.ok()) << sample << value.status();
    EXPECT_EQ(Encode(*value), sample);
  }
}

TEST(PlainValueTest, FloatsKeepEveryBit) {
  for (double number : {0.1, -0.0, 5e-324, 1.7976931348623157e308, 1.0 / 3, 123456789.123456789}) {
    const PlainValue back = Wire(Encode(PlainValue::Float(number)));
    EXPECT_EQ(back.number, number);
    EXPECT_EQ(std::signbit(back.number), std::signbit(number));
  }
}

TEST(PlainValueTest, RefusesWhatIsNotExactlyOneValue) {
  const std::string deep = [] {
    std::string text;
    for (int i = 0; i < 10'000; ++i) text += "l1:";
    return text + "N";
  }();
  for (const std::string& bytes : {std::string(),
                                   std::string("NN"),
                                   std::string("x"),
                                   std::string("i;"),
                                   std::string("i01;"),
                                   std::string("i-0;"),
                                   std::string("i+1;"),
                                   std::string("i1"),
                                   std::string("i1e5;"),
                                   std::string("i 1;"),
                                   std::string("f;"),
                                   std::string("fx;"),
                                   std::string("f 1;"),
                                   std::string("fnan(1);"),
                                   std::string("s3:ab"),
                                   std::string("s-1:a"),
                                   std::string("s99999999999:a"),
                                   std::string("s2:\xff\xfe"),
                                   std::string("s2:\xc0\x80"),
                                   std::string("l2:N"),
                                   std::string("l4000000000:"),
                                   std::string("d1:N"),
                                   std::string("e1:l0:"),
                                   std::string("d1:l0:N"),
                                   std::string("d1:t1:l0:N"),
                                   std::string("h1;"),
                                   deep,
                                   "i" + std::string(200'000, '9') + ";"}) {
    EXPECT_EQ(DecodePlain(bytes, {}).status().code(), absl::StatusCode::kInvalidArgument) << bytes.substr(0, 60);
  }
  EXPECT_TRUE(DecodePlain("h1;", {.handles = true}).ok());
  std::string many = "l9:";
  for (int i = 0; i < 9; ++i) many += 'N';
  EXPECT_TRUE(DecodePlain(many, {.max_values = 10}).ok());
  EXPECT_FALSE(DecodePlain(many, {.max_values = 9}).ok());
}

TEST(PlainValueTest, MutatedBytesNeverDoMoreThanFail) {
  const std::string seed = "d3:s1:al3:i12;f0x1.8p+0;Ns2:xyt2:TFi5;e2:i1;b3:abc";
  RandomCursor random(RandomStream(7));
  int64_t fine = 0;
  for (int round = 0; round < 200'000; ++round) {
    std::string bytes = seed;
    for (uint64_t edits = 1 + random.Below(3); edits > 0; --edits) {
      const size_t at = random.Below(bytes.size());
      switch (random.Below(3)) {
        case 0:
          bytes[at] = static_cast<char>(random.Below(256));
          break;
        case 1:
          bytes.erase(at, 1 + random.Below(3));
          break;
        default:
          bytes.insert(at, 1, "lteszdbif0123;:NTF"[random.Below(18)]);
      }
      if (bytes.empty()) bytes = "N";
    }
    if (auto value = DecodePlain(bytes, {}); value.ok()) {
      ++fine;
      EXPECT_TRUE(DecodePlain(Encode(*value), {}).ok()) << bytes;
    }
  }
  EXPECT_GT(fine, 0);
}

TEST(PlainValueTest, JsonKeepsWholeNumbersOfAnyLength) {
  EXPECT_EQ(OfJson("50000000000000001").text, "50000000000000001");
  EXPECT_EQ(OfJson("-123456789012345678901234567890").text, "-123456789012345678901234567890");
  EXPECT_TRUE(OfJson("1.0").is(PlainValue::Kind::kFloat));
  EXPECT_TRUE(OfJson("1e3").is(PlainValue::Kind::kFloat));
  EXPECT_EQ(OfJson(R"({"a":1,"a":2})").Find("a")->text, "2");
  for (const char* bad : {"", "{", "[1,]", "nan", "1e999", "\"\xff\""}) EXPECT_FALSE(PlainFromJson(bad).ok()) << bad;
  EXPECT_FALSE(PlainFromJson(std::string(10'000, '[')).ok());
}

TEST(PlainValueTest, SpellingsNameWhatJsonHasNot) {
  EXPECT_EQ(Encode(*FromSpelling(OfJson(R"([{"$tuple":[1,{"$set":[2]}]},{"$dict":[[1,"x"]]},{"$float":"inf"},{"a":1}])"))),
            "l4:t2:i1;e1:i2;d1:i1;s1:xfinf;d1:s1:ai1;");
  EXPECT_FALSE(FromSpelling(OfJson(R"({"$what":[1]})")).ok());
  EXPECT_FALSE(FromSpelling(OfJson(R"({"$dict":[1]})")).ok());
}

TEST(PlainValueTest, TypesAreExactButForEqualNumbers) {
  const struct {
    const char* want;  // JSON
    const char* got;   // wire
    bool same;
  } cases[] = {
      {"4", "i4;", true},
      {"4", "f0x1p+2;", true},
      {"4.0", "i4;", true},
      {"4.5", "i4;", false},
      {"1", "T", false},
      {"true", "i1;", false},
      {"true", "T", true},
      {"null", "F", false},
      {"null", "N", true},
      {"50000000000000000", "i50000000000000001;", false},
      {"9007199254740993", "f0x1p+53;", false},  // 9007199254740992
      {"\"4\"", "i4;", false},
      {"\"a\"", "b1:a", false},
      {"[1,2]", "l2:i1;i2;", true},
      {"[1,2]", "t2:i1;i2;", true},
      {"[1,2]", "l2:i2;i1;", false},
      {"[1,2]", "e2:i1;i2;", false},
      {"[]", "N", false},
      {R"({"a":1,"b":[2]})", "d2:s1:bl1:i2;s1:ai1;", true},
      {R"({"1":2})", "d1:i1;i2;", true},
      {R"({"1":2})", "d1:i2;i2;", false},
      {R"({"a":1})", "d2:s1:ai1;s1:bi1;", false},
      {"0.1", "f0x1.999999999999ap-4;", true},
      {"0.3", "f0x1.3333333333334p-2;", false},  // 0.1 + 0.2
      {"0", "fnan;", false},
  };
  for (const auto& one : cases) EXPECT_EQ(MatchesPlain(OfJson(one.want), Wire(one.got), {}, true), one.same) << one.want << " " << one.got;
}

TEST(PlainValueTest, TolerancesAreForFloatsOnly) {
  const PlainTolerance tolerance{.abs = 1e-6, .rel = 0};
  EXPECT_TRUE(MatchesPlain(OfJson("0.3"), PlainValue::Float(0.1 + 0.2), tolerance, true));
  EXPECT_TRUE(MatchesPlain(OfJson("[3]"), PlainValue::List({PlainValue::Float(3.0000001)}), tolerance, true));
  EXPECT_FALSE(MatchesPlain(OfJson("3"), PlainValue::Int(4), {.abs = 10, .rel = 10}, true));
  EXPECT_FALSE(MatchesPlain(OfJson("0.3"), PlainValue::Float(0.31), tolerance, true));
  EXPECT_FALSE(MatchesPlain(OfJson("0.3"), PlainValue::Float(std::numeric_limits<double>::infinity()), {.abs = 1e300, .rel = 1e300}, true));
}

TEST(PlainValueTest, SetsMatchInAnyOrderElementByElement) {
  const PlainValue want = *FromSpelling(OfJson(R"({"$set":[1,2.5,"x"]})"));
  EXPECT_TRUE(MatchesPlain(want, Wire("e3:s1:xf0x1.4p+1;f0x1p+0;"), {}, true));
  EXPECT_FALSE(MatchesPlain(want, Wire("e3:s1:xs1:xf0x1p+0;"), {}, true));
  EXPECT_FALSE(MatchesPlain(want, Wire("z3:s1:xf0x1.4p+1;i1;"), {}, true));
}

}  // namespace
}  // namespace hone
