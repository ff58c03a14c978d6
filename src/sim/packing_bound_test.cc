// SPDX-License-Identifier: GPL-2.0-only
#include "sim/packing_bound.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include "sim/scenario_file.h"

namespace scx_pair {
namespace {

std::vector<PackedDomain> domains_of(const std::vector<u32>& tasks) {
  std::vector<PackedDomain> domains;
  domains.reserve(tasks.size());
  for (const u32 n : tasks) domains.push_back({.tasks = n});
  return domains;
}

// How many pairs each domain holds in one slot of time.
using Held = std::vector<u32>;

// All ways to give at most so many pairs to so many domains.
void all_slots(u32 pairs, size_t domains, Held& held, std::vector<Held>& out) {
  if (held.size() == domains) {
    out.push_back(held);
    return;
  }
  for (u32 k = 0; k <= pairs; k++) {
    held.push_back(k);
    all_slots(pairs - k, domains, held, out);
    held.pop_back();
  }
}

// The seats that idle in a slot, if a task waits in it.
u32 forced_seats(u32 cores, u32 smt, const std::vector<PackedDomain>& domains, const Held& held) {
  u32 used = 0;
  bool waits = false;
  for (size_t d = 0; d < domains.size(); d++) {
    used += std::min(held[d] * smt, domains[d].tasks);
    waits = waits || held[d] * smt < domains[d].tasks;
  }
  return waits ? cores * smt - used : 0;
}

// Every schedule of slots that gives each domain what it is entitled to, or more; the least of the
// seats that are forced to idle in one of them. The order of slots does not matter.
u32 least_by_trying(u32 cores, u32 smt, const std::vector<PackedDomain>& domains,
                    const Held& entitled, u32 slots) {
  std::vector<Held> kinds;
  Held empty;
  all_slots(cores, domains.size(), empty, kinds);
  std::vector<u32> forced;
  forced.reserve(kinds.size());
  for (const Held& kind : kinds) forced.push_back(forced_seats(cores, smt, domains, kind));
  u32 least = std::numeric_limits<u32>::max();
  Held sum(domains.size());
  const std::function<void(size_t, u32, u32)> try_from = [&](size_t first, u32 left, u32 idle) {
    if (left == 0) {
      const bool fair = std::ranges::equal(sum, entitled, std::greater_equal<>());
      if (fair) least = std::min(least, idle);
      return;
    }
    for (size_t kind = first; kind < kinds.size(); kind++) {
      for (size_t d = 0; d < sum.size(); d++) sum[d] += kinds[kind][d];
      try_from(kind, left - 1, idle + forced[kind]);
      for (size_t d = 0; d < sum.size(); d++) sum[d] -= kinds[kind][d];
    }
  };
  try_from(0, slots, 0);
  return least;
}

// The slots in which every domain is entitled to whole ones; 0 if there are none so few.
u32 slots_for(const std::vector<double>& pairs, u32 most) {
  for (u32 slots = 1; slots <= most; slots++) {
    const bool whole = std::ranges::all_of(
        pairs, [&](double p) { return std::abs(p * slots - std::round(p * slots)) < 1e-9; });
    if (whole) return slots;
  }
  return 0;
}

class PackingBoundTrial {
 public:
  void compare(u32 cores, u32 smt, const std::vector<PackedDomain>& domains) {
    const std::vector<double> pairs = entitled_pairs(cores, smt, domains);
    const u32 slots = slots_for(pairs, 4);
    if (slots == 0) return;
    Held entitled;
    for (const double p : pairs) entitled.push_back(static_cast<u32>(std::lround(p * slots)));
    const u32 least = least_by_trying(cores, smt, domains, entitled, slots);
    const double bound = least_forced_idle(cores, smt, domains) * cores * smt * slots;
    tried++;
    wasteful += least > 0 ? 1 : 0;
    EXPECT_NEAR(bound, least, 1e-9)
        << cores << " cores of " << smt << ", " << domains[0].tasks << " and " << domains[1].tasks
        << " tasks, " << slots << " slots";
  }

  u32 tried = 0;
  u32 wasteful = 0;
};

TEST(PackingBound, IsWhatTheBestOfAllSmallSchedulesDoes) {
  PackingBoundTrial trial;
  for (u32 cores = 1; cores <= 3; cores++) {
    for (u32 smt = 1; smt <= 4; smt++) {
      for (u32 a = 1; a <= 7; a++) {
        for (u32 b = 1; b <= 5; b++) {
          for (const u32 weight : {100U, 300U}) {
            trial.compare(cores, smt, {{.tasks = a, .weight = weight}, {.tasks = b}});
          }
          for (u32 c = 1; c <= 3; c++) trial.compare(cores, smt, domains_of({a, b, c}));
        }
      }
    }
  }
  EXPECT_GT(trial.tried, 1'000U);
  EXPECT_GT(trial.wasteful, 300U);
}

TEST(PackingBound, IsNothingWhereEverybodyFillsHisPairs) {
  EXPECT_EQ(least_forced_idle(4, 2, domains_of({2, 2, 2, 2, 2, 2})), 0);
  EXPECT_EQ(least_forced_idle(4, 2, domains_of({3, 3, 3, 3})), 0);
}

TEST(PackingBound, OneTaskAloneLeavesItsSiblingsIdle) {
  EXPECT_DOUBLE_EQ(least_forced_idle(4, 2, domains_of({1, 1, 2, 2, 3, 3})), 1.0 / 6);
  EXPECT_DOUBLE_EQ(least_forced_idle(4, 2, domains_of({8, 1, 1, 1})), 3.0 / 8);
  EXPECT_DOUBLE_EQ(least_forced_idle(4, 2, domains_of({5, 3, 2, 2, 1})), 0.1);
}

TEST(PackingBound, IsNothingWhereAllTasksHaveASeat) {
  EXPECT_EQ(least_forced_idle(4, 2, domains_of({3, 3})), 0);
  EXPECT_EQ(least_forced_idle(8, 2, domains_of({})), 0);
}

TEST(PackingBound, ADomainUsesTheSeatsOfItsPairsUpToItsTasks) {
  EXPECT_DOUBLE_EQ(usable_seats(0.5, 2, {.tasks = 1}), 0.5);
  EXPECT_DOUBLE_EQ(usable_seats(1, 2, {.tasks = 5}), 2);
  EXPECT_DOUBLE_EQ(usable_seats(2.5, 2, {.tasks = 5}), 4.5);
  EXPECT_DOUBLE_EQ(usable_seats(1.5, 4, {.tasks = 6}), 5);
}

TEST(PackingBound, PairsAreSharedByWeightUpToWhatTasksFill) {
  const std::vector<double> pairs =
      entitled_pairs(4, 2, {{.tasks = 9, .weight = 100}, {9, 200}, {3, 300}, {1, 10'000}});
  EXPECT_DOUBLE_EQ(pairs[3], 1);
  EXPECT_DOUBLE_EQ(pairs[2], 1.5);
  EXPECT_DOUBLE_EQ(pairs[1], 1);
  EXPECT_DOUBLE_EQ(pairs[0], 0.5);
}

std::optional<double> bound_of(const std::string& text) {
  Result<Scenario> scenario = parse_scenario(text, "s.json");
  EXPECT_TRUE(scenario.has_value()) << (scenario ? "" : scenario.error().what);
  return scenario ? least_forced_idle(*scenario) : std::nullopt;
}

TEST(PackingBound, OfAScenarioCountsTheTasksOfEachCgroup) {
  const auto bound = bound_of(R"({"topology": {"cores": 1}, "cgroups": {"/a": {}, "/b": {}},
      "tasks": {"x": {"instance": 3, "cgroup": ["/a", "/b"], "run": 1000}}})");
  ASSERT_TRUE(bound.has_value());
  EXPECT_DOUBLE_EQ(*bound, 0.25);
}

TEST(PackingBound, IsNotDefinedWhereAScenarioIsAboutMoreThanPacking) {
  EXPECT_TRUE(bound_of(R"({"cgroups": {"/a": {}}, "tasks": {"x": {"cgroup": "/a", "run": 1}}})"));
  for (const char* const more :
       {R"({"cgroups": {"/a": {}}, "tasks": {"x": {"cgroup": "/a", "run": 1, "sleep": 1}}})",
        R"({"cgroups": {"/a": {}}, "tasks": {"x": {"cgroup": "/a", "run": 1, "cpus": [0]}}})",
        R"({"cgroups": {"/a": {}}, "tasks": {"x": {"cgroup": "/a", "run": 1, "loop": 3}}})",
        R"({"cgroups": {"/a": {}}, "tasks": {"x": {"cgroup": "/a", "run": 1, "delay": 9}}})",
        R"({"cgroups": {"/a": {"cpu.idle": 1}}, "tasks": {"x": {"cgroup": "/a", "run": 1}}})",
        R"({"cgroups": {"/a/b": {}}, "tasks": {"x": {"cgroup": "/a/b", "run": 1}}})",
        R"({"tasks": {"x": {"run": 1}}})",
        R"({"cgroups": {"/a": {}}, "tasks": {"x": {"cgroup": "/a", "run": 1}},
               "faults": [{"bypass": 1}]})",
        R"({"topology": {"single_cores": 1}, "cgroups": {"/a": {}},
               "tasks": {"x": {"cgroup": "/a", "run": 1}}})"}) {
    EXPECT_FALSE(bound_of(more)) << more;
  }
}

}  // namespace
}  // namespace scx_pair
