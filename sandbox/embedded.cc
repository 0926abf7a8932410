#include "sandbox/embedded.h"

// HONE_CAGE_BINARY, HONE_CAGE_LIBRARY and HONE_PYTHON_PROGRAM are paths in the build tree, read by the assembler.
#define HONE_EMBED(symbol, path)          \
  asm(".section .rodata\n"                \
      ".balign 16\n"                      \
      ".global " #symbol                  \
      "\n"                                \
      ".hidden " #symbol                  \
      "\n"                                \
      ".hidden " #symbol "_end\n" #symbol \
      ":\n"                               \
      ".incbin \"" path                   \
      "\"\n"                              \
      ".global " #symbol "_end\n" #symbol \
      "_end:\n"                           \
      ".byte 0\n"                         \
      ".previous\n");                     \
  extern "C" const char symbol[];         \
  extern "C" const char symbol##_end[]

HONE_EMBED(hone_cage_binary, HONE_CAGE_BINARY);
HONE_EMBED(hone_cage_library, HONE_CAGE_LIBRARY);
HONE_EMBED(hone_python_program, HONE_PYTHON_PROGRAM);

namespace hone {

std::string_view CageBinary() {
  return {hone_cage_binary, static_cast<size_t>(hone_cage_binary_end - hone_cage_binary)};
}
std::string_view CageLibrary() {
  return {hone_cage_library, static_cast<size_t>(hone_cage_library_end - hone_cage_library)};
}
std::string_view PythonProgram() {
  return {hone_python_program, static_cast<size_t>(hone_python_program_end - hone_python_program)};
}

}  // namespace hone
