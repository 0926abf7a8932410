#include "lib/base/random.h"

#include <cmath>

namespace hone {

std::array<uint32_t, 4> Philox4x32(std::array<uint32_t, 4> c, std::array<uint32_t, 2> k) {
  constexpr uint64_t kMul0 = 0xD2511F53u, kMul1 = 0xCD9E8D57u;
  constexpr uint32_t kWeyl0 = 0x9E3779B9u, kWeyl1 = 0xBB67AE85u;
  for (int round = 0; round < 10; ++round) {
    const uint64_t p0 = kMul0 * c[0];
    const uint64_t p1 = kMul1 * c[2];
    c = {static_cast<uint32_t>(p1 >> 32) ^ c[1] ^ k[0], static_cast<uint32_t>(p1), static_cast<uint32_t>(p0 >> 32) ^ c[3] ^ k[1],
         static_cast<uint32_t>(p0)};
    k[0] += kWeyl0;
    k[1] += kWeyl1;
  }
  return c;
}

namespace {
uint64_t Join(uint32_t low, uint32_t high) {
  return (static_cast<uint64_t>(high) << 32) | low;
}
}  // namespace

RandomStream::RandomStream(uint64_t seed, uint64_t a, uint64_t b) {
  // The name of the stream is itself hashed by Philox into its key.
  auto mixed =
      Philox4x32({static_cast<uint32_t>(a), static_cast<uint32_t>(a >> 32), static_cast<uint32_t>(b), static_cast<uint32_t>(b >> 32)},
                 {static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)});
  key_ = {mixed[0] ^ mixed[2], mixed[1] ^ mixed[3]};
}

uint64_t RandomStream::Bits(uint64_t i) const {
  auto bits = Philox4x32({static_cast<uint32_t>(i), static_cast<uint32_t>(i >> 32), 0, 0}, key_);
  return Join(bits[0], bits[1]);
}

double RandomStream::Uniform(uint64_t i) const {
  return static_cast<double>(Bits(i) >> 11) * 0x1.0p-53;
}

float RandomStream::OpenUniform(uint64_t i) const {
  return (static_cast<float>(Bits(i) >> 41) + 0.5f) * 0x1.0p-23f;
}

double RandomStream::Normal(uint64_t i) const {
  auto bits = Philox4x32({static_cast<uint32_t>(i), static_cast<uint32_t>(i >> 32), 1, 0}, key_);
  const double u1 = (static_cast<double>(Join(bits[0], bits[1]) >> 11) + 0.5) * 0x1.0p-53;
  const double u2 = static_cast<double>(Join(bits[2], bits[3]) >> 11) * 0x1.0p-53;
  return std::sqrt(-2.0 * std::log(u1)) * std::cos(2.0 * M_PI * u2);
}

uint64_t RandomStream::Below(uint64_t i, uint64_t n) const {
  return static_cast<uint64_t>((static_cast<unsigned __int128>(Bits(i)) * n) >> 64);
}

}  // namespace hone
