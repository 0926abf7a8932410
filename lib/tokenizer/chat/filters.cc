// Filters of collections.

#include "lib/tokenizer/chat/filters.h"

#include <algorithm>

#include "lib/tokenizer/chat/callable.h"
#include "lib/tokenizer/chat/operators.h"
#include "lib/tokenizer/chat/tests.h"
#include "lib/tokenizer/chat/text.h"

namespace hone::jinja {
namespace {

using Result = absl::StatusOr<Value>;

Value MakeGenerator(std::vector<Value> items, absl::Status error = absl::OkStatus()) {
  auto generator = std::make_shared<GeneratorObject>();
  generator->items = std::move(items);
  generator->error = std::move(error);
  return Value::Of(Kind::kGenerator, std::move(generator));
}

bool Present(const Value& value) {
  return !value.is(Kind::kMissing) && !value.is(Kind::kNone);
}

// A path such as "function.name" or "items.0", or an index.
// `fallback` stands in for each step that is undefined.
absl::StatusOr<Value> GetPath(Budget& budget, Value value, const Value& path, const Value& fallback = Value()) {
  const auto step = [&](const Value& key) -> absl::Status {
    HONE_ASSIGN_OR_RETURN(value, GetItem(budget, value, key));
    if (value.is(Kind::kUndefined) && Present(fallback)) value = fallback;
    return absl::OkStatus();
  };
  if (!path.is(Kind::kString)) {
    HONE_RETURN_IF_ERROR(step(path));
    return value;
  }
  for (const std::string_view part : Split(path.text(), ".", -1, false)) {
    const auto index = HasProperty(part, "isdigit") ? ParseInt(part, 10) : std::nullopt;
    HONE_RETURN_IF_ERROR(step(index ? Value::Int(*index) : Value::String(part)));
  }
  return value;
}

Value FoldCase(const Value& value) {
  return value.is(Kind::kString) ? Value::String(ToLower(value.text())) : value;
}

// The keys items are ordered or compared by: an attribute, or several after commas; letters in lower case unless told otherwise.
absl::StatusOr<std::vector<Value>> Keys(Budget& budget, const std::vector<Value>& items, const Value& attribute, bool case_sensitive,
                                        bool several = false) {
  HONE_RETURN_IF_ERROR(budget.Items(items.size()));
  std::vector<Value> keys;
  for (const Value& item : items) {
    Value key = item;
    if (several && attribute.is(Kind::kString)) {
      std::vector<Value> parts;
      for (const std::string_view part : Split(attribute.text(), ",", -1, false)) {
        HONE_ASSIGN_OR_RETURN(Value value, GetPath(budget, item, Value::String(part)));
        parts.push_back(case_sensitive ? std::move(value) : FoldCase(value));
      }
      key = Value::List(std::move(parts));
    } else {
      if (Present(attribute)) {
        HONE_ASSIGN_OR_RETURN(key, GetPath(budget, item, attribute));
      }
      if (!case_sensitive) key = FoldCase(key);
    }
    keys.push_back(std::move(key));
  }
  return keys;
}

// The stable order of keys, as positions. Errors: those of Less.
absl::StatusOr<std::vector<size_t>> SortedOrder(Budget& budget, const std::vector<Value>& keys, bool reverse) {
  std::vector<size_t> order(keys.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  // Merge sort by hand: std::stable_sort wants a comparison that cannot fail.
  std::vector<size_t> buffer(order.size());
  for (size_t width = 1; width < order.size(); width *= 2) {
    for (size_t low = 0; low < order.size(); low += 2 * width) {
      const size_t middle = std::min(low + width, order.size()), high = std::min(low + 2 * width, order.size());
      size_t left = low, right = middle;
      for (size_t to = low; to < high; ++to) {
        bool take_right = left == middle;
        if (left < middle && right < high) {
          const Value &a = keys[order[right]], &b = keys[order[left]];
          HONE_ASSIGN_OR_RETURN(take_right, reverse ? Less(budget, b, a) : Less(budget, a, b));
        }
        buffer[to] = take_right ? order[right++] : order[left++];
      }
    }
    order.swap(buffer);
  }
  return order;
}

Result Default(Budget&, const Value& value, const Arguments& arguments) {
  HONE_ASSIGN_OR_RETURN(auto bound, BindArguments("default", arguments, {"default_value", "boolean"}));
  const bool replace = value.is(Kind::kUndefined) || (!bound[1].is(Kind::kMissing) && IsTrue(bound[1]) && !IsTrue(value));
  if (!replace) return value;
  return bound[0].is(Kind::kMissing) ? Value::String("") : bound[0];
}

Result LengthFilter(Budget&, const Value& value, const Arguments& arguments) {
  HONE_RETURN_IF_ERROR(BindArguments("length", arguments, {}).status());
  HONE_ASSIGN_OR_RETURN(const int64_t size, Length(value));
  return Value::Int(size);
}

Result First(Budget& budget, const Value& value, const Arguments& arguments) {
  HONE_RETURN_IF_ERROR(BindArguments("first", arguments, {}).status());
  if (value.is(Kind::kGenerator)) {
    auto& generator = value.object<GeneratorObject>();
    if (generator.next < generator.items.size()) return generator.items[generator.next++];
    HONE_RETURN_IF_ERROR(generator.error);
  }
  HONE_ASSIGN_OR_RETURN(const auto items, Iterate(budget, value));
  return items.empty() ? Value::Undefined("No first item, sequence was empty.") : items.front();
}

Result Last(Budget& budget, const Value& value, const Arguments& arguments) {
  HONE_RETURN_IF_ERROR(BindArguments("last", arguments, {}).status());
  if (value.is(Kind::kGenerator)) return absl::InvalidArgumentError("'generator' object is not reversible");
  HONE_ASSIGN_OR_RETURN(const auto items, Iterate(budget, value));
  return items.empty() ? Value::Undefined("No last item, sequence was empty.") : items.back();
}

Result List(Budget& budget, const Value& value, const Arguments& arguments) {
  HONE_RETURN_IF_ERROR(BindArguments("list", arguments, {}).status());
  HONE_ASSIGN_OR_RETURN(auto items, Iterate(budget, value));
  return Value::List(std::move(items));
}

Result Reverse(Budget& budget, const Value& value, const Arguments& arguments) {
  HONE_RETURN_IF_ERROR(BindArguments("reverse", arguments, {}).status());
  HONE_ASSIGN_OR_RETURN(auto items, Iterate(budget, value));
  std::reverse(items.begin(), items.end());
  if (!value.is(Kind::kString)) return MakeGenerator(std::move(items));
  std::string text;
  for (const Value& item : items) text += item.text();
  return Value::String(std::move(text), value.markup());
}

Result Items(Budget& budget, const Value& value, const Arguments& arguments) {
  HONE_RETURN_IF_ERROR(BindArguments("items", arguments, {}).status());
  if (value.is(Kind::kUndefined)) return MakeGenerator({});
  if (!value.is(Kind::kDict)) return MakeGenerator({}, absl::InvalidArgumentError("Can only get item pairs from a mapping."));
  HONE_RETURN_IF_ERROR(budget.Items(2 * value.dict().items.size()));
  std::vector<Value> pairs;
  for (const auto& [key, item] : value.dict().items) pairs.push_back(Value::Tuple({key, item}));
  return MakeGenerator(std::move(pairs));
}

Result DictSort(Budget& budget, const Value& value, const Arguments& arguments) {
  HONE_ASSIGN_OR_RETURN(auto bound, BindArguments("dictsort", arguments, {"case_sensitive", "by", "reverse"}));
  const bool by_value = bound[1].is(Kind::kString) && bound[1].text() == "value";
  if (!bound[1].is(Kind::kMissing) && !by_value && !(bound[1].is(Kind::kString) && bound[1].text() == "key")) {
    return absl::InvalidArgumentError("You can only sort by either \"key\" or \"value\"");
  }
  if (value.is(Kind::kUndefined)) return UndefinedError(value);
  if (!value.is(Kind::kDict)) return absl::InvalidArgumentError(fmt::format("'{}' object has no items", TypeName(value)));
  std::vector<Value> pairs, keys;
  HONE_RETURN_IF_ERROR(budget.Items(3 * value.dict().items.size()));
  const bool case_sensitive = !bound[0].is(Kind::kMissing) && IsTrue(bound[0]);
  for (const auto& [key, item] : value.dict().items) {
    pairs.push_back(Value::Tuple({key, item}));
    const Value& by = by_value ? item : key;
    keys.push_back(case_sensitive ? by : FoldCase(by));
  }
  HONE_ASSIGN_OR_RETURN(const auto order, SortedOrder(budget, keys, !bound[2].is(Kind::kMissing) && IsTrue(bound[2])));
  std::vector<Value> sorted;
  for (const size_t i : order) sorted.push_back(pairs[i]);
  return Value::List(std::move(sorted));
}

Result Sort(Budget& budget, const Value& value, const Arguments& arguments) {
  HONE_ASSIGN_OR_RETURN(auto bound, BindArguments("sort", arguments, {"reverse", "case_sensitive", "attribute"}));
  HONE_ASSIGN_OR_RETURN(const auto items, Iterate(budget, value));
  HONE_ASSIGN_OR_RETURN(const auto keys, Keys(budget, items, bound[2], !bound[1].is(Kind::kMissing) && IsTrue(bound[1]), true));
  HONE_ASSIGN_OR_RETURN(const auto order, SortedOrder(budget, keys, !bound[0].is(Kind::kMissing) && IsTrue(bound[0])));
  std::vector<Value> sorted;
  for (const size_t i : order) sorted.push_back(items[i]);
  return Value::List(std::move(sorted));
}

Result Unique(Budget& budget, const Value& value, const Arguments& arguments) {
  HONE_ASSIGN_OR_RETURN(auto bound, BindArguments("unique", arguments, {"case_sensitive", "attribute"}));
  HONE_ASSIGN_OR_RETURN(const auto items, Iterate(budget, value));
  HONE_ASSIGN_OR_RETURN(const auto keys, Keys(budget, items, bound[1], !bound[0].is(Kind::kMissing) && IsTrue(bound[0])));
  DictObject seen;
  std::vector<Value> result;
  for (size_t i = 0; i < items.size(); ++i) {
    absl::Status hashable = CheckHashable(keys[i]);
    if (!hashable.ok()) return MakeGenerator(std::move(result), std::move(hashable));
    HONE_RETURN_IF_ERROR(budget.Steps(1));
    if (seen.Find(keys[i]) != nullptr) continue;
    seen.Set(keys[i], Value::None());
    result.push_back(items[i]);
  }
  return MakeGenerator(std::move(result));
}

Result Extreme(Budget& budget, const Value& value, const Arguments& arguments, bool largest) {
  HONE_ASSIGN_OR_RETURN(auto bound, BindArguments(largest ? "max" : "min", arguments, {"case_sensitive", "attribute"}));
  HONE_ASSIGN_OR_RETURN(const auto items, Iterate(budget, value));
  if (items.empty()) return Value::Undefined("No aggregated item, sequence was empty.");
  HONE_ASSIGN_OR_RETURN(const auto keys, Keys(budget, items, bound[1], !bound[0].is(Kind::kMissing) && IsTrue(bound[0])));
  size_t best = 0;
  for (size_t i = 1; i < items.size(); ++i) {
    HONE_ASSIGN_OR_RETURN(const bool better, largest ? Less(budget, keys[best], keys[i]) : Less(budget, keys[i], keys[best]));
    if (better) best = i;
  }
  return items[best];
}

Result Min(Budget& budget, const Value& value, const Arguments& arguments) {
  return Extreme(budget, value, arguments, false);
}
Result Max(Budget& budget, const Value& value, const Arguments& arguments) {
  return Extreme(budget, value, arguments, true);
}

Result Sum(Budget& budget, const Value& value, const Arguments& arguments) {
  HONE_ASSIGN_OR_RETURN(auto bound, BindArguments("sum", arguments, {"attribute", "start"}));
  HONE_ASSIGN_OR_RETURN(const auto items, Iterate(budget, value));
  Value total = bound[1].is(Kind::kMissing) ? Value::Int(0) : bound[1];
  if (total.is(Kind::kString)) return absl::InvalidArgumentError("sum() can't sum strings; use the filter join");
  for (const Value& item : items) {
    Value part = item;
    if (Present(bound[0])) {
      HONE_ASSIGN_OR_RETURN(part, GetPath(budget, item, bound[0]));
    }
    HONE_ASSIGN_OR_RETURN(total, Binary(budget, "+", total, part));
  }
  return total;
}

Result Join(Budget& budget, const Value& value, const Arguments& arguments) {
  HONE_ASSIGN_OR_RETURN(auto bound, BindArguments("join", arguments, {"d", "attribute"}));
  HONE_ASSIGN_OR_RETURN(const auto items, Iterate(budget, value));
  std::string separator, out;
  if (!bound[0].is(Kind::kMissing)) {
    HONE_ASSIGN_OR_RETURN(separator, ToString(budget, bound[0]));
  }
  for (size_t i = 0; i < items.size(); ++i) {
    Value item = items[i];
    if (Present(bound[1])) {
      HONE_ASSIGN_OR_RETURN(item, GetPath(budget, item, bound[1]));
    }
    if (i > 0) {
      HONE_RETURN_IF_ERROR(budget.Text(separator.size()));
      out += separator;
    }
    HONE_RETURN_IF_ERROR(AppendString(budget, item, out));
  }
  HONE_RETURN_IF_ERROR(budget.Text(out.size()));
  return Value::String(std::move(out));
}

// map(filter, arguments...) and map(attribute=..., default=...).
Result Map(Budget& budget, const Value& value, const Arguments& arguments) {
  Value attribute, fallback;
  FilterFunction filter = nullptr;
  Arguments rest = arguments;
  if (arguments.positional.empty()) {
    for (const auto& [name, argument] : arguments.named) {
      if (name == "attribute") {
        attribute = argument;
      } else if (name == "default") {
        fallback = argument;
      } else {
        return absl::InvalidArgumentError(fmt::format("Unexpected keyword argument '{}'", name));
      }
    }
    if (attribute.is(Kind::kMissing)) return absl::InvalidArgumentError("map requires a filter argument");
  } else {
    if (!arguments.positional[0].is(Kind::kString)) return absl::InvalidArgumentError("map needs the name of a filter");
    filter = FindFilter(arguments.positional[0].text());
    if (filter == nullptr)
      return MakeGenerator({}, absl::InvalidArgumentError(fmt::format("No filter named '{}'.", arguments.positional[0].text())));
    if (filter == Map && arguments.positional.size() > 1) return absl::InvalidArgumentError("map cannot apply map");
    rest.positional.erase(rest.positional.begin());
  }
  if (!IsTrue(value)) return MakeGenerator({});
  HONE_ASSIGN_OR_RETURN(const auto items, Iterate(budget, value));
  std::vector<Value> mapped;
  for (const Value& item : items) {
    absl::StatusOr<Value> result = filter != nullptr ? filter(budget, item, rest) : GetPath(budget, item, attribute, fallback);
    if (!result.ok()) return MakeGenerator(std::move(mapped), result.status());
    mapped.push_back(*std::move(result));
  }
  return MakeGenerator(std::move(mapped));
}

// select, reject, selectattr, rejectattr.
Result Choose(Budget& budget, const Value& value, const Arguments& arguments, bool by_attribute, bool keep) {
  Arguments rest = arguments;
  Value attribute;
  if (by_attribute) {
    if (rest.positional.empty()) return absl::InvalidArgumentError("Missing parameter for attribute name");
    attribute = rest.positional[0];
    rest.positional.erase(rest.positional.begin());
  }
  TestFunction test = nullptr;
  if (!rest.positional.empty()) {
    if (rest.positional[0].is(Kind::kString)) test = FindTest(rest.positional[0].text());
    if (test == nullptr) return MakeGenerator({}, absl::InvalidArgumentError("there is no such test"));
    rest.positional.erase(rest.positional.begin());
  }
  if (!IsTrue(value)) return MakeGenerator({});
  HONE_ASSIGN_OR_RETURN(const auto items, Iterate(budget, value));
  std::vector<Value> chosen;
  for (const Value& item : items) {
    absl::StatusOr<Value> subject = item;
    if (by_attribute) subject = GetPath(budget, item, attribute);
    if (!subject.ok()) return MakeGenerator(std::move(chosen), subject.status());
    absl::StatusOr<bool> passed = test != nullptr ? test(budget, *subject, rest) : absl::StatusOr<bool>(IsTrue(*subject));
    if (!passed.ok()) return MakeGenerator(std::move(chosen), passed.status());
    if (*passed == keep) chosen.push_back(item);
  }
  return MakeGenerator(std::move(chosen));
}

Result Select(Budget& b, const Value& v, const Arguments& a) {
  return Choose(b, v, a, false, true);
}
Result Reject(Budget& b, const Value& v, const Arguments& a) {
  return Choose(b, v, a, false, false);
}
Result SelectAttr(Budget& b, const Value& v, const Arguments& a) {
  return Choose(b, v, a, true, true);
}
Result RejectAttr(Budget& b, const Value& v, const Arguments& a) {
  return Choose(b, v, a, true, false);
}

Result GroupBy(Budget& budget, const Value& value, const Arguments& arguments) {
  HONE_ASSIGN_OR_RETURN(auto bound, BindArguments("groupby", arguments, {"attribute", "default", "case_sensitive"}, 1));
  HONE_ASSIGN_OR_RETURN(const auto items, Iterate(budget, value));
  std::vector<Value> plain, keys;
  HONE_RETURN_IF_ERROR(budget.Items(3 * items.size()));
  for (const Value& item : items) {
    HONE_ASSIGN_OR_RETURN(Value key, GetPath(budget, item, bound[0], bound[1]));
    plain.push_back(key);
    keys.push_back(!bound[2].is(Kind::kMissing) && IsTrue(bound[2]) ? key : FoldCase(key));
  }
  HONE_ASSIGN_OR_RETURN(const auto order, SortedOrder(budget, keys, false));
  std::vector<Value> groups;
  for (size_t i = 0; i < order.size();) {
    const size_t first = order[i];
    std::vector<Value> members;
    for (; i < order.size(); ++i) {
      HONE_ASSIGN_OR_RETURN(const bool same, Equal(budget, keys[order[i]], keys[first]));
      if (!same) break;
      members.push_back(items[order[i]]);
    }
    Value group = Value::Tuple({plain[first], Value::List(std::move(members))});
    group.object<ListObject>().view_name = kGroupName;
    groups.push_back(std::move(group));
  }
  return Value::List(std::move(groups));
}

Result Batch(Budget& budget, const Value& value, const Arguments& arguments) {
  HONE_ASSIGN_OR_RETURN(auto bound, BindArguments("batch", arguments, {"linecount", "fill_with"}, 1));
  HONE_ASSIGN_OR_RETURN(const int64_t count, IntArgument("batch", bound[0], 1));
  HONE_ASSIGN_OR_RETURN(const auto items, Iterate(budget, value));
  std::vector<Value> lines, line;
  for (const Value& item : items) {
    if (static_cast<int64_t>(line.size()) == count) {
      lines.push_back(Value::List(std::move(line)));
      line.clear();
    }
    line.push_back(item);
  }
  if (!line.empty()) {
    if (Present(bound[1]) && static_cast<int64_t>(line.size()) < count) {
      HONE_RETURN_IF_ERROR(budget.Items(static_cast<size_t>(count)));
      line.resize(static_cast<size_t>(count), bound[1]);
    }
    lines.push_back(Value::List(std::move(line)));
  }
  return MakeGenerator(std::move(lines));
}

Result Attr(Budget& budget, const Value& value, const Arguments& arguments) {
  HONE_ASSIGN_OR_RETURN(auto bound, BindArguments("attr", arguments, {"name"}, 1));
  if (value.is(Kind::kUndefined)) return UndefinedError(value);
  HONE_ASSIGN_OR_RETURN(const std::string name, ToString(budget, bound[0]));
  const std::optional<Value> found = FindAttribute(value, name);  // never an item
  return found ? *found : Value::Undefined(fmt::format("'{} object' has no attribute '{}'", TypeName(value), name));
}

struct Entry {
  std::string_view name;
  FilterFunction function;
};
constexpr Entry kFilters[] = {
    {"attr", Attr},       {"batch", Batch},     {"count", LengthFilter},
    {"d", Default},       {"default", Default}, {"dictsort", DictSort},
    {"first", First},     {"groupby", GroupBy}, {"items", Items},
    {"join", Join},       {"last", Last},       {"length", LengthFilter},
    {"list", List},       {"map", Map},         {"max", Max},
    {"min", Min},         {"reject", Reject},   {"rejectattr", RejectAttr},
    {"reverse", Reverse}, {"select", Select},   {"selectattr", SelectAttr},
    {"sort", Sort},       {"sum", Sum},         {"unique", Unique},
};

}  // namespace

FilterFunction FindFilter(std::string_view name) {
  for (const Entry& entry : kFilters) {
    if (entry.name == name) return entry.function;
  }
  return FindTextFilter(name);
}

}  // namespace hone::jinja
