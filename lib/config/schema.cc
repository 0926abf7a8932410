#include "lib/config/schema.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <type_traits>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "lib/config/nearest.h"
#include "lib/config/strict_json.h"

namespace hone {
namespace {

constexpr size_t kMaxProblemsShown = 100;
constexpr int kMaxOverrideDepth = 12;  // of a path into a JSON field, and of the value given there

std::string Join(std::string_view prefix, std::string_view name) {
  if (prefix.empty() || name.empty()) return std::string(prefix.empty() ? name : prefix);
  return fmt::format("{}.{}", prefix, name);
}

// An integer bound prints as one: 1000000, not 1e+06.
std::string BoundText(double x) {
  if (std::floor(x) == x && std::abs(x) < 1e15) return fmt::format("{}", static_cast<int64_t>(x));
  return JsonNumber(x);
}

// Reads values into one struct tree and reports to one log.
class Reader {
 public:
  Reader(std::string source, bool has_positions, ReadLog* log) : source_(std::move(source)), has_positions_(has_positions), log_(*log) {}

  Origin At(JsonPosition where) const { return has_positions_ ? Origin{source_, where.line, where.column} : Origin{source_}; }

  // section: path within the object's schema. prefix: of the whole object, for messages and the log.
  void ReadSection(const Schema& schema, const std::string& section, const JsonNode& node, const std::string& prefix, void* object) {
    const std::string full = Join(prefix, section);
    if (node.is(JsonNode::Kind::kInvalid)) return;
    if (!node.is(JsonNode::Kind::kObject)) {
      const std::string what = full.empty() ? "a recipe" : JsonQuote(full);
      return log_.Add(At(node.where), fmt::format("{} must be an object {{ ... }}, found {}", what, DescribeJson(node)));
    }
    if (!full.empty()) log_.given[full] = At(node.where);
    for (size_t i = 0; i < node.items.size(); ++i) {
      const JsonKey& key = node.keys[i];
      const std::string path = Join(section, key.name);
      if (const FieldSpec* field = schema.FindField(path)) {
        ReadField(*field, node.items[i], Join(prefix, path), object);
      } else if (schema.IsSection(path)) {
        ReadSection(schema, path, node.items[i], prefix, object);
      } else {
        ReportUnknown(schema, section, key, prefix);
      }
    }
  }

  void ReadField(const FieldSpec& field, const JsonNode& node, const std::string& full, void* object) {
    log_.given[full] = At(node.where);
    const size_t before = log_.problems.size();
    if (node.is(JsonNode::Kind::kInvalid)) {
      log_.doubtful.insert(full);
      return;
    }
    FieldRef ref = field.at(object);
    std::visit([&](auto&& place) { Read(field, node, full, place); }, ref);
    if (log_.problems.size() != before) log_.doubtful.insert(full);
  }

  void ReadPath(const Schema& schema, std::string_view path, const JsonNode& node, const std::string& prefix, void* object) {
    if (const FieldSpec* field = schema.FindField(path)) return ReadField(*field, node, Join(prefix, path), object);
    if (schema.IsSection(path)) return ReadSection(schema, std::string(path), node, prefix, object);
    for (const FieldSpec& field : schema.fields()) {
      if (path.size() <= field.path.size() + 1 || !path.starts_with(field.path) || path[field.path.size()] != '.') continue;
      const std::string_view rest = path.substr(field.path.size() + 1);
      FieldRef ref = field.at(object);
      if (auto* slot = std::get_if<ObjectSlot>(&ref)) return ReadInSlot(*slot, rest, node, Join(prefix, field.path));
      if (field.is_json) return ReadInJson(field, *std::get<std::string*>(ref), rest, node, Join(prefix, field.path));
    }
    ReportUnknownPath(schema, path, prefix);
  }

 private:
  void WrongType(const JsonNode& node, const std::string& full, std::string_view expected) {
    log_.Add(At(node.where), fmt::format("{} must be {}, found {}", JsonQuote(full), expected, DescribeJson(node)));
  }

  void ReportUnknown(const Schema& schema, const std::string& section, const JsonKey& key, const std::string& prefix) {
    const std::vector<std::string> siblings = schema.NamesIn(section);
    std::string hint;
    if (const auto nearest = Nearest(key.name, siblings)) {
      hint = fmt::format("; did you mean {}?", JsonQuote(*nearest));
      log_.doubtful.insert(Join(prefix, Join(section, *nearest)));
    } else {
      // Right name, wrong place.
      for (const FieldSpec& field : schema.fields()) {
        const size_t dot = field.path.rfind('.');
        if (field.path.substr(dot == std::string::npos ? 0 : dot + 1) != key.name) continue;
        hint = fmt::format("; did you mean {}?", JsonQuote(Join(prefix, field.path)));
        log_.doubtful.insert(Join(prefix, field.path));
        break;
      }
      if (hint.empty()) hint = fmt::format("; known here: {}", fmt::join(siblings, ", "));
    }
    log_.Add(At(key.where), fmt::format("unknown field {}{}", Quoted(key.name), hint));
  }

  void ReportUnknownPath(const Schema& schema, std::string_view path, const std::string& prefix) {
    std::vector<std::string> known;
    for (const FieldSpec& field : schema.fields()) known.push_back(field.path);
    for (const SectionSpec& section : schema.sections()) known.push_back(section.path);
    std::string hint;
    auto nearest = Nearest(path, known);
    for (const FieldSpec& field : schema.fields()) {  // "lr" for "learner.lr"
      if (!nearest && field.path.ends_with(fmt::format(".{}", path))) nearest = field.path;
    }
    if (nearest) {
      hint = fmt::format("; did you mean {}?", JsonQuote(Join(prefix, *nearest)));
      log_.doubtful.insert(Join(prefix, *nearest));
    } else {  // the part of the path that is right
      std::string section(path);
      do {
        const size_t dot = section.rfind('.');
        section.resize(dot == std::string::npos ? 0 : dot);
      } while (!section.empty() && !schema.IsSection(section));
      hint = fmt::format("; known in {}: {}", section.empty() ? "a recipe" : JsonQuote(Join(prefix, section)),
                         fmt::join(schema.NamesIn(section), ", "));
    }
    log_.Add(At({}), fmt::format("unknown field {}{}", Quoted(Join(prefix, path)), hint));
  }

  static std::string Quoted(std::string_view name) {
    JsonNode node;
    node.kind = JsonNode::Kind::kString;
    node.text = name;
    return DescribeJson(node).substr(std::string_view("the string ").size());  // cut when long
  }

  void ReadInSlot(ObjectSlot& slot, std::string_view rest, const JsonNode& node, const std::string& full) {
    if (!slot.is_list) {
      if (slot.size() == 0) slot.resize(1);
      return ReadPath(*slot.schema, rest, node, full, slot.at(0));
    }
    const std::string_view first = rest.substr(0, rest.find('.'));
    size_t index = 0;
    const auto parsed = std::from_chars(first.data(), first.data() + first.size(), index);
    if (parsed.ec != std::errc() || parsed.ptr != first.data() + first.size() || index >= slot.size()) {
      return log_.Add(At({}),
                      fmt::format("{} has {} elements, numbered from 0; {} is none of them", JsonQuote(full), slot.size(), Quoted(first)));
    }
    const std::string element = fmt::format("{}[{}]", full, index);
    if (first.size() == rest.size()) return ReadSection(*slot.schema, "", node, element, slot.at(index));
    ReadPath(*slot.schema, rest.substr(first.size() + 1), node, element, slot.at(index));
  }

  void ReadInJson(const FieldSpec& field, std::string& text, std::string_view rest, const JsonNode& node, const std::string& full) {
    JsonNode root = ParseStrictJson(text).root;
    JsonNode* at = &root;
    std::string path = full;
    // The depth of the whole keeps within what is read: `node` itself is half as deep at most, see ReadOverride.
    for (int depth = 0;; ++depth) {
      if (depth >= kMaxOverrideDepth) {
        return log_.Add(At(node.where), fmt::format("{} goes deeper than {} levels", Quoted(Join(full, rest)), kMaxOverrideDepth));
      }
      if (!at->is(JsonNode::Kind::kObject)) {
        return log_.Add(At(node.where), fmt::format("{} is {}, not an object", JsonQuote(path), DescribeJson(*at)));
      }
      const size_t dot = rest.find('.');
      const std::string name(rest.substr(0, dot));
      JsonNode* member = at->Find(name);
      if (member == nullptr) {
        at->keys.push_back({name, {}});
        at->items.emplace_back();
        member = &at->items.back();
        member->kind = JsonNode::Kind::kObject;
      }
      at = member;
      path = Join(path, name);
      if (dot == std::string_view::npos) break;
      rest.remove_prefix(dot + 1);
    }
    *at = node;
    log_.given[full] = At(node.where);
    text = CanonicalJson(root);
  }

  // Into one place of type T; true when the value fits.
  void Read(const FieldSpec& field, const JsonNode& node, const std::string& full, bool* place) {
    if (!node.is(JsonNode::Kind::kBool)) return WrongType(node, full, "true or false");
    *place = node.boolean;
  }
  void Read(const FieldSpec& field, const JsonNode& node, const std::string& full, int64_t* place) {
    if (!node.is(JsonNode::Kind::kInteger)) return WrongType(node, full, "an integer");
    if (InRange(field, node, full)) *place = node.integer;
  }
  void Read(const FieldSpec& field, const JsonNode& node, const std::string& full, double* place) {
    if (!node.is(JsonNode::Kind::kInteger) && !node.is(JsonNode::Kind::kNumber)) return WrongType(node, full, "a number");
    if (InRange(field, node, full)) *place = node.number;
  }
  void Read(const FieldSpec& field, const JsonNode& node, const std::string& full, std::string* place) {
    if (field.is_json) {
      if (!node.is(JsonNode::Kind::kObject)) return WrongType(node, full, "an object { ... }");
      *place = CanonicalJson(node);
      return;
    }
    if (!has_positions_ && (node.is(JsonNode::Kind::kInteger) || node.is(JsonNode::Kind::kNumber) || node.is(JsonNode::Kind::kBool))) {
      JsonNode text = node;  // --set run.name=7
      text.kind = JsonNode::Kind::kString;
      text.text = CanonicalJson(node);
      return Read(field, text, full, place);
    }
    if (!node.is(JsonNode::Kind::kString)) return WrongType(node, full, "a string");
    if (field.not_empty && node.text.empty()) return log_.Add(At(node.where), fmt::format("{} must not be empty", JsonQuote(full)));
    if (!field.allowed.empty() && std::find(field.allowed.begin(), field.allowed.end(), node.text) == field.allowed.end()) {
      std::string hint = fmt::format("must be {}", field.AllowedText());
      if (const auto nearest = Nearest(node.text, field.allowed)) hint += fmt::format("; did you mean {}?", JsonQuote(*nearest));
      return log_.Add(At(node.where), fmt::format("{} is {}; it {}", JsonQuote(full), Quoted(node.text), hint));
    }
    *place = node.text;
  }
  template <class T>
  void Read(const FieldSpec& field, const JsonNode& node, const std::string& full, std::optional<T>* place) {
    if (node.is(JsonNode::Kind::kNull)) return place->reset();
    const size_t before = log_.problems.size();
    T value{};
    Read(field, node, full, &value);
    if (log_.problems.size() == before) *place = std::move(value);
  }
  template <class T>
  void Read(const FieldSpec& field, const JsonNode& node, const std::string& full, std::vector<T>* place) {
    if (!node.is(JsonNode::Kind::kArray)) return WrongType(node, full, "a list [ ... ]");
    if (!FitsItems(field, node, full)) return;
    const size_t before = log_.problems.size();
    std::vector<T> values(node.items.size());
    for (size_t i = 0; i < values.size(); ++i) {
      const std::string element = fmt::format("{}[{}]", full, i);
      log_.given[element] = At(node.items[i].where);
      if (!node.items[i].is(JsonNode::Kind::kInvalid)) Read(field, node.items[i], element, &values[i]);
    }
    if (log_.problems.size() == before) *place = std::move(values);
  }
  void Read(const FieldSpec& field, const JsonNode& node, const std::string& full, std::array<double, 2>* place) {
    if (!node.is(JsonNode::Kind::kArray) || node.items.size() != 2) return WrongType(node, full, "a list of two numbers");
    const size_t before = log_.problems.size();
    std::array<double, 2> values = *place;
    for (size_t i = 0; i < 2; ++i) {
      if (!node.items[i].is(JsonNode::Kind::kInvalid)) Read(field, node.items[i], fmt::format("{}[{}]", full, i), &values[i]);
    }
    if (log_.problems.size() == before) *place = values;
  }
  void Read(const FieldSpec& field, const JsonNode& node, const std::string& full, ObjectSlot& slot) {
    if (!slot.is_list) {
      if (node.is(JsonNode::Kind::kNull)) return slot.resize(0);
      if (!node.is(JsonNode::Kind::kObject)) return WrongType(node, full, "an object { ... } or null");
      slot.resize(0);
      slot.resize(1);
      return ReadSection(*slot.schema, "", node, full, slot.at(0));
    }
    if (!node.is(JsonNode::Kind::kArray)) return WrongType(node, full, "a list [ ... ]");
    if (!FitsItems(field, node, full)) return;
    slot.resize(0);
    slot.resize(node.items.size());
    for (size_t i = 0; i < node.items.size(); ++i) {
      ReadSection(*slot.schema, "", node.items[i], fmt::format("{}[{}]", full, i), slot.at(i));
    }
  }

  bool FitsItems(const FieldSpec& field, const JsonNode& node, const std::string& full) {
    if (node.items.size() <= field.max_items) return true;
    log_.Add(At(node.where),
             fmt::format("{} has {} elements; it may have at most {}", JsonQuote(full), node.items.size(), field.max_items));
    return false;
  }

  bool InRange(const FieldSpec& field, const JsonNode& node, const std::string& full) {
    const double x = node.number;
    const bool low = field.min && (x < *field.min || (field.above_min && x == *field.min));
    const bool high = field.max && (x > *field.max || (field.below_max && x == *field.max));
    if (!low && !high) return true;
    log_.Add(At(node.where), fmt::format("{} is {}; it must be {}", JsonQuote(full), DescribeJson(node), field.AllowedText()));
    return false;
  }

  const std::string source_;
  const bool has_positions_;
  ReadLog& log_;
};

}  // namespace

std::string FieldSpec::AllowedText() const {
  std::string text;
  if (min) text = fmt::format("{} {}", above_min ? "above" : "at least", BoundText(*min));
  if (min && max) text += " and ";
  if (max) text += fmt::format("{} {}", below_max ? "below" : "at most", BoundText(*max));
  if (!allowed.empty()) text = fmt::format("one of {}", fmt::join(allowed, ", "));
  if (not_empty) text = text.empty() ? "not empty" : text;
  return text;
}

void Schema::Embed(const std::string& prefix, const Schema& part, std::function<void*(void* object)> get) {
  for (SectionSpec section : part.sections_) {
    section.path = Join(prefix, section.path);
    sections_.push_back(std::move(section));
  }
  for (FieldSpec field : part.fields_) {
    field.path = Join(prefix, field.path);
    field.at = [get, at = field.at](void* object) { return at(get(object)); };
    fields_.push_back(std::move(field));
  }
}

const FieldSpec* Schema::FindField(std::string_view path) const {
  for (const FieldSpec& field : fields_) {
    if (field.path == path) return &field;
  }
  return nullptr;
}

bool Schema::IsSection(std::string_view path) const {
  return std::any_of(sections_.begin(), sections_.end(), [&](const SectionSpec& section) { return section.path == path; });
}

std::vector<std::string> Schema::NamesIn(std::string_view prefix) const {
  std::vector<std::string> names;
  const auto add = [&](std::string_view path) {
    if (!prefix.empty()) {
      if (!path.starts_with(prefix) || path.size() <= prefix.size() || path[prefix.size()] != '.') return;
      path.remove_prefix(prefix.size() + 1);
    }
    const std::string name(path.substr(0, path.find('.')));
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  for (const FieldSpec& field : fields_) add(field.path);
  return names;
}

std::string ReadLog::Text() const {
  std::vector<Problem> sorted = problems;
  std::stable_sort(sorted.begin(), sorted.end(), [](const Problem& a, const Problem& b) {
    const bool a_file = a.origin.line > 0, b_file = b.origin.line > 0;
    if (a_file != b_file) return a_file;
    return std::pair(a.origin.line, a.origin.column) < std::pair(b.origin.line, b.origin.column);
  });
  std::string text;
  for (size_t i = 0; i < sorted.size(); ++i) {
    const Origin& origin = sorted[i].origin;
    if (i > 0) text += "\n";
    if (i == kMaxProblemsShown) return text + fmt::format("{} more problems", sorted.size() - i);
    text += origin.source;
    if (origin.line > 0) text += fmt::format(":{}:{}", origin.line, origin.column);
    text += ": " + sorted[i].text;
  }
  return text;
}

void ReadObject(const Schema& schema, const JsonNode& node, const std::string& source, const std::string& prefix, void* object,
                ReadLog* log) {
  Reader(source, true, log).ReadSection(schema, "", node, prefix, object);
}

void ReadAtPath(const Schema& schema, std::string_view path, const JsonNode& node, const std::string& source, void* object, ReadLog* log) {
  Reader(source, false, log).ReadPath(schema, path, node, "", object);
}

void ReadOverride(const Schema& schema, std::string_view assignment, void* object, ReadLog* log) {
  const std::string source = fmt::format("--set {}", assignment);
  const size_t equals = assignment.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return log->Add({source}, "an override is path=value, as in --set learner.lr=1e-6");
  }
  const std::string_view value = assignment.substr(equals + 1);
  JsonDocument document = ParseStrictJson(value, {.comments = false, .max_depth = kMaxOverrideDepth});
  if (!document.problems.empty()) {
    // Meant as JSON, then it has to be right; anything else is a string.
    if (value.starts_with('{') || value.starts_with('[') || value.starts_with('"')) {
      for (const JsonProblem& problem : document.problems) {
        log->Add({source}, fmt::format("column {} of the value: {}", problem.where.column, problem.text));
      }
      return;
    }
    document.root = JsonNode();
    document.root.kind = JsonNode::Kind::kString;
    document.root.text = value;
    if (ParseStrictJson(JsonQuote(value)).root.text != value) return log->Add({source}, "the value is not UTF-8");
  }
  ReadAtPath(schema, assignment.substr(0, equals), document.root, source, object, log);
}

}  // namespace hone
