#pragma once
// Counter-based randomness: a random number is a pure function of (key, counter), so a rollout can be replayed alone and on any machine,
// and no draw depends on the order in which sequences happen to be batched.
//
// The generator is Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC'11).

#include <array>
#include <cstdint>
#include <string_view>

namespace hone {

// Ten rounds of Philox on a 128-bit counter and a 64-bit key: 128 random bits.
std::array<uint32_t, 4> Philox4x32(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key);

// A stream of randomness named by a seed and up to three indices, for example (run seed, prompt hash, sample index).
// Copyable, no state: At(i) is always the same number.
class RandomStream {
 public:
  explicit RandomStream(uint64_t seed, uint64_t a = 0, uint64_t b = 0);

  // 64 random bits of position i.
  uint64_t Bits(uint64_t i) const;
  // Uniform in [0, 1) with 53 random bits.
  double Uniform(uint64_t i) const;
  // Uniform in (0, 1), never 0 or 1; single precision with 24 bits.
  float OpenUniform(uint64_t i) const;
  // Standard normal (Box-Muller on the bits of position i).
  double Normal(uint64_t i) const;
  // Uniform in [0, n), n >= 1, without modulo bias beyond 2^-64 (multiply-shift).
  uint64_t Below(uint64_t i, uint64_t n) const;

 private:
  std::array<uint32_t, 2> key_;
};

// A cursor over a RandomStream for code that draws one after another (generators of tasks).
class RandomCursor {
 public:
  explicit RandomCursor(RandomStream stream) : stream_(stream) {}
  uint64_t Bits() { return stream_.Bits(next_++); }
  double Uniform() { return stream_.Uniform(next_++); }
  double Normal() { return stream_.Normal(next_++); }
  // Uniform in [0, n), n >= 1.
  uint64_t Below(uint64_t n) { return stream_.Below(next_++, n); }
  // Uniform in [low, high], both included.
  int64_t Between(int64_t low, int64_t high) { return low + static_cast<int64_t>(Below(static_cast<uint64_t>(high - low) + 1)); }

 private:
  RandomStream stream_;
  uint64_t next_ = 0;
};

}  // namespace hone
