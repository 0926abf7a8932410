#include "lib/tokenizer/chat/parser.h"

#include "lib/tokenizer/chat/expression_parser.h"
#include "lib/tokenizer/chat/scopes.h"

namespace hone::jinja {
namespace {

class Parser : public ExpressionParser {
 public:
  using ExpressionParser::ExpressionParser;

  absl::StatusOr<std::shared_ptr<const Template>> Run() {
    HONE_RETURN_IF_ERROR(ParseBody({}, result_->body));
    HONE_RETURN_IF_ERROR(CheckUnknown(0));
    ResolveScopes(*result_);
    return std::shared_ptr<const Template>(result_);
  }

 private:
  using Names = std::initializer_list<std::string_view>;

  StmtPtr Make(StmtKind kind) const {
    auto node = std::make_unique<Stmt>();
    node->kind = kind;
    node->line = current().line;
    return node;
  }

  absl::Status CheckUnknown(size_t since) const {
    return unknown_.size() > since ? absl::InvalidArgumentError(unknown_[since]) : absl::OkStatus();
  }

  // Statements up to a tag named in `ends`, whose name stays the current token; up to the end of the template when `ends` is empty.
  absl::Status ParseBody(Names ends, std::vector<StmtPtr>& body) {
    const Nesting nesting(depth_);
    if (nesting.too_deep()) return Fail(fmt::format("tags nest deeper than {}", kMaxDepth));
    while (current().kind != TokenKind::kEnd) {
      if (current().kind == TokenKind::kData) {
        StmtPtr data = Make(StmtKind::kData);
        data->text = current().text;
        body.push_back(std::move(data));
        Advance();
      } else if (current().kind == TokenKind::kVariableBegin) {
        StmtPtr output = Make(StmtKind::kOutput);
        Advance();
        HONE_ASSIGN_OR_RETURN(ExprPtr value, ParseTuple(true));
        output->values.push_back(std::move(value));
        HONE_RETURN_IF_ERROR(Expect(TokenKind::kVariableEnd));
        body.push_back(std::move(output));
      } else {
        HONE_RETURN_IF_ERROR(Expect(TokenKind::kBlockBegin));
        for (const std::string_view end : ends) {
          if (IsName(end)) return absl::OkStatus();
        }
        HONE_ASSIGN_OR_RETURN(StmtPtr statement, ParseStatement(ends));
        body.push_back(std::move(statement));
        HONE_RETURN_IF_ERROR(Expect(TokenKind::kBlockEnd));
      }
    }
    return ends.size() == 0 ? absl::OkStatus() : Fail(fmt::format("the template ends where '{}' is missing", *(ends.end() - 1)));
  }

  // The body after a tag's head: an optional colon, the end of the tag, statements. The ending tag's name stays the current token.
  absl::Status ParseTagBody(Names ends, std::vector<StmtPtr>& body) {
    SkipOperator(":");
    HONE_RETURN_IF_ERROR(Expect(TokenKind::kBlockEnd));
    return ParseBody(ends, body);
  }
  absl::Status ParseTagBodyAndEnd(std::string_view end, std::vector<StmtPtr>& body) {
    HONE_RETURN_IF_ERROR(ParseTagBody({end}, body));
    return ExpectName(end);
  }

  absl::StatusOr<StmtPtr> ParseStatement(Names ends) {
    if (current().kind != TokenKind::kName) return Fail(fmt::format("expected the name of a tag, got {}", Describe(current())));
    const std::string tag = current().text;
    const size_t unknown_before = unknown_.size();
    absl::StatusOr<StmtPtr> statement;
    if (tag == "if") {
      statement = ParseIf();
      if (statement.ok()) unknown_.resize(unknown_before);
      return statement;
    }
    if (tag == "for") return ParseFor();
    if (tag == "set") return ParseSet();
    if (tag == "macro") return ParseMacro();
    if (tag == "call") return ParseCallBlock();
    if (tag == "filter") return ParseFilterBlock();
    if (tag == "with") return ParseWith();
    if (tag == "print") return ParsePrint();
    if (tag == "block") return ParseBlock();
    if (tag == "generation") return ParseGeneration();
    if (tag == "break" || tag == "continue") {
      if (breakable_ == 0) return Fail(fmt::format("'{}' outside a for loop", tag));
      StmtPtr node = Make(tag == "break" ? StmtKind::kBreak : StmtKind::kContinue);
      Advance();
      return node;
    }
    for (const std::string_view other : {"extends", "include", "import", "from", "autoescape"}) {
      if (tag == other) return Fail(fmt::format("the tag '{}' is not supported: a chat template is one file of plain text", tag));
    }
    return Fail(ends.size() == 0 ? fmt::format("unknown tag '{}'", tag)
                                 : fmt::format("unknown tag '{}' where '{}' is awaited", tag, *(ends.end() - 1)));
  }

  absl::StatusOr<StmtPtr> ParseIf() {
    StmtPtr node = Make(StmtKind::kIf);
    Advance();
    while (true) {
      HONE_ASSIGN_OR_RETURN(ExprPtr test, ParseTuple(false));
      node->branches.emplace_back(std::move(test), std::vector<StmtPtr>());
      HONE_RETURN_IF_ERROR(ParseTagBody({"elif", "else", "endif"}, node->branches.back().second));
      if (SkipName("elif")) continue;
      if (SkipName("else")) {
        HONE_RETURN_IF_ERROR(ParseTagBodyAndEnd("endif", node->otherwise));
      } else {
        Advance();  // endif
      }
      return node;
    }
  }

  absl::StatusOr<StmtPtr> ParseFor() {
    StmtPtr node = Make(StmtKind::kFor);
    Advance();
    ++loops_;
    HONE_ASSIGN_OR_RETURN(node->target, ParseTarget(false, {"in"}));
    HONE_RETURN_IF_ERROR(ExpectName("in"));
    HONE_ASSIGN_OR_RETURN(ExprPtr items, ParseTuple(false, {"recursive"}));
    node->values.push_back(std::move(items));
    const size_t unknown_before = unknown_.size();
    if (SkipName("if")) {
      HONE_ASSIGN_OR_RETURN(node->test, ParseExpression());
    }
    if (IsName("recursive")) return Fail("recursive for loops are not supported; use a macro that calls itself");
    const bool loop_read_outside = loop_read_;
    loop_read_ = false;
    ++breakable_;
    HONE_RETURN_IF_ERROR(ParseTagBody({"else", "endfor"}, node->body));
    --breakable_;
    node->uses_loop = loop_read_;
    loop_read_ = loop_read_ || loop_read_outside;
    if (SkipName("else")) {
      HONE_RETURN_IF_ERROR(ParseTagBodyAndEnd("endfor", node->otherwise));
    } else {
      Advance();  // endfor
    }
    --loops_;
    HONE_RETURN_IF_ERROR(CheckUnknown(unknown_before));
    return node;
  }

  absl::StatusOr<StmtPtr> ParseSet() {
    StmtPtr node = Make(StmtKind::kSet);
    Advance();
    HONE_ASSIGN_OR_RETURN(node->target, ParseTarget(true));
    if (SkipOperator("=")) {
      HONE_ASSIGN_OR_RETURN(ExprPtr value, ParseTuple(true));
      node->values.push_back(std::move(value));
      return node;
    }
    node->kind = StmtKind::kSetBlock;
    const size_t unknown_before = unknown_.size();
    HONE_ASSIGN_OR_RETURN(node->test, ParseFilters(nullptr));
    HONE_RETURN_IF_ERROR(ParseTagBodyAndEnd("endset", node->body));
    HONE_RETURN_IF_ERROR(CheckUnknown(unknown_before));
    return node;
  }

  absl::Status ParseSignature(Macro& macro) {
    HONE_RETURN_IF_ERROR(ExpectOperator("("));
    while (!IsOperator(")")) {
      if (!macro.parameters.empty()) HONE_RETURN_IF_ERROR(ExpectOperator(","));
      HONE_ASSIGN_OR_RETURN(const std::string name, ParseNameTarget());
      const int id = result_->Intern(name);
      for (const int other : macro.parameters) {
        if (other == id) return Fail(fmt::format("the parameter '{}' stands twice", name));
      }
      macro.parameters.push_back(id);
      if (SkipOperator("=")) {
        HONE_ASSIGN_OR_RETURN(ExprPtr value, ParseExpression());
        macro.defaults.push_back(std::move(value));
      } else if (!macro.defaults.empty()) {
        return Fail(fmt::format("the parameter '{}' without a default follows one with a default", name));
      }
    }
    return ExpectOperator(")");
  }

  // The body of a macro: a function of its own, out of which no `break` leads.
  absl::Status ParseMacroBody(std::string_view end, Macro& macro) {
    const int breakable = breakable_;
    const size_t unknown_before = unknown_.size();
    breakable_ = 0;
    HONE_RETURN_IF_ERROR(ParseTagBodyAndEnd(end, macro.body));
    breakable_ = breakable;
    return CheckUnknown(unknown_before);
  }

  absl::StatusOr<StmtPtr> ParseMacro() {
    StmtPtr node = Make(StmtKind::kMacro);
    Advance();
    node->macro = std::make_unique<Macro>();
    const int line = current().line;
    HONE_ASSIGN_OR_RETURN(node->macro->title, ParseNameTarget());
    if (node->macro->title == "loop" && loops_ > 0) return Fail("'loop' cannot be assigned inside a for loop", line);
    node->name = result_->Intern(node->macro->title);
    HONE_RETURN_IF_ERROR(ParseSignature(*node->macro));
    HONE_RETURN_IF_ERROR(ParseMacroBody("endmacro", *node->macro));
    return node;
  }

  absl::StatusOr<StmtPtr> ParseCallBlock() {
    StmtPtr node = Make(StmtKind::kCall);
    Advance();
    node->macro = std::make_unique<Macro>();
    node->macro->title = "caller";
    if (IsOperator("(")) HONE_RETURN_IF_ERROR(ParseSignature(*node->macro));
    HONE_ASSIGN_OR_RETURN(ExprPtr call, ParseExpression());
    if (call->kind != ExprKind::kCall) return Fail("a call block needs a call", node->line);
    node->values.push_back(std::move(call));
    HONE_RETURN_IF_ERROR(ParseMacroBody("endcall", *node->macro));
    return node;
  }

  absl::StatusOr<StmtPtr> ParseGeneration() {
    StmtPtr node = Make(StmtKind::kGeneration);
    Advance();
    node->macro = std::make_unique<Macro>();
    node->macro->title = "generation";
    HONE_RETURN_IF_ERROR(ParseMacroBody("endgeneration", *node->macro));
    return node;
  }

  absl::StatusOr<StmtPtr> ParseFilterBlock() {
    StmtPtr node = Make(StmtKind::kFilterBlock);
    Advance();
    const size_t unknown_before = unknown_.size();
    HONE_ASSIGN_OR_RETURN(ExprPtr filter, ParseFilters(nullptr, true));
    node->values.push_back(std::move(filter));
    HONE_RETURN_IF_ERROR(ParseTagBodyAndEnd("endfilter", node->body));
    HONE_RETURN_IF_ERROR(CheckUnknown(unknown_before));
    return node;
  }

  absl::StatusOr<StmtPtr> ParseWith() {
    StmtPtr node = Make(StmtKind::kWith);
    Advance();
    node->target = std::make_unique<Expr>();
    node->target->kind = ExprKind::kTuple;
    while (current().kind != TokenKind::kBlockEnd) {
      if (!node->values.empty()) HONE_RETURN_IF_ERROR(ExpectOperator(","));
      HONE_ASSIGN_OR_RETURN(const std::string name, ParseNameTarget());
      auto target = std::make_unique<Expr>();
      target->kind = ExprKind::kName;
      target->name = result_->Intern(name);
      node->target->children.push_back(std::move(target));
      HONE_RETURN_IF_ERROR(ExpectOperator("="));
      HONE_ASSIGN_OR_RETURN(ExprPtr value, ParseExpression());
      node->values.push_back(std::move(value));
    }
    const size_t unknown_before = unknown_.size();
    HONE_RETURN_IF_ERROR(ParseTagBodyAndEnd("endwith", node->body));
    HONE_RETURN_IF_ERROR(CheckUnknown(unknown_before));
    return node;
  }

  absl::StatusOr<StmtPtr> ParsePrint() {
    StmtPtr node = Make(StmtKind::kOutput);
    Advance();
    while (current().kind != TokenKind::kBlockEnd) {
      if (!node->values.empty()) HONE_RETURN_IF_ERROR(ExpectOperator(","));
      HONE_ASSIGN_OR_RETURN(ExprPtr value, ParseExpression());
      node->values.push_back(std::move(value));
    }
    return node;
  }

  absl::StatusOr<StmtPtr> ParseBlock() {
    StmtPtr node = Make(StmtKind::kBlock);
    Advance();
    HONE_ASSIGN_OR_RETURN(const std::string name, TakeName());
    const int breakable = breakable_;
    breakable_ = 0;
    HONE_RETURN_IF_ERROR(ParseTagBodyAndEnd("endblock", node->body));
    breakable_ = breakable;
    SkipName(name);
    return node;
  }

  int breakable_ = 0;  // for loops that `break` can leave from here
};

}  // namespace

absl::StatusOr<std::shared_ptr<const Template>> ParseTemplate(std::string_view source) {
  HONE_ASSIGN_OR_RETURN(std::vector<Token> tokens, Tokenize(source));
  return Parser(std::move(tokens)).Run();
}

}  // namespace hone::jinja
