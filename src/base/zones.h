// SPDX-License-Identifier: GPL-2.0-only
//
// Which pairs share queues. For whoever starts the scheduler: the loader on a kernel, the
// simulator.
#pragma once

#include <algorithm>
#include <map>
#include <vector>

#include "base/scheduler_abi.h"

namespace scx_pair {

// A queue's lock serves this many pairs without cpus waiting for each other.
inline constexpr u32 kZonePairs = 16;
// Each domain has a queue in each zone, and since 7.1 the kernel keeps something for each cpu with
// each queue, some 50 bytes: so much of it that a domain costs less than half a megabyte.
inline constexpr u32 kQueueCpusMax = 8192;

// The most zones that a machine with so many cpus may have; 1..ZONES_MAX.
inline u32 zones_most(u32 cpus) {
  return std::clamp(kQueueCpusMax / std::max(cpus, 1U), 1U, ZONES_MAX);
}

// The zone of each pair, given the last-level cache of each: pairs of one cache, as few as
// kZonePairs together, or more where there would be too many zones. Zones are numbered from 0
// without a gap, in the order of their first pair.
inline std::vector<u32> zones_of(const std::vector<u32>& cache_by_pair, u32 cpus) {
  std::map<u32, u32> pairs_by_cache;
  for (const u32 cache : cache_by_pair) pairs_by_cache[cache]++;
  const u32 most = zones_most(cpus);
  const auto zones_with = [&](u32 size) {
    u32 zones = 0;
    for (const auto& [cache, pairs] : pairs_by_cache) zones += (pairs + size - 1) / size;
    return zones;
  };
  u32 size = kZonePairs;
  const auto pairs = static_cast<u32>(cache_by_pair.size());
  while (zones_with(size) > most && size < pairs) size *= 2;
  std::vector<u32> zones(pairs, 0);
  // More caches than zones: then some share one.
  if (zones_with(size) > most) {
    for (u32 i = 0; i < pairs; i++) zones[i] = i * most / pairs;
    return zones;
  }
  std::map<std::pair<u32, u32>, u32> numbers;  // by cache, and how many zones it had before
  std::map<u32, u32> seen;
  for (u32 i = 0; i < pairs; i++) {
    const u32 cache = cache_by_pair[i];
    const auto next = static_cast<u32>(numbers.size());
    zones[i] = numbers.try_emplace({cache, seen[cache]++ / size}, next).first->second;
  }
  return zones;
}

}  // namespace scx_pair
