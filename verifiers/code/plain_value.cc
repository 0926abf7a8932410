#include "verifiers/code/plain_value.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "absl/strings/numbers.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace hone {
namespace {
using Kind = PlainValue::Kind;
constexpr int kMaxJsonDepth = 200;

bool IsDecimal(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) return false;
  return text[0] != '0' || (text.size() == 1 && !negative);
}

char TagOf(Kind kind) {
  switch (kind) {
    case Kind::kList:
      return 'l';
    case Kind::kTuple:
      return 't';
    case Kind::kSet:
      return 'e';
    case Kind::kFrozenSet:
      return 'z';
    default:
      return 'd';
  }
}

std::string HexFloat(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return fmt::format("{:a}", value);
}

void Append(const PlainValue& value, std::string* out) {
  switch (value.kind) {
    case Kind::kNull:
      *out += 'N';
      return;
    case Kind::kBool:
      *out += value.boolean ? 'T' : 'F';
      return;
    case Kind::kInt:
      *out += 'i' + value.text + ';';
      return;
    case Kind::kFloat:
      *out += 'f' + HexFloat(value.number) + ';';
      return;
    case Kind::kHandle:
      *out += 'h' + value.text + ';';
      return;
    case Kind::kText:
    case Kind::kBytes:
      *out += fmt::format("{}{}:", value.is(Kind::kText) ? 's' : 'b', value.text.size());
      *out += value.text;
      return;
    default:
      *out += fmt::format("{}{}:", TagOf(value.kind), value.is(Kind::kDict) ? value.items.size() / 2 : value.items.size());
      for (const PlainValue& item : value.items) Append(item, out);
  }
}

// UTF-8 in its shortest form up to U+10FFFF; surrogates are allowed, since Python's strings may hold lone ones.
bool IsLooseUtf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const int length = lead < 0x80                   ? 1
                       : lead >= 0xc2 && lead < 0xe0 ? 2
                       : lead >= 0xe0 && lead < 0xf0 ? 3
                       : lead >= 0xf0 && lead < 0xf5 ? 4
                                                     : 0;
    if (length == 0 || i + length > text.size()) return false;
    for (int k = 1; k < length; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xc0) != 0x80) return false;
    }
    const auto second = length > 1 ? static_cast<unsigned char>(text[i + 1]) : 0;
    if ((lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f)) return false;
    i += length;
  }
  return true;
}

class Decoder {
 public:
  Decoder(std::string_view bytes, const PlainLimits& limits) : bytes_(bytes), limits_(limits) {}

  absl::StatusOr<PlainValue> Whole() {
    PlainValue value;
    HONE_RETURN_IF_ERROR(Read(0, &value));
    if (at_ != bytes_.size()) return Bad("more bytes than one value");
    return value;
  }

 private:
  absl::Status Bad(std::string_view what) const { return absl::InvalidArgumentError(fmt::format("plain data, byte {}: {}", at_, what)); }

  absl::StatusOr<std::string_view> Until(char end, size_t max_bytes) {
    const size_t stop = bytes_.substr(at_, max_bytes + 1).find(end);
    if (stop == std::string_view::npos) return Bad(fmt::format("no '{}' within {} bytes", end, max_bytes));
    const std::string_view text = bytes_.substr(at_, stop);
    at_ += stop + 1;
    return text;
  }

  absl::StatusOr<size_t> Count() {
    HONE_ASSIGN_OR_RETURN(const std::string_view digits, Until(':', 10));
    if (!IsDecimal(digits) || digits[0] == '-') return Bad("a count is not a whole number");
    size_t count = 0;
    for (char c : digits) count = count * 10 + (c - '0');
    if (count > bytes_.size() - at_) return Bad(fmt::format("a count of {} with {} bytes left", count, bytes_.size() - at_));
    return count;
  }

  absl::Status Read(int depth, PlainValue* value) {
    if (depth > limits_.max_depth) return Bad(fmt::format("deeper than {} levels", limits_.max_depth));
    if (++values_ > limits_.max_values) return Bad(fmt::format("more than {} values", limits_.max_values));
    if (at_ >= bytes_.size()) return Bad("the end came early");
    switch (bytes_[at_++]) {
      case 'N':
        return absl::OkStatus();
      case 'T':
      case 'F':
        *value = PlainValue::Bool(bytes_[at_ - 1] == 'T');
        return absl::OkStatus();
      case 'i': {
        HONE_ASSIGN_OR_RETURN(const std::string_view digits, Until(';', limits_.max_int_digits + 1));
        if (!IsDecimal(digits)) return Bad("not a whole number");
        *value = {.kind = Kind::kInt, .text = std::string(digits)};
        return absl::OkStatus();
      }
      case 'f':
        return ReadFloat(value);
      case 'h': {
        HONE_ASSIGN_OR_RETURN(const std::string_view digits, Until(';', 12));
        if (!limits_.handles) return Bad("a handle is not allowed here");
        if (!IsDecimal(digits)) return Bad("not a handle");
        *value = {.kind = Kind::kHandle, .text = std::string(digits)};
        return absl::OkStatus();
      }
      case 's':
      case 'b': {
        const bool text = bytes_[at_ - 1] == 's';
        HONE_ASSIGN_OR_RETURN(const size_t size, Count());
        const std::string_view content = bytes_.substr(at_, size);
        if (text && !IsLooseUtf8(content)) return Bad("a text is not UTF-8");
        at_ += size;
        *value = {.kind = text ? Kind::kText : Kind::kBytes, .text = std::string(content)};
        return absl::OkStatus();
      }
      case 'l':
        return ReadItems(Kind::kList, depth, value);
      case 't':
        return ReadItems(Kind::kTuple, depth, value);
      case 'e':
        return ReadItems(Kind::kSet, depth, value);
      case 'z':
        return ReadItems(Kind::kFrozenSet, depth, value);
      case 'd':
        return ReadItems(Kind::kDict, depth, value);
      default:
        --at_;
        return Bad("an unknown tag");
    }
  }

  absl::Status ReadFloat(PlainValue* value) {
    HONE_ASSIGN_OR_RETURN(const std::string_view digits, Until(';', 64));
    const std::string text(digits);
    char* end = nullptr;
    value->kind = Kind::kFloat;
    value->number = std::strtod(text.c_str(), &end);
    if (text.empty() || *end != '\0' || end != text.c_str() + text.size() || text.find_first_of(" \t\n\v\f\r(") != std::string::npos)
      return Bad("not a float");
    return absl::OkStatus();
  }

  // Whether Python would take the value as a key or into a set.
  static bool IsKey(const PlainValue& value) {
    if (value.is(Kind::kTuple)) return std::all_of(value.items.begin(), value.items.end(), IsKey);
    return !value.is(Kind::kList) && !value.is(Kind::kSet) && !value.is(Kind::kDict);
  }

  absl::Status ReadItems(Kind kind, int depth, PlainValue* value) {
    HONE_ASSIGN_OR_RETURN(const size_t count, Count());
    value->kind = kind;
    const size_t items = kind == Kind::kDict ? 2 * count : count;
    const bool set = kind == Kind::kSet || kind == Kind::kFrozenSet;
    for (size_t i = 0; i < items; ++i) {
      HONE_RETURN_IF_ERROR(Read(depth + 1, &value->items.emplace_back()));
      if ((set || (kind == Kind::kDict && i % 2 == 0)) && !IsKey(value->items.back())) return Bad("a key that cannot be one");
    }
    return absl::OkStatus();
  }

  const std::string_view bytes_;
  const PlainLimits& limits_;
  size_t at_ = 0;
  int64_t values_ = 0;
};

// nlohmann turns whole numbers of more than 64 bits into floats; its SAX interface still has their text.
class JsonReader : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return Put({}); }
  bool boolean(bool value) override { return Put(PlainValue::Bool(value)); }
  bool number_integer(number_integer_t value) override { return Put(PlainValue::Int(value)); }
  bool number_unsigned(number_unsigned_t value) override { return Put({.kind = Kind::kInt, .text = std::to_string(value)}); }
  bool number_float(number_float_t value, const string_t& text) override {
    return Put(IsDecimal(text) ? PlainValue{.kind = Kind::kInt, .text = text} : PlainValue::Float(value));
  }
  bool string(string_t& text) override { return Put({.kind = Kind::kText, .text = std::move(text)}); }
  bool binary(binary_t&) override { return Fail("binary"); }
  bool start_object(size_t) override { return Push(Kind::kDict); }
  bool key(string_t& text) override { return Put({.kind = Kind::kText, .text = std::move(text)}); }
  bool end_object() override { return Pop(); }
  bool start_array(size_t) override { return Push(Kind::kList); }
  bool end_array() override { return Pop(); }
  bool parse_error(size_t position, const std::string&, const nlohmann::detail::exception& error) override {
    // A number beyond a double's range is refused with a code of its own.
    return Fail(fmt::format("{} at byte {}", error.id == 406 ? "a number out of range" : "not valid JSON", position));
  }

  absl::StatusOr<PlainValue> Result() {
    if (!problem_.empty()) return absl::InvalidArgumentError(problem_);
    return std::move(result_);
  }

 private:
  bool Fail(std::string why) {
    problem_ = std::move(why);
    return false;
  }
  bool Put(PlainValue value) {
    if (open_.empty()) {
      result_ = std::move(value);
    } else {
      open_.back().items.push_back(std::move(value));
    }
    return true;
  }
  bool Push(Kind kind) {
    if (open_.size() >= kMaxJsonDepth) return Fail(fmt::format("JSON deeper than {} levels", kMaxJsonDepth));
    open_.push_back({.kind = kind});
    return true;
  }
  bool Pop() {
    PlainValue done = std::move(open_.back());
    open_.pop_back();
    return Put(std::move(done));
  }

  std::vector<PlainValue> open_;
  PlainValue result_;
  std::string problem_;
};

void Show(const PlainValue& value, size_t max_bytes, std::string* out) {
  if (out->size() > max_bytes) return;
  switch (value.kind) {
    case Kind::kNull:
      *out += "None";
      return;
    case Kind::kBool:
      *out += value.boolean ? "True" : "False";
      return;
    case Kind::kInt:
      *out += std::string_view(value.text).substr(0, max_bytes + 1);
      return;
    case Kind::kFloat:
      *out += fmt::format("{}", value.number);
      return;
    case Kind::kHandle:
      *out += "<iterator>";
      return;
    case Kind::kText:
    case Kind::kBytes:
      *out += nlohmann::json(value.text.substr(0, max_bytes + 1)).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
      return;
    default:
      break;
  }
  const bool dict = value.is(Kind::kDict);
  *out += value.is(Kind::kList) ? "[" : value.is(Kind::kTuple) ? "(" : value.is(Kind::kFrozenSet) ? "frozenset({" : "{";
  for (size_t i = 0; i < value.items.size() && out->size() <= max_bytes; ++i) {
    if (i > 0) *out += dict && i % 2 == 1 ? ": " : ", ";
    Show(value.items[i], max_bytes, out);
  }
  *out += value.is(Kind::kList) ? "]" : value.is(Kind::kTuple) ? ")" : value.is(Kind::kFrozenSet) ? "})" : "}";
}

// The whole number that a float is, in decimal; empty when it is none.
std::string WholeDigits(double value) {
  if (!std::isfinite(value) || value != std::floor(value)) return {};
  return value == 0 ? "0" : fmt::format("{:.0f}", value);
}

double ToDouble(const PlainValue& value) {
  return value.is(Kind::kFloat) ? value.number : std::strtod(value.text.c_str(), nullptr);
}

bool SameNumber(const PlainValue& want, const PlainValue& got, const PlainTolerance& tolerance) {
  if (want.is(Kind::kInt) && got.is(Kind::kInt)) return want.text == got.text;
  const double a = ToDouble(want), b = ToDouble(got);
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  const bool same = want.kind == got.kind ? a == b : WholeDigits(want.is(Kind::kFloat) ? a : b) == (want.is(Kind::kInt) ? want : got).text;
  if (same || !std::isfinite(a) || !std::isfinite(b)) return same;
  return std::abs(a - b) <= std::max(tolerance.abs, tolerance.rel * std::abs(a)) && (tolerance.abs > 0 || tolerance.rel > 0);
}

// Each wanted element has its own partner. Elements are plain and small in number, or equal as bytes and sorted away first.
bool SameElements(const PlainValue& want, const PlainValue& got, size_t stride, const PlainTolerance& tolerance, bool json) {
  auto entry = [&](const PlainValue& value, size_t i) {
    std::string bytes;
    for (size_t k = 0; k < stride; ++k) Append(value.items[i + k], &bytes);
    return bytes;
  };
  std::vector<std::pair<std::string, size_t>> left, right;
  for (size_t i = 0; i < want.items.size(); i += stride) left.emplace_back(entry(want, i), i);
  for (size_t i = 0; i < got.items.size(); i += stride) right.emplace_back(entry(got, i), i);
  if (left.size() != right.size()) return false;
  std::sort(left.begin(), left.end());
  std::sort(right.begin(), right.end());
  // What is equal byte for byte pairs up at once; the rest is few unless the value is wrong.
  std::vector<size_t> rest_left, rest_right;
  size_t i = 0, k = 0;
  while (i < left.size() || k < right.size()) {
    if (k == right.size() || (i < left.size() && left[i].first < right[k].first)) {
      rest_left.push_back(left[i++].second);
    } else if (i == left.size() || right[k].first < left[i].first) {
      rest_right.push_back(right[k++].second);
    } else {
      ++i, ++k;
    }
  }
  constexpr size_t kMaxRest = 1000;
  if (rest_left.size() > kMaxRest) return false;
  for (size_t l : rest_left) {
    auto partner = std::find_if(rest_right.begin(), rest_right.end(), [&](size_t r) {
      for (size_t part = 0; part < stride; ++part) {
        const PlainValue& wanted = want.items[l + part];
        const PlainValue& found = got.items[r + part];
        const bool spelt_key =
            json && stride == 2 && part == 0 && wanted.is(Kind::kText) && found.is(Kind::kInt) && wanted.text == found.text;
        if (!spelt_key && !MatchesPlain(wanted, found, tolerance, json)) return false;
      }
      return true;
    });
    if (partner == rest_right.end()) return false;
    rest_right.erase(partner);
  }
  return true;
}

}  // namespace

const PlainValue* PlainValue::Find(std::string_view key) const {
  if (!is(Kind::kDict)) return nullptr;
  for (size_t i = items.size(); i >= 2; i -= 2) {
    if (items[i - 2].is(Kind::kText) && items[i - 2].text == key) return &items[i - 1];
  }
  return nullptr;
}

const char* Name(PlainValue::Kind kind) {
  constexpr const char* kNames[] = {"null", "bool",  "int", "float",     "text", "bytes",
                                    "list", "tuple", "set", "frozenset", "dict", "iterator"};
  return kNames[static_cast<int>(kind)];
}

std::string Encode(const PlainValue& value) {
  std::string bytes;
  Append(value, &bytes);
  return bytes;
}

absl::StatusOr<PlainValue> DecodePlain(std::string_view bytes, const PlainLimits& limits) {
  return Decoder(bytes, limits).Whole();
}

absl::StatusOr<PlainValue> PlainFromJson(std::string_view json) {
  JsonReader reader;
  nlohmann::json::sax_parse(json.begin(), json.end(), &reader);
  return reader.Result();
}

absl::StatusOr<PlainValue> FromSpelling(const PlainValue& value) {
  PlainValue result = value;
  result.items.clear();
  if (value.is(Kind::kDict) && value.items.size() == 2 && value.items[0].is(Kind::kText) && value.items[0].text.starts_with('$')) {
    const std::string& name = value.items[0].text;
    const PlainValue& content = value.items[1];
    if (name == "$float" && content.is(Kind::kText) && (content.text == "nan" || content.text == "inf" || content.text == "-inf"))
      return PlainValue::Float(std::strtod(content.text.c_str(), nullptr));
    const bool pairs = name == "$dict";
    if ((pairs || name == "$tuple" || name == "$set" || name == "$frozenset") && content.is(Kind::kList)) {
      result.kind = pairs ? Kind::kDict : name == "$tuple" ? Kind::kTuple : name == "$set" ? Kind::kSet : Kind::kFrozenSet;
      for (const PlainValue& item : content.items) {
        HONE_ASSIGN_OR_RETURN(PlainValue part, FromSpelling(item));
        if (!pairs) {
          result.items.push_back(std::move(part));
        } else if (part.is(Kind::kList) && part.items.size() == 2) {
          std::move(part.items.begin(), part.items.end(), std::back_inserter(result.items));
        } else {
          return absl::InvalidArgumentError("{\"$dict\": ..} holds pairs [key, value]");
        }
      }
      return result;
    }
    return absl::InvalidArgumentError(fmt::format("unknown spelling {}", Shown(value)));
  }
  for (const PlainValue& item : value.items) {
    HONE_ASSIGN_OR_RETURN(result.items.emplace_back(), FromSpelling(item));
  }
  return result;
}

std::string Shown(const PlainValue& value, size_t max_bytes) {
  std::string text;
  Show(value, max_bytes, &text);
  if (text.size() > max_bytes) text = text.substr(0, max_bytes) + "...";
  return text;
}

bool MatchesPlain(const PlainValue& want, const PlainValue& got, const PlainTolerance& tolerance, bool json) {
  const bool numbers = (want.is(Kind::kInt) || want.is(Kind::kFloat)) && (got.is(Kind::kInt) || got.is(Kind::kFloat));
  if (numbers) return SameNumber(want, got, tolerance);
  if (want.kind != got.kind && !(json && want.is(Kind::kList) && got.is(Kind::kTuple))) return false;
  switch (want.kind) {
    case Kind::kNull:
      return true;
    case Kind::kBool:
      return want.boolean == got.boolean;
    case Kind::kText:
    case Kind::kBytes:
      return want.text == got.text;
    case Kind::kSet:
    case Kind::kFrozenSet:
      return SameElements(want, got, 1, tolerance, json);
    case Kind::kDict:
      return SameElements(want, got, 2, tolerance, json);
    case Kind::kList:
    case Kind::kTuple:
      if (want.items.size() != got.items.size()) return false;
      for (size_t i = 0; i < want.items.size(); ++i) {
        if (!MatchesPlain(want.items[i], got.items[i], tolerance, json)) return false;
      }
      return true;
    default:
      return false;  // a handle equals nothing
  }
}

}  // namespace hone
