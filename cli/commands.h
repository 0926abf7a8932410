#pragma once
// One function per subcommand: adds itself to the program and leaves its exit code in `exit_code` when it was the one chosen.
// Each stands in a file of its own name.

#include "CLI/CLI.hpp"

namespace hone {

void AddRun(CLI::App& app, int& exit_code);             // run, resume
void AddLearner(CLI::App& app, int& exit_code);         // learner
void AddActor(CLI::App& app, int& exit_code);           // actor
void AddStatus(CLI::App& app, int& exit_code);          // status
void AddTokenize(CLI::App& app, int& exit_code);        // tokenize
void AddLogProbs(CLI::App& app, int& exit_code);        // logprobs
void AddGenerate(CLI::App& app, int& exit_code);        // generate
void AddChat(CLI::App& app, int& exit_code);            // chat
void AddConvert(CLI::App& app, int& exit_code);         // convert
void AddVerify(CLI::App& app, int& exit_code);          // verify
void AddVerifierWorker(CLI::App& app, int& exit_code);  // verifier
void AddEval(CLI::App& app, int& exit_code);            // eval
void AddRollouts(CLI::App& app, int& exit_code);        // rollouts show, rollouts export
void AddDoctor(CLI::App& app, int& exit_code);          // doctor
void AddBench(CLI::App& app, int& exit_code);           // bench decode, matmul, prefill, learner, push, sandbox
void AddNewVerifier(CLI::App& app, int& exit_code);     // new-verifier
void AddVerifierCheck(CLI::App& app, int& exit_code);   // verifier-check
void AddVerifierServe(CLI::App& app, int& exit_code);   // verifier-serve
void AddPuzzles(CLI::App& app, int& exit_code);         // puzzles list, puzzles show, puzzles rates
void AddRecipe(CLI::App& app, int& exit_code);          // recipe reference, recipe presets, recipe print
void AddSandbox(CLI::App& app, int& exit_code);         // sandbox

}  // namespace hone
