#pragma once

namespace hone {

// The files that `hone new-verifier` writes, compiled in from verifiers/external/templates. @NAME@ stands for the verifier's name, also in
// names of files.
struct TemplateFile {
  const char* language;  // empty: of all languages
  const char* name;
  const char* text;
};
extern const TemplateFile kTemplateFiles[];
extern const int kNumTemplateFiles;

}  // namespace hone
