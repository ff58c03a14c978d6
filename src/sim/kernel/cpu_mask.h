// SPDX-License-Identifier: GPL-2.0-only
//
// Sets of cpus: the kernel's struct cpumask, at its full length.
#pragma once

#include <bit>
#include <vector>

#include "base/types.h"

// The BPF sources' own types; their attributes mean nothing here.
#include "bpf/kernel.h"

namespace scx_pair {

class CpuMask {
 public:
  CpuMask() = default;
  explicit CpuMask(u32 cpus) : words_((cpus + 63) / 64) {}

  [[nodiscard]] bool test(u32 cpu) const { return ((words_[cpu / 64] >> (cpu % 64)) & 1U) != 0; }
  void set(u32 cpu) { words_[cpu / 64] |= 1UL << (cpu % 64); }
  void clear(u32 cpu) { words_[cpu / 64] &= ~(1UL << (cpu % 64)); }
  void assign(u32 cpu, bool value) { value ? set(cpu) : clear(cpu); }

  [[nodiscard]] bool empty() const {
    for (const unsigned long word : words_) {
      if (word != 0) return false;
    }
    return true;
  }
  [[nodiscard]] u32 count() const {
    int bits = 0;
    for (const unsigned long word : words_) bits += std::popcount(word);
    return static_cast<u32>(bits);
  }

  // As BPF programs see it. Valid as long as the mask lives and is not copied over.
  [[nodiscard]] const cpumask* kernel() const {
    return reinterpret_cast<const cpumask*>(words_.data());
  }
  [[nodiscard]] const std::vector<unsigned long>& words() const { return words_; }

  bool operator==(const CpuMask&) const = default;
  auto operator<=>(const CpuMask&) const = default;

 private:
  std::vector<unsigned long> words_;
};

inline constexpr u32 kNoCpu = 0xffffffffU;

// The first cpu in both masks at or after `start`, going round; kNoCpu if there is none.
inline u32 first_in_both(const std::vector<unsigned long>& a, const unsigned long* b, u32 start) {
  const size_t words = a.size();
  for (size_t i = 0; i <= words; i++) {
    const size_t word = (start / 64 + i) % words;
    unsigned long bits = a[word] & b[word];
    if (i == 0) bits &= ~0UL << (start % 64);
    if (i == words) bits &= ~(~0UL << (start % 64));
    if (bits != 0) return static_cast<u32>(word * 64) + static_cast<u32>(std::countr_zero(bits));
  }
  return kNoCpu;
}

}  // namespace scx_pair
