#pragma once
// Strings as Python has them, on UTF-8: positions and lengths count code points. A byte that belongs to no well-formed sequence counts as
// one code point and is copied as it is, so that no input is refused or read past its end.
//
// Source: the Python 3 documentation of str and float; Unicode properties from utf8proc.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hone::jinja {

// The code point at `pos`, which moves past it. A stray byte b gives 0xDC00 + b (a lone surrogate, which no valid text holds).
char32_t DecodeUtf8(std::string_view text, size_t& pos);
void AppendUtf8(std::string& out, char32_t code_point);
bool IsAscii(std::string_view text);
size_t CountCodePoints(std::string_view text);
// One string per code point.
std::vector<std::string_view> SplitCodePoints(std::string_view text);

bool IsSpace(char32_t c);      // str.isspace
bool IsPrintable(char32_t c);  // what repr does not escape
bool IsWordChar(char32_t c);   // \w of Python's re: letters, digits, underscore

// Any of `chars`, or white space when it is absent, off the chosen ends.
std::string_view Strip(std::string_view text, std::optional<std::string_view> chars, bool left, bool right);

// str.split and str.rsplit; max_splits < 0 means all. An absent separator splits at runs of white space. `separator` must not be empty.
std::vector<std::string_view> Split(std::string_view text, std::optional<std::string_view> separator, int64_t max_splits, bool from_right);
std::vector<std::string_view> SplitLines(std::string_view text, bool keep_ends);
// count < 0 means all.
std::string Replace(std::string_view text, std::string_view from, std::string_view to, int64_t count);
// Non-overlapping occurrences.
int64_t CountOccurrences(std::string_view text, std::string_view part);

std::string ToUpper(std::string_view text);
std::string ToLower(std::string_view text);
std::string ToTitle(std::string_view text);     // str.title
std::string Capitalize(std::string_view text);  // str.capitalize
std::string SwapCase(std::string_view text);

// str.isalpha and its sisters, by name ("isalpha", "isdigit", ...); false for names it does not know.
bool HasProperty(std::string_view text, std::string_view method);

std::string Repr(std::string_view text);
std::string FloatRepr(double value);
// value rounded to `digits` decimals as Python's round(value, digits).
double RoundTo(double value, int64_t digits);

// int(text, base) and float(text); nothing when Python would raise ValueError or the number does not fit in 64 bits.
std::optional<int64_t> ParseInt(std::string_view text, int64_t base);
std::optional<double> ParseFloat(std::string_view text);

// text with the characters & < > ' " as HTML entities.
std::string EscapeHtml(std::string_view text);
// A JSON string literal as json.dumps writes it.
std::string JsonQuote(std::string_view text, bool ensure_ascii);

}  // namespace hone::jinja
