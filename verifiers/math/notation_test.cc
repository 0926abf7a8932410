// Notations and near misses by the rule they belong to. Every table is one rule of the reference: rows that it makes equal, and rows that
// look as if it did.
#include <vector>

#include "gtest/gtest.h"
#include "verifiers/math/checker.h"

namespace hone::math {
namespace {

struct Row {
  const char *gold, *answer;
  bool equal;
};

void ExpectVerdicts(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    const CheckVerdict verdict = Check({row.gold}, {row.answer}, {}, true);
    EXPECT_NE(verdict.result, Result::kBadGold) << row.gold << ": " << verdict.reason;
    EXPECT_EQ(verdict.result == Result::kEqual, row.equal) << row.gold << " against " << row.answer << ": " << verdict.reason
                                                           << ", read as " << verdict.gold_form << " and " << verdict.answer_form;
    EXPECT_EQ(Check({row.gold}, {row.gold}, {}).result, Result::kEqual) << row.gold;
  }
}

TEST(MathNotationTest, PeriodsAreWrittenInManyWays) {
  ExpectVerdicts({{"\\frac16", "0.1\\overline6", true},
                  {"\\frac16", "0.1\\bar 6", true},
                  {"\\frac13", ".\\overline{3}", true},
                  {"\\frac16", "0.1666\\ldots", true},
                  {"\\frac{3}{11}", "0.2727...", true},
                  {"1", "0.999...", true},
                  {"\\frac{4}{11}", "0.36...", false},
                  {"\\frac16", "0.\\overline{16}", false},
                  {"0.333", "0.333...", false},
                  {"\\sqrt2", "1.41421356...", false}});
}

TEST(MathNotationTest, ARootOfDegreeZeroIsNoNumber) {
  ExpectVerdicts({{"2", "\\sqrt[0]{4}", false},
                  {"2", "\\sqrt[1-1]{4}", false},
                  {"x", "\\sqrt[x-x]{4}+x", false},
                  {"\\sqrt{x}", "\\sqrt[\\sqrt{3+2\\sqrt2}-1-\\sqrt2]{x}", false},
                  {"x", "\\sqrt[\\sin^2 y+\\cos^2 y-1]{x}", false},
                  {"2", "\\sqrt[3-1]{4}", true}});
}

TEST(MathNotationTest, TheLeftSideMayBeLeftOut) {
  ExpectVerdicts({{"5", "= 5", true},
                  {"x=5", "=5", true},
                  {"\\frac{1}{2}", "= \\frac{2}{4}", true},
                  {"x^2+1", "=1+x^2", true},
                  {"5", "=", false},
                  {"5", "= 6", false},
                  {"-5", "= 5", false},
                  {"5", "\\approx 5", true},
                  {"4.24", "\\approx 4.24", true},
                  {"5", "\\approx 5.1", false},
                  {"\\pi", "\\approx 3.14159", false},
                  {"5", "\\approx", false}});
}

TEST(MathNotationTest, ASpaceMacroAtTheEndIsASpace) {
  ExpectVerdicts({{"5", "5\\ ", true}, {"1,2", "1\\ , 2\\ ", true}, {"5", "\\ ", false}, {"5", "6\\ ", false}});
}

TEST(MathNotationTest, OverNeedsNoBracesOfItsOwn) {
  ExpectVerdicts({{"\\frac34", "3\\over4", true},
                  {"\\frac34", "{3\\over4}", true},
                  {"\\frac34", "4\\over3", false},
                  {"\\frac{a+1}{b}", "a+1\\over b", true},
                  {"10", "5\\choose2", true},
                  {"10", "5\\choose3", true},
                  {"10", "5\\choose", false},
                  {"3", "3\\over", false},
                  {"3", "3\\over 1\\over 1", false},
                  {"1", "1\\over 0", false}});
}

TEST(MathNotationTest, NumeralsOfOtherBases) {
  ExpectVerdicts({{"5", "5_{10}", true},
                  {"1010_{10}", "1010", true},
                  {"1010_2", "10_{10}", false},
                  {"5", "6_{10}", false},
                  {"2B3_{16}", "2B3_{16}", true},
                  {"2B3_{16}", "23B_{16}", false},
                  {"A1B_{12}", "AB1_{12}", false},
                  {"1011_2", "(1011)_2", true},
                  {"1011_2", "(1101)_2", false},
                  {"121_3", "121_{\\text{three}}", true},
                  {"121_3", "121_{\\text{four}}", false}});
}

TEST(MathNotationTest, UnitsAndMoney) {
  ExpectVerdicts({{"72\\text{ km/h}", "72\\,\\frac{\\text{km}}{\\text{h}}", true},
                  {"72\\text{ km/h}", "72\\frac{\\text{h}}{\\text{km}}", false},
                  {"5\\text{ ft}^2", "5\\text{ sq. ft.}", true},
                  {"2\\text{ h }5\\text{ min}", "2 h 5 min", true},
                  {"2\\text{ h }5\\text{ min}", "2.5 h", false},
                  {"20\\%", "20 per cent", true},
                  {"\\$7.50", "USD 7.50", true},
                  {"\\$7.50", "EUR 7.50", false},
                  {"\\$4", "4\\$", true},
                  {"€5", "5\\$", false},
                  {"5 USD", "\\$5", true},
                  {"20°C", "20^\\circ\\text{C}", true},
                  {"20°C", "20°F", false},
                  {"£20", "20\\text{ pounds}", true},
                  {"20\\text{ pounds}", "£20", true},
                  {"20\\text{ pounds}", "20\\text{ lbs}", true},
                  {"20\\text{ pounds}", "20\\text{ kg}", false}});
}

TEST(MathNotationTest, SumsAndMultiplesOfDegreesAreDegrees) {
  ExpectVerdicts({{"180^\\circ-2x", "180-2x", true},
                  {"180^\\circ-2x", "180^\\circ-2x^\\circ", true},
                  {"180^\\circ-2x", "90^\\circ-x", false},
                  {"135^\\circ", "90^\\circ+45^\\circ", true},
                  {"\\frac{180}{7}^\\circ", "\\frac{180^\\circ}{7}", true},
                  {"\\frac{180^\\circ}{7}", "\\frac{\\pi}{7}", false},
                  {"\\sin 60^\\circ", "\\sin 60", false},
                  {"40^\\circ", "m\\angle ABC=40^\\circ", true},
                  {"40^\\circ", "m\\angle ABC=50^\\circ", false}});
}

TEST(MathNotationTest, WhatStandsLeftOfAnEqualsSignIsAName) {
  ExpectVerdicts({{"12", "\\text{Area}=12", true},
                  {"12", "Total cost = 12", true},
                  {"\\text{Area}=12", "\\text{Volume}=12", false},
                  {"12", "\\text{not }=12", false},
                  {"1", "\\text{score}=1", false},
                  {"12", "AB=12", true},
                  {"12", "|AB|=12", true},
                  {"12", "[ABC]=12", true},
                  {"|AB|=12", "12", true},
                  {"AB=12", "AC=12", false},
                  {"\\frac14", "P(X=2)=\\frac14", true},
                  {"\\frac14", "P(A|B)=\\frac14", true},
                  {"P(A)=\\frac14", "P(B)=\\frac14", false},
                  {"P(A|B)", "P(B|A)", false},
                  {"f(2)=7", "7", true},
                  {"f(2)=7", "f(3)=7", false},
                  {"2x", "\\frac{dy}{dx}=2x", true},
                  {"3:2", "x:y=3:2", true},
                  {"3:2", "x:y=2:3", false},
                  {"12", "x+y=12", false}});
}

TEST(MathNotationTest, BoundVariablesMayBeRenamedAndFreeOnesNot) {
  ExpectVerdicts({{"f(x)=x^2", "f(t)=t^2", true},
                  {"f(x)=x^2", "f(t)=x^2", false},
                  {"f(x)=ax", "f(t)=at", true},
                  {"f(x)=2x+a", "f(a)=2a+x", false},
                  {"g(x,y)=xy^2", "g(y,x)=yx^2", true},
                  {"g(x,y)=xy^2", "g(y,x)=xy^2", false},
                  {"(x,y)=(2,3)", "(y,x)=(3,2)", true},
                  {"(x,y)=(2,3)", "(y,x)=(2,3)", false},
                  {"\\{2k\\mid k\\in\\mathbb{Z}\\}", "\\{2n\\mid n\\in\\mathbb{Z}\\}", true},
                  {"\\{2k\\mid k\\in\\mathbb{Z}\\}", "\\{2n\\mid n\\in\\mathbb{N}\\}", false},
                  {"\\{2k\\mid k\\in\\mathbb{Z}\\}", "\\{2k+1\\mid k\\in\\mathbb{Z}\\}", false},
                  {"x=2k\\pi, k\\in\\mathbb{Z}", "x=2n\\pi, n\\in\\mathbb{Z}", true},
                  {"x=2k\\pi, k\\in\\mathbb{Z}", "x=n\\pi, n\\in\\mathbb{Z}", false}});
}

TEST(MathNotationTest, TheProblemRepeatedBackIsNoAnswer) {
  ExpectVerdicts({{"x>2", "2x>4", false},
                  {"x>2", "x-2>0", false},
                  {"1<x<3", "2<2x<6", false},
                  {"2x+3y<6", "4x+6y<12", true},
                  {"x=3", "2x=6", false},
                  {"x=3", "x+5=8", false},
                  {"x=3", "x-3=0", true},
                  {"x=3", "x+3=0", false},
                  {"y=2x+1", "2y=4x+2", true},
                  {"1=1", "2=2", false}});
}

TEST(MathNotationTest, RelationsAndSetsByTheirNames) {
  ExpectVerdicts({{"A\\subset B", "A\\subseteq B", false},
                  {"A\\subset B", "A\\supset B", false},
                  {"l\\parallel m", "l\\perp m", false},
                  {"a\\mid b", "b\\mid a", false},
                  {"x\\in A", "x\\notin A", false},
                  {"A\\setminus B", "B\\setminus A", false},
                  {"A\\cup B\\cup C", "C\\cup B\\cup A", true},
                  {"(A\\cup B)\\cap C", "A\\cup(B\\cap C)", false},
                  {"p\\wedge q", "q\\wedge p", true},
                  {"p\\wedge q", "p\\vee q", false},
                  {"p\\wedge q", "p, q", false},
                  {"\\neg p", "p", false},
                  {"x\\ne3", "x\\not=3", true},
                  {"x\\ne\\pm1", "x\\ne1, x\\ne-1", true},
                  {"\\mathbb{R}\\setminus\\{1,2\\}", "x\\ne1,2", true},
                  {"x\\ne1,2", "x\\ne1", false},
                  {"\\mathbb{R}^+", "(0,\\infty)", true},
                  {"\\mathbb{R}^+", "[0,\\infty)", false},
                  {"\\mathbb{R}_{\\ge0}", "x\\ge0", true},
                  {"\\mathbb{Z}^+", "\\mathbb{Z}", false},
                  {"(-\\infty,2)\\cup(2,\\infty)", "(-\\infty, 2) U (2, \\infty)", true},
                  {"\\emptyset", "\\text{empty set}", true},
                  {"x=2", "\\{2\\}", true},
                  {"x=2", "\\{2,3\\}", false},
                  {"\\infty", "-(-\\infty)", true}});
}

TEST(MathNotationTest, CasesAndSystems) {
  const char* gold = "\\begin{cases}x^2 & \\text{if } x\\ge 0\\\\ -x & \\text{if } x<0\\end{cases}";
  ExpectVerdicts({{gold, "\\begin{cases}-x, & x<0\\\\ x^2, & 0\\le x\\end{cases}", true},
                  {gold, "\\begin{cases}x^2, & x>0\\\\ -x, & x<0\\end{cases}", false},
                  {gold, "\\begin{cases}-x, & x\\ge0\\\\ x^2, & x<0\\end{cases}", false},
                  {gold, "\\left\\{\\begin{array}{ll}x^2 & x\\ge0\\\\[4pt] -x & x<0\\end{array}\\right.", true},
                  {gold, "x^2", false},
                  {"\\begin{cases}1 & x=0\\\\ 0 & \\text{otherwise}\\end{cases}",
                   "\\begin{cases}1, & \\text{if } x=0,\\\\ 0, & \\text{otherwise.}\\end{cases}", true},
                  {"1", "\\begin{cases}1 & x=0\\\\ 0 & \\text{otherwise}\\end{cases}", false},
                  {"(2,1)", "\\begin{cases}x=2\\\\y=1\\end{cases}", true},
                  {"(2,1)", "\\begin{aligned}x&=1\\\\y&=2\\end{aligned}", false},
                  {"\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}", "[[1,2],[3,4]]", true},
                  {"\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}", "[[1,3],[2,4]]", false}});
}

TEST(MathNotationTest, PowersOfConstantsAndOfI) {
  ExpectVerdicts({{"e^{1/2}", "\\sqrt e", true},
                  {"e^{3/2}", "\\sqrt[3]{e^2}", false},
                  {"\\sqrt{\\pi^2}", "\\pi", true},
                  {"\\sqrt2^{\\sqrt2}", "2^{\\sqrt2/2}", true},
                  {"(4\\sqrt2)^x", "2^{5x/2}", true},
                  {"(4\\sqrt2)^x", "2^{3x}", false},
                  {"i^{2023}", "-i", true},
                  {"i^{2023}", "i", false},
                  {"(1+i)^{100}", "-2^{50}", true},
                  {"\\left(\\frac{-1+i\\sqrt3}{2}\\right)^{2023}", "\\frac{-1+i\\sqrt3}{2}", true},
                  {"\\left(\\frac{-1+i\\sqrt3}{2}\\right)^{2023}", "\\frac{-1-i\\sqrt3}{2}", false},
                  {"\\overline{3-i}", "3+i", true},
                  {"\\overline{z+w}", "z+w", false},
                  {"1+i\\sqrt3", "2\\operatorname{cis}60^\\circ", true},
                  {"1-i\\sqrt3", "2\\text{cis }60^\\circ", false}});
}

TEST(MathNotationTest, FunctionsOfArcsAndOfSeveralArguments) {
  ExpectVerdicts({{"3\\sin x+4\\cos x", "5\\sin(x+\\arctan\\frac43)", true},
                  {"3\\sin x+4\\cos x", "5\\sin(x+\\arctan\\frac34)", false},
                  {"\\cos(\\arccos x)", "x", true},
                  {"\\cos(2\\arcsin x)", "1-2x^2", true},
                  {"\\arccos(\\cos x)", "x", false},
                  {"\\max(x,y)", "\\max(y,x)", true},
                  {"\\max(x,y)", "\\min(x,y)", false},
                  {"15", "5!!", true},
                  {"5!!", "5!", false},
                  {"\\binom73", "C(7,3)", true},
                  {"\\binom73", "{}_7C_3", true},
                  {"\\binom73", "C(7,2)", false},
                  {"(7,3)", "C(7,3)", false}});
}

TEST(MathNotationTest, RunsOfLetters) {
  ExpectVerdicts({{"\\{HT,TH\\}", "\\{TH,HT\\}", true},
                  {"\\{HH,HT\\}", "\\{HH,TH\\}", false},
                  {"NO", "ON", false},
                  {"F=ma", "F=am", true},
                  {"v_0t+\\frac12at^2", "\\frac12at^2+v_0t", true},
                  {"ax+by=c", "by+ax=c", true},
                  {"Ax+B", "ax+b", false},
                  {"12", "12th", false},
                  {"a:b:c", "a:c:b", false},
                  {"\\frac{3}{4}", "frac{3}{4}", false},
                  {"dx", "\\mathrm{d}x", true},
                  {"x_1^2", "x^2_1", true}});
}

TEST(MathNotationTest, MomentsAndMarks) {
  ExpectVerdicts({{"\\text{March 14}", "14th of March", true},
                  {"\\text{March 14}", "15th of March", false},
                  {"2024-01-05", "January 5th, 2024", true},
                  {"2024-01-05", "2018", false},
                  {"12:00\\text{ p.m.}", "\\text{noon}", true},
                  {"12:00\\text{ a.m.}", "\\text{noon}", false},
                  {"A", "**A.** 5", true},
                  {"A", "**B.** 5", false},
                  {"C", "“C”", true},
                  {"10", "10\\ ", true},
                  {"\\sqrt[3]{5}", "³√5", true},
                  {"\\sqrt[3]{5}", "∛5", true},
                  {"x^2+5", "𝑥²+𝟓", true},
                  {"45^\\circ", "45˚", true}});
}

}  // namespace
}  // namespace hone::math
