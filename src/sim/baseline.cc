// SPDX-License-Identifier: GPL-2.0-only
#include "sim/baseline.h"

#include <algorithm>

namespace scx_pair {
namespace {

// The cores of these cpus, which are their numbers where a core has one thread; each once.
std::vector<u32> cores_of(const std::vector<CpuSite>& sites, const std::vector<u32>& cpus) {
  std::vector<u32> cores;
  cores.reserve(cpus.size());
  for (const u32 cpu : cpus) cores.push_back(sites[cpu].core);
  std::ranges::sort(cores);
  const auto rest = std::ranges::unique(cores);
  cores.erase(rest.begin(), rest.end());
  return cores;
}

std::vector<u32> offline_cores(const Scenario& scenario) {
  std::vector<u32> offline;
  const std::vector<std::vector<u32>> pairs = pairs_of(scenario.shape);
  for (u32 core = 0; core < pairs.size(); core++) {
    const bool is_offline = std::ranges::all_of(
        pairs[core], [&](u32 cpu) { return std::ranges::binary_search(scenario.offline, cpu); });
    if (is_offline) offline.push_back(core);
  }
  return offline;
}

}  // namespace

Scenario without_smt(const Scenario& scenario) {
  const std::vector<CpuSite> sites = sites_of(scenario.shape);
  Scenario off = scenario;
  off.shape.smt = 1;
  off.shape.speed_permille.resize(std::min<size_t>(off.shape.speed_permille.size(), 1));
  off.offline = offline_cores(scenario);
  for (TaskSpec& task : off.tasks) task.cpus = cores_of(sites, task.cpus);
  for (Fault& fault : off.faults) {
    fault.cpus = cores_of(sites, fault.cpus);
    // Core 0 has cpu 0, which never goes offline.
    if (fault.kind == Fault::Kind::kOffline) std::erase(fault.cpus, 0U);
  }
  std::erase_if(off.faults, [](const Fault& fault) {
    return fault.kind == Fault::Kind::kOffline && fault.cpus.empty();
  });
  return off;
}

}  // namespace scx_pair
