#include "lib/ops/elementwise_kernels.h"
#include "lib/ops/simd_avx2.h"

// Loops over whole vectors and a masked tail: each element meets the same instructions wherever it stands. Plain loops here are vectorised
// by the compiler; they hold only additions and multiplications, which give the same bits as scalars (contraction is off).

namespace hone::ops::avx2 {
namespace {

inline __m256 Load(const float* p, int64_t i, int64_t n) {
  return i + 8 <= n ? _mm256_loadu_ps(p + i) : _mm256_maskload_ps(p + i, TailMask(n - i));
}
inline void Store(float* p, int64_t i, int64_t n, __m256 x) {
  if (i + 8 <= n) {
    _mm256_storeu_ps(p + i, x);
  } else {
    _mm256_maskstore_ps(p + i, TailMask(n - i), x);
  }
}

}  // namespace

float RmsNormRow(int64_t c, const float* x, const float* weight, float eps, float* y) {
  __m256 sum[4] = {_mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps()};
  int64_t i = 0;
  for (; i + 32 <= c; i += 32) {
    for (int k = 0; k < 4; ++k) {
      const __m256 v = _mm256_loadu_ps(x + i + 8 * k);
      sum[k] = _mm256_fmadd_ps(v, v, sum[k]);
    }
  }
  for (int k = 0; i < c; i += 8, ++k) {
    const __m256 v = Load(x, i, c);
    sum[k] = _mm256_fmadd_ps(v, v, sum[k]);
  }
  const float total = HorizontalSum(_mm256_add_ps(_mm256_add_ps(sum[0], sum[1]), _mm256_add_ps(sum[2], sum[3])));
  const __m128 variance = _mm_set_ss(total / static_cast<float>(c) + eps);
  const float rstd = 1.0f / _mm_cvtss_f32(_mm_sqrt_ss(variance));
  const __m256 scale = _mm256_set1_ps(rstd);
  for (i = 0; i < c; i += 8) Store(y, i, c, _mm256_mul_ps(_mm256_mul_ps(Load(x, i, c), scale), Load(weight, i, c)));
  return rstd;
}

void RmsNormGradRow(int64_t c, const float* x, const float* weight, float rstd, const float* dy, bool accumulate, float* dx) {
  __m256 sum = _mm256_setzero_ps();
  for (int64_t i = 0; i < c; i += 8) sum = _mm256_fmadd_ps(_mm256_mul_ps(Load(dy, i, c), Load(weight, i, c)), Load(x, i, c), sum);
  const float mean = HorizontalSum(sum) / static_cast<float>(c);
  const __m256 scale = _mm256_set1_ps(rstd);
  const __m256 back = _mm256_set1_ps(mean * rstd * rstd);  // x rstd mean(dy weight x rstd) = x (rstd^2 mean(dy weight x))
  for (int64_t i = 0; i < c; i += 8) {
    const __m256 direct = _mm256_mul_ps(Load(dy, i, c), Load(weight, i, c));
    __m256 grad = _mm256_mul_ps(scale, _mm256_fnmadd_ps(Load(x, i, c), back, direct));
    if (accumulate) grad = _mm256_add_ps(Load(dx, i, c), grad);
    Store(dx, i, c, grad);
  }
}

void SwiGlu(int64_t n, const float* gate, const float* up, float* y) {
  for (int64_t i = 0; i < n; i += 8) {
    const __m256 g = Load(gate, i, n);
    Store(y, i, n, _mm256_mul_ps(_mm256_mul_ps(g, Sigmoid(g)), Load(up, i, n)));
  }
}

void SwiGluGrad(int64_t n, const float* gate, const float* up, const float* dy, float* dgate, float* dup) {
  const __m256 one = _mm256_set1_ps(1.0f);
  for (int64_t i = 0; i < n; i += 8) {
    const __m256 g = Load(gate, i, n);
    const __m256 u = Load(up, i, n);
    const __m256 d = Load(dy, i, n);
    const __m256 sigmoid = Sigmoid(g);
    const __m256 slope = _mm256_mul_ps(sigmoid, _mm256_fmadd_ps(g, _mm256_sub_ps(one, sigmoid), one));
    Store(dup, i, n, _mm256_mul_ps(d, _mm256_mul_ps(g, sigmoid)));
    Store(dgate, i, n, _mm256_mul_ps(_mm256_mul_ps(d, u), slope));
  }
}

void RopePairs(int64_t n, const float* cosine, const float* sine, float sign, float* a, float* b) {
  const __m256 flip = _mm256_set1_ps(sign);
  for (int64_t i = 0; i < n; i += 8) {
    const __m256 c = Load(cosine, i, n);
    const __m256 s = _mm256_mul_ps(Load(sine, i, n), flip);
    const __m256 x = Load(a, i, n);
    const __m256 y = Load(b, i, n);
    Store(a, i, n, _mm256_fmsub_ps(x, c, _mm256_mul_ps(y, s)));
    Store(b, i, n, _mm256_fmadd_ps(y, c, _mm256_mul_ps(x, s)));
  }
}

void ToBFloat16(int64_t n, const float* x, uint16_t* y) {
  int64_t i = 0;
  for (; i + 8 <= n; i += 8) StoreBFloat16(y + i, _mm256_loadu_ps(x + i));
  if (i == n) return;
  uint16_t tail[8];
  StoreBFloat16(tail, Load(x, i, n));
  for (int64_t k = i; k < n; ++k) y[k] = tail[k - i];
}

void FromBFloat16(int64_t n, const uint16_t* x, float* y) {
  int64_t i = 0;
  for (; i + 8 <= n; i += 8) _mm256_storeu_ps(y + i, LoadBFloat16(x + i));
  for (; i < n; ++i) {
    const uint32_t bits = static_cast<uint32_t>(x[i]) << 16;
    __builtin_memcpy(y + i, &bits, 4);
  }
}

void Add(int64_t n, const float* y, float* x) {
  for (int64_t i = 0; i < n; ++i) x[i] += y[i];
}

void AddProducts(int64_t n, const float* dy, const float* x, float rstd, float* dweight) {
  const __m256 scale = _mm256_set1_ps(rstd);
  for (int64_t i = 0; i < n; i += 8) {
    Store(dweight, i, n, _mm256_fmadd_ps(Load(dy, i, n), _mm256_mul_ps(Load(x, i, n), scale), Load(dweight, i, n)));
  }
}

}  // namespace hone::ops::avx2
