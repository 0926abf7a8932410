#include "lib/tokenizer/chat/tests.h"

#include "lib/tokenizer/chat/filters.h"
#include "lib/tokenizer/chat/operators.h"
#include "lib/tokenizer/chat/text.h"

namespace hone::jinja {
namespace {

using Result = absl::StatusOr<bool>;

absl::Status NoArguments(const Arguments& arguments) {
  return BindArguments("the test", arguments, {}).status();
}

template <Kind... kKinds>
Result IsKind(Budget&, const Value& value, const Arguments& arguments) {
  HONE_RETURN_IF_ERROR(NoArguments(arguments));
  return (value.is(kKinds) || ...);
}

Result Defined(Budget&, const Value& value, const Arguments& arguments) {
  HONE_RETURN_IF_ERROR(NoArguments(arguments));
  return !value.is(Kind::kUndefined);
}
Result True(Budget&, const Value& value, const Arguments& arguments) {
  HONE_RETURN_IF_ERROR(NoArguments(arguments));
  return value.is(Kind::kBool) && value.boolean();
}
Result False(Budget&, const Value& value, const Arguments& arguments) {
  HONE_RETURN_IF_ERROR(NoArguments(arguments));
  return value.is(Kind::kBool) && !value.boolean();
}
Result Escaped(Budget&, const Value& value, const Arguments& arguments) {
  HONE_RETURN_IF_ERROR(NoArguments(arguments));
  return value.is(Kind::kString) && value.markup();
}

// value % divisor == remainder.
Result Divides(Budget& budget, const Value& value, const Value& divisor, int64_t remainder) {
  HONE_ASSIGN_OR_RETURN(const Value rest, Binary(budget, "%", value, divisor));
  return Equal(budget, rest, Value::Int(remainder));
}
Result Odd(Budget& budget, const Value& value, const Arguments& arguments) {
  HONE_RETURN_IF_ERROR(NoArguments(arguments));
  return Divides(budget, value, Value::Int(2), 1);
}
Result Even(Budget& budget, const Value& value, const Arguments& arguments) {
  HONE_RETURN_IF_ERROR(NoArguments(arguments));
  return Divides(budget, value, Value::Int(2), 0);
}
Result DivisibleBy(Budget& budget, const Value& value, const Arguments& arguments) {
  HONE_ASSIGN_OR_RETURN(auto bound, BindArguments("divisibleby", arguments, {"num"}, 1));
  return Divides(budget, value, bound[0], 0);
}

Result SameCase(Budget& budget, const Value& value, const Arguments& arguments, std::string_view property) {
  HONE_RETURN_IF_ERROR(NoArguments(arguments));
  HONE_ASSIGN_OR_RETURN(const std::string text, ToString(budget, value));
  return HasProperty(text, property);
}
Result Lower(Budget& b, const Value& v, const Arguments& a) {
  return SameCase(b, v, a, "islower");
}
Result Upper(Budget& b, const Value& v, const Arguments& a) {
  return SameCase(b, v, a, "isupper");
}

Result SameAs(Budget&, const Value& value, const Arguments& arguments) {
  HONE_ASSIGN_OR_RETURN(auto bound, BindArguments("sameas", arguments, {"other"}, 1));
  const Value& other = bound[0];
  if (value.kind() != other.kind()) return false;
  if (value.is(Kind::kFloat)) return value.number() == other.number();
  if (value.is(Kind::kString)) return value.text() == other.text();
  return value.shared() == other.shared() && (!value.is_integer() || value.integer() == other.integer());
}

template <char kFirst, char kSecond>
Result Compared(Budget& budget, const Value& value, const Arguments& arguments) {
  HONE_ASSIGN_OR_RETURN(auto bound, BindArguments("the comparison", arguments, {"b"}, 1));
  static constexpr char kOperator[] = {kFirst, kSecond};
  return Compare(budget, std::string_view(kOperator, kSecond == 0 ? 1 : 2), value, bound[0]);
}

Result In(Budget& budget, const Value& value, const Arguments& arguments) {
  HONE_ASSIGN_OR_RETURN(auto bound, BindArguments("in", arguments, {"seq"}, 1));
  return Contains(budget, bound[0], value);
}
Result IsFilter(Budget&, const Value& value, const Arguments& arguments) {
  HONE_RETURN_IF_ERROR(NoArguments(arguments));
  return value.is(Kind::kString) && FindFilter(value.text()) != nullptr;
}
Result IsTest(Budget&, const Value& value, const Arguments& arguments) {
  HONE_RETURN_IF_ERROR(NoArguments(arguments));
  return value.is(Kind::kString) && FindTest(value.text()) != nullptr;
}

struct Entry {
  std::string_view name;
  TestFunction function;
};
constexpr Entry kTests[] = {
    {"defined", Defined},
    {"undefined", IsKind<Kind::kUndefined>},
    {"none", IsKind<Kind::kNone>},
    {"boolean", IsKind<Kind::kBool>},
    {"true", True},
    {"false", False},
    {"integer", IsKind<Kind::kInt, Kind::kBigInt>},
    {"float", IsKind<Kind::kFloat>},
    {"number", IsKind<Kind::kInt, Kind::kBigInt, Kind::kFloat, Kind::kBool>},
    {"string", IsKind<Kind::kString>},
    {"mapping", IsKind<Kind::kDict>},
    {"sequence", IsKind<Kind::kString, Kind::kList, Kind::kTuple, Kind::kDict, Kind::kRange, Kind::kUndefined>},
    {"iterable", IsKind<Kind::kString, Kind::kList, Kind::kTuple, Kind::kDict, Kind::kRange, Kind::kView, Kind::kGenerator, Kind::kLoop,
                        Kind::kUndefined>},
    {"callable", IsKind<Kind::kFunction, Kind::kMacro, Kind::kUndefined>},
    {"odd", Odd},
    {"even", Even},
    {"divisibleby", DivisibleBy},
    {"lower", Lower},
    {"upper", Upper},
    {"escaped", Escaped},
    {"sameas", SameAs},
    {"in", In},
    {"filter", IsFilter},
    {"test", IsTest},
    {"==", Compared<'=', '='>},
    {"eq", Compared<'=', '='>},
    {"equalto", Compared<'=', '='>},
    {"!=", Compared<'!', '='>},
    {"ne", Compared<'!', '='>},
    {">", Compared<'>', 0>},
    {"gt", Compared<'>', 0>},
    {"greaterthan", Compared<'>', 0>},
    {">=", Compared<'>', '='>},
    {"ge", Compared<'>', '='>},
    {"<", Compared<'<', 0>},
    {"lt", Compared<'<', 0>},
    {"lessthan", Compared<'<', 0>},
    {"<=", Compared<'<', '='>},
    {"le", Compared<'<', '='>},
};

}  // namespace

TestFunction FindTest(std::string_view name) {
  for (const Entry& entry : kTests) {
    if (entry.name == name) return entry.function;
  }
  return nullptr;
}

}  // namespace hone::jinja
