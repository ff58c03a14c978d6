// SPDX-License-Identifier: GPL-2.0-only
#include "sim/scenario.h"

#include <algorithm>

#include "base/check.h"

namespace scx_pair {
namespace {

struct Core {
  CpuSite first;  // its first thread
  u32 threads = 1;
};

std::vector<Core> cores_of(const MachineShape& shape) {
  std::vector<Core> cores;
  for (u32 llc = 0; llc < shape.sockets * shape.llcs; llc++) {
    for (u32 i = 0; i < shape.cores + shape.single_cores; i++) {
      const auto core = static_cast<u32>(cores.size());
      cores.push_back({.first = {.core = core, .thread = 0, .llc = llc, .socket = llc / shape.llcs},
                       .threads = i < shape.cores ? shape.smt : 1});
    }
  }
  return cores;
}

CpuSite thread_of(const Core& core, u32 thread) {
  CpuSite site = core.first;
  site.thread = thread;
  return site;
}

}  // namespace

u32 cpu_count(const MachineShape& shape) {
  return shape.sockets * shape.llcs * (shape.cores * shape.smt + shape.single_cores);
}

std::vector<CpuSite> sites_of(const MachineShape& shape) {
  check(shape.smt > 0 && shape.llcs > 0, "a machine without threads or caches");
  const std::vector<Core> cores = cores_of(shape);
  std::vector<CpuSite> sites;
  if (shape.adjacent) {
    for (const Core& core : cores) {
      for (u32 thread = 0; thread < core.threads; thread++) {
        sites.push_back(thread_of(core, thread));
      }
    }
    return sites;
  }
  for (u32 thread = 0; thread < shape.smt; thread++) {
    for (const Core& core : cores) {
      if (thread < core.threads) sites.push_back(thread_of(core, thread));
    }
  }
  return sites;
}

std::vector<std::vector<u32>> pairs_of(const MachineShape& shape) {
  std::vector<std::vector<u32>> pairs(size_t{shape.sockets} * shape.llcs *
                                      (shape.cores + shape.single_cores));
  const std::vector<CpuSite> sites = sites_of(shape);
  for (u32 cpu = 0; cpu < sites.size(); cpu++) pairs[sites[cpu].core].push_back(cpu);
  return pairs;
}

u32 speed_permille(const MachineShape& shape, size_t busy) {
  // The second thread adds a fifth of a core, and each further one half of what the last one did.
  static constexpr u32 kDefault[] = {1000, 600, 433, 337, 275, 231, 199, 175};
  check(busy > 0 && busy <= std::size(kDefault), "a core has 1 to 8 busy threads");
  if (shape.speed_permille.empty()) return kDefault[busy - 1];
  return shape.speed_permille[std::min(busy, shape.speed_permille.size()) - 1];
}

}  // namespace scx_pair
