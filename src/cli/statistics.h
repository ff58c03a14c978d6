// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "host/scheduler.h"

namespace scx_pair {

// Two looks at the counters of one scheduler: `before` is all zero at the first.
struct StatisticsInterval {
  SchedulerStats before = {};
  SchedulerStats now = {};
  double seconds = 0;  // between the two
};

// A block of a few lines: every counter with its total and, in brackets, what the interval added.
// Times are shown in milliseconds ("_ms" for "_ns"). `clock` stands in the headline.
std::string statistics_text(const StatisticsInterval& interval, const std::string& clock);

// One flat object on one line: "time" (unix seconds), "interval_s", and the totals by name.
std::string statistics_json(const StatisticsInterval& interval, double unix_time);

}  // namespace scx_pair
