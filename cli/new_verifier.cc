#include "verifiers/external/new_verifier.h"

#include <cstdio>

#include "cli/commands.h"
#include "cli/exit_code.h"

namespace hone {

void AddNewVerifier(CLI::App& app, int& exit_code) {
  auto* command =
      app.add_subcommand("new-verifier", "A verifier of your own: writes the folder NAME with a template that works, and its test");
  auto name = std::make_shared<std::string>();
  auto language = std::make_shared<std::string>("cpp");
  auto parent = std::make_shared<std::string>(".");
  command->add_option("NAME", *name, "Letters, digits and '_'")->required();
  command->add_option("--language", *language, "cpp (a shared library), python (a program) or any (a program, with the protocol explained)")
      ->capture_default_str();
  command->add_option("--folder", *parent, "Where to make it")->capture_default_str();
  command->callback([=, &exit_code] {
    const auto folder = WriteNewVerifier(*parent, *name, *language);
    if (!folder.ok()) {
      exit_code = Report(folder.status(), kWrongUse);
      return;
    }
    std::printf("wrote %s; test it: sh %s/test.sh\n", folder->c_str(), folder->c_str());
  });
}

}  // namespace hone
