// SPDX-License-Identifier: GPL-2.0-only
#include "cli/statistics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <tuple>

#include "base/hostile_text.h"

namespace scx_pair {
namespace {

constexpr size_t kColumns = 3;

u64 counter(const SchedulerStats& stats, const scheduler_stat_name& name) {
  u64 value = 0;
  std::memcpy(&value, reinterpret_cast<const std::byte*>(&stats) + name.offset, sizeof(value));
  return value;
}

std::string value_text(u64 value, bool is_time) {
  if (!is_time) return fmt::format("{}", value);
  return fmt::format("{:.3f}", static_cast<double>(value) / 1e6);
}

// "kicks 120 (+12)", "forced_idle_ms 3.500 (+0.500)". A maximum has no increase worth telling.
std::string cell_text(const StatisticsInterval& interval, const scheduler_stat_name& entry) {
  std::string name = entry.name;
  const bool is_time = name.ends_with("_ns");
  const bool is_maximum = name.ends_with("_max_ns");
  if (is_time) name.replace(name.size() - 2, 2, "ms");
  const u64 now = counter(interval.now, entry);
  std::string value = value_text(now, is_time);
  if (!is_maximum) {
    value += fmt::format(" (+{})", value_text(now - counter(interval.before, entry), is_time));
  }
  return fmt::format("{:<21}{:<19}", name, value);
}

// How many of those who kept others waiting are worth a line, and as many limits.
constexpr size_t kWorst = 5;

std::string path_of(const StatisticsInterval& interval, u64 cgroup) {
  const auto path = interval.paths.find(cgroup);
  return path != interval.paths.end() ? path->second : fmt::format("cgroup {}", cgroup);
}

std::vector<forced_time> longest_first(std::vector<forced_time> forced) {
  std::sort(forced.begin(), forced.end(), [](const forced_time& a, const forced_time& b) {
    return std::tie(b.ns, a.holder, a.waiter) < std::tie(a.ns, b.holder, b.waiter);
  });
  return forced;
}

std::vector<limit_times> longest_first(std::vector<limit_times> limits) {
  std::sort(limits.begin(), limits.end(), [](const limit_times& a, const limit_times& b) {
    return std::tie(b.throttled_ns, a.cgroup) < std::tie(a.throttled_ns, b.cgroup);
  });
  return limits;
}

std::string forced_text(const StatisticsInterval& interval) {
  std::string text;
  const std::vector<forced_time> forced = longest_first(interval.forced);
  for (size_t i = 0; i < std::min(kWorst, forced.size()); i++) {
    text +=
        fmt::format("  {} kept {} waiting: {} ms of idle seats\n",
                    printable(path_of(interval, forced[i].holder)),
                    printable(path_of(interval, forced[i].waiter)), value_text(forced[i].ns, true));
  }
  return text;
}

std::string limits_text(const StatisticsInterval& interval) {
  std::string text;
  const std::vector<limit_times> limits = longest_first(interval.limits);
  for (size_t i = 0; i < std::min(kWorst, limits.size()); i++) {
    text += fmt::format("  {} used up its limit in {} of {} periods, and waited {} ms\n",
                        printable(path_of(interval, limits[i].cgroup)), limits[i].throttled_periods,
                        limits[i].periods, value_text(limits[i].throttled_ns, true));
  }
  return text;
}

std::string lost_text(const StatisticsInterval& interval) {
  if (interval.output_dropped == 0 && interval.reads_failed == 0) return "";
  return fmt::format("  lost: {} outputs that could not be written, {} statistics not read\n",
                     interval.output_dropped, interval.reads_failed);
}

nlohmann::ordered_json forced_json(const StatisticsInterval& interval) {
  auto array = nlohmann::ordered_json::array();
  for (const forced_time& time : longest_first(interval.forced)) {
    array.push_back({{"holder", path_of(interval, time.holder)},
                     {"waiter", path_of(interval, time.waiter)},
                     {"ns", time.ns}});
  }
  return array;
}

nlohmann::ordered_json limits_json(const StatisticsInterval& interval) {
  auto array = nlohmann::ordered_json::array();
  for (const limit_times& limit : longest_first(interval.limits)) {
    array.push_back({{"cgroup", path_of(interval, limit.cgroup)},
                     {"periods", limit.periods},
                     {"throttled_periods", limit.throttled_periods},
                     {"throttled_ns", limit.throttled_ns}});
  }
  return array;
}

}  // namespace

std::string statistics_text(const StatisticsInterval& interval, const std::string& clock) {
  std::string text = fmt::format("{}  total (+ in the last {:.1f} s)\n", clock, interval.seconds);
  std::string line;
  size_t cells = 0;
  for (const scheduler_stat_name& entry : scheduler_stat_names) {
    line += (cells % kColumns == 0 ? "  " : " ") + cell_text(interval, entry);
    cells++;
    if (cells % kColumns != 0 && cells != std::size(scheduler_stat_names)) continue;
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
    line.clear();
  }
  return text + forced_text(interval) + limits_text(interval) + lost_text(interval);
}

std::string statistics_json(const StatisticsInterval& interval, double unix_time) {
  nlohmann::ordered_json object;
  object["time"] = unix_time;
  object["interval_s"] = interval.seconds;
  for (const scheduler_stat_name& entry : scheduler_stat_names) {
    object[entry.name] = counter(interval.now, entry);
  }
  object["output_dropped"] = interval.output_dropped;
  object["reads_failed"] = interval.reads_failed;
  object["forced_idle"] = forced_json(interval);
  object["limits"] = limits_json(interval);
  return json_text(object) + '\n';
}

}  // namespace scx_pair
