// SPDX-License-Identifier: GPL-2.0-only
//
// How long tasks wait, against the bound of docs/fairness.md, on machines made from thousands of
// seeds. Prints a table by size, and the seeds that miss the bound; exit status 1 if any does.
//
// usage: waiting_bench [SEEDS [FIRST]]
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/check.h"
#include "scx_pair_native.h"
#include "sim/native_object.h"
#include "sim/waiting_bound.h"

namespace scx_pair {
namespace {

struct Size {
  u32 cpus_most = 0;
  u64 machines = 0;
  u64 missed = 0;
  u64 longest_ns = 0;
  double worst_part = 0;
  u64 worst_seed = 0;
};

void note(Size& size, u64 seed, const WaitingResult& worst) {
  size.machines++;
  size.longest_ns = std::max(size.longest_ns, worst.waited_ns);
  if (worst.part() > size.worst_part) {
    size.worst_part = worst.part();
    size.worst_seed = seed;
  }
  if (worst.part() <= 1 && worst.failure.empty()) return;
  size.missed++;
  fmt::print("seed {}: {} waited for {} ms, at most {} ms were to be expected {}\n", seed,
             worst.task, worst.waited_ns / 1'000'000, worst.bound_ns / 1'000'000, worst.failure);
}

bool check_all(u64 seeds, u64 first) {
  auto object = NativeObject::from_bytes(scx_pair_native());
  check(object.has_value(), "the scheduler can be loaded");
  std::array<Size, 4> sizes = {Size{.cpus_most = 4}, Size{.cpus_most = 16}, Size{.cpus_most = 64},
                               Size{.cpus_most = 256}};
  for (u64 seed = first; seed < first + seeds; seed++) {
    const WaitingMachine machine = waiting_machine(seed);
    const u32 cpus = cpu_count(machine.shape);
    auto* size = std::ranges::find_if(sizes, [&](const Size& s) { return cpus <= s.cpus_most; });
    note(*size, seed, worst_wait(machine, *object));
  }
  fmt::print("{:>10}{:>10}{:>14}{:>20}{:>10}{:>8}\n", "cpus up to", "machines", "longest wait",
             "closest to the bound", "of seed", "missed");
  u64 missed = 0;
  for (const Size& size : sizes) {
    fmt::print("{:>10}{:>10}{:>11} ms{:>18.0f} %{:>10}{:>8}\n", size.cpus_most, size.machines,
               size.longest_ns / 1'000'000, 100 * size.worst_part, size.worst_seed, size.missed);
    missed += size.missed;
  }
  return missed == 0;
}

}  // namespace
}  // namespace scx_pair

int main(int argc, char** argv) {
  const long seeds = argc > 1 ? std::strtol(argv[1], nullptr, 10) : 3000;
  const long first = argc > 2 ? std::strtol(argv[2], nullptr, 10) : 1;
  return scx_pair::check_all(static_cast<u64>(seeds), static_cast<u64>(first)) ? 0 : 1;
}
