// SPDX-License-Identifier: GPL-2.0-only
//
// What the judge says about a run: plain data, all times in nanoseconds of the window.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/switch_record.h"
#include "base/types.h"

namespace scx_pair {

enum class Ruling {
  kKept,          // tasks of different domains wanted one pair, and ordinary ones never shared it
  kBroken,        // they did
  kInconclusive,  // they were not seen to, but not all was seen
  kNothing,       // all was seen, and there was nothing that could have broken the promise
};

// A task as it was when something happened to it.
struct TaskSight {
  s32 pid = 0;
  std::string comm;
  u64 domain = 0;
  u32 cpu = 0;
};

// One stretch of time without a gap in which two cpus of a pair ran what they should not have.
struct Episode {
  u64 at_ns = 0;  // since the window opened
  u64 length_ns = 0;
  std::array<TaskSight, 2> tasks;  // the two that began it
};

inline constexpr size_t kEpisodeBuckets = 40;

// All episodes of one kind. histogram[k] counts those of 2^k up to 2^(k+1) ns.
struct EpisodeStats {
  u64 ns = 0;
  u64 count = 0;
  std::optional<Episode> longest;
  std::array<u64, kEpisodeBuckets> histogram{};

  void add(const Episode& episode);
  void merge(const EpisodeStats& other);
};

// What two busy cpus of a pair can be to each other. The kinds do not exclude each other: in a pair
// of four, two cpus may violate while the two others overlap in a harmless way.
struct OverlapStats {
  EpisodeStats violation;  // ordinary tasks of different domains
  // The same while the kernel schedules by itself, and what that leaves behind.
  EpisodeStats suspended;
  EpisodeStats higher;       // user tasks of different domains, one or both real-time or deadline
  EpisodeStats both_higher;  // the part of it in which both are: no scheduler of ordinary tasks can
                             // end that
  EpisodeStats move;  // ordinary tasks made different by a move of one while both were running
  u64 kernel_ns = 0;  // a kernel thread beside a user task of another domain
};

struct PairVerdict {
  std::vector<u32> cpus;
  std::vector<u64> busy_ns;  // by cpu, in the order of cpus; kernel threads included
  u64 both_busy_ns = 0;      // at least two cpus busy
  u64 company_ns = 0;        // at least two cpus with user tasks
  u64 turns = 0;             // see PairMeter
  OverlapStats overlap;
  u64 forced_idle_ns = 0;  // see PairMeter
  u64 missed_idle_ns = 0;  // see PairMeter
};

struct TotalVerdict {
  u64 cpu_ns_available = 0;  // the window times the cpus of all pairs
  u64 busy_ns = 0;
  u64 both_busy_ns = 0;
  u64 company_ns = 0;
  u64 turns = 0;
  OverlapStats overlap;
  u64 forced_idle_ns = 0;
  u64 missed_idle_ns = 0;
  u64 kernel_cpu_ns = 0;  // CPU time of kernel threads
  u64 crowded_ns = 0;     // see SpreadMeter
  u64 parallel_ns = 0;    // see SpreadMeter
};

struct LatencySummary {
  u64 count = 0;
  u64 p50_ns = 0;
  u64 p99_ns = 0;
  u64 max_ns = 0;  // waits that were not over when the window closed included
};

struct DomainVerdict {
  u64 id = 0;
  u64 cpu_ns = 0;
  u64 turns = 0;        // that a task of it has begun
  LatencySummary wake;  // from being put on a run queue to running
  LatencySummary wait;  // from being preempted or yielding to running again
};

struct TaskVerdict {
  s32 pid = 0;
  std::string comm;
  u64 domain = 0;
  u64 cpu_ns = 0;
  u64 longest_wait_ns = 0;  // the longest time it could have run and did not
};

// Who was on a cpu of the drawn pair, for the timeline.
struct TimelineSpan {
  u64 begin_ns = 0;  // since the window opened
  u64 end_ns = 0;
  u64 domain = 0;
  switch_record_class task_class = CLASS_IDLE;
};

struct TimelineCapture {
  std::vector<u32> cpus;
  u64 length_ns = 0;
  std::vector<std::vector<TimelineSpan>> spans;  // by cpu
  std::vector<TimelineSpan> violations;          // only the times mean something
};

struct Verdict {
  Ruling ruling = Ruling::kInconclusive;
  u64 window_ns = 0;
  u64 lost = 0;  // records that found no room, came too late, or are known to be missing
  bool sees_moves = true;
  std::string reason;              // why it is neither kept nor broken; a sentence's end
  u64 suspended_ns = 0;            // of the window: the kernel scheduled by itself
  std::vector<u32> unjudged_cpus;  // cpus of no pair on which user tasks ran in the window
  TotalVerdict total;
  std::vector<PairVerdict> pairs;
  std::vector<DomainVerdict> domains;  // by id
  std::vector<TaskVerdict> tasks;      // the longest wait first
  std::optional<TimelineCapture> timeline;
};

}  // namespace scx_pair
