#include "lib/tokenizer/chat/interpreter.h"

#include "lib/tokenizer/chat/operators.h"
#include "lib/tokenizer/chat/text.h"

namespace hone::jinja {
namespace {

// Calls of Execute and Evaluate inside each other: more than a template that parses can nest without macros (3 kMaxDepth), and at the 10 KB
// of stack that each takes under AddressSanitizer still below a thread's 8 MB.
constexpr int kMaxCallDepth = 3 * kMaxDepth;
constexpr size_t kMaxNamespaces = 200'000;

struct MacroObject : NamedObject {
  const Macro* macro = nullptr;
  std::weak_ptr<Frame> frame;  // where it was defined; weak, since the frame holds the macro
};

class CountDepth {
 public:
  explicit CountDepth(int& depth) : depth_(depth) { ++depth_; }
  ~CountDepth() { --depth_; }

 private:
  int& depth_;
};

// Sets a variable for as long as it lives.
template <class T>
class Swap {
 public:
  Swap(T& variable, T value) : variable_(variable), before_(variable) { variable_ = value; }
  ~Swap() { variable_ = before_; }

 private:
  T& variable_;
  const T before_;
};

Value MakeMacro(const Macro& macro, const std::shared_ptr<Frame>& frame) {
  auto object = std::make_shared<MacroObject>();
  object->name = macro.title;
  object->macro = &macro;
  object->frame = frame;
  return Value::Of(Kind::kMacro, std::move(object));
}

}  // namespace

Interpreter::~Interpreter() {
  for (const auto& object : namespaces_) {
    std::vector<Value> values;
    for (auto& [key, value] : static_cast<NamespaceObject&>(*object).attributes.items) values.push_back(std::move(value));
    Discard(std::move(values));
  }
}

absl::StatusOr<Rendering> Interpreter::Run() {
  const FramePtr root = Enter(template_.scope, nullptr);
  const absl::Status status = ExecuteAll(root, template_.body);
  if (!status.ok()) return Annotate(status, fmt::format("line {}", line_));
  return Rendering{std::move(top_), std::move(spans_)};
}

absl::Status Interpreter::Deepen() {
  HONE_RETURN_IF_ERROR(budget_.Steps(1));
  if (depth_ <= kMaxCallDepth) return absl::OkStatus();
  return absl::ResourceExhaustedError(fmt::format("tags, expressions and macro calls nest deeper than {}", kMaxCallDepth));
}

// --- Names.

Interpreter::FramePtr Interpreter::Enter(const Scope& scope, const FramePtr& outer) const {
  auto frame = std::make_shared<Frame>();
  frame->scope = &scope;
  frame->outer = outer;
  frame->values.resize(scope.names.size());
  for (size_t i = 0; i < scope.names.size(); ++i) {
    const auto [name, load] = scope.names[i];
    if (load == Load::kResolve) frame->values[i] = Resolve(name);
    if (load == Load::kAlias) {
      if (const Value* slot = FindSlot(outer.get(), name)) frame->values[i] = *slot;
    }
  }
  return frame;
}

Value* Interpreter::FindSlot(Frame* frame, int name) const {
  for (; frame != nullptr; frame = frame->outer.get()) {
    const auto& names = frame->scope->names;
    for (size_t i = 0; i < names.size(); ++i) {
      if (names[i].first == name) return &frame->values[i];
    }
  }
  return nullptr;
}

Value Interpreter::Resolve(int name) const {
  const std::string& text = template_.names[static_cast<size_t>(name)];
  if (const Value* found = variables_.dict().Find(text)) return *found;
  return FindGlobal(text).value_or(Value());
}

Value Interpreter::Lookup(const FramePtr& frame, int name) const {
  const Value* slot = FindSlot(frame.get(), name);
  Value value = slot != nullptr ? *slot : Resolve(name);
  if (value.is(Kind::kMissing)) return Value::Undefined(fmt::format("'{}' is undefined", template_.names[static_cast<size_t>(name)]));
  return value;
}

void Interpreter::Store(const FramePtr& frame, int name, Value value) const {
  const auto& names = frame->scope->names;
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i].first == name) frame->values[i] = std::move(value);
  }
}

absl::Status Interpreter::Assign(const FramePtr& frame, const Expr& target, const Value& value) {
  if (target.kind == ExprKind::kName) {
    Store(frame, target.name, value);
    return absl::OkStatus();
  }
  if (target.kind == ExprKind::kNamespaceRef) {
    const Value object = Lookup(frame, target.name);
    if (!object.is(Kind::kNamespace)) return absl::InvalidArgumentError("cannot assign attribute on non-namespace object");
    object.object<NamespaceObject>().attributes.Set(Value::String(target.text), value);
    return absl::OkStatus();
  }
  HONE_ASSIGN_OR_RETURN(const auto items, Iterate(budget_, value));
  if (items.size() != target.children.size()) {
    return absl::InvalidArgumentError(fmt::format("cannot unpack {} values into {} names", items.size(), target.children.size()));
  }
  for (size_t i = 0; i < items.size(); ++i) HONE_RETURN_IF_ERROR(Assign(frame, *target.children[i], items[i]));
  return absl::OkStatus();
}

// --- Statements.

absl::Status Interpreter::Write(std::string_view text) {
  HONE_RETURN_IF_ERROR(budget_.Text(text.size()));
  HONE_RETURN_IF_ERROR(budget_.CheckSize(out_->size() + text.size()));
  out_->append(text);
  return absl::OkStatus();
}

absl::Status Interpreter::ExecuteAll(const FramePtr& frame, const std::vector<StmtPtr>& body) {
  for (const StmtPtr& statement : body) {
    HONE_RETURN_IF_ERROR(Execute(frame, *statement));
    if (flow_ != Flow::kNext) break;
  }
  return absl::OkStatus();
}

absl::Status Interpreter::Execute(const FramePtr& frame, const Stmt& node) {
  const CountDepth count(depth_);
  line_ = node.line;
  HONE_RETURN_IF_ERROR(Deepen());
  switch (node.kind) {
    case StmtKind::kData:
      return Write(node.text);
    case StmtKind::kOutput:
      return ExecuteOutput(frame, node);
    case StmtKind::kFor:
      return ExecuteFor(frame, node);
    case StmtKind::kIf:
      return ExecuteIf(frame, node);
    case StmtKind::kSet: {
      HONE_ASSIGN_OR_RETURN(const Value value, Evaluate(frame, *node.values[0]));
      return Assign(frame, *node.target, value);
    }
    case StmtKind::kSetBlock:
      return ExecuteSetBlock(frame, node);
    case StmtKind::kMacro:
      Store(frame, node.name, MakeMacro(*node.macro, frame));
      return absl::OkStatus();
    case StmtKind::kCall:
      return ExecuteCall(frame, node);
    case StmtKind::kFilterBlock:
      return ExecuteFilterBlock(frame, node);
    case StmtKind::kWith:
      return ExecuteWith(frame, node);
    case StmtKind::kGeneration:
      return ExecuteGeneration(frame, node);
    case StmtKind::kBlock:
      return ExecuteAll(Enter(node.scope, frame), node.body);
    case StmtKind::kBreak:
      flow_ = Flow::kBreak;
      return absl::OkStatus();
    case StmtKind::kContinue:
      flow_ = Flow::kContinue;
      return absl::OkStatus();
  }
  return absl::OkStatus();
}

absl::Status Interpreter::ExecuteOutput(const FramePtr& frame, const Stmt& node) {
  for (const ExprPtr& expression : node.values) {
    HONE_ASSIGN_OR_RETURN(const Value value, Evaluate(frame, *expression));
    if (value.is(Kind::kString)) {
      HONE_RETURN_IF_ERROR(Write(value.text()));
    } else {
      HONE_ASSIGN_OR_RETURN(const std::string text, ToString(budget_, value));
      HONE_RETURN_IF_ERROR(Write(text));
    }
  }
  return absl::OkStatus();
}

absl::Status Interpreter::ExecuteIf(const FramePtr& frame, const Stmt& node) {
  for (const auto& [test, body] : node.branches) {
    HONE_ASSIGN_OR_RETURN(const Value value, Evaluate(frame, *test));
    if (IsTrue(value)) return ExecuteAll(frame, body);
  }
  return ExecuteAll(frame, node.otherwise);
}

absl::Status Interpreter::ExecuteFor(const FramePtr& frame, const Stmt& node) {
  HONE_ASSIGN_OR_RETURN(const Value sequence, Evaluate(frame, *node.values[0]));
  HONE_ASSIGN_OR_RETURN(std::vector<Value> items, Iterate(budget_, sequence));
  const auto passes = [&](const Value& item) -> absl::StatusOr<bool> {
    if (node.test == nullptr) return true;
    const FramePtr test_frame = Enter(node.test_scope, frame);
    HONE_RETURN_IF_ERROR(Assign(test_frame, *node.target, item));
    HONE_ASSIGN_OR_RETURN(const Value value, Evaluate(test_frame, *node.test));
    return IsTrue(value);
  };
  std::shared_ptr<LoopObject> loop;
  int loop_name = -1;
  if (node.uses_loop) {  // `loop` tells the length, so the test comes first
    std::vector<Value> chosen;
    for (Value& item : items) {
      HONE_ASSIGN_OR_RETURN(const bool pass, passes(item));
      if (pass) chosen.push_back(std::move(item));
    }
    items = std::move(chosen);
    loop = std::make_shared<LoopObject>();
    loop->items = items;
    loop_name = template_.name_index.find("loop")->second;
  }
  bool completed = false;  // else runs unless an iteration came to its end: as in Jinja, `break` and `continue` do not count
  for (size_t i = 0; i < items.size(); ++i) {
    if (loop == nullptr) {
      HONE_ASSIGN_OR_RETURN(const bool pass, passes(items[i]));
      if (!pass) continue;
    }
    const FramePtr inner = Enter(node.scope, frame);
    if (loop != nullptr) {
      loop->index = i;
      Store(inner, loop_name, Value::Of(Kind::kLoop, loop));
    }
    HONE_RETURN_IF_ERROR(Assign(inner, *node.target, items[i]));
    HONE_RETURN_IF_ERROR(ExecuteAll(inner, node.body));
    const Flow flow = flow_;
    flow_ = Flow::kNext;
    if (flow == Flow::kBreak) break;
    completed = completed || flow == Flow::kNext;
    HONE_RETURN_IF_ERROR(budget_.Steps(1 + static_cast<int64_t>(node.scope.names.size() / 8)));
  }
  if (completed) return absl::OkStatus();
  return ExecuteAll(Enter(node.otherwise_scope, frame), node.otherwise);
}

absl::StatusOr<std::string> Interpreter::Capture(const FramePtr& frame, const std::vector<StmtPtr>& body) {
  std::string text;
  const Swap<std::string*> swap(out_, &text);
  HONE_RETURN_IF_ERROR(ExecuteAll(frame, body));
  return text;
}

absl::Status Interpreter::ExecuteSetBlock(const FramePtr& frame, const Stmt& node) {
  const FramePtr inner = Enter(node.scope, frame);
  HONE_ASSIGN_OR_RETURN(std::string text, Capture(inner, node.body));
  if (flow_ != Flow::kNext) return absl::OkStatus();
  Value value = Value::String(std::move(text));
  if (node.test != nullptr) {
    HONE_ASSIGN_OR_RETURN(value, EvaluateFilter(inner, *node.test, &value));
  }
  return Assign(frame, *node.target, value);
}

absl::Status Interpreter::ExecuteWith(const FramePtr& frame, const Stmt& node) {
  const FramePtr inner = Enter(node.scope, frame);
  for (size_t i = 0; i < node.values.size(); ++i) {
    HONE_ASSIGN_OR_RETURN(const Value value, Evaluate(frame, *node.values[i]));
    HONE_RETURN_IF_ERROR(Assign(inner, *node.target->children[i], value));
  }
  return ExecuteAll(inner, node.body);
}

absl::Status Interpreter::ExecuteFilterBlock(const FramePtr& frame, const Stmt& node) {
  const FramePtr inner = Enter(node.scope, frame);
  HONE_ASSIGN_OR_RETURN(std::string text, Capture(inner, node.body));
  if (flow_ != Flow::kNext) return absl::OkStatus();
  const Value value = Value::String(std::move(text));
  HONE_ASSIGN_OR_RETURN(const Value filtered, EvaluateFilter(inner, *node.values[0], &value));
  HONE_ASSIGN_OR_RETURN(const std::string shown, ToString(budget_, filtered));
  return Write(shown);
}

absl::Status Interpreter::ExecuteCall(const FramePtr& frame, const Stmt& node) {
  const Value caller = MakeMacro(*node.macro, frame);
  HONE_ASSIGN_OR_RETURN(const Value value, EvaluateCall(frame, *node.values[0], &caller));
  HONE_ASSIGN_OR_RETURN(const std::string text, ToString(budget_, value));
  return Write(text);
}

// The span starts where the template's own text ends when the block is done, also where the block's text goes into a variable first.
absl::Status Interpreter::ExecuteGeneration(const FramePtr& frame, const Stmt& node) {
  HONE_ASSIGN_OR_RETURN(const std::string text, Capture(Enter(node.macro->scope, frame), node.macro->body));
  counted_code_points_ += CountCodePoints(std::string_view(top_).substr(counted_bytes_));
  counted_bytes_ = top_.size();
  spans_.emplace_back(counted_code_points_, counted_code_points_ + CountCodePoints(text));
  return Write(text);
}

// --- Expressions.

absl::StatusOr<Value> Interpreter::Evaluate(const FramePtr& frame, const Expr& node) {
  const CountDepth count(depth_);
  line_ = node.line;
  HONE_RETURN_IF_ERROR(Deepen());
  switch (node.kind) {
    case ExprKind::kConstant:
      return node.constant;
    case ExprKind::kName:
      return Lookup(frame, node.name);
    case ExprKind::kList:
    case ExprKind::kTuple:
    case ExprKind::kDict:
      return EvaluateCollection(frame, node);
    case ExprKind::kNegate:
    case ExprKind::kPlus: {
      HONE_ASSIGN_OR_RETURN(const Value value, Evaluate(frame, *node.children[0]));
      if (node.kind == ExprKind::kNegate) return Negate(value);
      if (value.is(Kind::kFloat)) return value;
      if (value.is_integer()) return Value::Int(value.integer());
      return Negate(value);  // its error
    }
    case ExprKind::kNot: {
      HONE_ASSIGN_OR_RETURN(const Value value, Evaluate(frame, *node.children[0]));
      return Value::Bool(!IsTrue(value));
    }
    case ExprKind::kBinary:
      return EvaluateBinary(frame, node);
    case ExprKind::kConcat:
      return EvaluateConcat(frame, node);
    case ExprKind::kCompare:
      return EvaluateCompare(frame, node);
    case ExprKind::kAnd:
    case ExprKind::kOr: {
      HONE_ASSIGN_OR_RETURN(Value left, Evaluate(frame, *node.children[0]));
      if (IsTrue(left) == (node.kind == ExprKind::kOr)) return left;
      return Evaluate(frame, *node.children[1]);
    }
    case ExprKind::kCondition:
      return EvaluateCondition(frame, node);
    case ExprKind::kGetAttr:
    case ExprKind::kGetItem:
    case ExprKind::kSlice:
      return EvaluateSubscript(frame, node);
    case ExprKind::kCall:
      return EvaluateCall(frame, node, nullptr);
    case ExprKind::kFilter:
      return EvaluateFilter(frame, node, nullptr);
    case ExprKind::kTest:
      return EvaluateTest(frame, node);
    case ExprKind::kNamespaceRef:
      break;
  }
  return Value::Undefined();
}

absl::StatusOr<Value> Interpreter::EvaluateCollection(const FramePtr& frame, const Expr& node) {
  HONE_RETURN_IF_ERROR(budget_.Items(node.children.size()));
  std::vector<Value> items;
  items.reserve(node.children.size());
  for (const ExprPtr& child : node.children) {
    HONE_ASSIGN_OR_RETURN(Value value, Evaluate(frame, *child));
    items.push_back(std::move(value));
  }
  if (node.kind == ExprKind::kList) return Value::List(std::move(items));
  if (node.kind == ExprKind::kTuple) return Value::Tuple(std::move(items));
  auto dict = std::make_shared<DictObject>();
  for (size_t i = 0; i + 1 < items.size(); i += 2) {
    HONE_RETURN_IF_ERROR(CheckHashable(items[i]));
    dict->Set(items[i], std::move(items[i + 1]));
  }
  return Value::Of(Kind::kDict, std::move(dict));
}

absl::StatusOr<Value> Interpreter::EvaluateBinary(const FramePtr& frame, const Expr& node) {
  HONE_ASSIGN_OR_RETURN(const Value left, Evaluate(frame, *node.children[0]));
  HONE_ASSIGN_OR_RETURN(const Value right, Evaluate(frame, *node.children[1]));
  line_ = node.line;
  return Binary(budget_, node.text, left, right);
}

absl::StatusOr<Value> Interpreter::EvaluateConcat(const FramePtr& frame, const Expr& node) {
  std::string text;
  for (const ExprPtr& child : node.children) {
    HONE_ASSIGN_OR_RETURN(const Value value, Evaluate(frame, *child));
    HONE_RETURN_IF_ERROR(AppendString(budget_, value, text));
    HONE_RETURN_IF_ERROR(budget_.CheckSize(text.size()));
  }
  return Value::String(std::move(text));
}

absl::StatusOr<Value> Interpreter::EvaluateCompare(const FramePtr& frame, const Expr& node) {
  HONE_ASSIGN_OR_RETURN(Value left, Evaluate(frame, *node.children[0]));
  bool result = true;
  for (size_t i = 0; i < node.operators.size() && result; ++i) {
    HONE_ASSIGN_OR_RETURN(Value right, Evaluate(frame, *node.children[i + 1]));
    line_ = node.line;
    HONE_ASSIGN_OR_RETURN(result, Compare(budget_, node.operators[i], left, right));
    left = std::move(right);
  }
  return Value::Bool(result);
}

absl::StatusOr<Value> Interpreter::EvaluateCondition(const FramePtr& frame, const Expr& node) {
  HONE_ASSIGN_OR_RETURN(const Value test, Evaluate(frame, *node.children[0]));
  if (IsTrue(test)) return Evaluate(frame, *node.children[1]);
  if (node.children.size() > 2) return Evaluate(frame, *node.children[2]);
  return Value::Undefined("the inline if-expression evaluated to false and no else section was defined");
}

absl::StatusOr<Value> Interpreter::EvaluateSubscript(const FramePtr& frame, const Expr& node) {
  HONE_ASSIGN_OR_RETURN(const Value object, Evaluate(frame, *node.children[0]));
  if (node.kind == ExprKind::kGetAttr) {
    line_ = node.line;
    return GetAttribute(budget_, object, node.text);
  }
  Value parts[3];
  for (size_t i = 1; i < node.children.size(); ++i) {
    if (node.children[i] == nullptr) continue;
    HONE_ASSIGN_OR_RETURN(parts[i - 1], Evaluate(frame, *node.children[i]));
  }
  line_ = node.line;
  if (node.kind == ExprKind::kGetItem) return GetItem(budget_, object, parts[0]);
  return GetSlice(budget_, object, parts[0], parts[1], parts[2]);
}

absl::StatusOr<Value> Interpreter::EvaluateFilter(const FramePtr& frame, const Expr& node, const Value* input) {
  Value value;
  if (node.children[0] != nullptr) {
    if (node.children[0]->kind == ExprKind::kFilter) {
      HONE_ASSIGN_OR_RETURN(value, EvaluateFilter(frame, *node.children[0], input));
    } else {
      HONE_ASSIGN_OR_RETURN(value, Evaluate(frame, *node.children[0]));
    }
  } else if (input != nullptr) {
    value = *input;
  }
  HONE_ASSIGN_OR_RETURN(const Arguments arguments, EvaluateArguments(frame, node.arguments));
  line_ = node.line;
  HONE_RETURN_IF_ERROR(budget_.Steps(1));
  if (node.filter == nullptr) return absl::InvalidArgumentError(fmt::format("there is no filter named '{}'", node.text));
  return node.filter(budget_, value, arguments);
}

absl::StatusOr<Value> Interpreter::EvaluateTest(const FramePtr& frame, const Expr& node) {
  HONE_ASSIGN_OR_RETURN(const Value value, Evaluate(frame, *node.children[0]));
  HONE_ASSIGN_OR_RETURN(const Arguments arguments, EvaluateArguments(frame, node.arguments));
  line_ = node.line;
  if (node.test == nullptr) return absl::InvalidArgumentError(fmt::format("there is no test named '{}'", node.text));
  HONE_ASSIGN_OR_RETURN(const bool passed, node.test(budget_, value, arguments));
  return Value::Bool(passed);
}

absl::StatusOr<Arguments> Interpreter::EvaluateArguments(const FramePtr& frame, const CallArguments& node) {
  Arguments arguments;
  for (const ExprPtr& child : node.positional) {
    HONE_ASSIGN_OR_RETURN(Value value, Evaluate(frame, *child));
    arguments.positional.push_back(std::move(value));
  }
  for (const auto& [name, child] : node.named) {
    HONE_ASSIGN_OR_RETURN(Value value, Evaluate(frame, *child));
    arguments.named.emplace_back(name, std::move(value));
  }
  if (node.star != nullptr) {
    HONE_ASSIGN_OR_RETURN(const Value value, Evaluate(frame, *node.star));
    HONE_ASSIGN_OR_RETURN(const auto items, Iterate(budget_, value));
    arguments.positional.insert(arguments.positional.end(), items.begin(), items.end());
  }
  if (node.star_star != nullptr) {
    HONE_ASSIGN_OR_RETURN(const Value value, Evaluate(frame, *node.star_star));
    if (!value.is(Kind::kDict)) return absl::InvalidArgumentError("the value after ** must be a mapping");
    for (const auto& [key, item] : value.dict().items) {
      if (!key.is(Kind::kString)) return absl::InvalidArgumentError("keywords must be strings");
      for (const auto& [name, other] : arguments.named) {
        if (name == key.text()) return absl::InvalidArgumentError(fmt::format("the argument '{}' is given twice", name));
      }
      arguments.named.emplace_back(key.text(), item);
    }
  }
  return arguments;
}

absl::StatusOr<Value> Interpreter::EvaluateCall(const FramePtr& frame, const Expr& node, const Value* caller) {
  HONE_ASSIGN_OR_RETURN(const Value callee, Evaluate(frame, *node.children[0]));
  HONE_ASSIGN_OR_RETURN(Arguments arguments, EvaluateArguments(frame, node.arguments));
  if (caller != nullptr) arguments.named.emplace_back("caller", *caller);
  line_ = node.line;
  return CallValue(callee, std::move(arguments));
}

absl::StatusOr<Value> Interpreter::CallValue(const Value& callee, Arguments arguments) {
  if (callee.is(Kind::kMacro)) return CallMacro(callee, std::move(arguments));
  if (callee.is(Kind::kUndefined)) return UndefinedError(callee);
  if (!callee.is(Kind::kFunction)) return absl::InvalidArgumentError(fmt::format("'{}' object is not callable", TypeName(callee)));
  const auto& function = callee.object<FunctionObject>();
  HONE_ASSIGN_OR_RETURN(Value result, function.body(budget_, now_, function, arguments));
  if (result.is(Kind::kNamespace) && function.object.is(Kind::kMissing)) {
    if (namespaces_.size() >= kMaxNamespaces) return absl::ResourceExhaustedError(fmt::format("more than {} namespaces", kMaxNamespaces));
    namespaces_.push_back(result.shared());
  }
  return result;
}

absl::StatusOr<Value> Interpreter::CallMacro(const Value& callee, Arguments arguments) {
  const auto& object = callee.object<MacroObject>();
  const Macro& macro = *object.macro;
  const FramePtr outer = object.frame.lock();
  if (outer == nullptr)
    return absl::InvalidArgumentError(fmt::format("the macro '{}' is called outside the block that defines it", macro.title));
  const FramePtr frame = Enter(macro.scope, outer);

  size_t given = std::min(arguments.positional.size(), macro.parameters.size());
  for (size_t i = 0; i < given; ++i) Store(frame, macro.parameters[i], arguments.positional[i]);
  bool caller_stored = false;
  std::vector<std::pair<Value, Value>> extra;
  for (auto& [name, value] : arguments.named) {
    bool taken = false;
    for (size_t i = given; i < macro.parameters.size() && !taken; ++i) {
      if (template_.names[static_cast<size_t>(macro.parameters[i])] != name) continue;
      Store(frame, macro.parameters[i], value);
      taken = true;
      caller_stored = caller_stored || name == "caller";
    }
    if (!taken && name == "caller" && macro.uses_caller) {
      Store(frame, template_.name_index.find("caller")->second, value);
      caller_stored = taken = true;
    }
    if (!taken) extra.emplace_back(Value::String(name), value);
  }
  if (!extra.empty() && !macro.uses_kwargs) {
    return absl::InvalidArgumentError(fmt::format("macro '{}' takes no keyword argument '{}'", macro.title, extra[0].first.text()));
  }
  if (arguments.positional.size() > macro.parameters.size() && !macro.uses_varargs) {
    return absl::InvalidArgumentError(fmt::format("macro '{}' takes not more than {} argument(s)", macro.title, macro.parameters.size()));
  }
  if (macro.uses_caller && !caller_stored) {
    const int name = template_.name_index.find("caller")->second;
    bool is_parameter = false;
    for (const int parameter : macro.parameters) is_parameter = is_parameter || parameter == name;
    if (!is_parameter) Store(frame, name, Value::Undefined("No caller defined"));
  }
  if (macro.uses_kwargs) Store(frame, template_.name_index.find("kwargs")->second, Value::Dict(std::move(extra)));
  if (macro.uses_varargs) {
    std::vector<Value> rest(arguments.positional.begin() + static_cast<int64_t>(given), arguments.positional.end());
    Store(frame, template_.name_index.find("varargs")->second, Value::Tuple(std::move(rest)));
  }
  const size_t first_default = macro.parameters.size() - macro.defaults.size();
  for (size_t i = 0; i < macro.parameters.size(); ++i) {
    const Value* slot = FindSlot(frame.get(), macro.parameters[i]);
    if (!slot->is(Kind::kMissing)) continue;
    Value value =
        Value::Undefined(fmt::format("parameter '{}' was not provided", template_.names[static_cast<size_t>(macro.parameters[i])]));
    if (i >= first_default) {
      HONE_ASSIGN_OR_RETURN(value, Evaluate(frame, *macro.defaults[i - first_default]));
    }
    Store(frame, macro.parameters[i], std::move(value));
  }
  HONE_ASSIGN_OR_RETURN(std::string text, Capture(frame, macro.body));
  return Value::String(std::move(text));
}

}  // namespace hone::jinja
