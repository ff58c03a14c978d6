// SPDX-License-Identifier: GPL-2.0-only
//
// Random numbers that are the same on every machine, compiler and library: integers only. A run of
// the simulator is a function of its seed because all its luck comes from here.
//
// Streams: Random(seed, stream) gives sequences that have nothing to do with each other, so that a
// draw more in one part of a run does not change what another part draws.
#pragma once

#include <array>
#include <bit>

#include "base/check.h"
#include "base/types.h"

namespace scx_pair {

// xoshiro256** by Blackman and Vigna, seeded through SplitMix64.
class Random {
 public:
  explicit Random(u64 seed, u64 stream = 0) {
    u64 mixed = seed;
    u64 other = stream ^ 0x6a09e667f3bcc909U;
    for (u64& word : state_) word = split_mix(mixed) ^ std::rotl(split_mix(other), 17);
  }

  // Any 64 bits.
  u64 next() {
    const u64 result = std::rotl(state_[1] * 5, 7) * 9;
    const u64 shifted = state_[1] << 17U;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  // 0 to bound - 1, each as likely. Requires: bound > 0.
  u64 below(u64 bound) {
    check(bound > 0, "a random number below nothing");
    // The top of the range that `bound` does not divide is drawn again.
    const u64 unfair = (0 - bound) % bound;
    u64 drawn = next();
    while (drawn < unfair) drawn = next();
    return drawn % bound;
  }

  // least to most, both included. Requires: least <= most.
  u64 between(u64 least, u64 most) {
    check(least <= most, "a random number from an empty range");
    return most - least == ~u64{0} ? next() : least + below(most - least + 1);
  }

  // True in `part` of `whole` cases. Requires: whole > 0.
  bool chance(u64 part, u64 whole) { return below(whole) < part; }

  // Exponentially distributed around `mean`; at most 44 times the mean. Requires: mean < 2^40.
  u64 exponential(u64 mean) {
    check(mean < (u64{1} << 40U), "the mean of a random number is too large");
    // -ln(x) = -log2(x) * ln(2), and 0xb17217f7 / 2^32 is ln(2). log2 has 16 fractional bits.
    const u64 minus_log2 = (u64{64} << 16U) - log2_fixed(next() | 1U);
    const u64 factor = (minus_log2 * 0xb17217f7U) >> 32U;
    return (mean * factor) >> 16U;
  }

  // A sequence of its own, which takes one draw from this one.
  Random split() { return Random(next(), 1); }

 private:
  static u64 split_mix(u64& state) {
    state += 0x9e3779b97f4a7c15U;
    u64 mixed = state;
    mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
    return mixed ^ (mixed >> 31U);
  }

  // log2 of x in units of 2^-16, rounded down. Requires: x > 0.
  static u64 log2_fixed(u64 x) {
    const auto whole = static_cast<u64>(63 - std::countl_zero(x));
    // The mantissa in [1, 2), as a number of 2^-31; squaring it yields one bit after another.
    u64 mantissa = (x << (63 - whole)) >> 32U;
    u64 log2 = whole;
    for (int bit = 0; bit < 16; bit++) {
      mantissa = (mantissa * mantissa) >> 31U;
      const u64 carry = mantissa >> 32U;
      log2 = (log2 << 1U) | carry;
      mantissa >>= carry;
    }
    return log2;
  }

  std::array<u64, 4> state_{};
};

}  // namespace scx_pair
