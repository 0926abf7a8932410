#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/tokenizer/chat/ast.h"
#include "lib/tokenizer/chat/lexer.h"

namespace hone::jinja {

// The cursor over a template's tokens and the grammar of expressions; the statements' grammar builds on it.
//
// From loosest to tightest: x if y else z; or; and; not; comparisons, in, not in (chained); + -; ~; * / // %; ** (to the left, as in
// Jinja); unary - +; postfix .a [i] (args); | filter and `is` test.
class ExpressionParser {
 public:
  explicit ExpressionParser(std::vector<Token> tokens) : tokens_(std::move(tokens)), result_(std::make_shared<Template>()) {}

 protected:
  using Ends = std::initializer_list<std::string_view>;  // names that end a tuple without brackets

  const Token& current() const { return tokens_[position_]; }
  const Token& next() const { return tokens_[position_ + 1 < tokens_.size() ? position_ + 1 : position_]; }
  void Advance() {
    if (position_ + 1 < tokens_.size()) ++position_;
  }
  bool IsOperator(std::string_view op) const { return current().kind == TokenKind::kOperator && current().text == op; }
  bool IsName(std::string_view name) const { return current().kind == TokenKind::kName && current().text == name; }
  bool SkipOperator(std::string_view op);
  bool SkipName(std::string_view name);
  absl::Status Expect(TokenKind kind);
  absl::Status ExpectOperator(std::string_view op);
  absl::Status ExpectName(std::string_view name);
  absl::StatusOr<std::string> TakeName();
  absl::Status Fail(const std::string& what, int line) const;
  absl::Status Fail(const std::string& what) const { return Fail(what, current().line); }
  std::string Describe(const Token& token) const;

  absl::StatusOr<ExprPtr> ParseExpression(bool with_condition = true);
  // One expression, or a tuple when commas follow; an empty one only in brackets.
  absl::StatusOr<ExprPtr> ParseTuple(bool with_condition, Ends ends = {}, bool in_brackets = false);
  // What can stand left of `=` or of `in`.
  absl::StatusOr<ExprPtr> ParseTarget(bool with_namespace, Ends ends = {});
  absl::StatusOr<std::string> ParseNameTarget();
  // `| name(args) ...` after `value`; with start_inline the first name stands without its bar.
  absl::StatusOr<ExprPtr> ParseFilters(ExprPtr value, bool start_inline = false);

  // Counts nesting, so that no input overflows the stack.
  class Nesting {
   public:
    explicit Nesting(int& depth) : depth_(depth) { ++depth_; }
    ~Nesting() { --depth_; }
    bool too_deep() const { return depth_ > kMaxDepth; }

   private:
    int& depth_;
  };

  int depth_ = 0;
  int loops_ = 0;  // for tags around this point, whose `loop` cannot be assigned
  // Filters and tests that do not exist, as error messages. `if` and `x if y` drop those met inside them: there they are errors only when
  // they are reached.
  std::vector<std::string> unknown_;
  bool loop_read_ = false;  // the name `loop` was met
  const std::vector<Token> tokens_;
  size_t position_ = 0;
  const std::shared_ptr<Template> result_;

 private:
  ExprPtr Make(ExprKind kind, int line) const;
  absl::StatusOr<ExprPtr> Finish(ExprPtr node) const;
  absl::StatusOr<ExprPtr> Finish2(ExprKind kind, int line, ExprPtr left, ExprPtr right, std::string_view text = "") const;
  bool AtTupleEnd(Ends ends) const;
  absl::StatusOr<ExprPtr> ParseCondition();
  absl::StatusOr<ExprPtr> ParseOr();
  absl::StatusOr<ExprPtr> ParseAnd();
  absl::StatusOr<ExprPtr> ParseNot();
  absl::StatusOr<ExprPtr> ParseCompare();
  absl::StatusOr<ExprPtr> ParseSum();
  absl::StatusOr<ExprPtr> ParseConcat();
  absl::StatusOr<ExprPtr> ParseProduct();
  absl::StatusOr<ExprPtr> ParsePower();
  absl::StatusOr<ExprPtr> ParseUnary(bool with_filter);
  absl::StatusOr<ExprPtr> ParsePrimary();
  absl::StatusOr<ExprPtr> ParseList();
  absl::StatusOr<ExprPtr> ParseDict();
  absl::StatusOr<ExprPtr> ParsePostfix(ExprPtr node);
  absl::StatusOr<ExprPtr> ParseSubscript(ExprPtr node);
  absl::StatusOr<ExprPtr> ParseCall(ExprPtr node);
  absl::StatusOr<ExprPtr> ParseTest(ExprPtr node);
  absl::StatusOr<ExprPtr> ParseTargetItem(bool with_namespace);
  absl::Status ParseArguments(CallArguments& arguments);
};

}  // namespace hone::jinja
