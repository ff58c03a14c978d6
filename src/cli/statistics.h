// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <map>
#include <string>
#include <vector>

#include "host/scheduler.h"

namespace scx_pair {

// Two looks at the counters of one scheduler: `before` is all zero at the first.
struct StatisticsInterval {
  SchedulerStats before = {};
  SchedulerStats now = {};
  double seconds = 0;  // between the two
  // Since load: who kept whom waiting, and what became of limits.
  std::vector<forced_time> forced{};
  std::vector<limit_times> limits{};
  std::map<u64, std::string> paths{};  // of cgroups, by id
  u64 output_dropped = 0;              // outputs that nobody could be given, since the start
  u64 reads_failed = 0;                // statistics that could not be read, since the start
};

// A block of a few lines: every counter with its total and, in brackets, what the interval added.
// Times are shown in milliseconds ("_ms" for "_ns"). `clock` stands in the headline. Below are the
// few domains that kept others waiting for longest, and the limits that were used up most; and, if
// there are any, how many statistics were lost.
std::string statistics_text(const StatisticsInterval& interval, const std::string& clock);

// One object on one line: "time" (unix seconds), "interval_s", the totals by name, and two arrays:
// "forced_idle" of {holder, waiter, ns}, all of it, the longest first; and "limits" of {cgroup,
// periods, throttled_periods, throttled_ns}. "output_dropped" and "reads_failed" count what was
// lost on the way.
std::string statistics_json(const StatisticsInterval& interval, double unix_time);

}  // namespace scx_pair
