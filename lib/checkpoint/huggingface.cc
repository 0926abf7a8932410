#include "lib/checkpoint/huggingface.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <unordered_map>

#include "fmt/format.h"
#include "lib/base/file.h"
#include "lib/checkpoint/format_error.h"
#include "lib/checkpoint/json_text.h"
#include "nlohmann/json.hpp"

namespace hone {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kMostConfigBytes = 16 << 20;
constexpr uint64_t kMostIndexBytes = 100 << 20;
constexpr uint64_t kMostTokenizerBytes = 256 << 20;

constexpr std::string_view kTokenizerFiles[] = {
    "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json",
    "merges.txt",     "tokenizer.model",       "chat_template.jinja",     "chat_template.json"};

bool Exists(const std::string& path) {
  std::error_code error;
  return fs::exists(path, error);
}

std::string Join(const std::string& directory, std::string_view name) {
  return (fs::path(directory) / name).string();
}

// Text of a JSON file that must hold an object.
absl::StatusOr<std::string> ReadJsonObject(const std::string& path) {
  HONE_ASSIGN_OR_RETURN(std::string text, ReadFile(path, kMostConfigBytes));
  HONE_ASSIGN_OR_RETURN(const nlohmann::json value, ParseJsonFile(path, text));
  if (!value.is_object()) return CorruptFile(path, "JSON", 0, "is not an object");
  return text;
}

bool IsPlainFileName(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string_view::npos &&
         name.find('\\') == std::string_view::npos && name.find('\0') == std::string_view::npos;
}

absl::Status Rename(const std::string& from, const std::string& to) {
  std::error_code error;
  fs::rename(from, to, error);
  return error ? ErrnoToStatus(error.value(), "cannot rename to", to) : absl::OkStatus();
}

absl::Status RemoveAll(const std::string& path) {
  std::error_code error;
  fs::remove_all(path, error);
  return error ? ErrnoToStatus(error.value(), "cannot remove", path) : absl::OkStatus();
}

// "models/x" from "models/x/" and "models/x".
std::string WithoutTrailingSlash(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

}  // namespace

absl::StatusOr<std::unique_ptr<HfDirectory>> HfDirectory::Open(const std::string& directory) {
  std::error_code error;
  if (!fs::is_directory(directory, error)) return absl::NotFoundError(fmt::format("{}: no such folder", directory));
  const std::string config = Join(directory, "config.json");
  if (!Exists(config)) {
    return absl::NotFoundError(fmt::format("{}: not a Hugging Face model folder: it has no config.json", directory));
  }
  std::unique_ptr<HfDirectory> result(new HfDirectory);
  HONE_ASSIGN_OR_RETURN(result->config_json_, ReadJsonObject(config));
  if (const std::string path = Join(directory, "generation_config.json"); Exists(path)) {
    HONE_ASSIGN_OR_RETURN(result->generation_config_json_, ReadJsonObject(path));
  }
  if (const std::string single = Join(directory, "model.safetensors"); Exists(single)) {
    HONE_RETURN_IF_ERROR(result->OpenSingle(directory, single));
    return result;
  }
  if (const std::string index = Join(directory, "model.safetensors.index.json"); Exists(index)) {
    HONE_RETURN_IF_ERROR(result->OpenIndexed(directory, index));
    return result;
  }
  const bool pickled = Exists(Join(directory, "pytorch_model.bin")) || Exists(Join(directory, "pytorch_model.bin.index.json"));
  return absl::NotFoundError(fmt::format("{}: has neither model.safetensors nor model.safetensors.index.json{}", directory,
                                         pickled ? "; its pytorch_model.bin is not read: save the model as safetensors" : ""));
}

absl::Status HfDirectory::OpenSingle(const std::string& directory, const std::string& path) {
  HONE_ASSIGN_OR_RETURN(std::unique_ptr<SafetensorsFile> file, SafetensorsFile::Open(path));
  for (size_t i = 0; i < file->tensors().size(); ++i) places_.emplace_back(0, i);  // both are sorted by name
  SetTensors(directory, file->tensors());
  shards_.push_back(std::move(file));
  return absl::OkStatus();
}

absl::Status HfDirectory::OpenIndexed(const std::string& directory, const std::string& index_path) {
  HONE_ASSIGN_OR_RETURN(const std::string text, ReadFile(index_path, kMostIndexBytes));
  HONE_ASSIGN_OR_RETURN(const nlohmann::json index, ParseJsonFile(index_path, text));
  if (!index.is_object() || !index.contains("weight_map") || !index["weight_map"].is_object()) {
    return CorruptFile(index_path, "JSON", 0, "has no object \"weight_map\"");
  }
  const auto fail = [&](const std::string& tensor, std::string_view what) {
    const size_t byte = text.find("\"" + tensor + "\"");  // names with escapes in them are not found; then the file's start is named
    return CorruptTensor(index_path, tensor, byte == std::string::npos ? 0 : byte, what);
  };
  std::unordered_map<std::string, size_t> shard_of_file;
  std::vector<TensorInfo> infos;
  std::vector<std::pair<size_t, size_t>> places;
  for (const auto& [tensor, value] : index["weight_map"].items()) {
    if (!value.is_string()) return fail(tensor, "the shard's name is not a string");
    const std::string& file_name = value.get_ref<const std::string&>();
    if (!IsPlainFileName(file_name))
      return fail(tensor, fmt::format("shard {} is not a plain file name in the same folder", Quoted(file_name)));
    const auto [shard, is_new] = shard_of_file.try_emplace(file_name, shards_.size());
    if (is_new) {
      absl::StatusOr<std::unique_ptr<SafetensorsFile>> opened = SafetensorsFile::Open(Join(directory, file_name));
      if (absl::IsNotFound(opened.status())) return fail(tensor, fmt::format("its shard {} is missing from the folder", Quoted(file_name)));
      if (!opened.ok()) return opened.status();
      shards_.push_back(*std::move(opened));
    }
    const SafetensorsFile& file = *shards_[shard->second];
    const TensorInfo* info = file.Find(tensor);
    if (info == nullptr) return fail(tensor, fmt::format("is not in its shard {}", Quoted(file_name)));
    places.emplace_back(shard->second, static_cast<size_t>(info - file.tensors().data()));
    infos.push_back(*info);
  }
  for (const size_t i : SetTensors(directory, std::move(infos))) places_.push_back(places[i]);
  return absl::OkStatus();
}

const uint8_t* HfDirectory::RowBytes(size_t index, int64_t row) const {
  const auto [shard, inner] = places_[index];
  return RowBytesOf(*shards_[shard], inner, row);
}

absl::StatusOr<int> CopyTokenizerFiles(const std::string& from, const std::string& to) {
  int copied = 0;
  for (const std::string_view name : kTokenizerFiles) {
    const std::string source = Join(from, name);
    if (!Exists(source)) continue;
    HONE_ASSIGN_OR_RETURN(const std::string content, ReadFile(source, kMostTokenizerBytes));
    HONE_RETURN_IF_ERROR(WriteFileAtomically(Join(to, name), content));
    ++copied;
  }
  return copied;
}

HfDirectoryWriter::HfDirectoryWriter(std::string directory, bool replace)
    : directory_(std::move(directory)), temporary_(directory_ + ".tmp"), replace_(replace) {}

HfDirectoryWriter::~HfDirectoryWriter() {
  weights_.reset();
  if (!finished_) RemoveAll(temporary_).IgnoreError();
}

absl::StatusOr<std::unique_ptr<HfDirectoryWriter>> HfDirectoryWriter::Create(const std::string& directory, std::vector<TensorSpec> specs,
                                                                             const Options& options) {
  const std::string final_name = WithoutTrailingSlash(directory);
  if (final_name.empty()) return absl::InvalidArgumentError("the name of the model folder to write is empty");
  if (!options.replace && Exists(final_name)) {
    return absl::AlreadyExistsError(fmt::format("{}: already exists; remove it or choose another name", final_name));
  }
  HONE_RETURN_IF_ERROR(RemoveAll(final_name + ".tmp"));
  HONE_RETURN_IF_ERROR(MakeDirectories(final_name + ".tmp"));
  std::unique_ptr<HfDirectoryWriter> writer(new HfDirectoryWriter(final_name, options.replace));
  const std::string& temporary = writer->temporary_;
  HONE_RETURN_IF_ERROR(writer->WriteTextFile("config.json", options.config_json));
  if (!options.generation_config_json.empty()) {
    HONE_RETURN_IF_ERROR(writer->WriteTextFile("generation_config.json", options.generation_config_json));
  }
  if (!options.tokenizer_directory.empty()) HONE_RETURN_IF_ERROR(CopyTokenizerFiles(options.tokenizer_directory, temporary).status());
  HONE_ASSIGN_OR_RETURN(writer->weights_,
                        SafetensorsWriter::Create(Join(temporary, "model.safetensors"), std::move(specs), options.metadata));
  return writer;
}

absl::Status HfDirectoryWriter::WriteTextFile(const std::string& name, std::string_view content) {
  if (!IsPlainFileName(name)) return absl::InvalidArgumentError(fmt::format("{} is not a plain file name", Quoted(name)));
  return WriteFileAtomically(Join(temporary_, name), content);
}

absl::Status HfDirectoryWriter::Finish() {
  if (finished_) return absl::FailedPreconditionError(fmt::format("{}: finished twice", directory_));
  HONE_RETURN_IF_ERROR(weights_->Finish());
  HONE_RETURN_IF_ERROR(SyncDirectory(temporary_));
  const std::string old = directory_ + ".old";
  const bool replaces = replace_ && Exists(directory_);
  if (replaces) {
    HONE_RETURN_IF_ERROR(RemoveAll(old));
    HONE_RETURN_IF_ERROR(Rename(directory_, old));
  }
  if (absl::Status status = Rename(temporary_, directory_); !status.ok()) {
    if (replaces) Rename(old, directory_).IgnoreError();
    return status;
  }
  finished_ = true;
  const std::string parent = fs::path(directory_).parent_path().string();
  HONE_RETURN_IF_ERROR(SyncDirectory(parent.empty() ? "." : parent));
  return replaces ? RemoveAll(old) : absl::OkStatus();
}

}  // namespace hone
