#pragma once

#include "lib/tokenizer/chat/ast.h"

namespace hone::jinja {

// Fills in every Scope of a template, and which special names its macros read.
//
// Jinja decides when it compiles, not when it runs, which block holds a name and where its first value comes from, and templates rely on
// what follows from that: a `set` in a loop is gone with the iteration; a loop body that sets a name first sees the enclosing value; a
// macro sees the template's later assignments; a variable that the template itself sets further down is undefined in the loops and macros
// above. `if` makes no scope. The rule, name by name in reading order:
//   read   unless this scope or one around it holds the name, this scope holds it from now on, resolved from the variables;
//   set    unless this scope holds it, it does from now on: an alias of the enclosing scope's, or missing;
//   if     names first set in a branch start as an alias, or resolved from the variables.
// Bodies of for, macro, call, filter, with, set blocks and generation are scopes of their own and are not looked into from outside.
void ResolveScopes(Template& parsed);

}  // namespace hone::jinja
