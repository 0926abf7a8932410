#include "lib/tokenizer/tokenizer.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "fmt/format.h"
#include "lib/base/file.h"
#include "lib/tokenizer/json_fields.h"
#include "lib/tokenizer/unicode.h"

namespace hone {
namespace {

absl::StatusOr<nlohmann::json> ParseJson(std::string_view text, const std::string& file) {
  try {
    return nlohmann::json::parse(text.begin(), text.end());
  } catch (const nlohmann::json::exception& error) {
    return absl::InvalidArgumentError(fmt::format("{}: not JSON: {}", file, error.what()));
  }
}

absl::StatusOr<AddedToken> ReadAddedToken(const JsonField& field) {
  HONE_RETURN_IF_ERROR(field.RequireObject());
  AddedToken token;
  HONE_ASSIGN_OR_RETURN(const int64_t id, field["id"].Int(0, BpeModel::kMaxIds - 1));
  token.id = static_cast<int32_t>(id);
  HONE_ASSIGN_OR_RETURN(token.content, field["content"].String());
  HONE_ASSIGN_OR_RETURN(token.special, field["special"].Bool(false));
  HONE_ASSIGN_OR_RETURN(token.single_word, field["single_word"].Bool(false));
  HONE_ASSIGN_OR_RETURN(token.lstrip, field["lstrip"].Bool(false));
  HONE_ASSIGN_OR_RETURN(token.rstrip, field["rstrip"].Bool(false));
  HONE_ASSIGN_OR_RETURN(token.normalized, field["normalized"].Bool(!token.special));
  return token;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Tokenizer>> Tokenizer::FromFile(const std::string& path) {
  constexpr uint64_t kMaxBytes = uint64_t{256} << 20;
  HONE_ASSIGN_OR_RETURN(const std::string json, ReadFile(path, kMaxBytes));
  return FromJson(json, path);
}

absl::StatusOr<std::unique_ptr<Tokenizer>> Tokenizer::FromJson(std::string_view json, std::string_view name_for_errors) {
  const std::string file(name_for_errors);
  HONE_ASSIGN_OR_RETURN(const nlohmann::json parsed, ParseJson(json, file));
  const JsonField root(&parsed, &file, "");
  HONE_RETURN_IF_ERROR(root.RequireObject());
  if (!root["version"].IsNull()) {
    HONE_ASSIGN_OR_RETURN(const std::string version, root["version"].String());
    if (version != "1.0") return root["version"].Error(fmt::format("{:?} is not supported; known is \"1.0\"", version));
  }
  if (root["model"].IsNull()) return root["model"].Error("is missing");

  auto tokenizer = std::unique_ptr<Tokenizer>(new Tokenizer);
  HONE_ASSIGN_OR_RETURN(tokenizer->normalizer_, Normalizer::FromJson(root["normalizer"]));
  HONE_ASSIGN_OR_RETURN(tokenizer->pre_tokenizer_, PreTokenizer::FromJson(root["pre_tokenizer"]));
  HONE_ASSIGN_OR_RETURN(tokenizer->model_, BpeModel::FromJson(root["model"], tokenizer->pre_tokenizer_.ends_in_bytes()));
  HONE_ASSIGN_OR_RETURN(tokenizer->decoder_, TokenDecoder::FromJson(root["decoder"]));
  tokenizer->vocab_size_ = tokenizer->model_->size();
  HONE_RETURN_IF_ERROR(tokenizer->ReadAddedTokens(root["added_tokens"]));
  return tokenizer;
}

absl::Status Tokenizer::ReadAddedTokens(const JsonField& field) {
  if (field.IsNull()) return absl::OkStatus();
  HONE_RETURN_IF_ERROR(field.RequireArray());
  std::unordered_set<std::string> special_contents;
  for (size_t i = 0; i < field.value().size(); ++i) {
    const JsonField entry = field[i];
    HONE_ASSIGN_OR_RETURN(AddedToken token, ReadAddedToken(entry));
    if (token.content.empty()) continue;  // as the reference does
    if (const std::optional<int32_t> id = model_->IdOf(token.content); id.has_value() && *id != token.id) {
      return entry["id"].Error(fmt::format("{:?} has id {} here, but {} in the vocabulary", token.content, token.id, *id));
    }
    if (const std::string taken = IdToToken(token.id); !taken.empty() && taken != token.content) {
      return entry["id"].Error(fmt::format("{} belongs both to {:?} and to {:?}", token.id, taken, token.content));
    }
    if (const auto known = added_ids_.find(token.content); known != added_ids_.end() && known->second != token.id) {
      return entry["id"].Error(fmt::format("{:?} has both id {} and id {}", token.content, known->second, token.id));
    }
    auto added = std::make_unique<Added>();
    added->decoder_form = token.normalized && normalizer_ != nullptr ? normalizer_->Normalize(token.content) : token.content;
    if (token.special) special_contents.insert(token.content);
    vocab_size_ = std::max(vocab_size_, token.id + 1);
    added_ids_[token.content] = token.id;
    added->token = std::move(token);
    added_[added->token.id] = std::move(added);
  }
  for (const auto& [id, added] : added_) {
    // The reference compares what it decodes with the special tokens' contents.
    added->skipped = special_contents.contains(added->decoder_form);
    (added->token.normalized ? normalized_matcher_ : raw_matcher_).Add(added->decoder_form, &added->token);
  }
  return absl::OkStatus();
}

std::vector<int32_t> Tokenizer::Encode(std::string_view text) const {
  std::string valid;
  if (!IsValidUtf8(text)) {
    AppendLossyUtf8(text, &valid);
    text = valid;
  }
  std::vector<int32_t> ids;
  ids.reserve(text.size() / 4 + 4);
  const auto encode_word = [&](std::string_view word) { model_->Encode(word, &ids); };
  const auto encode_normalized = [&](std::string_view stretch, const AddedToken* token) {
    if (token != nullptr) {
      ids.push_back(token->id);
    } else {
      pre_tokenizer_.Split(stretch, encode_word);
    }
  };
  raw_matcher_.Split(text, [&](std::string_view stretch, const AddedToken* token) {
    if (token != nullptr) {
      ids.push_back(token->id);
    } else if (normalizer_ != nullptr) {
      normalized_matcher_.Split(normalizer_->Normalize(stretch), encode_normalized);
    } else {
      normalized_matcher_.Split(stretch, encode_normalized);
    }
  });
  return ids;
}

std::string Tokenizer::Decode(absl::Span<const int32_t> ids, bool skip_special) const {
  std::string text;
  text.reserve(ids.size() * 4);
  TokenDecoder::State state;
  for (const int32_t id : ids) {
    if (const auto token = TokenForDecoding(id, skip_special)) decoder_.Push(*token, &state, &text);
  }
  decoder_.Flush(&state, &text);
  return text;
}

std::optional<int32_t> Tokenizer::TokenToId(std::string_view token) const {
  const auto it = added_ids_.find(std::string(token));
  return it != added_ids_.end() ? std::optional<int32_t>(it->second) : model_->IdOf(token);
}

std::string Tokenizer::IdToToken(int32_t id) const {
  const auto it = added_.find(id);
  if (it != added_.end()) return it->second->token.content;
  return id >= 0 && id < model_->size() ? model_->TokenOf(id) : std::string();
}

bool Tokenizer::IsSpecial(int32_t id) const {
  const auto it = added_.find(id);
  return it != added_.end() && it->second->token.special;
}

std::optional<std::string_view> Tokenizer::TokenForDecoding(int32_t id, bool skip_special) const {
  const auto it = added_.find(id);
  if (it != added_.end()) {
    if (skip_special && it->second->skipped) return std::nullopt;
    return it->second->decoder_form;
  }
  if (id < 0 || id >= model_->size() || model_->TokenOf(id).empty()) return std::nullopt;
  return model_->TokenOf(id);
}

}  // namespace hone
