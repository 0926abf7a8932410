#include "verifiers/external/external.h"

#include "fmt/format.h"
#include "lib/base/file.h"
#include "verifiers/external/command_verifier.h"
#include "verifiers/external/plugin_verifier.h"
#include "verifiers/external/remote_verifier.h"

namespace hone {
namespace {
constexpr std::string_view kPlugin = "plugin:", kCommand = "command:", kGrpc = "grpc:";

// ADDRESS[?token_file=PATH][&verifier=NAME]
absl::StatusOr<RemoteVerifierOptions> ReadGrpcUri(std::string_view rest) {
  if (rest.starts_with("//")) rest.remove_prefix(2);
  RemoteVerifierOptions options;
  const size_t question = std::min(rest.find('?'), rest.size());
  options.address = rest.substr(0, question);
  for (std::string_view query = rest.substr(std::min(question + 1, rest.size())); !query.empty();) {
    const size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    const size_t equals = std::min(pair.find('='), pair.size());
    const std::string_view key = pair.substr(0, equals);
    const std::string value(pair.substr(std::min(equals + 1, pair.size())));
    if (key == "token_file") {
      HONE_ASSIGN_OR_RETURN(options.token, ReadFile(value, 4096));
      while (!options.token.empty() && options.token.back() == '\n') options.token.pop_back();
    } else if (key == "verifier") {
      options.verifier = value;
    } else {
      return absl::InvalidArgumentError(fmt::format("\"{}\" is unknown after the ?; known: token_file, verifier", key));
    }
  }
  return options;
}

absl::StatusOr<std::unique_ptr<Verifier>> Create(std::string_view uri, std::string_view params_json) {
  const std::string params(params_json);
  if (uri.starts_with(kPlugin)) return LoadPluginVerifier({.path = std::string(uri.substr(kPlugin.size())), .params_json = params});
  if (uri.starts_with(kCommand)) return StartCommandVerifier({.command = std::string(uri.substr(kCommand.size())), .params_json = params});
  if (uri.starts_with(kGrpc)) {
    HONE_ASSIGN_OR_RETURN(RemoteVerifierOptions options, ReadGrpcUri(uri.substr(kGrpc.size())));
    options.params_json = params;
    return ConnectRemoteVerifier(options);
  }
  return absl::InvalidArgumentError("it must begin with plugin:, command: or grpc:");
}

}  // namespace

bool IsVerifierUri(std::string_view name) {
  return name.starts_with(kPlugin) || name.starts_with(kCommand) || name.starts_with(kGrpc);
}

absl::StatusOr<std::unique_ptr<Verifier>> CreateExternalVerifier(std::string_view uri, std::string_view params_json) {
  auto verifier = Create(uri, params_json);
  if (!verifier.ok()) return Annotate(verifier.status(), fmt::format("verifier \"{}\"", uri));
  return verifier;
}

}  // namespace hone
