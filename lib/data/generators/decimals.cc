#include "lib/data/generators/decimals.h"

#include <algorithm>
#include <string>

#include "fmt/format.h"
#include "lib/base/random.h"
#include "lib/data/params.h"

namespace hone {
namespace {

struct Decimal {
  int64_t whole = 0;
  std::string fraction;  // 1 or more digits, the last not 0: equal numbers are equal strings
  std::string Text() const { return fmt::format("{}.{}", whole, fraction); }
  bool operator<(const Decimal& other) const { return whole != other.whole ? whole < other.whole : fraction < other.fraction; }
};

class Decimals : public PromptSource {
 public:
  struct Settings {
    int64_t whole_max, digits_max, same_whole_percent, heldout_percent;
  };
  Decimals(const GeneratorOptions& options, const Settings& settings) : options_(options), settings_(settings) {}

  std::optional<int64_t> size() const override { return std::nullopt; }

  absl::StatusOr<Prompt> Get(int64_t index) const override {
    if (index < 0) return absl::InvalidArgumentError(fmt::format("prompt index {} is negative", index));
    const uint64_t seed = TaskSeed(options_, index);
    RandomCursor random{RandomStream(seed)};
    for (int attempt = 0; attempt < kSplitTries; ++attempt) {
      const Decimal a = Draw(random, std::nullopt);
      const bool same_whole = static_cast<int64_t>(random.Below(100)) < settings_.same_whole_percent;
      const Decimal b = Draw(random, same_whole ? std::optional(a.whole) : std::nullopt);
      const std::string key = fmt::format("{},{}", std::min(a, b).Text(), std::max(a, b).Text());
      if ((!(a < b) && !(b < a)) || HeldOut(key, settings_.heldout_percent) != (options_.split == Split::kHeldout)) continue;
      Prompt prompt = MakePrompt("decimals", options_, index,
                                 fmt::format("Which number is larger, {} or {}? Answer with just the number.", a.Text(), b.Text()));
      prompt.reference = std::max(a, b).Text();
      prompt.row = fmt::format(R"({{"a":"{}","b":"{}","seed":"{:016x}"}})", a.Text(), b.Text(), seed);
      return prompt;
    }
    return absl::InvalidArgumentError(
        fmt::format("decimals: no pair for the {} split in {} draws; raise whole_max or digits_max", Name(options_.split), kSplitTries));
  }

 private:
  Decimal Draw(RandomCursor& random, std::optional<int64_t> whole) const {
    Decimal decimal;
    decimal.whole = whole.has_value() ? *whole : random.Between(1, settings_.whole_max);
    const int64_t digits = random.Between(1, settings_.digits_max);
    for (int64_t i = 0; i < digits; ++i) decimal.fraction += static_cast<char>('0' + random.Between(i + 1 == digits ? 1 : 0, 9));
    return decimal;
  }

  const GeneratorOptions options_;
  const Settings settings_;
};
}  // namespace

absl::StatusOr<std::unique_ptr<PromptSource>> CreateDecimals(std::string_view params_json, const GeneratorOptions& options) {
  Params params("decimals", params_json);
  Decimals::Settings settings;
  settings.whole_max = params.Int("whole_max", 20, 1, 1'000'000, "largest whole part; the smallest is 1");
  settings.digits_max = params.Int("digits_max", 2, 1, 9, "most digits behind the point");
  settings.same_whole_percent = params.Int("same_whole_percent", 80, 0, 100, "how often both numbers have the same whole part");
  settings.heldout_percent = params.Int("heldout_percent", 30, 1, 99, "share of the pairs that are held out");
  HONE_RETURN_IF_ERROR(params.Finish());
  auto source = std::make_unique<Decimals>(options, settings);
  HONE_RETURN_IF_ERROR(source->Get(0).status());  // parameters that leave no pair are refused now
  return source;
}

}  // namespace hone
