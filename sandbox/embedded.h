#pragma once

#include <string_view>

namespace hone {

// The helpers that run inside, carried in the library so that a program needs nothing beside it.
std::string_view CageBinary();     // static: launcher, pid 1, start-up test
std::string_view CageLibrary();    // for a Python interpreter that serves as pid 1
std::string_view PythonProgram();  // runs a Python source

}  // namespace hone
