// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <atomic>
#include <ctime>

#include "base/types.h"

namespace scx_pair {

// Wake latencies kept per task; a later one is counted and not kept.
inline constexpr u32 kWakesKept = 1U << 15U;

// The stages of a workload, in their order. Tasks run alike while it settles and is measured.
enum class Stage : int { kAssembling, kSettling, kMeasuring, kOver };

// What one task writes about itself, in memory that it shares with the parent. Each field has one
// writer, so relaxed order is enough.
struct TaskRecord {
  std::atomic<u64> marks{0};           // turns of the task's loop while measured
  std::atomic<u64> last_mark_ns{0};    // when it last proved that it runs
  std::atomic<u64> longest_gap_ns{0};  // between two such proofs
  std::atomic<u64> cycles{0};          // cgroups churned, or moves made
  std::atomic<u64> refusals{0};        // of the same
  std::atomic<u32> wakes{0};
  std::array<u64, kWakesKept> wake_ns{};
};

// What the parent tells all tasks, and what they tell it before they start.
struct Signal {
  std::atomic<Stage> stage{Stage::kAssembling};
  std::atomic<u64> measured_since_ns{0};
  std::atomic<u32> ready{0};
};

inline u64 clock_ns(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<u64>(now.tv_sec) * 1'000'000'000U + static_cast<u64>(now.tv_nsec);
}

inline u64 now_ns() {
  return clock_ns(CLOCK_MONOTONIC);
}

}  // namespace scx_pair
