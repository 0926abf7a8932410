#include "verifiers/math/policy.h"

#include "arf.h"
#include "fmt/format.h"
#include "lib/data/params.h"
#include "verifiers/math/units.h"

namespace hone::math {
namespace {

// The place of the chosen word among `choices`.
template <class Enum>
Enum Choose(Params& params, std::string_view name, std::initializer_list<std::string_view> choices, std::string_view help) {
  const std::string chosen = params.Choice(name, *choices.begin(), choices, help);
  int index = 0;
  for (const std::string_view choice : choices) {
    if (choice == chosen) return static_cast<Enum>(index);
    ++index;
  }
  return Enum{};
}

}  // namespace

Policy ReadPolicy(Params& params) {
  Policy policy;
  policy.tolerance = Choose<Policy::Tolerance>(params, "tolerance", {"none", "abs", "rel", "from_gold_digits", "float64"},
                                               "how far the answer may lie from the gold answer: abs and rel by `slack`; from_gold_digits: "
                                               "it rounds to the decimals shown in the gold answer; "
                                               "float64: the nearest double. Whole numbers get no slack from rel");
  const double slack = params.Number("slack", 0, 0, 1e100, "of tolerance abs and rel");
  if ((policy.tolerance == Policy::Tolerance::kAbsolute || policy.tolerance == Policy::Tolerance::kRelative) && slack == 0) {
    params.Problem("tolerance abs and rel need a slack above 0");
  }
  arf_t exact;
  arf_init(exact);
  arf_set_d(exact, slack);
  arf_get_fmpq(policy.slack.raw(), exact);
  arf_clear(exact);
  policy.percent = Choose<Policy::Percent>(params, "percent", {"must_match", "missing_ok", "scale_ok"},
                                           "50% is only 50%; missing_ok: also 50; scale_ok: also 50 and 0.5");
  policy.unit_may_be_missing = params.Bool("unit_may_be_missing", true, "5 answers 5 km");
  policy.convert_units = params.Bool("convert_units", true, "1000 m is 1 km");
  policy.currency_may_be_missing = params.Bool("currency_may_be_missing", true, "5 answers $5");
  policy.convert_degrees = params.Bool("convert_degrees", false, "180 degrees is pi radians");
  policy.form = Choose<Policy::Form>(
      params, "form", {"value", "reduced", "simplified", "exact_form", "factored"},
      "what the answer must look like beside being right: reduced fractions; nothing left to compute; no decimals; factored");
  policy.ordered_lists = params.Bool("ordered_lists", false, "1, 2 is not 2, 1");
  policy.variables = Choose<Policy::Variables>(params, "variables", {"real", "positive", "integer", "complex"}, "what variables stand for");
  policy.base_may_be_dropped = params.Bool("base_may_be_dropped", false, "1011 answers 1011_2");
  policy.ratios_scale = params.Bool("ratios_scale", false, "2:4 is 1:2 and 1/2");
  policy.variables_may_be_renamed = params.Bool("variables_may_be_renamed", false, "y = 3 answers x = 3");
  policy.likely_equal =
      Choose<Policy::LikelyEqual>(params, "likely_equal", {"zero", "accept", "mask"},
                                  "the score when neither equality nor difference is proved and 512 bits show none; mask: no score");
  policy.mode = Choose<Policy::Mode>(
      params, "mode", {"auto", "strict", "lenient"},
      "how a response is read. strict: the anchor only. lenient: else a tag, 'final answer is', a line 'Answer:', the last display "
      "formula. "
      "auto: strict, and an answer handed over by itself is a response only when it holds a box or a tag of the reasoning");
  policy.multi = Choose<Policy::Multi>(params, "multi", {"last", "reject", "all"},
                                       "several different boxes: the last counts; none does; all are one list");
  policy.anchor_is_tag =
      params.Choice("anchor", "box", {"box", "tag"}, "what holds the answer: \\boxed{..} or <answer>..</answer>") == "tag";
  policy.think_open = params.Text("think_open", "<think>", "opens the reasoning; without its end there is no answer");
  policy.think_close = params.Text("think_close", "</think>", "closes the reasoning; only what follows the last one counts");
  if (policy.think_open.size() < 2 || policy.think_close.size() < 2) params.Problem("think_open and think_close need at least two letters");
  for (const std::string& pair : params.TextList("synonyms", {}, "pairs \"no solution=none\" of text answers that mean the same")) {
    const size_t equal = pair.find('=');
    if (equal == std::string::npos) {
      params.Problem(fmt::format("synonym \"{}\" has no '='", pair));
      continue;
    }
    policy.synonyms.emplace_back(LowerCase(pair.substr(0, equal)), LowerCase(pair.substr(equal + 1)));
  }
  return policy;
}

}  // namespace hone::math
