// Values to JSON text, as Python's json.dumps.

#include <algorithm>
#include <cmath>

#include "lib/tokenizer/chat/format.h"
#include "lib/tokenizer/chat/text.h"

namespace hone::jinja {
namespace {

std::string NumberText(const Value& value) {
  if (value.is(Kind::kBool)) return value.boolean() ? "true" : "false";
  if (value.is(Kind::kInt)) return std::to_string(value.integer());
  if (value.is(Kind::kBigInt)) return value.text();
  if (std::isnan(value.number())) return "NaN";
  if (std::isinf(value.number())) return value.number() > 0 ? "Infinity" : "-Infinity";
  return FloatRepr(value.number());
}

absl::StatusOr<std::string> KeyText(const Value& key) {
  if (key.is(Kind::kString)) return key.text();
  if (key.is(Kind::kNone)) return std::string("null");
  if (key.is_number() || key.is(Kind::kBigInt)) return NumberText(key);
  return absl::InvalidArgumentError(fmt::format("keys must be str, int, float, bool or None, not {}", TypeName(key)));
}

void NewLine(const JsonStyle& style, std::string& out, int depth) {
  if (!style.multi_line) return;
  out += '\n';
  for (int i = 0; i < depth; ++i) out += style.indent;
}

}  // namespace

absl::Status AppendJson(Budget& budget, const Value& value, const JsonStyle& style, std::string& out, int depth) {
  if (depth > kMaxDepth) return absl::ResourceExhaustedError(fmt::format("values nest deeper than {}", kMaxDepth));
  HONE_RETURN_IF_ERROR(budget.Steps(1));
  switch (value.kind()) {
    case Kind::kNone:
      out += "null";
      return absl::OkStatus();
    case Kind::kBool:
    case Kind::kInt:
    case Kind::kBigInt:
    case Kind::kFloat:
      out += NumberText(value);
      return absl::OkStatus();
    case Kind::kString:
      HONE_RETURN_IF_ERROR(budget.Text(value.text().size()));
      out += JsonQuote(value.text(), style.ensure_ascii);
      return absl::OkStatus();
    case Kind::kList:
    case Kind::kTuple: {
      if (value.items().empty()) {
        out += "[]";
        return absl::OkStatus();
      }
      out += '[';
      bool first = true;
      for (const Value& item : value.items()) {
        if (!first) out += style.item_separator;
        first = false;
        NewLine(style, out, depth + 1);
        HONE_RETURN_IF_ERROR(budget.Text(style.indent.size() * static_cast<size_t>(depth + 1) + style.item_separator.size()));
        HONE_RETURN_IF_ERROR(AppendJson(budget, item, style, out, depth + 1));
      }
      NewLine(style, out, depth);
      out += ']';
      break;
    }
    case Kind::kDict: {
      auto entries = value.dict().items;
      if (entries.empty()) {
        out += "{}";
        return absl::OkStatus();
      }
      HONE_RETURN_IF_ERROR(budget.Items(entries.size()));
      if (style.sort_keys) {
        for (size_t i = 1; i < entries.size(); ++i) HONE_RETURN_IF_ERROR(Less(budget, entries[i - 1].first, entries[i].first).status());
        std::stable_sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
          if (a.first.is(Kind::kString) && b.first.is(Kind::kString)) return a.first.text() < b.first.text();
          return a.first.is_number() && b.first.is_number() && a.first.number() < b.first.number();
        });
      }
      out += '{';
      bool first = true;
      for (const auto& [key, item] : entries) {
        if (!first) out += style.item_separator;
        first = false;
        NewLine(style, out, depth + 1);
        HONE_ASSIGN_OR_RETURN(const std::string name, KeyText(key));
        HONE_RETURN_IF_ERROR(budget.Text(name.size() + style.indent.size() * static_cast<size_t>(depth + 1) + style.item_separator.size()));
        out += JsonQuote(name, style.ensure_ascii);
        out += style.key_separator;
        HONE_RETURN_IF_ERROR(AppendJson(budget, item, style, out, depth + 1));
      }
      NewLine(style, out, depth);
      out += '}';
      break;
    }
    default:
      return absl::InvalidArgumentError(fmt::format("Object of type {} is not JSON serializable", TypeName(value)));
  }
  return budget.CheckSize(out.size());
}

}  // namespace hone::jinja
