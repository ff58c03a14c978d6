// SPDX-License-Identifier: GPL-2.0-only
#include "cli/groups.h"

#include <fmt/format.h>

#include <utility>

#include "host/cpu_list.h"

namespace scx_pair {
namespace {

// More changes than this while reading is no machine at work.
constexpr int kReadingsMax = 20;

Result<Topology> read_topology(const GroupOptions& options, const std::filesystem::path& sysfs) {
  return options.by_stride ? pair_by_stride(sysfs, options.stride) : read_siblings(sysfs);
}

bool is_split(const Pair& core, const Topology& topology) {
  const std::optional<Seat> first = topology.seat_of(core.cpus.front());
  for (const u32 cpu : core.cpus) {
    const std::optional<Seat> seat = topology.seat_of(cpu);
    if (!first || !seat || seat->pair != first->pair) return true;
  }
  return false;
}

// Says which cores a stride takes apart: on those the promise protects nobody.
std::string split_warning(const Topology& topology, const std::filesystem::path& sysfs) {
  Result<Topology> real = read_siblings(sysfs);
  if (!real) return "";
  for (const Pair& core : real->pairs()) {
    if (!is_split(core, topology)) continue;
    return fmt::format(
        "this stride puts cpus {} of one core in different pairs, so strangers may "
        "share that core; without --stride the real siblings are paired",
        cpu_list_text(core.cpus));
  }
  return "";
}

}  // namespace

Result<Groups> read_groups(const GroupOptions& options, const std::filesystem::path& sysfs) {
  for (int reading = 1;; reading++) {
    const u64 seq = read_hotplug_seq(sysfs);
    Result<Topology> topology = read_topology(options, sysfs);
    // A cpu that came or went meanwhile may have left half an answer, or an error that is none.
    if (read_hotplug_seq(sysfs) != seq && reading < kReadingsMax) continue;
    if (!topology) return std::move(topology.error());
    std::string warning = options.by_stride ? split_warning(*topology, sysfs) : "";
    return Groups{*std::move(topology), seq, std::move(warning)};
  }
}

}  // namespace scx_pair
