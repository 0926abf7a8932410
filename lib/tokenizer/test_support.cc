#include "lib/tokenizer/test_support.h"

#include <zlib.h>

#include <cstdlib>

#include "fmt/format.h"
#include "lib/base/check.h"
#include "lib/base/file.h"
#include "lib/base/random.h"
#include "lib/tokenizer/unicode.h"

namespace hone {
namespace {

std::string GoldenFolder(const std::string& name) {
  const char* other = std::getenv("HONE_GOLDEN_TOKENIZERS");
  return std::string(other != nullptr ? other : "tests/testdata/tokenizers") + "/" + name;
}

absl::StatusOr<std::string> Gunzip(const std::string& path) {
  gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) return absl::NotFoundError(fmt::format("{}: cannot be opened", path));
  std::string content, block(1 << 16, '\0');
  int got;
  while ((got = gzread(file, block.data(), static_cast<unsigned>(block.size()))) > 0) content.append(block, 0, static_cast<size_t>(got));
  gzclose(file);
  if (got < 0) return absl::DataLossError(fmt::format("{}: not a gzip file", path));
  return content;
}

}  // namespace

absl::StatusOr<std::string> GoldenTokenizerJson(const std::string& name) {
  const std::string path = GoldenFolder(name) + "/tokenizer.json";
  auto plain = ReadFile(path);
  if (plain.ok()) return plain;
  return Gunzip(path + ".gz");
}

absl::StatusOr<nlohmann::json> GoldenTokenizerCases(const std::string& name) {
  HONE_ASSIGN_OR_RETURN(const std::string text, ReadFile(GoldenFolder(name) + "/cases.json"));
  nlohmann::json cases = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (cases.is_discarded()) return absl::DataLossError(fmt::format("{}/cases.json: not JSON", GoldenFolder(name)));
  return cases;
}

std::unique_ptr<Tokenizer> GoldenTokenizer(const std::string& name) {
  const auto json = GoldenTokenizerJson(name);
  HONE_CHECK(json.ok());
  auto tokenizer = Tokenizer::FromJson(*json, name);
  HONE_CHECK(tokenizer.ok());
  return *std::move(tokenizer);
}

nlohmann::json SmallTokenizerJson() {
  return nlohmann::json::parse(R"json({
    "version": "1.0",
    "added_tokens": [
      {"id": 20, "content": "<s>", "special": true, "normalized": false, "single_word": false, "lstrip": false, "rstrip": false},
      {"id": 21, "content": "<left>", "special": true, "normalized": false, "single_word": false, "lstrip": true, "rstrip": false},
      {"id": 22, "content": "<right>", "special": false, "normalized": false, "single_word": false, "lstrip": false, "rstrip": true},
      {"id": 23, "content": "cab", "special": false, "normalized": true, "single_word": true, "lstrip": false, "rstrip": false}],
    "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Replace", "pattern": {"String": "~"}, "content": " "}]},
    "pre_tokenizer": {"type": "Split", "pattern": {"Regex": " ?[^ ]+| +"}, "behavior": "Isolated", "invert": false},
    "decoder": {"type": "Sequence", "decoders": [
      {"type": "Replace", "pattern": {"String": "_"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"},
      {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
    "model": {
      "type": "BPE", "dropout": null, "unk_token": "?", "continuing_subword_prefix": null, "end_of_word_suffix": "",
      "fuse_unk": false, "byte_fallback": true, "ignore_merges": false,
      "vocab": {"?": 0, "a": 1, "b": 2, "c": 3, " ": 4, "ab": 5, "bc": 6, "abc": 7, " a": 8, "aa": 9, "<0xC3>": 10, "<0xA9>": 11, "_": 12,
                "_a": 13, "aaaa": 14, "\u00e9": 15},
      "merges": ["a b", ["b", "c"], "ab c", [" ", "a"], ["a", "a"], "_ a", ["aa", "aa"]]}})json");
}

std::string DifficultText(uint64_t seed, uint64_t index) {
  static const std::vector<std::string> kPieces = {"'s",
                                                   "'S",
                                                   "'\u017F",
                                                   "'Re",
                                                   "'LL",
                                                   "'ve",
                                                   "don't",
                                                   "'",
                                                   "\u00DF",
                                                   "\u212A",
                                                   "\u0085",
                                                   "\u180E",
                                                   "\u200B",
                                                   "\u2028",
                                                   "\u3000",
                                                   "\u00A0",
                                                   "\uFEFF",
                                                   "\r\n",
                                                   "\n\n",
                                                   "\t",
                                                   " ",
                                                   "  ",
                                                   "   ",
                                                   "\u00E9",
                                                   "e\u0301",
                                                   "\uD55C\uAD6D\uC5B4",
                                                   "\u1112\u1161\u11AB",
                                                   "\u65E5\u672C",
                                                   "\u3072\u3089",
                                                   "\u30AB\u30BF",
                                                   "\U0001F600",
                                                   "\U0001F468\u200D\U0001F469",
                                                   "\u01C4",
                                                   "\u01C5",
                                                   "\u01C6",
                                                   "\u02B0",
                                                   "\u00AA",
                                                   "\u0661\u0662",
                                                   "\u00BD",
                                                   "\u2167",
                                                   "\u00B2",
                                                   "\U0001D7D8",
                                                   "\U00010D40",
                                                   "\u1C89",
                                                   "\U0001CD00",
                                                   "\u0301",
                                                   "\u0903",
                                                   "camelCase",
                                                   "HTTPServer",
                                                   "snake_case",
                                                   "1",
                                                   "12",
                                                   "4567",
                                                   "3.14",
                                                   "$x$",
                                                   "\\frac{1}{2}",
                                                   "//",
                                                   "/\n",
                                                   "...",
                                                   "!?",
                                                   "-->",
                                                   "<|endoftext|>",
                                                   "<s>",
                                                   "<left>",
                                                   "<right>",
                                                   "cab",
                                                   "\u2581",
                                                   "<0x41>",
                                                   "\u0120",
                                                   "\x01",
                                                   "a",
                                                   "B",
                                                   "the ",
                                                   " of",
                                                   "\u00C0\u00C9",
                                                   "\u0414\u0410\u0436\u0435",
                                                   "\u05E9\u05DC",
                                                   "\u0939\u093F\u0928",
                                                   "\U0010FFFF",
                                                   "|",
                                                   "<"};
  RandomCursor random(RandomStream(seed, index));
  std::string text;
  const uint64_t kind = random.Below(8);
  const uint64_t count = random.Below(24);
  for (uint64_t i = 0; i < count; ++i) {
    if (kind == 0) {
      text += " \n\r\ta1'."[random.Below(8)];
    } else if (kind == 1) {
      uint32_t code_point = static_cast<uint32_t>(random.Below(random.Below(2) ? 0x3000 : 0x20000));
      if (code_point >= 0xD800 && code_point < 0xE000) code_point -= 0x1000;
      AppendUtf8(code_point, &text);
    } else {
      text += kPieces[random.Below(kPieces.size())];
    }
  }
  return text;
}

}  // namespace hone
