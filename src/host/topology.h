// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/types.h"

namespace scx_pair {

// A pair has at least one and at most this many cpus (SMT8 is the widest that exists).
inline constexpr u32 kPairCpusMax = 8;

// The cpus of one core that are online: usually two, one where a sibling is absent or offline.
struct Pair {
  std::vector<u32> cpus;         // ascending, never empty
  std::optional<u32> llc;        // the lowest cpu that shares its last-level cache, where known
  std::optional<u32> numa_node;  // where known
};

// Where a cpu sits: pairs()[pair].cpus[index].
struct Seat {
  u32 pair = 0;
  u32 index = 0;

  bool operator==(const Seat&) const = default;
};

// How the cpus of a machine are grouped. Invariants:
// 1. Pairs are ordered by their first cpu, and the cpus in a pair are ascending.
// 2. A cpu is in one pair at most; an offline cpu is in none.
// 3. Every cpu is below cpu_ids(), the number of cpu ids the kernel may ever use (its nr_cpu_ids).
class Topology {
 public:
  Topology() = default;

  // Requires: no cpu in two pairs, none at or above `cpu_ids`, no empty pair. Sorts.
  Topology(std::vector<Pair> pairs, u32 cpu_ids);

  const std::vector<Pair>& pairs() const { return pairs_; }
  u32 cpu_ids() const { return cpu_ids_; }

  // The seat of an online cpu; nothing for any other.
  std::optional<Seat> seat_of(u32 cpu) const;

  // Which pairs share queues: base/zones.h.
  u32 zone_of(const Seat& seat) const { return zones_[seat.pair]; }
  u32 zones() const;

  // One line a pair: "pair 0: cpus 0,1".
  std::string text() const;

 private:
  std::vector<Pair> pairs_;
  std::vector<std::optional<Seat>> seats_;
  std::vector<u32> zones_;  // by pair
  u32 cpu_ids_ = 0;
};

// The real SMT siblings, as the kernel's topology under `sysfs` (usually "/sys") tells them.
Result<Topology> read_siblings(const std::filesystem::path& sysfs);

// Pairs each cpu with the one `stride` above it, counted modulo the number of cpu ids, whatever the
// hardware says. Without a stride: half the number of cpu ids. A stride that would put a cpu in two
// pairs is refused.
Result<Topology> pair_by_stride(const std::filesystem::path& sysfs, std::optional<u32> stride);

// The kernel's count of cpus that came or went (sched_ext/hotplug_seq). The kernel ends a scheduler
// loaded with an older count, so it is read before the topology. 0, where the kernel has no such
// count, is never checked.
u64 read_hotplug_seq(const std::filesystem::path& sysfs);

}  // namespace scx_pair
