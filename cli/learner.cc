#include "cli/learner.h"

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "actor/worker.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/process.h"
#include "cli/progress.h"
#include "fmt/format.h"
#include "learner/recipe_config.h"
#include "learner/trainer.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/transport/grpc_server.h"

namespace hone {
namespace {

DType RunDType(const Recipe& recipe) {
  return recipe.model.dtype == "fp32" ? DType::kFloat32 : DType::kBFloat16;
}

int64_t ContextOf(const Recipe& recipe, const DecoderConfig& config) {
  return std::min<int64_t>(recipe.model.max_context.value_or(config.max_positions), config.max_positions);
}

int Threads(int64_t own, const Recipe& recipe) {
  if (own > 0) return static_cast<int>(own);
  return recipe.run.threads > 0 ? static_cast<int>(recipe.run.threads) : UsableCores();
}

// What `hone status` and a stop request from outside see.
class LearnerControl : public RunControl {
 public:
  LearnerControl(Trainer& trainer, Intake& intake, WeightPublisher& publisher, std::string run, int64_t steps)
      : trainer_(trainer), intake_(intake), publisher_(publisher), run_(std::move(run)), steps_(steps) {}
  absl::StatusOr<RunStatus> GetStatus() override {
    RunStatus status{.run = run_,
                     .state = publisher_.newest_version() < 0 ? "starting" : "running",
                     .step = trainer_.step(),
                     .total_steps = steps_,
                     .policy_version = publisher_.newest_version()};
    const auto acknowledged = publisher_.Acknowledged();
    for (const ActorRecord& actor : intake_.actors()) {
      const auto version = acknowledged.find(actor.info.name);
      status.actors.push_back({.name = actor.info.name,
                               .pid = actor.info.pid,
                               .policy_version = version == acknowledged.end() ? -1 : version->second,
                               .tokens_per_second = actor.info.tokens_per_second,
                               .last_seen_ms_ago = absl::ToInt64Milliseconds(Clock::Real().Now() - actor.last_seen)});
    }
    return status;
  }
  absl::Status RequestStop(const std::string& reason) override {
    HONE_LOG_INFO("asked to stop: {}", reason);
    trainer_.RequestStop();
    return absl::OkStatus();
  }

 private:
  Trainer& trainer_;
  Intake& intake_;
  WeightPublisher& publisher_;
  const std::string run_;
  const int64_t steps_;
};

absl::StatusOr<TrainSummary> Train(const LearnerArguments& arguments, const Recipe& recipe, RunLedger& ledger, ProgressPrinter& progress) {
  HONE_ASSIGN_OR_RETURN(const RecipeModel model, OpenRecipeModel(recipe, arguments.run_dir + "/model"));
  HONE_ASSIGN_OR_RETURN(const auto prompts, MakeTrainPrompts(recipe));
  HONE_ASSIGN_OR_RETURN(const auto eval_prompts, MakeEvalPrompts(recipe));
  HONE_ASSIGN_OR_RETURN(const auto decoder, Decoder::Create(model.files.config, ContextOf(recipe, model.files.config)));
  HONE_ASSIGN_OR_RETURN(const PolicyUpdateConfig update, MakePolicyUpdateConfig(recipe));
  HONE_ASSIGN_OR_RETURN(const MemoryPlan plan, PlanMemory(recipe, model.files.config));
  ThreadPool pool(Threads(recipe.learner.threads, recipe));
  const ops::Context context{.device = {}, .pool = &pool, .isa = ops::BestIsa()};
  progress.OnPhase(fmt::format("loading {} ({:.1f}M parameters, {}, {})", model.folder, decoder->layout()->num_parameters() / 1e6,
                               recipe.model.dtype, ops::Name(context.isa)));
  PolicyUpdater updater(context, *decoder, RunDType(recipe), update);
  if (recipe.algorithm.kl.coef > 0) {
    // The reference is the model that RL started from: after a warm start the trainer has left it in the run's folder.
    const std::string stored = arguments.run_dir + "/reference";
    std::error_code error;
    if (std::filesystem::exists(stored, error)) {
      HONE_ASSIGN_OR_RETURN(const OpenedModel reference, OpenModel(stored));
      HONE_RETURN_IF_ERROR(updater.Load(*reference.tensors));
    } else {
      HONE_RETURN_IF_ERROR(updater.Load(*model.files.tensors));
    }
    updater.FreezeReference();
  }
  HONE_RETURN_IF_ERROR(updater.Load(*model.files.tensors));

  HONE_ASSIGN_OR_RETURN(const std::string run_id, ledger.run_id());
  WeightPublisher publisher(1);
  Intake intake({.run = run_id,
                 .recipe_json = PrintRecipe(recipe),
                 .model_dir = model.folder,
                 .run_seed = static_cast<uint64_t>(recipe.run.seed),
                 .lease = absl::Seconds(recipe.rollout.lease_seconds),
                 .max_attempts = static_cast<int32_t>(recipe.rollout.max_attempts)},
                Clock::Real(), [&](absl::Span<const Trajectory> trajectories) { return ledger.Append(trajectories); });
  Trainer trainer({.recipe = recipe,
                   .files = model.files,
                   .decoder = *decoder,
                   .context = context,
                   .updater = updater,
                   .intake = intake,
                   .publisher = publisher,
                   .ledger = ledger,
                   .prompts = *prompts,
                   .eval_prompts = eval_prompts.get(),
                   .observer = progress,
                   .planned_bytes = plan.learner_bytes});
  LearnerControl control(trainer, intake, publisher, run_id, recipe.run.steps);
  std::unique_ptr<GrpcServer> server;
  if (!arguments.address.empty()) {
    HONE_ASSIGN_OR_RETURN(
        server,
        GrpcServer::Start(
            {.address = arguments.address, .token = arguments.token, .rollout = &intake, .weights = &publisher, .control = &control}));
  }
  std::unique_ptr<RolloutWorker> worker;
  std::thread worker_thread;
  absl::Status worker_status;
  if (arguments.in_process) {
    worker = std::make_unique<RolloutWorker>(WorkerOptions{.name = "actor-0", .threads = Threads(recipe.actors.threads, recipe)}, intake,
                                             publisher);
    worker_thread = std::thread([&] {
      worker_status = worker->Run();
      if (!worker_status.ok()) trainer.RequestStop();
    });
  }
  // Signals set a flag; this thread turns it into a request.
  std::atomic<bool> finished{false};
  std::thread watcher([&] {
    while (!finished.load()) {
      if (StopSignals() > 0) trainer.RequestStop();
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  });
  auto summary = trainer.Run();
  finished.store(true);
  watcher.join();
  intake.Stop();
  publisher.Close();
  if (worker_thread.joinable()) {
    worker->Stop();
    worker_thread.join();
  }
  if (server != nullptr) server->Stop(absl::Seconds(2));
  if (!worker_status.ok()) return worker_status;
  return summary;
}

}  // namespace

absl::StatusOr<RecipeModel> OpenRecipeModel(const Recipe& recipe, const std::string& scratch_dir) {
  RecipeModel model;
  model.folder = recipe.model.path;
  std::error_code error;
  if (recipe.model.scratch.has_value()) {
    model.folder = scratch_dir;
    if (!std::filesystem::exists(scratch_dir + "/config.json", error)) {
      const auto& scratch = *recipe.model.scratch;
      std::string characters = scratch.characters;
      if (characters.empty()) {
        characters = "\n";
        for (char c = ' '; c <= '~'; ++c) characters += c;
      }
      HONE_ASSIGN_OR_RETURN(const TokenizerFiles tokenizer, MakeCharacterTokenizer(characters));
      DecoderConfig config;
      config.model_type = "llama";
      config.vocab_size = static_cast<int64_t>(characters.size()) + 1;
      config.hidden_size = scratch.hidden_size;
      config.intermediate_size = scratch.intermediate_size;
      config.num_layers = scratch.layers;
      config.num_heads = scratch.heads;
      config.num_kv_heads = scratch.kv_heads;
      config.head_dim = scratch.head_dim.value_or(scratch.hidden_size / scratch.heads);
      config.max_positions = recipe.model.max_context.value_or(256);
      config.rms_norm_eps = static_cast<float>(scratch.norm_eps);
      config.tie_embeddings = scratch.tie_embeddings;
      config.eos_token_ids = {0};
      const std::string config_json = MakeLlamaConfigJson(config, scratch.rope_theta);
      HONE_ASSIGN_OR_RETURN(const DecoderConfig parsed, ParseDecoderConfig(config_json));
      HONE_ASSIGN_OR_RETURN(const auto decoder, Decoder::Create(parsed, parsed.max_positions));
      ThreadPool pool(1);
      const ops::Context context{.device = {}, .pool = &pool, .isa = ops::BestIsa()};
      WeightArena arena(context, decoder->layout(), DType::kFloat32);
      arena.InitializeRandom(context, static_cast<uint64_t>(scratch.seed.value_or(recipe.run.seed)), scratch.init_std);
      HONE_RETURN_IF_ERROR(
          WriteModel(scratch_dir, *decoder->layout(), DType::kFloat32, arena.bytes(), DType::kFloat32, config_json, "", tokenizer));
    }
  }
  HONE_ASSIGN_OR_RETURN(model.files, LoadModelFiles(model.folder));
  if (model.files.tokenizer == nullptr) {
    return absl::InvalidArgumentError(fmt::format("{}: has no tokenizer.json; a run needs one", model.folder));
  }
  return model;
}

absl::StatusOr<MemoryPlan> PlanMemory(const Recipe& recipe, const DecoderConfig& config) {
  HONE_ASSIGN_OR_RETURN(const auto decoder, Decoder::Create(config, ContextOf(recipe, config)));
  HONE_ASSIGN_OR_RETURN(const PolicyUpdateConfig update, MakePolicyUpdateConfig(recipe));
  const DType dtype = RunDType(recipe);
  MemoryPlan plan;
  const int64_t base = int64_t{80} << 20;  // program, libraries, tokenizer, buffers of the transport
  plan.learner_bytes = base + PolicyUpdater::PlannedBytes(*decoder, dtype, update, /*max_sample_tokens=*/0);
  const int64_t arena = decoder->layout()->total_elements() * static_cast<int64_t>(SizeOf(dtype));
  const EngineOptions defaults;
  const int64_t kv = recipe.actors.kv_budget_mb > 0 ? recipe.actors.kv_budget_mb << 20 : defaults.kv_budget_bytes;
  const int64_t work =
      4 * decoder->CachedFloats(recipe.actors.max_batch + recipe.actors.prefill_chunk_tokens, recipe.actors.max_batch + 32);
  plan.actor_bytes = base + 2 * arena + kv + work;
  const double gib = 1024.0 * 1024 * 1024;
  plan.text = fmt::format(
      "memory plan\n"
      "  learner        {:.2f} GiB  (master, moments, gradient and two weight arenas; {} rows of activations)\n"
      "  each of {} actors {:.2f} GiB  (two weight arenas, {:.2f} GiB of cache at most, work space for {} sequences)\n",
      plan.learner_bytes / gib, recipe.learner.micro_batch_tokens, recipe.actors.count, plan.actor_bytes / gib, kv / gib,
      recipe.actors.max_batch);
  return plan;
}

int RunLearner(const LearnerArguments& arguments) {
  InstallStopSignals();
  auto ledger = RunLedger::Open(arguments.run_dir);
  if (!ledger.ok()) return Report(ledger.status());
  auto text = ReadFile((*ledger)->paths().recipe());
  if (!text.ok()) return Report(text.status());
  auto recipe = ParseRecipe(*text, (*ledger)->paths().recipe());
  if (!recipe.ok()) return Report(recipe.status(), kWrongUse);
  if (const auto log = StartLogging("learner", (*ledger)->paths().logs() + "/learner.log", recipe->run.log_level); !log.ok())
    return Report(log);
  ProgressPrinter progress(recipe->observe.progress);
  auto summary = Train(arguments, *recipe, **ledger, progress);
  if (!summary.ok()) {
    HONE_LOG_ERROR("{}", std::string(summary.status().message()));
    return kFailed;
  }
  progress.Line(SummaryText(*recipe, arguments.run_dir, *summary));
  return summary->interrupted ? kInterrupted : kDone;
}

void AddLearner(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("learner", "The learner of an existing run, by hand (what `hone run` and launchers start)");
  auto arguments = std::make_shared<LearnerArguments>();
  auto token_file = std::make_shared<std::string>();
  command->add_option("run", arguments->run_dir, "The run's folder")->required();
  command->add_option("--listen", arguments->address, "unix:PATH or HOST:PORT that actors join")->required();
  command->add_option("--token-file", *token_file, "File with the run's secret")->required();
  command->callback([=, &exit_code] {
    auto token = ReadFile(*token_file, 4096);
    if (!token.ok()) {
      exit_code = Report(token.status());
      return;
    }
    arguments->token = *token;
    exit_code = RunLearner(*arguments);
  });
}

}  // namespace hone
