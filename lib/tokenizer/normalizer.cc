#include "lib/tokenizer/normalizer.h"

#include <utility>
#include <vector>

#include "lib/tokenizer/json_fields.h"
#include "lib/tokenizer/replacement.h"
#include "lib/tokenizer/unicode.h"

namespace hone {
namespace {

class UnicodeNormalizer final : public Normalizer {
 public:
  explicit UnicodeNormalizer(NormalizationForm form) : form_(form) {}
  std::string Normalize(std::string_view text) const override { return NormalizeUnicode(text, form_); }

 private:
  const NormalizationForm form_;
};

// Puts a string before any text that is not empty.
class PrependNormalizer final : public Normalizer {
 public:
  explicit PrependNormalizer(std::string prefix) : prefix_(std::move(prefix)) {}
  std::string Normalize(std::string_view text) const override { return text.empty() ? std::string() : prefix_ + std::string(text); }

 private:
  const std::string prefix_;
};

class ReplaceNormalizer final : public Normalizer {
 public:
  explicit ReplaceNormalizer(Replacement replacement) : replacement_(std::move(replacement)) {}
  std::string Normalize(std::string_view text) const override { return replacement_.Apply(text); }

 private:
  const Replacement replacement_;
};

class SequenceNormalizer final : public Normalizer {
 public:
  explicit SequenceNormalizer(std::vector<std::unique_ptr<Normalizer>> parts) : parts_(std::move(parts)) {}
  std::string Normalize(std::string_view text) const override {
    std::string out = parts_[0]->Normalize(text);
    for (size_t i = 1; i < parts_.size(); ++i) out = parts_[i]->Normalize(out);
    return out;
  }

 private:
  const std::vector<std::unique_ptr<Normalizer>> parts_;  // at least one
};

absl::StatusOr<std::unique_ptr<Normalizer>> Parse(const JsonField& field, int depth) {
  if (field.IsNull()) return nullptr;
  if (depth > kMaxComponentDepth) return field.Error(fmt::format("sequences nest deeper than {}", kMaxComponentDepth));
  HONE_ASSIGN_OR_RETURN(const std::string type, field.Type());
  if (type == "NFC") return std::make_unique<UnicodeNormalizer>(NormalizationForm::kNfc);
  if (type == "NFD") return std::make_unique<UnicodeNormalizer>(NormalizationForm::kNfd);
  if (type == "NFKC") return std::make_unique<UnicodeNormalizer>(NormalizationForm::kNfkc);
  if (type == "NFKD") return std::make_unique<UnicodeNormalizer>(NormalizationForm::kNfkd);
  if (type == "Prepend") {
    HONE_ASSIGN_OR_RETURN(std::string prefix, field["prepend"].String());
    return std::make_unique<PrependNormalizer>(std::move(prefix));
  }
  if (type == "Replace") {
    HONE_ASSIGN_OR_RETURN(Replacement replacement, Replacement::FromJson(field));
    return std::make_unique<ReplaceNormalizer>(std::move(replacement));
  }
  if (type == "Sequence") {
    const JsonField list = field["normalizers"];
    HONE_RETURN_IF_ERROR(list.RequireArray());
    std::vector<std::unique_ptr<Normalizer>> parts;
    for (size_t i = 0; i < list.value().size(); ++i) {
      if (list[i].IsNull()) return list[i].Error("must be an object, not null");
      HONE_ASSIGN_OR_RETURN(auto part, Parse(list[i], depth + 1));
      if (part != nullptr) parts.push_back(std::move(part));
    }
    if (parts.empty()) return nullptr;
    return std::make_unique<SequenceNormalizer>(std::move(parts));
  }
  return field.UnknownType(type, "NFC, NFD, NFKC, NFKD, Prepend, Replace, Sequence");
}

}  // namespace

absl::StatusOr<std::unique_ptr<Normalizer>> Normalizer::FromJson(const JsonField& field) {
  return Parse(field, 0);
}

}  // namespace hone
