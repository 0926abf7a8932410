#include "lib/tokenizer/bpe_vocabulary.h"

#include <string_view>

#include "fmt/format.h"
#include "lib/tokenizer/unicode.h"
#include "lib/tokenizer/word_scanner.h"
#include "nlohmann/json.hpp"

namespace hone {
namespace {

using Json = nlohmann::ordered_json;

constexpr int32_t kControl = 3;
constexpr int32_t kUserDefined = 4;

Json ByteLevel(bool use_regex) {
  return {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}, {"use_regex", use_regex}};
}

Json Sequence(Json first, Json second) {
  return {{"type", "Sequence"}, {"pretokenizers", Json::array({std::move(first), std::move(second)})}};
}

Json SplitThenBytes(std::string_view pattern) {
  return Sequence({{"type", "Split"}, {"pattern", {{"Regex", std::string(pattern)}}}, {"behavior", "Isolated"}, {"invert", false}},
                  ByteLevel(false));
}

// What goes with a name of tokenizer.ggml.pre.
struct Kind {
  Json normalizer;  // null: none
  Json pre_tokenizer;
  bool ignore_merges = false;
};

absl::StatusOr<Kind> KindOf(const std::string& name) {
  if (name == "smollm") return Kind{.pre_tokenizer = Sequence({{"type", "Digits"}, {"individual_digits", true}}, ByteLevel(true))};
  if (name == "gpt-2") return Kind{.pre_tokenizer = ByteLevel(true)};
  if (name == "qwen2") return Kind{.normalizer = {{"type", "NFC"}}, .pre_tokenizer = SplitThenBytes(kQwen2Pattern)};
  if (name == "llama-bpe") return Kind{.pre_tokenizer = SplitThenBytes(kLlama3Pattern), .ignore_merges = true};
  return absl::InvalidArgumentError(fmt::format("pre-tokenizer {:?} is not supported; known are gpt-2, llama-bpe, qwen2, smollm", name));
}

absl::Status CheckTokens(const BpeVocabulary& vocabulary) {
  const size_t count = vocabulary.tokens.size();
  if (count == 0) return absl::InvalidArgumentError("the vocabulary has no tokens");
  if (!vocabulary.token_types.empty() && vocabulary.token_types.size() != count) {
    return absl::InvalidArgumentError(fmt::format("{} token types do not fit {} tokens", vocabulary.token_types.size(), count));
  }
  for (const auto& [id, name] : {std::pair(vocabulary.bos_id, "bos"), std::pair(vocabulary.eos_id, "eos")}) {
    if (id < -1 || id >= static_cast<int64_t>(count)) {
      return absl::InvalidArgumentError(fmt::format("{} id {} must be in [-1, {})", name, id, count));
    }
  }
  for (size_t id = 0; id < count; ++id) {
    if (vocabulary.tokens[id].empty()) return absl::InvalidArgumentError(fmt::format("token {} is empty", id));
    if (!IsValidUtf8(vocabulary.tokens[id])) return absl::InvalidArgumentError(fmt::format("token {} is not UTF-8", id));
  }
  for (size_t i = 0; i < vocabulary.merges.size(); ++i) {
    if (!IsValidUtf8(vocabulary.merges[i])) return absl::InvalidArgumentError(fmt::format("merge {} is not UTF-8", i));
  }
  return absl::OkStatus();
}

// Puts the bos token before the text.
Json BosTemplate(const std::string& bos, int32_t bos_id) {
  const auto text = [](const char* id, int type) { return Json{{"Sequence", {{"id", id}, {"type_id", type}}}}; };
  const auto special = [&](int type) { return Json{{"SpecialToken", {{"id", bos}, {"type_id", type}}}}; };
  Json result = {{"type", "TemplateProcessing"}};
  result["single"] = Json::array({special(0), text("A", 0)});
  result["pair"] = Json::array({special(0), text("A", 0), special(1), text("B", 1)});
  result["special_tokens"][bos] = {{"id", bos}, {"ids", Json::array({bos_id})}, {"tokens", Json::array({bos})}};
  return result;
}

}  // namespace

absl::StatusOr<std::string> TokenizerJsonFromBpe(const BpeVocabulary& vocabulary) {
  HONE_ASSIGN_OR_RETURN(Kind kind, KindOf(vocabulary.pre_tokenizer));
  HONE_RETURN_IF_ERROR(CheckTokens(vocabulary));

  Json added = Json::array();
  nlohmann::json vocab = nlohmann::json::object();  // sorted by token: an ordered object would search the whole for each insertion
  for (size_t id = 0; id < vocabulary.tokens.size(); ++id) {
    const std::string& token = vocabulary.tokens[id];
    const auto [it, is_new] = vocab.emplace(token, id);
    if (!is_new) return absl::InvalidArgumentError(fmt::format("token {:?} has both id {} and id {}", token, it->get<size_t>(), id));
    const int32_t type = vocabulary.token_types.empty() ? 1 : vocabulary.token_types[id];
    const auto signed_id = static_cast<int32_t>(id);
    const bool special = type == kControl || signed_id == vocabulary.bos_id || signed_id == vocabulary.eos_id;
    if (!special && type != kUserDefined) continue;
    added.push_back({{"id", id},
                     {"content", token},
                     {"single_word", false},
                     {"lstrip", false},
                     {"rstrip", false},
                     {"normalized", false},
                     {"special", special}});
  }
  Json merges = Json::array();
  for (size_t i = 0; i < vocabulary.merges.size(); ++i) {
    const std::string& merge = vocabulary.merges[i];
    const size_t space = merge.find(' ');
    if (space == std::string::npos || merge.find(' ', space + 1) != std::string::npos) {
      return absl::InvalidArgumentError(fmt::format("merge {} is {:?}, but must be two tokens with one space between them", i, merge));
    }
    merges.push_back(Json::array({merge.substr(0, space), merge.substr(space + 1)}));
  }

  Json json;
  json["version"] = "1.0";
  json["truncation"] = nullptr;
  json["padding"] = nullptr;
  json["added_tokens"] = std::move(added);
  json["normalizer"] = std::move(kind.normalizer);
  json["pre_tokenizer"] = std::move(kind.pre_tokenizer);
  json["post_processor"] = nullptr;
  if (vocabulary.add_bos && vocabulary.bos_id >= 0) {
    json["post_processor"] = BosTemplate(vocabulary.tokens[static_cast<size_t>(vocabulary.bos_id)], vocabulary.bos_id);
  }
  json["decoder"] = ByteLevel(true);
  json["model"] = {{"type", "BPE"},
                   {"dropout", nullptr},
                   {"unk_token", nullptr},
                   {"continuing_subword_prefix", nullptr},
                   {"end_of_word_suffix", nullptr},
                   {"fuse_unk", false},
                   {"byte_fallback", false},
                   {"ignore_merges", kind.ignore_merges}};
  // The two large tables are written as they are, into the place of a mark, to spare a copy into the ordered type.
  json["model"]["merges"] = std::move(merges);
  std::string text = json.dump();
  const std::string open = "\"ignore_merges\":";
  text.insert(text.rfind(open), "\"vocab\":" + vocab.dump() + ",");
  return text;
}

}  // namespace hone
