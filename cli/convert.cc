#include <filesystem>

#include "cli/commands.h"
#include "cli/engine_session.h"
#include "cli/exit_code.h"

namespace hone {
namespace {

absl::Status Convert(const std::string& source, const std::string& destination, const std::string& dtype) {
  std::error_code error;
  if (std::filesystem::exists(destination, error)) {
    return absl::AlreadyExistsError(destination + " is there already; choose another name or remove it");
  }
  HONE_ASSIGN_OR_RETURN(ModelFiles files, LoadModelFiles(source));
  ThreadPool pool(UsableCores());
  const ops::Context context{.device = {}, .pool = &pool, .isa = ops::BestIsa()};
  auto layout = std::make_shared<const ParameterLayout>(files.config);
  WeightArena arena(context, layout, DType::kFloat32);
  HONE_RETURN_IF_ERROR(arena.Load(context, *files.tensors));
  return WriteModel(destination, *layout, DType::kFloat32, arena.bytes(), dtype == "fp32" ? DType::kFloat32 : DType::kBFloat16,
                    files.config_json, files.generation_config_json, files.tokenizer_files);
}

}  // namespace

void AddConvert(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("convert", "GGUF file or Hugging Face folder to a Hugging Face folder");
  auto source = std::make_shared<std::string>(), destination = std::make_shared<std::string>(),
       dtype = std::make_shared<std::string>("bf16");
  command->add_option("source", *source, "Hugging Face folder or .gguf file")->required();
  command->add_option("destination", *destination, "Folder to make")->required();
  command->add_option("--dtype", *dtype, "Type of the stored weights")->check(CLI::IsMember({"bf16", "fp32"}))->capture_default_str();
  command->callback([=, &exit_code] {
    const absl::Status status = Convert(*source, *destination, *dtype);
    exit_code = status.ok() ? static_cast<int>(kDone) : Report(status);
  });
}

}  // namespace hone
