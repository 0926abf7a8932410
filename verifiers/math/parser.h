#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "verifiers/math/lexer.h"
#include "verifiers/math/tree.h"

namespace hone::math {

struct Unit;

struct ParseOptions {
  // Whether an unknown run of letters may be read as a product of its letters: always, or only when every letter of it is here.
  bool letters_are_products = true;
  std::string_view product_letters = {};
  bool letters_are_units = false;  // "5 m" is five metres
  bool pounds_are_money = false;   // the other side, or this one, has a pound sign
};

// Reads the tokens of one answer, all of them, into a tree.
//
// A text that is no mathematics but holds a word becomes a kText node; kNoNode when it is neither: then why() says what stood in the way.
// Recursion is bounded by Pool::kMaxDepth.
class Parser {
 public:
  Parser(const std::vector<Token>& tokens, Pool& pool, const ParseOptions& options) : tokens_(tokens), pool_(pool), options_(options) {}

  NodeId Answer();
  const char* why() const { return why_; }

  // The words, numbers and signs of the tokens, separated by blanks, in lower case.
  static std::string Words(const std::vector<Token>& tokens);

 private:
  struct Nesting {  // counts the depth
    explicit Nesting(Parser& parser) : parser(parser) { ++parser.depth_; }
    ~Nesting() { --parser.depth_; }
    bool TooDeep() const { return parser.depth_ > 4 * Pool::kMaxDepth; }
    Parser& parser;
  };

  NodeId Fail(const char* why) {
    if (why_ == nullptr) why_ = why;
    return kNoNode;
  }
  const Token& Peek(size_t ahead = 0) const { return tokens_[std::min(at_ + ahead, tokens_.size() - 1)]; }
  bool TakeSymbol(char c);
  bool TakeMacro(std::string_view name);
  bool AtEnd() const { return Peek().kind == TokenKind::kEnd; }
  bool IsWord(std::string_view lower, size_t ahead = 0) const;

  // Collections (parser_answer.cc).
  NodeId List();
  NodeId ListOver();
  NodeId Item();
  NodeId Modulus(NodeId left);
  NodeId SetExpression();
  NodeId Quantity();
  NodeId WithUnit(NodeId value);
  bool TakeUnit(Unit* unit, bool plain_letters);
  NodeId Ratio();
  NodeId Group();
  NodeId SetLiteral();
  NodeId Matrix();
  NodeId Cases();
  NodeId Condition();
  NodeId NameInWords();
  bool UnitFractionStarts() const;
  NodeId Determinant(const std::vector<NodeId>& cells, size_t n);
  bool TakeRelation(Relation* relation);
  int TakeConnective(Joint* joint);

  // Expressions (parser.cc).
  NodeId Sum();
  NodeId Term();
  NodeId Factor();
  NodeId Postfix(NodeId base, bool literal);
  NodeId Primary(bool* literal);
  NodeId MacroArgument();
  NodeId Braced();
  NodeId Delimited(Kind kind, std::string_view close);
  NodeId Divide(NodeId a, NodeId b);
  bool StartsFactor() const;
  bool IsFunctionStart() const;
  bool IsDegreeMark() const;
  bool SubscriptText(std::string* out);

  // Numerals (parser_numbers.cc).
  NodeId NumberLiteral(bool mixed);
  NodeId PlainFraction(Rational whole);
  NodeId MakeBase(std::string_view digits, std::string_view base);
  NodeId NumeralOfLetters();

  // Names and functions (parser_names.cc).
  NodeId WordPrimary();
  NodeId LetterPrimary();
  NodeId MacroPrimary();
  NodeId Named(std::string_view name);
  NodeId NumberSet(char letter);
  NodeId Decorated(std::string_view decoration);
  NodeId Probability(std::string_view name);
  NodeId Choose();
  bool IsChoiceOf() const;
  bool StandsAlone() const;
  NodeId FunctionCall(Function function);
  NodeId FunctionArgument();
  NodeId RootCall();
  NodeId BigOperator(std::string_view name);

  const std::vector<Token>& tokens_;
  Pool& pool_;
  const ParseOptions& options_;
  size_t at_ = 0;
  size_t used_digits_ = 0;  // characters of the token at at_ that are taken: a macro's argument without braces is one digit
  size_t base_token_ = 0;   // the last number token
  int depth_ = 0, bars_ = 0, in_function_ = 0;
  bool in_set_ = false, i_is_bound_ = false;
  bool is_formula_ = false;  // no word of a sentence stands in the answer, so that "at" is a product
  const char* why_ = nullptr;
};

}  // namespace hone::math
