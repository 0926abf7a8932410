#include <iostream>

#include "absl/time/clock.h"
#include "cli/commands.h"
#include "cli/engine_session.h"
#include "cli/exit_code.h"
#include "cli/lines.h"
#include "nlohmann/json.hpp"

namespace hone {
namespace {

using nlohmann::ordered_json;

struct GenerateOptions {
  ModelOptions model;
  SamplingSettings sampling;
  uint64_t seed = 0;
  int64_t kv_budget_mb = 1024;
};

void AddSamplingOptions(CLI::App& command, GenerateOptions& options) {
  auto& s = options.sampling;
  command.add_option("--temperature", s.temperature, "0: greedy")->check(CLI::Range(0.0f, 100.0f))->capture_default_str();
  command.add_option("--top-k", s.top_k, "Keep the k likeliest tokens; 0: all")->check(CLI::NonNegativeNumber)->capture_default_str();
  command.add_option("--top-p", s.top_p, "Keep the smallest set of tokens with this mass")
      ->check(CLI::Range(1e-6f, 1.0f))
      ->capture_default_str();
  command.add_option("--min-p", s.min_p, "Drop tokens below this share of the likeliest")
      ->check(CLI::Range(0.0f, 1.0f))
      ->capture_default_str();
  command.add_option("--max-new-tokens", s.max_new_tokens, "Length limit of a completion")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command.add_option("--stop", s.stop, "Text that ends a completion; may be repeated")->allow_extra_args(false);
  command.add_option("--seed", options.seed, "Seed of the samples")->capture_default_str();
  command.add_option("--kv-budget-mb", options.kv_budget_mb, "Memory for the key/value cache")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
}

// The prompt's tokens, from "tokens", "text" or "messages".
absl::StatusOr<std::vector<int32_t>> ReadPrompt(const ModelFiles& files, const ordered_json& input) {
  if (input.contains("tokens")) return ReadTokens(input["tokens"], files.config.vocab_size);
  if (!input.contains("text") && !input.contains("messages")) {
    return absl::InvalidArgumentError("the object needs one of \"tokens\", \"text\", \"messages\"");
  }
  if (files.tokenizer == nullptr) return absl::InvalidArgumentError("this model has no tokenizer.json: give \"tokens\"");
  if (input.contains("text")) {
    if (!input["text"].is_string()) return absl::InvalidArgumentError("\"text\" must be a string");
    return files.tokenizer->Encode(input["text"].get<std::string>());
  }
  if (!files.chat.has_value()) return absl::InvalidArgumentError("this model has no chat template: give \"text\"");
  ordered_json variables = input;
  if (!variables.contains("add_generation_prompt")) variables["add_generation_prompt"] = true;
  files.chat->AddSpecialTokens(variables);
  HONE_ASSIGN_OR_RETURN(const std::string text, files.chat->tmpl.Render(variables, absl::Now()));
  return files.tokenizer->Encode(text);
}

absl::StatusOr<Completion> GenerateOne(Engine& engine, int64_t number, std::vector<int32_t> prompt, const SamplingSettings& sampling) {
  HONE_RETURN_IF_ERROR(engine.Add({.group = number, .prompt = std::move(prompt), .samples = {0}, .sampling = sampling}));
  for (;;) {
    auto completions = engine.Step();
    if (!completions.ok()) {
      engine.Cancel(number);
      return completions.status();
    }
    if (!completions->empty()) return std::move(completions->front());
  }
}

int Generate(const GenerateOptions& options) {
  auto session = OpenSession(options.model);
  if (!session.ok()) return Report(session.status());
  auto engine = MakeEngine(*session, 1, options.kv_budget_mb, options.seed);
  SamplingSettings sampling = options.sampling;
  for (const int32_t id : session->files.stop_token_ids) sampling.stop_token_ids.push_back(id);
  int64_t number = 0;
  return AnswerLines([&](const ordered_json& input) -> absl::StatusOr<ordered_json> {
    HONE_ASSIGN_OR_RETURN(auto prompt, ReadPrompt(session->files, input));
    HONE_ASSIGN_OR_RETURN(const Completion completion, GenerateOne(*engine, number++, std::move(prompt), sampling));
    ordered_json output = {{"tokens", completion.tokens}};
    if (session->files.tokenizer != nullptr) output["text"] = completion.text;
    output["logprobs"] = completion.logprobs;
    output["finish_reason"] = Name(completion.finish_reason);
    return output;
  });
}

int Chat(const GenerateOptions& options) {
  auto session = OpenSession(options.model);
  if (!session.ok()) return Report(session.status());
  if (session->files.tokenizer == nullptr)
    return Report(absl::InvalidArgumentError("this model has no tokenizer.json, so there is nothing to chat with"));
  auto engine = MakeEngine(*session, 1, options.kv_budget_mb, options.seed);
  SamplingSettings sampling = options.sampling;
  for (const int32_t id : session->files.stop_token_ids) sampling.stop_token_ids.push_back(id);
  const bool templated = session->files.chat.has_value();
  ordered_json messages = ordered_json::array();
  std::cerr << "Type a message and press Enter; an empty line or Ctrl-D ends.\n";
  std::string line;
  for (int64_t turn = 0; std::cerr << "> ", std::getline(std::cin, line) && !line.empty(); ++turn) {
    messages.push_back({{"role", "user"}, {"content", line}});
    auto prompt = ReadPrompt(session->files, templated ? ordered_json{{"messages", messages}} : ordered_json{{"text", line}});
    auto completion = prompt.ok() ? GenerateOne(*engine, turn, *std::move(prompt), sampling) : absl::StatusOr<Completion>(prompt.status());
    if (!completion.ok()) return Report(completion.status());
    std::cout << completion->text << '\n' << std::flush;
    messages.push_back({{"role", "assistant"}, {"content", completion->text}});
  }
  return kDone;
}

}  // namespace

void AddGenerate(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("generate",
                                     "Completions of prompts, one JSON object a line:\n"
                                     "  {\"tokens\":[..]} or {\"text\":..} or {\"messages\":[..]} -> "
                                     "{\"tokens\":[..],\"text\":..,\"logprobs\":[..],\"finish_reason\":..}");
  auto options = std::make_shared<GenerateOptions>();
  options->sampling.max_new_tokens = 64;
  AddModelOptions(*command, options->model);
  AddSamplingOptions(*command, *options);
  command->add_flag("--ignore-eos", options->sampling.ignore_eos, "Go on after an end-of-sequence token");
  command->callback([=, &exit_code] { exit_code = Generate(*options); });
}

void AddChat(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("chat", "Talk with a model on the terminal");
  auto options = std::make_shared<GenerateOptions>();
  options->sampling.max_new_tokens = 256;
  options->sampling.temperature = 0;
  AddModelOptions(*command, options->model);
  AddSamplingOptions(*command, *options);
  command->callback([=, &exit_code] { exit_code = Chat(*options); });
}

}  // namespace hone
