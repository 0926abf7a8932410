#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/base/status.h"

namespace hone {

// A program to start, as a recipe names it.
struct Command {
  std::vector<std::string> environment;  // NAME=VALUE; nothing else is set
  std::vector<std::string> arguments;    // the first names the program
  std::string program;                   // the file, absolute
  std::string sha256;                    // of the file
};

// Reads `NAME=VALUE ... PROGRAM ARGUMENT ...`. Words are separated by spaces; single and double quotes hold one together, a backslash takes
// the next character as it is; nothing is expanded. A program with a slash is looked up from the working folder, one without in
// /usr/local/bin, /usr/bin and /bin. Errors: InvalidArgument, no program or an open quote; NotFound, no such file; PermissionDenied, a file
// that may not be executed, or one that others could replace (CheckOwnFile).
absl::StatusOr<Command> ParseCommand(std::string_view text);

// The real path of a file that is about to be run as part of hone. PermissionDenied when the file, or a folder above it, may be written by
// every user (folders with the sticky bit, as /tmp, are fine), with the cure; NotFound; InvalidArgument when it is no regular file.
absl::StatusOr<std::string> CheckOwnFile(const std::string& path);

}  // namespace hone
