#pragma once
// A parsed template. Names are interned: `name` fields index Template::names.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "lib/tokenizer/chat/filters.h"
#include "lib/tokenizer/chat/tests.h"
#include "lib/tokenizer/chat/value.h"

namespace hone::jinja {

struct Expr;
struct Stmt;
using ExprPtr = std::unique_ptr<Expr>;
using StmtPtr = std::unique_ptr<Stmt>;

// How a scope gets the first value of a name it holds.
enum class Load : uint8_t {
  kParameter,  // whoever enters the scope sets it
  kResolve,    // from the variables handed in, then the globals
  kAlias,      // a copy of the enclosing scope's
  kMissing,    // none: it is set inside
};

// The names a block of its own (template, loop body, macro, ...) holds; all others are looked up in the scopes around it.
struct Scope {
  std::vector<std::pair<int, Load>> names;
};

struct CallArguments {
  std::vector<ExprPtr> positional;
  std::vector<std::pair<std::string, ExprPtr>> named;
  ExprPtr star;       // *args
  ExprPtr star_star;  // **kwargs
};

enum class ExprKind : uint8_t {
  kConstant,      // constant
  kName,          // name
  kList,          // children
  kTuple,         // children
  kDict,          // children: key, value, key, value ...
  kNegate,        // children[0]
  kPlus,          // children[0]
  kNot,           // children[0]
  kBinary,        // text: operator; children: left, right
  kConcat,        // children joined by ~
  kCompare,       // children: operands; operators: one between each two
  kAnd,           // children: left, right
  kOr,            // children: left, right
  kCondition,     // children: test, value, [value otherwise]
  kGetAttr,       // children[0].text
  kGetItem,       // children[0][children[1]]
  kSlice,         // children[0][children[1]:children[2]:children[3]], each may be null
  kCall,          // children[0](arguments)
  kFilter,        // children[0] | text(arguments); children[0] is null in a filter block
  kTest,          // children[0] is text(arguments)
  kNamespaceRef,  // assignment target name.text
};

struct Expr {
  ExprKind kind = ExprKind::kConstant;
  int line = 1;
  int depth = 1;
  int name = -1;
  std::string text;
  Value constant;
  std::vector<ExprPtr> children;
  std::vector<std::string> operators;
  CallArguments arguments;
  FilterFunction filter = nullptr;  // null: there is none of this name
  TestFunction test = nullptr;
};

// A macro, or the body of a call block.
struct Macro {
  std::string title;
  std::vector<int> parameters;
  std::vector<ExprPtr> defaults;  // of the last parameters
  std::vector<StmtPtr> body;
  Scope scope;
  bool uses_caller = false;
  bool uses_kwargs = false;
  bool uses_varargs = false;
};

enum class StmtKind : uint8_t {
  kData,         // text
  kOutput,       // values
  kFor,          // target, values[0]: what to iterate, test, body, otherwise
  kIf,           // branches: test and body; otherwise
  kSet,          // target = values[0]
  kSetBlock,     // target, test: the filter or null, body
  kMacro,        // name, macro
  kCall,         // values[0]: the call, macro: the body
  kFilterBlock,  // values[0]: the filter, body
  kWith,         // targets (in target, a tuple), values, body
  kGeneration,   // macro: the body
  kBlock,        // body, in a scope of its own
  kBreak,
  kContinue,
};

struct Stmt {
  StmtKind kind = StmtKind::kData;
  int line = 1;
  int name = -1;
  std::string text;
  ExprPtr target;
  ExprPtr test;
  std::vector<ExprPtr> values;
  std::vector<StmtPtr> body;
  std::vector<StmtPtr> otherwise;
  std::vector<std::pair<ExprPtr, std::vector<StmtPtr>>> branches;
  std::unique_ptr<Macro> macro;
  bool uses_loop = false;  // kFor: the body reads `loop`
  Scope scope;             // of the body
  Scope test_scope;        // kFor: of the test
  Scope otherwise_scope;   // kFor: of else
};

struct Template {
  std::vector<std::string> names;
  std::map<std::string, int, std::less<>> name_index;
  std::vector<StmtPtr> body;
  Scope scope;

  int Intern(std::string_view name) {
    const auto found = name_index.find(name);
    if (found != name_index.end()) return found->second;
    const int index = static_cast<int>(names.size());
    names.emplace_back(name);
    name_index.emplace(std::string(name), index);
    return index;
  }
};

}  // namespace hone::jinja
