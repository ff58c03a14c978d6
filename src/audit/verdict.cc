// SPDX-License-Identifier: GPL-2.0-only
#include "audit/verdict.h"

#include <algorithm>
#include <bit>

namespace scx_pair {

void EpisodeStats::add(const Episode& episode) {
  if (episode.length_ns == 0) return;
  ns += episode.length_ns;
  ++count;
  const size_t bucket = static_cast<size_t>(std::bit_width(episode.length_ns)) - 1;
  ++histogram[std::min(bucket, kEpisodeBuckets - 1)];
  if (!longest || episode.length_ns > longest->length_ns) longest = episode;
}

void EpisodeStats::merge(const EpisodeStats& other) {
  ns += other.ns;
  count += other.count;
  for (size_t bucket = 0; bucket < kEpisodeBuckets; ++bucket) {
    histogram[bucket] += other.histogram[bucket];
  }
  if (other.longest && (!longest || other.longest->length_ns > longest->length_ns)) {
    longest = other.longest;
  }
}

}  // namespace scx_pair
