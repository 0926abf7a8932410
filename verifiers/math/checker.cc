#include "verifiers/math/checker.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "verifiers/math/compare.h"
#include "verifiers/math/flint_guard.h"
#include "verifiers/math/fold.h"
#include "verifiers/math/lexer.h"
#include "verifiers/math/parser.h"
#include "verifiers/math/poly.h"
#include "verifiers/math/text_answer.h"
#include "verifiers/math/units.h"
#include "verifiers/text.h"

namespace hone::math {
namespace {
constexpr size_t kMaxAnswer = 4096;
constexpr int64_t kFlushEvery = 4096;

// One side of a pair.
struct Side {
  std::string folded;
  Lexer lexer;
  NodeId root = kNoNode;
  const char* why = nullptr;  // it cannot be read
  bool over = false;

  bool Lex(std::string_view text) {
    root = kNoNode;
    why = nullptr;
    over = false;
    // A backslash before the white space at the end is a space.
    const std::string_view trimmed = TrimSpace(text);
    const size_t slashes = trimmed.size() - (trimmed.find_last_not_of('\\') + 1);
    const bool space_macro = slashes % 2 == 1 && !text.ends_with(trimmed);
    text = space_macro ? TrimSpace(trimmed.substr(0, trimmed.size() - 1)) : trimmed;
    if (text.size() > kMaxAnswer) {
      over = true;
      why = "longer than 4096 bytes";
      return false;
    }
    if (!Fold(text, &folded)) {
      why = "not text: invalid UTF-8, a control character or a bidirectional override";
      return false;
    }
    const LexResult result = lexer.Run(folded);
    over = result == LexResult::kTooLong;
    if (result != LexResult::kOk) why = over ? "more than 2000 tokens" : "malformed";
    return result == LexResult::kOk;
  }
  void Parse(Pool& pool, const ParseOptions& options) {
    Parser parser(lexer.tokens(), pool, options);
    root = parser.Answer();
    if (root != kNoNode) return;
    why = parser.why() != nullptr ? parser.why() : "malformed";
    over = pool.too_big();
  }
  const std::vector<Token>& tokens() const { return lexer.tokens(); }
};

struct Scratch {
  Pool pool;
  Side gold, answer;
  int64_t checks = 0;
};

// An integer of at most 18 digits and nothing else.
std::optional<int64_t> PlainInteger(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (text.empty() || text.size() > 18) return std::nullopt;
  int64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return negative ? -value : value;
}

// The letters that are symbols in a tree, and whether a quantity stands in it.
std::string SymbolLetters(const Pool& pool, bool* has_unit) {
  std::string letters;
  for (NodeId id = 0; id < pool.size(); ++id) {
    if (pool[id].kind == Kind::kQuantity) *has_unit = true;
    if (pool[id].kind == Kind::kE) letters += 'e';
    if (pool[id].kind == Kind::kI) letters += 'i';
    if (pool[id].kind == Kind::kSymbol && pool.NameOf(pool[id].value).size() == 1) letters += pool.NameOf(pool[id].value);
  }
  return letters;
}

bool HasPoundSign(const std::vector<Token>& tokens) {
  return std::any_of(tokens.begin(), tokens.end(),
                     [](const Token& token) { return token.kind == TokenKind::kCurrency && token.text == "GBP"; });
}

bool SameTokens(const std::vector<Token>& a, const std::vector<Token>& b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](const Token& x, const Token& y) { return x.Same(y); });
}

bool IsProse(const std::vector<Token>& tokens) {
  return std::none_of(tokens.begin(), tokens.end(), [](const Token& token) {
    const bool sign = token.kind == TokenKind::kSymbol && std::string_view(",.;:!?&'\"()-").find(token.text[0]) == std::string_view::npos;
    return sign || token.kind == TokenKind::kMacro;
  });
}

// A text answer against anything: words, and declared synonyms. Case is folded, so what one side reads as a formula has no words.
Match Texts(const Side& gold, const Side& answer, const Pool& pool, const Policy& policy) {
  const bool both = pool.Is(gold.root, Kind::kText) && pool.Is(answer.root, Kind::kText);
  if (!both && !(IsProse(gold.tokens()) && IsProse(answer.tokens()))) return Match::kDifferent;
  const std::string a = Parser::Words(gold.tokens()), b = Parser::Words(answer.tokens());
  if (SamePhrase(a, b)) return Match::kEqual;
  for (const auto& [x, y] : policy.synonyms) {
    if ((a == x && b == y) || (a == y && b == x)) return Match::kEqual;
  }
  return Match::kDifferent;
}

class Pair {
 public:
  Pair(Scratch& scratch, const Policy& policy) : gold_(scratch.gold), answer_(scratch.answer), pool_(scratch.pool), policy_(policy) {}

  CheckVerdict Run(Gold gold, Answer answer) {
    if (!gold_.Lex(gold.text) || gold_.tokens().size() <= 1)
      return Verdict(Result::kBadGold, "gold", gold_.why != nullptr ? gold_.why : "empty");
    pool_.Clear();
    const bool read = answer_.Lex(answer.text);
    const bool pounds = HasPoundSign(gold_.tokens()) || (read && HasPoundSign(answer_.tokens()));
    gold_.Parse(pool_, {.pounds_are_money = pounds});
    if (gold_.root == kNoNode) return Verdict(Result::kBadGold, "gold", gold_.why);
    if (!read)
      return Verdict(answer_.over ? Result::kOverBudget : Result::kUnparsedAnswer, "answer", answer_.over ? "over_budget" : "unparsed");
    if (answer_.tokens().size() <= 1) return Verdict(Result::kUnparsedAnswer, "answer", "empty");
    if (SameTokens(gold_.tokens(), answer_.tokens())) {
      answer_.root = gold_.root;
      return Verdict(Result::kEqual, "bytes", "same_text");
    }
    if (policy_.tolerance == Policy::Tolerance::kRelative && IsZero(gold_.root))
      return Verdict(Result::kBadGold, "gold", "a relative tolerance of 0");
    bool unit = false;
    std::string letters = SymbolLetters(pool_, &unit);
    for (const Token& token : answer_.tokens()) {  // f(t) = at
      if (token.kind == TokenKind::kWord && token.text.size() == 1 && !token.in_text && !letters.empty()) letters += token.text;
    }
    const ParseOptions options{
        .letters_are_products = false, .product_letters = letters, .letters_are_units = unit, .pounds_are_money = pounds};
    answer_.Parse(pool_, options);
    // Multiple choice and moments are read from the words: as formulas they are something else.
    if (const auto want = ChosenLetters(gold_.tokens()); want.has_value()) {
      if (const auto got = ChosenLetters(answer_.tokens())) {
        return Verdict(*want == *got ? Result::kEqual : Result::kDifferent, "choice", *want == *got ? "same_choice" : "other_choice");
      }
    }
    if (const auto want = ReadMoment(gold_.tokens(), true); want.has_value()) {
      const auto got = ReadMoment(answer_.tokens(), true);
      const bool plain = pool_.Is(gold_.root, Kind::kRatio) && pool_.Is(answer_.root, Kind::kRatio);
      if (got.has_value() && !plain)
        return Verdict(*want == *got ? Result::kEqual : Result::kDifferent, "moment", *want == *got ? "same_moment" : "other_moment");
      if (!got.has_value() && want->type == Moment::Type::kDate) return Verdict(Result::kDifferent, "moment", "other_type");
    }
    if (answer_.root == kNoNode)
      return Verdict(answer_.over ? Result::kOverBudget : Result::kUnparsedAnswer, "answer", answer_.over ? "over_budget" : "unparsed");
    if (pool_.Is(gold_.root, Kind::kText) || pool_.Is(answer_.root, Kind::kText)) return TextVerdict();

    ExactEvaluator exact(pool_, budget_);
    Comparer comparer(pool_, exact, budget_, policy_);
    const Match match = comparer.Compare(gold_.root, answer.joint ? Collapse(comparer) : answer_.root);
    if (match == Match::kEqual) return Verdict(Result::kEqual, comparer.stage(), comparer.reason());
    if (match == Match::kDifferent) return Verdict(Result::kDifferent, comparer.stage(), comparer.reason());
    if (budget_.spent() || pool_.too_big()) return Verdict(Result::kOverBudget, "budget", "over_budget");
    CheckVerdict verdict = Verdict(Result::kUndecided, comparer.stage(), "undecided");
    verdict.likely_equal = std::string_view(comparer.reason()) == "likely_equal";
    return verdict;
  }

 private:
  bool IsZero(NodeId id) {
    ExactEvaluator exact(pool_, budget_);
    const auto value = exact.Value(id);
    return value.has_value() && value->IsZero();
  }

  // A list with every member once.
  NodeId Collapse(Comparer& comparer) {
    if (!pool_.Is(answer_.root, Kind::kList)) return answer_.root;
    const std::vector<NodeId> items(pool_.Children(answer_.root).begin(), pool_.Children(answer_.root).end());
    std::vector<NodeId> kept;
    for (const NodeId item : items) {
      if (std::none_of(kept.begin(), kept.end(), [&](NodeId other) { return comparer.Compare(other, item) == Match::kEqual; }))
        kept.push_back(item);
    }
    return kept.size() == 1 ? kept[0] : pool_.Make(Kind::kList, pool_[answer_.root].value, kept);
  }

  CheckVerdict TextVerdict() {
    // "all real numbers" is a set, and so is "empty set".
    const auto as_set = [&](const Side& side, const Side& other) {
      const std::string words = Parser::Words(side.tokens());
      const bool reals = words == "all real numbers" || words == "all reals" || words == "real numbers" || words == "all real";
      const bool empty = words == "empty set" || words == "the empty set" || words == "null set";
      if (!pool_.Is(side.root, Kind::kText) || !(reals || empty) || pool_.Is(other.root, Kind::kText)) return kNoNode;
      return reals ? pool_.Leaf(Kind::kNumberSet, 'R') : pool_.Leaf(Kind::kEmptySet);
    };
    const NodeId gold_set = as_set(gold_, answer_), answer_set = as_set(answer_, gold_);
    if (gold_set != kNoNode || answer_set != kNoNode) {
      ExactEvaluator exact(pool_, budget_);
      Comparer comparer(pool_, exact, budget_, policy_);
      const Match match = comparer.Compare(gold_set != kNoNode ? gold_set : gold_.root, answer_set != kNoNode ? answer_set : answer_.root);
      if (match == Match::kEqual) return Verdict(Result::kEqual, "set", "same_set");
    }
    const bool equal = Texts(gold_, answer_, pool_, policy_) == Match::kEqual;
    return Verdict(equal ? Result::kEqual : Result::kDifferent, "text", equal ? "same_words" : "other_words");
  }

  CheckVerdict Verdict(Result result, const char* stage, const char* reason) {
    return {.result = result, .stage = stage, .reason = reason, .work = budget_.used()};
  }

  Side& gold_;
  Side& answer_;
  Pool& pool_;
  const Policy& policy_;
  Budget budget_;
};

}  // namespace

CheckVerdict Check(Gold gold, Answer answer, const Policy& policy, bool with_forms) {
  const auto want = PlainInteger(gold.text), got = PlainInteger(answer.text);
  if (want.has_value() && got.has_value() && policy.tolerance == Policy::Tolerance::kNone) {
    CheckVerdict verdict{.result = *want == *got ? Result::kEqual : Result::kDifferent,
                         .stage = "number",
                         .reason = *want == *got ? "same_number" : "other_number"};
    if (with_forms) {
      verdict.gold_form = gold.text;
      verdict.answer_form = answer.text;
    }
    return verdict;
  }
  PolyContext();  // of this thread: it ends after the scratch memory, which is FLINT's too
  thread_local auto scratch = std::make_unique<Scratch>();
  CheckVerdict verdict;
  if (!RunFlint([&] { verdict = Pair(*scratch, policy).Run(gold, answer); })) {
    static_cast<void>(scratch.release());  // not even freed: numbers in it may be half written
    scratch = std::make_unique<Scratch>();
    return {.result = Result::kUndecided, .stage = "library", .reason = "undecided"};
  }
  if (with_forms) {
    verdict.gold_form = scratch->pool.Print(scratch->gold.root);
    if (verdict.result != Result::kBadGold) verdict.answer_form = scratch->pool.Print(scratch->answer.root);
  }
  // FLINT's caches of constants and memory go back from time to time.
  if (++scratch->checks % kFlushEvery == 0) {
    scratch->pool.Clear();
    flint_cleanup();
  }
  return verdict;
}

}  // namespace hone::math
