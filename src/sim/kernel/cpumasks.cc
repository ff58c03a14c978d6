// SPDX-License-Identifier: GPL-2.0-only
#include "sim/kernel/cpumasks.h"

#include "sim/kernel/kernel.h"

namespace scx_pair {
namespace {

const cpumask* online_cpus(void* self) {
  return kernel_of(self).online_cpus.kernel();
}

bool is_subset(void* self, const cpumask* a, const cpumask* b) {
  const size_t words = (kernel_of(self).cpus.size() + 63) / 64;
  for (size_t word = 0; word < words; word++) {
    if ((a->bits[word] & ~b->bits[word]) != 0) return false;
  }
  return true;
}

// cpumask_any_distribute(): each cpu goes on after the one that it named last.
u32 any_distribute(void* self, const cpumask* mask) {
  Kernel& k = kernel_of(self);
  Cpu& here = k.here();
  const u32 start = (here.distributed_last + 1) % static_cast<u32>(k.cpus.size());
  const u32 cpu = first_in_both(k.all_cpus->words(), mask->bits, start);
  if (cpu == kNoCpu) return static_cast<u32>(k.cpus.size());
  here.distributed_last = cpu;
  return cpu;
}

}  // namespace

void fill_cpumasks(sim_kernel& border) {
  border.online_cpumask = online_cpus;
  border.cpumask_subset = is_subset;
  border.cpumask_any_distribute = any_distribute;
}

}  // namespace scx_pair
