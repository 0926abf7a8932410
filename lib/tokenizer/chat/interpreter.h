#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "lib/tokenizer/chat/ast.h"
#include "lib/tokenizer/chat/callable.h"

namespace hone::jinja {

// What a template wrote, and the ranges of code points its {% generation %} blocks wrote, in order.
struct Rendering {
  std::string text;
  std::vector<std::pair<size_t, size_t>> spans;
};

// The values of one scope while it is entered.
struct Frame {
  const Scope* scope = nullptr;
  std::shared_ptr<Frame> outer;
  std::vector<Value> values;  // as scope->names
};

// Runs one template once.
//
// Threads: one at a time; the template and the variables are only read. Both must outlive the call.
// Errors: InvalidArgument for what the template gets wrong and for raise_exception, ResourceExhausted for a limit; the message starts with
//   "line N: ".
class Interpreter {
 public:
  // variables: a dict. now: what strftime_now shows.
  Interpreter(const Template& parsed, const Value& variables, const Limits& limits, absl::Time now)
      : template_(parsed), variables_(variables), budget_(limits), now_(now) {}
  ~Interpreter();

  absl::StatusOr<Rendering> Run();

 private:
  enum class Flow : uint8_t { kNext, kBreak, kContinue };
  using FramePtr = std::shared_ptr<Frame>;

  // --- Names.
  FramePtr Enter(const Scope& scope, const FramePtr& outer) const;
  Value* FindSlot(Frame* frame, int name) const;
  Value Resolve(int name) const;
  Value Lookup(const FramePtr& frame, int name) const;
  void Store(const FramePtr& frame, int name, Value value) const;
  absl::Status Assign(const FramePtr& frame, const Expr& target, const Value& value);

  // --- Statements.
  absl::Status Write(std::string_view text);
  absl::Status ExecuteAll(const FramePtr& frame, const std::vector<StmtPtr>& body);
  absl::Status Execute(const FramePtr& frame, const Stmt& node);
  absl::Status ExecuteOutput(const FramePtr& frame, const Stmt& node);
  absl::Status ExecuteIf(const FramePtr& frame, const Stmt& node);
  absl::Status ExecuteFor(const FramePtr& frame, const Stmt& node);
  absl::Status ExecuteSetBlock(const FramePtr& frame, const Stmt& node);
  absl::Status ExecuteWith(const FramePtr& frame, const Stmt& node);
  absl::Status ExecuteFilterBlock(const FramePtr& frame, const Stmt& node);
  absl::Status ExecuteCall(const FramePtr& frame, const Stmt& node);
  absl::Status ExecuteGeneration(const FramePtr& frame, const Stmt& node);
  // What `body` writes, in a frame of its own.
  absl::StatusOr<std::string> Capture(const FramePtr& frame, const std::vector<StmtPtr>& body);

  // --- Expressions.
  absl::StatusOr<Value> Evaluate(const FramePtr& frame, const Expr& node);
  absl::StatusOr<Value> EvaluateCollection(const FramePtr& frame, const Expr& node);
  absl::StatusOr<Value> EvaluateBinary(const FramePtr& frame, const Expr& node);
  absl::StatusOr<Value> EvaluateConcat(const FramePtr& frame, const Expr& node);
  absl::StatusOr<Value> EvaluateCompare(const FramePtr& frame, const Expr& node);
  absl::StatusOr<Value> EvaluateCondition(const FramePtr& frame, const Expr& node);
  absl::StatusOr<Value> EvaluateSubscript(const FramePtr& frame, const Expr& node);
  absl::StatusOr<Value> EvaluateFilter(const FramePtr& frame, const Expr& node, const Value* input);
  absl::StatusOr<Value> EvaluateTest(const FramePtr& frame, const Expr& node);
  absl::StatusOr<Value> EvaluateCall(const FramePtr& frame, const Expr& node, const Value* caller);
  absl::StatusOr<Arguments> EvaluateArguments(const FramePtr& frame, const CallArguments& node);
  absl::StatusOr<Value> CallValue(const Value& callee, Arguments arguments);
  absl::StatusOr<Value> CallMacro(const Value& callee, Arguments arguments);

  absl::Status Deepen();

  const Template& template_;
  const Value& variables_;
  Budget budget_;
  const absl::Time now_;

  std::string top_;           // the text of the template itself
  std::string* out_ = &top_;  // where statements write: top_, or the text of a macro or block
  std::vector<std::pair<size_t, size_t>> spans_;
  size_t counted_bytes_ = 0;        // of top_ ...
  size_t counted_code_points_ = 0;  // ... hold this many code points
  Flow flow_ = Flow::kNext;
  int depth_ = 0;
  int line_ = 1;
  std::vector<std::shared_ptr<Object>> namespaces_;  // emptied at the end: they may hold each other
};

}  // namespace hone::jinja
