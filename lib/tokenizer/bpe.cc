#include "lib/tokenizer/bpe.h"

#include <algorithm>
#include <array>

#include "lib/tokenizer/byte_level.h"
#include "lib/tokenizer/json_fields.h"
#include "lib/tokenizer/unicode.h"

namespace hone {
namespace {

constexpr uint32_t kNoCodePoint = UINT32_MAX;

uint64_t PairOf(uint32_t left, uint32_t right) {
  return uint64_t{left} << 32 | right;
}

uint32_t FirstCodePoint(std::string_view text) {
  uint32_t code_point;
  DecodeValidUtf8(text.data(), &code_point);
  return code_point;
}

uint32_t LastCodePoint(std::string_view text) {
  size_t at = text.size() - 1;
  while (at > 0 && (static_cast<uint8_t>(text[at]) & 0xC0) == 0x80) --at;
  return FirstCodePoint(text.substr(at));
}

// "a b" or ["a", "b"].
absl::StatusOr<std::pair<std::string, std::string>> ReadMerge(const JsonField& field) {
  if (field.value().is_array()) {
    if (field.value().size() != 2) return field.Error(fmt::format("must be a pair of strings, not {} values", field.value().size()));
    HONE_ASSIGN_OR_RETURN(std::string left, field[size_t{0}].String());
    HONE_ASSIGN_OR_RETURN(std::string right, field[size_t{1}].String());
    return std::make_pair(std::move(left), std::move(right));
  }
  HONE_ASSIGN_OR_RETURN(const std::string line, field.String());
  const size_t space = line.find(' ');
  if (space == std::string::npos || line.find(' ', space + 1) != std::string::npos) {
    return field.Error(fmt::format("{:?} must be two tokens with one space between them", line));
  }
  return std::make_pair(line.substr(0, space), line.substr(space + 1));
}

}  // namespace

absl::StatusOr<std::unique_ptr<BpeModel>> BpeModel::FromJson(const JsonField& field, bool words_are_bytes) {
  HONE_RETURN_IF_ERROR(field.RequireObject());
  auto model = std::unique_ptr<BpeModel>(new BpeModel);
  model->words_are_bytes_ = words_are_bytes;
  HONE_RETURN_IF_ERROR(model->ReadOptions(field));
  HONE_RETURN_IF_ERROR(model->ReadVocabulary(field["vocab"]));
  model->PrepareFallback();
  if (words_are_bytes) model->PrepareBytes();
  if (!model->unknown_token_.empty()) {
    model->unknown_id_ = model->IdOf(model->unknown_token_).value_or(-1);
    if (model->unknown_id_ < 0 && model->byte_symbols_.empty()) {
      return field["unk_token"].Error(fmt::format("{:?} is not in the vocabulary", model->unknown_token_));
    }
  }
  HONE_RETURN_IF_ERROR(model->ReadMerges(field["merges"]));
  return model;
}

absl::Status BpeModel::ReadOptions(const JsonField& field) {
  if (!field["type"].IsNull()) {
    HONE_ASSIGN_OR_RETURN(const std::string type, field["type"].String());
    if (type != "BPE") return field.UnknownType(type, "BPE");
  }
  const nlohmann::json& dropout = field["dropout"].value();
  if (!dropout.is_null() && !(dropout.is_number() && dropout.get<double>() == 0)) {
    return field["dropout"].Error("must be null or 0: encoding is not random here");
  }
  for (const char* name : {"continuing_subword_prefix", "end_of_word_suffix"}) {
    if (field[name].IsNull()) continue;
    HONE_ASSIGN_OR_RETURN(const std::string affix, field[name].String());
    if (!affix.empty()) return field[name].Error(fmt::format("{:?} is not supported; known are null and \"\"", affix));
  }
  if (!field["unk_token"].IsNull()) {
    HONE_ASSIGN_OR_RETURN(unknown_token_, field["unk_token"].String());
  }
  HONE_ASSIGN_OR_RETURN(fuse_unknown_, field["fuse_unk"].Bool(false));
  HONE_ASSIGN_OR_RETURN(byte_fallback_, field["byte_fallback"].Bool(false));
  HONE_ASSIGN_OR_RETURN(ignore_merges_, field["ignore_merges"].Bool(false));
  return absl::OkStatus();
}

absl::Status BpeModel::ReadVocabulary(const JsonField& field) {
  HONE_RETURN_IF_ERROR(field.RequireObject());
  int32_t max_id = -1;
  for (const auto& [token, value] : field.value().items()) {
    const bool is_id = value.is_number_unsigned() && value.get<uint64_t>() < static_cast<uint64_t>(kMaxIds);
    if (!is_id)
      return field.Error(fmt::format("the id of {:?} is {}, but must be a whole number in [0, {})", token, value.dump(), kMaxIds));
    max_id = std::max(max_id, value.get<int32_t>());
  }
  if (max_id < 0) return field.Error("must not be empty");
  tokens_.resize(static_cast<size_t>(max_id) + 1);
  for (const auto& [token, value] : field.value().items()) {
    if (token.empty()) continue;
    std::string& slot = tokens_[value.get<size_t>()];
    if (!slot.empty()) return field.Error(fmt::format("id {} belongs both to {:?} and to {:?}", value.get<int32_t>(), slot, token));
    slot = token;
  }
  token_index_.Build(tokens_);
  whole_words_ = std::make_unique<std::atomic<WholeWord>[]>(tokens_.size());
  return absl::OkStatus();
}

absl::Status BpeModel::ReadMerges(const JsonField& field) {
  HONE_RETURN_IF_ERROR(field.RequireArray());
  const size_t count = field.value().size();
  merges_.Reserve(count);
  // Byte and unknown symbols have no character to cut by: with a merge of one of them the text stays whole.
  absl::flat_hash_set<int32_t> without_character;
  if (byte_fallback_) without_character.insert(fallback_symbols_.begin(), fallback_symbols_.end());
  without_character.insert(unknown_id_);
  without_character.erase(-1);
  cuts_are_safe_ = true;

  uint32_t rank = 0;
  for (size_t i = 0; i < count; ++i) {
    const nlohmann::json& value = field.value()[i];
    if (value.is_string() && value.get_ref<const std::string&>().starts_with("#version")) continue;
    HONE_ASSIGN_OR_RETURN(const auto pair, ReadMerge({&value, &field.file(), fmt::format("{}[{}]", field.path(), i)}));
    const std::array<std::string, 3> names = {pair.first, pair.second, pair.first + pair.second};
    std::array<int32_t, 3> ids;
    for (size_t k = 0; k < 3; ++k) {
      const std::optional<int32_t> id = IdOf(names[k]);
      if (!id.has_value()) return field[i].Error(fmt::format("{:?} is not in the vocabulary", names[k]));
      ids[k] = *id;
      if (without_character.contains(*id)) cuts_are_safe_ = false;
    }
    merges_.Add(ids[0], ids[1], {rank++, ids[2]});
    if (byte_symbols_.empty()) joined_.insert(PairOf(LastCodePoint(names[0]), FirstCodePoint(names[1])));
  }
  return absl::OkStatus();
}

void BpeModel::PrepareFallback() {
  fallback_symbols_.resize(256);
  for (size_t byte = 0; byte < 256; ++byte) fallback_symbols_[byte] = IdOf(fmt::format("<0x{:02X}>", byte)).value_or(-1);
}

void BpeModel::PrepareBytes() {
  std::vector<int32_t> symbols(256);
  for (size_t byte = 0; byte < 256; ++byte) {
    const std::optional<int32_t> id = IdOf(CharacterOfByte(static_cast<uint8_t>(byte)));
    if (!id.has_value()) return;  // words are then spelled out as characters, with the rules for unknown ones
    symbols[byte] = *id;
  }
  std::vector<std::string> words(tokens_.size());
  for (size_t id = 0; id < tokens_.size(); ++id) AppendBytesOfCharacters(tokens_[id], &words[id]);
  byte_word_index_.Build(words);
  byte_symbols_ = std::move(symbols);
}

void BpeModel::Encode(std::string_view word, std::vector<int32_t>* ids) const {
  if (!words_are_bytes_) return EncodeCharacters(word, ids);
  if (!byte_symbols_.empty()) return EncodeBytes(word, ids);
  std::string characters;
  AppendByteCharacters(word, &characters);
  EncodeCharacters(characters, ids);
}

void BpeModel::Merge(std::optional<int32_t> whole_word, std::vector<int32_t>* symbols, std::vector<int32_t>* ids) const {
  merges_.Apply(symbols);
  if (whole_word.has_value()) {
    const bool built = symbols->size() == 1 && (*symbols)[0] == *whole_word;
    whole_words_[static_cast<size_t>(*whole_word)].store(built ? WholeWord::kBuiltByMerges : WholeWord::kNotBuilt,
                                                         std::memory_order_relaxed);
  }
  ids->insert(ids->end(), symbols->begin(), symbols->end());
}

void BpeModel::EncodeBytes(std::string_view word, std::vector<int32_t>* ids) const {
  const std::optional<int32_t> token = byte_word_index_.Find(word);
  if (token.has_value() && (ignore_merges_ || IsKnownWholeWord(token))) {
    ids->push_back(*token);
    return;
  }
  thread_local std::vector<int32_t> symbols;
  symbols.clear();
  for (const char byte : word) symbols.push_back(byte_symbols_[static_cast<uint8_t>(byte)]);
  Merge(token, &symbols, ids);
  constexpr size_t kKeep = 1 << 16;
  if (symbols.capacity() > kKeep) std::vector<int32_t>().swap(symbols);
}

// Spells a word out in symbols, piece by piece. A piece ends where no merge can join the symbol before with the one to come.
class BpeModel::CharacterEncoder {
 public:
  CharacterEncoder(const BpeModel& model, std::string_view word, std::vector<int32_t>* ids) : model_(model), word_(word), ids_(ids) {}

  void Run() {
    size_t at = 0;
    while (at < word_.size()) {
      uint32_t code_point;
      const auto length = static_cast<size_t>(DecodeValidUtf8(word_.data() + at, &code_point));
      const std::string_view character = word_.substr(at, length);
      if (const std::optional<int32_t> id = model_.IdOf(character)) {
        AddUnknown();
        if (model_.cuts_are_safe_ && !symbols_.empty() && !MayJoin(code_point)) EndPiece(at);
        symbols_.push_back(*id);
        last_code_point_ = code_point;
      } else {
        piece_is_text_ = false;
        if (!AddFallback(character)) AddUnknownLater();
      }
      at += length;
    }
    AddUnknown();
    EndPiece(at);
  }

 private:
  bool MayJoin(uint32_t code_point) const {
    return last_code_point_ != kNoCodePoint && model_.joined_.contains(PairOf(last_code_point_, code_point));
  }

  // The character as <0xNN> tokens, one for each byte; false when one of them is missing.
  bool AddFallback(std::string_view character) {
    if (!model_.byte_fallback_) return false;
    for (const char byte : character) {
      if (model_.fallback_symbols_[static_cast<uint8_t>(byte)] < 0) return false;
    }
    for (const char byte : character) symbols_.push_back(model_.fallback_symbols_[static_cast<uint8_t>(byte)]);
    last_code_point_ = kNoCodePoint;
    return true;
  }

  // An unknown character becomes the unknown token, which waits, so that the next one can fuse with it; without such a token it is dropped.
  void AddUnknownLater() {
    if (model_.unknown_id_ < 0) return;
    if (unknown_waits_ && !model_.fuse_unknown_) AddUnknown();
    unknown_waits_ = true;
  }

  void AddUnknown() {
    if (!unknown_waits_) return;
    symbols_.push_back(model_.unknown_id_);
    last_code_point_ = kNoCodePoint;
    unknown_waits_ = false;
  }

  void EndPiece(size_t at) {
    std::optional<int32_t> token;
    if (piece_is_text_) token = model_.token_index_.Find(word_.substr(piece_begin_, at - piece_begin_));
    if (model_.IsKnownWholeWord(token)) {
      ids_->push_back(*token);
    } else {
      model_.Merge(token, &symbols_, ids_);
    }
    symbols_.clear();
    piece_begin_ = at;
    piece_is_text_ = true;
  }

  const BpeModel& model_;
  const std::string_view word_;
  std::vector<int32_t>* const ids_;
  std::vector<int32_t> symbols_;  // of the piece
  size_t piece_begin_ = 0;
  bool piece_is_text_ = true;  // each symbol of the piece is a character of its text
  bool unknown_waits_ = false;
  uint32_t last_code_point_ = kNoCodePoint;  // of the last symbol, when that is a character
};

void BpeModel::EncodeCharacters(std::string_view word, std::vector<int32_t>* ids) const {
  if (ignore_merges_) {
    if (const std::optional<int32_t> token = IdOf(word)) {
      ids->push_back(*token);
      return;
    }
  }
  CharacterEncoder(*this, word, ids).Run();
}

}  // namespace hone
