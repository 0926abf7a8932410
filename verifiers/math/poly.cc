#include "verifiers/math/poly.h"

#include <algorithm>

namespace hone::math {
namespace {
constexpr int64_t kMaxTerms = 20'000;
constexpr int64_t kMaxDegree = 1'000;
constexpr int64_t kMaxBits = 1 << 17;

struct ContextOwner {
  ContextOwner() { fmpz_mpoly_ctx_init(context, kMaxGenerators, ORD_LEX); }
  ~ContextOwner() {
    fmpz_mpoly_ctx_clear(context);
    flint_cleanup();  // FLINT keeps memory and constants for each thread, and forgets them with it
  }
  fmpz_mpoly_ctx_t context;
};
}  // namespace

const fmpz_mpoly_ctx_struct* PolyContext() {
  thread_local const ContextOwner owner;
  return owner.context;
}

bool Multiply(const Poly& a, const Poly& b, Budget& budget, Poly* result) {
  if (a.IsOne()) {
    *result = b;
    return true;
  }
  if (b.IsOne()) {
    *result = a;
    return true;
  }
  const int64_t la = a.Length(), lb = b.Length(), bits = a.Bits() + b.Bits();
  const int64_t limbs = 1 + bits / 64;
  if (bits > kMaxBits || la * lb > 400'000 || a.TotalDegree() + b.TotalDegree() > kMaxDegree) return false;
  if (!budget.Spend(60 + la * lb * (10 + limbs / 2))) return false;
  fmpz_mpoly_mul(result->raw(), a.raw(), b.raw(), PolyContext());
  return result->Length() <= kMaxTerms;
}

bool Add(const Poly& a, const Poly& b, int sign, Budget& budget, Poly* result) {
  if (!budget.Spend(40 + (a.Length() + b.Length()) * (4 + (a.Bits() + b.Bits()) / 64))) return false;
  if (sign > 0) {
    fmpz_mpoly_add(result->raw(), a.raw(), b.raw(), PolyContext());
  } else {
    fmpz_mpoly_sub(result->raw(), a.raw(), b.raw(), PolyContext());
  }
  return result->Length() <= kMaxTerms;
}

bool Power(const Poly& a, int64_t n, Budget& budget, Poly* result) {
  if (n < 0) return false;
  if (n == 0) {
    *result = Poly(1);
    return true;
  }
  if (n == 1 || a.IsZero()) {
    *result = a;
    return true;
  }
  const int64_t length = a.Length();
  if (n > kMaxBits || n * (a.Bits() + 2 * (length > 1)) > kMaxBits || a.TotalDegree() * n > kMaxDegree) return false;
  // Terms of the power: at most binomial(n + length - 1, length - 1).
  double terms = 1;
  for (int64_t i = 1; i < length && terms < 1e9; ++i) terms *= static_cast<double>(n + i) / static_cast<double>(i);
  if (terms > kMaxTerms) return false;
  const int64_t limbs = 1 + n * (a.Bits() + 2) / 64;
  if (!budget.Spend(50 + static_cast<int64_t>(terms) * length * (4 + limbs))) return false;
  return fmpz_mpoly_pow_ui(result->raw(), a.raw(), static_cast<ulong>(n), PolyContext()) != 0 && result->Length() <= kMaxTerms;
}

}  // namespace hone::math
