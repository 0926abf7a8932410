#include "verifiers/math/fold.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

namespace hone::math {
namespace {

struct Spelling {
  uint32_t code;
  const char* text;
};
// Sorted by code point.
constexpr Spelling kSpellings[] = {
    {0xA0, " "},
    {0xA2, "\\text{cents}"},
    {0xA3, "\\pounds "},
    {0xA5, "\\yen "},
    {0xAC, "\\neg "},
    {0xB0, "^{\\circ}"},
    {0xB1, "\\pm "},
    {0xB5, "\\mu "},
    {0xB7, "\\cdot "},
    {0xBA, "^{\\circ}"},
    {0xBC, "\\frac{1}{4}"},
    {0xBD, "\\frac{1}{2}"},
    {0xBE, "\\frac{3}{4}"},
    {0xD7, "\\times "},
    {0xF7, "\\div "},
    {0x2DA, "^{\\circ}"},
    {0x1680, " "},
    {0x2010, "-"},
    {0x2011, "-"},
    {0x2012, "-"},
    {0x2013, "-"},
    {0x2016, "|"},
    {0x2018, "'"},
    {0x2019, "'"},
    {0x201C, "\""},
    {0x201D, "\""},
    {0x2022, "\\cdot "},
    {0x2026, "\\ldots "},
    {0x2028, " "},
    {0x2029, " "},
    {0x202F, " "},
    {0x2032, "'"},
    {0x2033, "''"},
    {0x2044, "/"},
    {0x205F, " "},
    {0x20AC, "\\euro "},
    {0x20B9, "\\rupee "},
    {0x2102, "\\mathbb{C}"},
    {0x210E, "h"},
    {0x2113, "\\ell "},
    {0x2115, "\\mathbb{N}"},
    {0x211A, "\\mathbb{Q}"},
    {0x211D, "\\mathbb{R}"},
    {0x2124, "\\mathbb{Z}"},
    {0x2126, "\\Omega "},
    {0x212F, "e"},
    {0x2147, "e"},
    {0x2148, "i"},
    {0x2150, "\\frac{1}{7}"},
    {0x2151, "\\frac{1}{9}"},
    {0x2152, "\\frac{1}{10}"},
    {0x2153, "\\frac{1}{3}"},
    {0x2154, "\\frac{2}{3}"},
    {0x2155, "\\frac{1}{5}"},
    {0x2156, "\\frac{2}{5}"},
    {0x2157, "\\frac{3}{5}"},
    {0x2158, "\\frac{4}{5}"},
    {0x2159, "\\frac{1}{6}"},
    {0x215A, "\\frac{5}{6}"},
    {0x215B, "\\frac{1}{8}"},
    {0x215C, "\\frac{3}{8}"},
    {0x215D, "\\frac{5}{8}"},
    {0x215E, "\\frac{7}{8}"},
    {0x2190, "\\leftarrow "},
    {0x2192, "\\to "},
    {0x21D2, "\\Rightarrow "},
    {0x21D4, "\\Leftrightarrow "},
    {0x2200, "\\forall "},
    {0x2202, "\\partial "},
    {0x2203, "\\exists "},
    {0x2205, "\\emptyset "},
    {0x2207, "\\nabla "},
    {0x2208, "\\in "},
    {0x2209, "\\notin "},
    {0x220F, "\\prod "},
    {0x2211, "\\sum "},
    {0x2212, "-"},
    {0x2213, "\\mp "},
    {0x2215, "/"},
    {0x2216, "\\setminus "},
    {0x2217, "*"},
    {0x2218, "\\circ "},
    {0x2219, "\\cdot "},
    {0x221A, "\\surd "},
    {0x221B, "\\cbrt "},
    {0x221C, "\\fourthroot "},
    {0x221D, "\\propto "},
    {0x221E, "\\infty "},
    {0x2220, "\\angle "},
    {0x2223, "|"},
    {0x2225, "\\parallel "},
    {0x2227, "\\wedge "},
    {0x2228, "\\vee "},
    {0x2229, "\\cap "},
    {0x222A, "\\cup "},
    {0x222B, "\\int "},
    {0x2234, "\\therefore "},
    {0x2236, ":"},
    {0x223C, "\\sim "},
    {0x2245, "\\cong "},
    {0x2248, "\\approx "},
    {0x2260, "\\ne "},
    {0x2261, "\\equiv "},
    {0x2264, "\\le "},
    {0x2265, "\\ge "},
    {0x2266, "\\le "},
    {0x2267, "\\ge "},
    {0x2282, "\\subset "},
    {0x2283, "\\supset "},
    {0x2286, "\\subseteq "},
    {0x2287, "\\supseteq "},
    {0x22A5, "\\perp "},
    {0x22C2, "\\cap "},
    {0x22C3, "\\cup "},
    {0x22C5, "\\cdot "},
    {0x22EF, "\\cdots "},
    {0x2308, "\\lceil "},
    {0x2309, "\\rceil "},
    {0x230A, "\\lfloor "},
    {0x230B, "\\rfloor "},
    {0x25B3, "\\triangle "},
    {0x27E8, "\\langle "},
    {0x27E9, "\\rangle "},
    {0x27F6, "\\to "},
    {0x2A7D, "\\le "},
    {0x2A7E, "\\ge "},
    {0x3000, " "},
    {0x3001, ","},
    {0x3002, "."},
};

constexpr const char* kGreekLower[] = {"alpha", "beta",   "gamma",   "delta", "epsilon", "zeta",    "eta",  "theta", "iota",
                                       "kappa", "lambda", "mu",      "nu",    "xi",      "omicron", "pi",   "rho",   "sigma",
                                       "sigma", "tau",    "upsilon", "phi",   "chi",     "psi",     "omega"};
constexpr const char* kGreekUpper[] = {"Alpha", "Beta",   "Gamma",   "Delta", "Epsilon", "Zeta",    "Eta",  "Theta", "Iota",
                                       "Kappa", "Lambda", "Mu",      "Nu",    "Xi",      "Omicron", "Pi",   "Rho",   nullptr,
                                       "Sigma", "Tau",    "Upsilon", "Phi",   "Chi",     "Psi",     "Omega"};

// The character that a superscript or subscript stands for, 0 when it is neither.
char SuperscriptOf(uint32_t c) {
  if (c == 0xB2) return '2';
  if (c == 0xB3) return '3';
  if (c == 0xB9) return '1';
  if (c == 0x2070) return '0';
  if (c == 0x2071) return 'i';
  if (c == 0x207F) return 'n';
  if (c == 0x02E3) return 'x';
  if (c >= 0x2074 && c <= 0x207E) return "456789+-=()"[c - 0x2074];
  return 0;
}
char SubscriptOf(uint32_t c) {
  if (c >= 0x2080 && c <= 0x208E) return "0123456789+-=()"[c - 0x2080];
  if (c >= 0x2090 && c <= 0x209C) return "aeoxehklmnpst"[c - 0x2090];
  if (c == 0x1D62) return 'i';
  return 0;
}

// The letter or digit that a code point of the block of mathematical alphabets stands for; any other as it is.
uint32_t PlainOf(uint32_t c) {
  constexpr uint32_t kLetters = 0x1D400, kGreek = 0x1D6A4, kDigits = 0x1D7CE, kEnd = 0x1D800;
  if (c >= kLetters && c < kGreek) {
    const uint32_t letter = (c - kLetters) % 52;
    return letter < 26 ? 'A' + letter : 'a' + letter - 26;
  }
  if (c >= kDigits && c < kEnd) return '0' + (c - kDigits) % 10;
  return c;
}

// The code point at text[*i], which moves past it; false when the bytes are not UTF-8.
bool Decode(std::string_view text, size_t* i, uint32_t* code) {
  const auto byte = [&](size_t k) { return static_cast<uint8_t>(text[k]); };
  const uint8_t first = byte(*i);
  if (first < 0x80) {
    *code = first;
    ++*i;
    return true;
  }
  const int extra = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
  if (first < 0xC2 || first > 0xF4 || *i + extra >= text.size()) return false;
  uint32_t value = first & (0x3F >> extra);
  for (int k = 1; k <= extra; ++k) {
    if ((byte(*i + k) & 0xC0) != 0x80) return false;
    value = value << 6 | (byte(*i + k) & 0x3F);
  }
  constexpr uint32_t kSmallest[] = {0, 0x80, 0x800, 0x10000};
  if (value < kSmallest[extra] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return false;
  *code = value;
  *i += extra + 1;
  return true;
}

class Folder {
 public:
  explicit Folder(std::string* out) : out_(*out) {}

  bool Add(uint32_t c) {
    c = PlainOf(c);
    if (c == 0x221A && script_ == '^' && index_begin_ != std::string::npos) {
      // A superscript with nothing to stand on, and a root sign: the index of the root.
      const std::string index = out_.substr(index_begin_ + 2);
      out_.resize(index_begin_);
      out_ += index == "3" ? "\\cbrt " : index == "4" ? "\\fourthroot " : "\\unknownroot ";
      script_ = 0;
      return true;
    }
    if (const char digit = SuperscriptOf(c); digit != 0) {
      Script('^', digit);
      return true;
    }
    if (const char digit = SubscriptOf(c); digit != 0) {
      Script('_', digit);
      return true;
    }
    CloseScript();
    if (c >= 0xFF01 && c <= 0xFF5E) c -= 0xFEE0;
    if (c < 0x80) {
      if (c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f') c = ' ';
      if (c < 0x20 || c == 0x7F) return false;
      out_ += static_cast<char>(c);
      return true;
    }
    if ((c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || (c >= 0x80 && c < 0xA0)) return false;
    if ((c >= 0x200B && c <= 0x200F) || (c >= 0x2060 && c <= 0x2064) || c == 0xFEFF || c == 0xAD || (c >= 0xFE00 && c <= 0xFE0F))
      return true;
    if (c >= 0x2000 && c <= 0x200A) {
      out_ += ' ';
      return true;
    }
    if (c >= 0x3B1 && c <= 0x3C9) return Macro(kGreekLower[c - 0x3B1]);
    if (c >= 0x391 && c <= 0x3A9 && c != 0x3A2) return Macro(kGreekUpper[c - 0x391]);
    if (c == 0x3D5) return Macro("phi");
    if (c == 0x3D1) return Macro("theta");
    const auto* found = std::lower_bound(std::begin(kSpellings), std::end(kSpellings), c,
                                         [](const Spelling& spelling, uint32_t code) { return spelling.code < code; });
    if (found != std::end(kSpellings) && found->code == c) {
      out_ += found->text;
      return true;
    }
    Encode(c);
    return true;
  }
  void CloseScript() {
    if (script_ != 0) out_ += '}';
    script_ = 0;
  }

 private:
  void Script(char kind, char digit) {
    if (script_ != kind) {
      CloseScript();
      const bool alone = out_.empty() || std::string_view(" +-*/=(,{").find(out_.back()) != std::string_view::npos;
      index_begin_ = alone ? out_.size() : std::string::npos;
      out_ += kind;
      out_ += '{';
      script_ = kind;
    }
    out_ += digit;
  }
  bool Macro(const char* name) {
    out_ += '\\';
    out_ += name;
    out_ += ' ';
    return true;
  }
  void Encode(uint32_t c) {
    if (c >= 0x10000) {
      out_ += static_cast<char>(0xF0 | c >> 18);
      out_ += static_cast<char>(0x80 | (c >> 12 & 0x3F));
    } else if (c >= 0x800) {
      out_ += static_cast<char>(0xE0 | c >> 12);
    } else {
      out_ += static_cast<char>(0xC0 | c >> 6);
    }
    if (c >= 0x800) out_ += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out_ += static_cast<char>(0x80 | (c & 0x3F));
  }

  std::string& out_;
  char script_ = 0;
  size_t index_begin_ = std::string::npos;  // where the open superscript began, when nothing stood in front of it
};

}  // namespace

bool Fold(std::string_view text, std::string* folded) {
  folded->clear();
  folded->reserve(text.size() + 16);
  Folder folder(folded);
  for (size_t i = 0; i < text.size();) {
    uint32_t code = 0;
    if (!Decode(text, &i, &code) || !folder.Add(code)) return false;
  }
  folder.CloseScript();
  return true;
}

}  // namespace hone::math
