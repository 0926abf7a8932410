#pragma once

#include <string>
#include <vector>

#include "lib/base/status.h"

namespace hone {

// How programs of a language are run: data, no code of its own.
struct Language {
  std::string name;
  std::string file;                    // of the source, in /box
  std::vector<std::string> command;    // the interpreter and what stands before the file; empty: compiled
  std::vector<std::string> compiler;   // reads the file, writes /tmp/program; empty: interpreted
  bool python = false;                 // may run in a fork of a prepared interpreter
  int64_t memory_bytes = 128LL << 20;  // the usual limit
};

// "python", "c", "cpp", "bash", or the path of an interpreter below /usr with its options, separated by spaces ("/usr/bin/perl -w").
// InvalidArgument for another name, FailedPrecondition with the cure when the interpreter or compiler is not installed.
absl::StatusOr<Language> FindLanguage(const std::string& name);

}  // namespace hone
