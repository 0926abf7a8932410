#include "lib/tokenizer/chat/expression_parser.h"

#include <algorithm>

namespace hone::jinja {

absl::Status ExpressionParser::Fail(const std::string& what, int line) const {
  return absl::InvalidArgumentError(fmt::format("line {}: {}", line, what));
}

std::string ExpressionParser::Describe(const Token& token) const {
  switch (token.kind) {
    case TokenKind::kData:
      return "text";
    case TokenKind::kVariableBegin:
      return "'{{'";
    case TokenKind::kVariableEnd:
      return "'}}'";
    case TokenKind::kBlockBegin:
      return "'{%'";
    case TokenKind::kBlockEnd:
      return "'%}'";
    case TokenKind::kName:
      return token.text.empty() ? "a name" : fmt::format("'{}'", token.text);
    case TokenKind::kString:
      return "a string";
    case TokenKind::kEnd:
      return "the end of the template";
    default:
      return fmt::format("'{}'", token.text);
  }
}

bool ExpressionParser::SkipOperator(std::string_view op) {
  if (!IsOperator(op)) return false;
  Advance();
  return true;
}
bool ExpressionParser::SkipName(std::string_view name) {
  if (!IsName(name)) return false;
  Advance();
  return true;
}
absl::Status ExpressionParser::Expect(TokenKind kind) {
  if (current().kind != kind) {
    Token wanted;
    wanted.kind = kind;
    return Fail(fmt::format("expected {}, got {}", Describe(wanted), Describe(current())));
  }
  Advance();
  return absl::OkStatus();
}
absl::Status ExpressionParser::ExpectOperator(std::string_view op) {
  return SkipOperator(op) ? absl::OkStatus() : Fail(fmt::format("expected '{}', got {}", op, Describe(current())));
}
absl::Status ExpressionParser::ExpectName(std::string_view name) {
  return SkipName(name) ? absl::OkStatus() : Fail(fmt::format("expected '{}', got {}", name, Describe(current())));
}
absl::StatusOr<std::string> ExpressionParser::TakeName() {
  if (current().kind != TokenKind::kName) return Fail(fmt::format("expected a name, got {}", Describe(current())));
  std::string name = current().text;
  Advance();
  return name;
}

ExprPtr ExpressionParser::Make(ExprKind kind, int line) const {
  auto node = std::make_unique<Expr>();
  node->kind = kind;
  node->line = line;
  return node;
}

// Sets the depth of a node from its children: a chain such as a+a+a... nests without brackets.
absl::StatusOr<ExprPtr> ExpressionParser::Finish(ExprPtr node) const {
  const auto count = [&](const ExprPtr& child) {
    if (child != nullptr) node->depth = std::max(node->depth, child->depth + 1);
  };
  for (const auto& child : node->children) count(child);
  for (const auto& child : node->arguments.positional) count(child);
  for (const auto& [name, child] : node->arguments.named) count(child);
  count(node->arguments.star);
  count(node->arguments.star_star);
  if (node->depth > 2 * kMaxDepth) return Fail(fmt::format("the expression nests deeper than {}", 2 * kMaxDepth), node->line);
  return node;
}

absl::StatusOr<ExprPtr> ExpressionParser::Finish2(ExprKind kind, int line, ExprPtr left, ExprPtr right, std::string_view text) const {
  ExprPtr node = Make(kind, line);
  node->text = std::string(text);
  node->children.push_back(std::move(left));
  node->children.push_back(std::move(right));
  return Finish(std::move(node));
}

absl::StatusOr<ExprPtr> ExpressionParser::ParseExpression(bool with_condition) {
  const Nesting nesting(depth_);
  if (nesting.too_deep()) return Fail(fmt::format("the expression nests deeper than {}", kMaxDepth));
  return with_condition ? ParseCondition() : ParseOr();
}

absl::StatusOr<ExprPtr> ExpressionParser::ParseCondition() {
  const size_t unknown_before = unknown_.size();
  const int line = current().line;
  HONE_ASSIGN_OR_RETURN(ExprPtr first, ParseOr());
  while (SkipName("if")) {
    ExprPtr node = Make(ExprKind::kCondition, line);
    HONE_ASSIGN_OR_RETURN(ExprPtr test, ParseOr());
    node->children.push_back(std::move(test));
    node->children.push_back(std::move(first));
    if (SkipName("else")) {
      HONE_ASSIGN_OR_RETURN(ExprPtr otherwise, ParseExpression());
      node->children.push_back(std::move(otherwise));
    }
    HONE_ASSIGN_OR_RETURN(first, Finish(std::move(node)));
    unknown_.resize(unknown_before);
  }
  return first;
}

absl::StatusOr<ExprPtr> ExpressionParser::ParseOr() {
  const int line = current().line;
  HONE_ASSIGN_OR_RETURN(ExprPtr left, ParseAnd());
  while (SkipName("or")) {
    HONE_ASSIGN_OR_RETURN(ExprPtr right, ParseAnd());
    HONE_ASSIGN_OR_RETURN(left, Finish2(ExprKind::kOr, line, std::move(left), std::move(right)));
  }
  return left;
}

absl::StatusOr<ExprPtr> ExpressionParser::ParseAnd() {
  const int line = current().line;
  HONE_ASSIGN_OR_RETURN(ExprPtr left, ParseNot());
  while (SkipName("and")) {
    HONE_ASSIGN_OR_RETURN(ExprPtr right, ParseNot());
    HONE_ASSIGN_OR_RETURN(left, Finish2(ExprKind::kAnd, line, std::move(left), std::move(right)));
  }
  return left;
}

absl::StatusOr<ExprPtr> ExpressionParser::ParseNot() {
  const int line = current().line;
  int count = 0;
  while (SkipName("not")) ++count;
  HONE_ASSIGN_OR_RETURN(ExprPtr node, ParseCompare());
  for (; count > 0; --count) {
    ExprPtr negated = Make(ExprKind::kNot, line);
    negated->children.push_back(std::move(node));
    HONE_ASSIGN_OR_RETURN(node, Finish(std::move(negated)));
  }
  return node;
}

absl::StatusOr<ExprPtr> ExpressionParser::ParseCompare() {
  static constexpr std::string_view kComparisons[] = {"==", "!=", "<", "<=", ">", ">="};
  const int line = current().line;
  HONE_ASSIGN_OR_RETURN(ExprPtr first, ParseSum());
  ExprPtr node;
  while (true) {
    std::string op;
    if (current().kind == TokenKind::kOperator &&
        std::find(std::begin(kComparisons), std::end(kComparisons), current().text) != std::end(kComparisons)) {
      op = current().text;
    } else if (IsName("in")) {
      op = "in";
    } else if (IsName("not") && next().kind == TokenKind::kName && next().text == "in") {
      op = "not in";
      Advance();
    } else {
      break;
    }
    Advance();
    if (node == nullptr) {
      node = Make(ExprKind::kCompare, line);
      node->children.push_back(std::move(first));
    }
    HONE_ASSIGN_OR_RETURN(ExprPtr operand, ParseSum());
    node->operators.push_back(std::move(op));
    node->children.push_back(std::move(operand));
  }
  if (node == nullptr) return first;
  return Finish(std::move(node));
}

absl::StatusOr<ExprPtr> ExpressionParser::ParseSum() {
  const int line = current().line;
  HONE_ASSIGN_OR_RETURN(ExprPtr left, ParseConcat());
  while (IsOperator("+") || IsOperator("-")) {
    const std::string op = current().text;
    Advance();
    HONE_ASSIGN_OR_RETURN(ExprPtr right, ParseConcat());
    HONE_ASSIGN_OR_RETURN(left, Finish2(ExprKind::kBinary, line, std::move(left), std::move(right), op));
  }
  return left;
}

absl::StatusOr<ExprPtr> ExpressionParser::ParseConcat() {
  const int line = current().line;
  HONE_ASSIGN_OR_RETURN(ExprPtr first, ParseProduct());
  if (!IsOperator("~")) return first;
  ExprPtr node = Make(ExprKind::kConcat, line);
  node->children.push_back(std::move(first));
  while (SkipOperator("~")) {
    HONE_ASSIGN_OR_RETURN(ExprPtr part, ParseProduct());
    node->children.push_back(std::move(part));
  }
  return Finish(std::move(node));
}

absl::StatusOr<ExprPtr> ExpressionParser::ParseProduct() {
  const int line = current().line;
  HONE_ASSIGN_OR_RETURN(ExprPtr left, ParsePower());
  while (IsOperator("*") || IsOperator("/") || IsOperator("//") || IsOperator("%")) {
    const std::string op = current().text;
    Advance();
    HONE_ASSIGN_OR_RETURN(ExprPtr right, ParsePower());
    HONE_ASSIGN_OR_RETURN(left, Finish2(ExprKind::kBinary, line, std::move(left), std::move(right), op));
  }
  return left;
}

absl::StatusOr<ExprPtr> ExpressionParser::ParsePower() {
  const int line = current().line;
  HONE_ASSIGN_OR_RETURN(ExprPtr left, ParseUnary(true));
  while (SkipOperator("**")) {
    HONE_ASSIGN_OR_RETURN(ExprPtr right, ParseUnary(true));
    HONE_ASSIGN_OR_RETURN(left, Finish2(ExprKind::kBinary, line, std::move(left), std::move(right), "**"));
  }
  return left;
}

absl::StatusOr<ExprPtr> ExpressionParser::ParseUnary(bool with_filter) {
  const Nesting nesting(depth_);
  if (nesting.too_deep()) return Fail(fmt::format("the expression nests deeper than {}", kMaxDepth));
  const int line = current().line;
  ExprPtr node;
  if (IsOperator("-") || IsOperator("+")) {
    node = Make(IsOperator("-") ? ExprKind::kNegate : ExprKind::kPlus, line);
    Advance();
    HONE_ASSIGN_OR_RETURN(ExprPtr operand, ParseUnary(false));
    node->children.push_back(std::move(operand));
    HONE_ASSIGN_OR_RETURN(node, Finish(std::move(node)));
  } else {
    HONE_ASSIGN_OR_RETURN(node, ParsePrimary());
  }
  HONE_ASSIGN_OR_RETURN(node, ParsePostfix(std::move(node)));
  while (with_filter) {
    if (IsOperator("|")) {
      HONE_ASSIGN_OR_RETURN(node, ParseFilters(std::move(node)));
    } else if (IsName("is")) {
      HONE_ASSIGN_OR_RETURN(node, ParseTest(std::move(node)));
    } else if (IsOperator("(")) {
      HONE_ASSIGN_OR_RETURN(node, ParseCall(std::move(node)));
    } else {
      break;
    }
  }
  return node;
}

absl::StatusOr<ExprPtr> ExpressionParser::ParsePrimary() {
  const Token& token = current();
  ExprPtr node = Make(ExprKind::kConstant, token.line);
  switch (token.kind) {
    case TokenKind::kName:
      Advance();
      if (token.text == "true" || token.text == "True") {
        node->constant = Value::Bool(true);
      } else if (token.text == "false" || token.text == "False") {
        node->constant = Value::Bool(false);
      } else if (token.text == "none" || token.text == "None") {
        node->constant = Value::None();
      } else {
        node->kind = ExprKind::kName;
        node->name = result_->Intern(token.text);
        if (token.text == "loop") loop_read_ = true;
      }
      return node;
    case TokenKind::kString: {
      std::string text;
      while (current().kind == TokenKind::kString) {
        text += current().text;
        Advance();
      }
      node->constant = Value::String(std::move(text));
      return node;
    }
    case TokenKind::kInteger:
      Advance();
      node->constant = Value::Int(token.integer);
      return node;
    case TokenKind::kFloat:
      Advance();
      node->constant = Value::Float(token.number);
      return node;
    case TokenKind::kOperator:
      if (token.text == "(") {
        Advance();
        HONE_ASSIGN_OR_RETURN(node, ParseTuple(true, {}, true));
        HONE_RETURN_IF_ERROR(ExpectOperator(")"));
        return node;
      }
      if (token.text == "[") return ParseList();
      if (token.text == "{") return ParseDict();
      break;
    default:
      break;
  }
  return Fail(fmt::format("unexpected {}", Describe(token)));
}

absl::StatusOr<ExprPtr> ExpressionParser::ParseList() {
  ExprPtr node = Make(ExprKind::kList, current().line);
  HONE_RETURN_IF_ERROR(ExpectOperator("["));
  while (!IsOperator("]")) {
    if (!node->children.empty()) HONE_RETURN_IF_ERROR(ExpectOperator(","));
    if (IsOperator("]")) break;
    HONE_ASSIGN_OR_RETURN(ExprPtr item, ParseExpression());
    node->children.push_back(std::move(item));
  }
  Advance();
  return Finish(std::move(node));
}

absl::StatusOr<ExprPtr> ExpressionParser::ParseDict() {
  ExprPtr node = Make(ExprKind::kDict, current().line);
  HONE_RETURN_IF_ERROR(ExpectOperator("{"));
  while (!IsOperator("}")) {
    if (!node->children.empty()) HONE_RETURN_IF_ERROR(ExpectOperator(","));
    if (IsOperator("}")) break;
    HONE_ASSIGN_OR_RETURN(ExprPtr key, ParseExpression());
    HONE_RETURN_IF_ERROR(ExpectOperator(":"));
    HONE_ASSIGN_OR_RETURN(ExprPtr value, ParseExpression());
    node->children.push_back(std::move(key));
    node->children.push_back(std::move(value));
  }
  Advance();
  return Finish(std::move(node));
}

bool ExpressionParser::AtTupleEnd(Ends ends) const {
  if (current().kind == TokenKind::kVariableEnd || current().kind == TokenKind::kBlockEnd || IsOperator(")")) return true;
  return std::any_of(ends.begin(), ends.end(), [&](std::string_view end) { return IsName(end); });
}

absl::StatusOr<ExprPtr> ExpressionParser::ParseTuple(bool with_condition, Ends ends, bool in_brackets) {
  ExprPtr tuple = Make(ExprKind::kTuple, current().line);
  bool is_tuple = false;
  while (true) {
    if (!tuple->children.empty()) HONE_RETURN_IF_ERROR(ExpectOperator(","));
    if (AtTupleEnd(ends)) break;
    HONE_ASSIGN_OR_RETURN(ExprPtr item, ParseExpression(with_condition));
    tuple->children.push_back(std::move(item));
    if (!IsOperator(",")) break;
    is_tuple = true;
  }
  if (!is_tuple && !tuple->children.empty()) return std::move(tuple->children[0]);
  if (!is_tuple && !in_brackets) return Fail(fmt::format("expected an expression, got {}", Describe(current())));
  return Finish(std::move(tuple));
}

absl::StatusOr<std::string> ExpressionParser::ParseNameTarget() {
  HONE_ASSIGN_OR_RETURN(std::string name, TakeName());
  for (const std::string_view constant : {"true", "false", "none", "True", "False", "None"}) {
    if (name == constant) return Fail(fmt::format("cannot assign to '{}'", name));
  }
  return name;
}

absl::StatusOr<ExprPtr> ExpressionParser::ParseTargetItem(bool with_namespace) {
  const Nesting nesting(depth_);
  if (nesting.too_deep()) return Fail(fmt::format("the target nests deeper than {}", kMaxDepth));
  const int line = current().line;
  if (SkipOperator("(")) {
    ExprPtr tuple = Make(ExprKind::kTuple, line);
    bool comma = false;
    while (!IsOperator(")")) {
      if (!tuple->children.empty() && !comma) return Fail(fmt::format("expected ')', got {}", Describe(current())));
      HONE_ASSIGN_OR_RETURN(ExprPtr item, ParseTargetItem(false));
      tuple->children.push_back(std::move(item));
      comma = SkipOperator(",");
    }
    Advance();
    if (tuple->children.size() == 1 && !comma) return std::move(tuple->children[0]);
    return Finish(std::move(tuple));
  }
  HONE_ASSIGN_OR_RETURN(const std::string name, ParseNameTarget());
  ExprPtr node = Make(ExprKind::kName, line);
  node->name = result_->Intern(name);
  if (with_namespace && SkipOperator(".")) {
    node->kind = ExprKind::kNamespaceRef;
    HONE_ASSIGN_OR_RETURN(node->text, TakeName());
  } else if (name == "loop" && loops_ > 0) {
    return Fail("'loop' cannot be assigned inside a for loop", line);
  }
  return node;
}

absl::StatusOr<ExprPtr> ExpressionParser::ParseTarget(bool with_namespace, Ends ends) {
  ExprPtr tuple = Make(ExprKind::kTuple, current().line);
  bool is_tuple = false;
  while (true) {
    if (!tuple->children.empty() && (AtTupleEnd(ends) || IsOperator("="))) break;
    HONE_ASSIGN_OR_RETURN(ExprPtr item, ParseTargetItem(with_namespace));
    tuple->children.push_back(std::move(item));
    if (!SkipOperator(",")) break;
    is_tuple = true;
  }
  if (!is_tuple) return std::move(tuple->children[0]);
  return Finish(std::move(tuple));
}

absl::StatusOr<ExprPtr> ExpressionParser::ParsePostfix(ExprPtr node) {
  while (true) {
    if (IsOperator(".") || IsOperator("[")) {
      HONE_ASSIGN_OR_RETURN(node, ParseSubscript(std::move(node)));
    } else if (IsOperator("(")) {
      HONE_ASSIGN_OR_RETURN(node, ParseCall(std::move(node)));
    } else {
      return node;
    }
  }
}

absl::StatusOr<ExprPtr> ExpressionParser::ParseSubscript(ExprPtr node) {
  const int line = current().line;
  if (SkipOperator(".")) {
    const Token& token = current();
    if (token.kind != TokenKind::kName && token.kind != TokenKind::kInteger) return Fail("expected a name or a number after '.'");
    ExprPtr result = Make(token.kind == TokenKind::kName ? ExprKind::kGetAttr : ExprKind::kGetItem, line);
    result->children.push_back(std::move(node));
    if (token.kind == TokenKind::kName) {
      result->text = token.text;
    } else {
      ExprPtr index = Make(ExprKind::kConstant, line);
      index->constant = Value::Int(token.integer);
      result->children.push_back(std::move(index));
    }
    Advance();
    return Finish(std::move(result));
  }
  HONE_RETURN_IF_ERROR(ExpectOperator("["));
  const auto at_end = [&] { return IsOperator("]") || IsOperator(","); };
  ExprPtr first;
  if (!IsOperator(":")) {
    HONE_ASSIGN_OR_RETURN(first, ParseExpression());
  }
  if (SkipOperator(":")) {
    ExprPtr slice = Make(ExprKind::kSlice, line);
    ExprPtr stop, step;
    if (!IsOperator(":") && !at_end()) {
      HONE_ASSIGN_OR_RETURN(stop, ParseExpression());
    }
    if (SkipOperator(":") && !at_end()) {
      HONE_ASSIGN_OR_RETURN(step, ParseExpression());
    }
    slice->children.push_back(std::move(node));
    slice->children.push_back(std::move(first));
    slice->children.push_back(std::move(stop));
    slice->children.push_back(std::move(step));
    HONE_RETURN_IF_ERROR(ExpectOperator("]"));
    return Finish(std::move(slice));
  }
  if (IsOperator(",")) {  // a tuple as key
    ExprPtr tuple = Make(ExprKind::kTuple, line);
    tuple->children.push_back(std::move(first));
    while (SkipOperator(",")) {
      HONE_ASSIGN_OR_RETURN(ExprPtr item, ParseExpression());
      tuple->children.push_back(std::move(item));
    }
    HONE_ASSIGN_OR_RETURN(first, Finish(std::move(tuple)));
  }
  HONE_RETURN_IF_ERROR(ExpectOperator("]"));
  return Finish2(ExprKind::kGetItem, line, std::move(node), std::move(first));
}

absl::Status ExpressionParser::ParseArguments(CallArguments& arguments) {
  const int line = current().line;
  HONE_RETURN_IF_ERROR(ExpectOperator("("));
  bool first = true;
  while (!IsOperator(")")) {
    if (!first) HONE_RETURN_IF_ERROR(ExpectOperator(","));
    if (!first && IsOperator(")")) break;
    first = false;
    const auto misplaced = [&] { return Fail("these arguments are in no valid order", line); };
    if (SkipOperator("*")) {
      if (arguments.star != nullptr || arguments.star_star != nullptr) return misplaced();
      HONE_ASSIGN_OR_RETURN(arguments.star, ParseExpression());
    } else if (SkipOperator("**")) {
      if (arguments.star_star != nullptr) return misplaced();
      HONE_ASSIGN_OR_RETURN(arguments.star_star, ParseExpression());
    } else if (current().kind == TokenKind::kName && next().kind == TokenKind::kOperator && next().text == "=") {
      if (arguments.star_star != nullptr) return misplaced();
      const std::string name = current().text;
      for (const auto& [other, value] : arguments.named) {
        if (other == name) return Fail(fmt::format("the argument '{}' is given twice", name));
      }
      Advance();
      Advance();
      HONE_ASSIGN_OR_RETURN(ExprPtr value, ParseExpression());
      arguments.named.emplace_back(name, std::move(value));
    } else {
      if (arguments.star != nullptr || arguments.star_star != nullptr || !arguments.named.empty()) return misplaced();
      HONE_ASSIGN_OR_RETURN(ExprPtr value, ParseExpression());
      arguments.positional.push_back(std::move(value));
    }
  }
  return ExpectOperator(")");
}

absl::StatusOr<ExprPtr> ExpressionParser::ParseCall(ExprPtr node) {
  ExprPtr call = Make(ExprKind::kCall, current().line);
  call->children.push_back(std::move(node));
  HONE_RETURN_IF_ERROR(ParseArguments(call->arguments));
  return Finish(std::move(call));
}

absl::StatusOr<ExprPtr> ExpressionParser::ParseFilters(ExprPtr value, bool start_inline) {
  while (start_inline || SkipOperator("|")) {
    start_inline = false;
    ExprPtr filter = Make(ExprKind::kFilter, current().line);
    HONE_ASSIGN_OR_RETURN(filter->text, TakeName());
    while (SkipOperator(".")) {
      HONE_ASSIGN_OR_RETURN(const std::string part, TakeName());
      filter->text.append(".").append(part);
    }
    filter->filter = FindFilter(filter->text);
    if (filter->filter == nullptr) unknown_.push_back(fmt::format("line {}: there is no filter named '{}'", filter->line, filter->text));
    filter->children.push_back(std::move(value));
    if (IsOperator("(")) HONE_RETURN_IF_ERROR(ParseArguments(filter->arguments));
    HONE_ASSIGN_OR_RETURN(value, Finish(std::move(filter)));
  }
  return value;
}

absl::StatusOr<ExprPtr> ExpressionParser::ParseTest(ExprPtr node) {
  ExprPtr test = Make(ExprKind::kTest, current().line);
  Advance();
  const bool negated = SkipName("not");
  HONE_ASSIGN_OR_RETURN(test->text, TakeName());
  while (SkipOperator(".")) {
    HONE_ASSIGN_OR_RETURN(const std::string part, TakeName());
    test->text.append(".").append(part);
  }
  test->test = FindTest(test->text);
  if (test->test == nullptr) unknown_.push_back(fmt::format("line {}: there is no test named '{}'", test->line, test->text));
  test->children.push_back(std::move(node));
  const TokenKind kind = current().kind;
  if (IsOperator("(")) {
    HONE_RETURN_IF_ERROR(ParseArguments(test->arguments));
  } else if ((kind == TokenKind::kName && !IsName("else") && !IsName("or") && !IsName("and")) || kind == TokenKind::kString ||
             kind == TokenKind::kInteger || kind == TokenKind::kFloat || IsOperator("[") || IsOperator("{")) {
    if (IsName("is")) return Fail("tests cannot be chained with 'is'");
    HONE_ASSIGN_OR_RETURN(ExprPtr argument, ParsePrimary());
    HONE_ASSIGN_OR_RETURN(argument, ParsePostfix(std::move(argument)));
    test->arguments.positional.push_back(std::move(argument));
  }
  const int line = test->line;
  absl::StatusOr<ExprPtr> result = Finish(std::move(test));
  if (!result.ok() || !negated) return result;
  ExprPtr inverted = Make(ExprKind::kNot, line);
  inverted->children.push_back(*std::move(result));
  return Finish(std::move(inverted));
}

}  // namespace hone::jinja
