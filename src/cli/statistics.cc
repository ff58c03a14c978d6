// SPDX-License-Identifier: GPL-2.0-only
#include "cli/statistics.h"

#include <fmt/format.h>

#include <cstring>
#include <nlohmann/json.hpp>

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
  return text;
}

std::string statistics_json(const StatisticsInterval& interval, double unix_time) {
  nlohmann::ordered_json object;
  object["time"] = unix_time;
  object["interval_s"] = interval.seconds;
  for (const scheduler_stat_name& entry : scheduler_stat_names) {
    object[entry.name] = counter(interval.now, entry);
  }
  return object.dump() + '\n';
}

}  // namespace scx_pair
