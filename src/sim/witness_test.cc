// SPDX-License-Identifier: GPL-2.0-only
//
// What the simulated kernel tells a scheduler of cgroups and tasks, and when.
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "sim/generate.h"
#include "sim/machine_test_support.h"
#include "sim/native_object_test_support.h"
#include "sim/witness/heard.h"
#include "witness_native.h"

namespace scx_pair {
namespace {

constexpr u64 kNone = ~u64{0};

template <typename Value>
Value value_of(const NativeObject& object, const char* name) {
  Value value;
  std::memcpy(&value, object.find(name), sizeof value);
  return value;
}

struct Testimony {
  std::vector<heard> all;
  u64 disordered = 0;
  u64 nr_runnable = 0;

  [[nodiscard]] std::vector<heard> of(heard_kind kind) const {
    std::vector<heard> some;
    for (const heard& one : all) {
      if (one.kind == kind) some.push_back(one);
    }
    return some;
  }
};

Testimony run_before_witness(const Scenario& scenario) {
  NativeObject object = object_of(witness_native());
  Machine machine(scenario, object);
  machine.run();
  EXPECT_EQ(machine.outcome().failure, "");
  Testimony testimony;
  const auto* first = static_cast<const heard*>(object.find("heard"));
  testimony.all.assign(first, first + value_of<u32>(object, "nr_heard"));
  testimony.disordered = value_of<u64>(object, "disordered");
  testimony.nr_runnable = value_of<u64>(object, "nr_runnable");
  return testimony;
}

// /a is limited and idle, /a/x is below it, /b is as it was made.
Scenario controlled(u32 version) {
  Scenario scenario = small_scenario(1, 2);
  scenario.kernel.version = version;
  scenario.duration_ns = 100 * kMs;
  scenario.cgroups[1].weight = 300;
  scenario.cgroups[1].quota_ns = 20 * kMs;
  scenario.cgroups[1].period_ns = 50 * kMs;
  scenario.cgroups[1].burst_ns = 5 * kMs;
  scenario.cgroups[1].idle = true;
  scenario.cgroups.push_back({.path = "/a/x", .parent = 1});
  scenario.tasks = {spinners("spin", 1, 1)};
  return scenario;
}

Fault once(Fault::Kind kind, u32 cgroup, u64 at_ns, u64 value) {
  Fault fault{.kind = kind, .at_ns = at_ns};
  fault.cgroups = {cgroup};
  fault.value = fixed(value);
  return fault;
}

TEST(Witness, ACgroupComesWithItsSettingsAndAfterItsParent) {
  const std::vector<heard> cgroups = run_before_witness(controlled(703)).of(HEARD_CGROUP);
  ASSERT_EQ(cgroups.size(), 4U);
  EXPECT_EQ(cgroups[0].id, 1U);
  EXPECT_EQ(cgroups[0].parent_id, 0U);
  EXPECT_EQ(cgroups[0].quota_us, kNone);
  EXPECT_EQ(cgroups[0].period_us, 100'000U);
  EXPECT_EQ(cgroups[1].id, 2U);
  EXPECT_EQ(cgroups[1].parent_id, 1U);
  EXPECT_EQ(cgroups[1].weight, 300U);
  EXPECT_EQ(cgroups[1].quota_us, 20'000U);
  EXPECT_EQ(cgroups[1].period_us, 50'000U);
  EXPECT_EQ(cgroups[1].burst_us, 5'000U);
  EXPECT_EQ(cgroups[1].idle, 1U);
  // css_for_each_descendant_pre(): /a/x, made last, before /b.
  EXPECT_EQ(cgroups[2].id, 4U);
  EXPECT_EQ(cgroups[2].parent_id, 2U);
  EXPECT_EQ(cgroups[3].id, 3U);
  EXPECT_EQ(cgroups[3].idle, 0U);
}

TEST(Witness, AnOldKernelHasNotTheMembersThatCameLater) {
  const heard before_limits = run_before_witness(controlled(616)).of(HEARD_CGROUP)[1];
  EXPECT_EQ(before_limits.weight, 300U);
  EXPECT_EQ(before_limits.quota_us, 0U);
  const heard before_idle = run_before_witness(controlled(702)).of(HEARD_CGROUP)[1];
  EXPECT_EQ(before_idle.quota_us, 20'000U);
  EXPECT_EQ(before_idle.idle, 0U);
}

TEST(Witness, ALimitThatChangesIsToldSince617) {
  Scenario scenario = controlled(617);
  scenario.faults = {once(Fault::Kind::kLimit, 2, 10 * kMs, 150),
                     once(Fault::Kind::kLimit, 2, 20 * kMs, 150),
                     once(Fault::Kind::kLimit, 2, 30 * kMs, 0)};
  const std::vector<heard> told = run_before_witness(scenario).of(HEARD_BANDWIDTH);
  ASSERT_EQ(told.size(), 2U) << "the same again is no change";
  EXPECT_EQ(told[0].id, 3U);
  EXPECT_EQ(told[0].quota_us, 150'000U);
  EXPECT_EQ(told[1].quota_us, kNone);
  scenario.kernel.version = 616;
  EXPECT_TRUE(run_before_witness(scenario).of(HEARD_BANDWIDTH).empty());
}

TEST(Witness, ABurstAboveTheNewQuotaRefusesIt) {
  Scenario scenario = controlled(703);
  scenario.faults = {once(Fault::Kind::kLimit, 1, 10 * kMs, 4)};
  EXPECT_TRUE(run_before_witness(scenario).of(HEARD_BANDWIDTH).empty());
}

TEST(Witness, CpuIdleIsToldSince619) {
  Scenario scenario = controlled(619);
  scenario.faults = {once(Fault::Kind::kLeftover, 1, 10 * kMs, 0),
                     once(Fault::Kind::kLeftover, 1, 20 * kMs, 0)};
  const std::vector<heard> told = run_before_witness(scenario).of(HEARD_IDLE);
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[0].id, 2U);
  EXPECT_EQ(told[0].idle, 0U);
  EXPECT_EQ(told[1].idle, 1U);
  scenario.kernel.version = 618;
  EXPECT_TRUE(run_before_witness(scenario).of(HEARD_IDLE).empty());
}

TEST(Witness, AnIdleCgroupRefusesAWeightAndKeepsTheOldOne) {
  Scenario scenario = controlled(703);
  scenario.faults = {
      once(Fault::Kind::kWeight, 1, 10 * kMs, 500), once(Fault::Kind::kLeftover, 1, 20 * kMs, 0),
      once(Fault::Kind::kWeight, 1, 30 * kMs, 300), once(Fault::Kind::kWeight, 1, 40 * kMs, 100)};
  const std::vector<heard> told = run_before_witness(scenario).of(HEARD_WEIGHT);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].weight, 100U);
}

TEST(Witness, AChurnedCgroupIsBelowTheOneThatTheFaultNames) {
  Scenario scenario = controlled(703);
  Fault churn{.kind = Fault::Kind::kChurn, .at_ns = 10 * kMs};
  churn.cgroups = {3};
  churn.run_ns = fixed(kMs);
  scenario.faults = {churn};
  const Testimony testimony = run_before_witness(scenario);
  const heard last = testimony.of(HEARD_CGROUP).back();
  EXPECT_EQ(last.parent_id, 4U);
  EXPECT_EQ(last.weight, 100U);
  ASSERT_EQ(testimony.of(HEARD_GONE).size(), 1U);
  EXPECT_EQ(testimony.of(HEARD_GONE)[0].id, last.id);
}

TEST(Witness, TasksHaveTheirPolicyPriorityAndWeight) {
  Scenario scenario = small_scenario(1, 1);
  scenario.duration_ns = 10 * kMs;
  TaskSpec nice = spinners("nice", 1, 1);
  nice.nice = -5;
  TaskSpec batch = spinners("batch", 1, 1);
  batch.policy = TaskPolicy::kBatch;
  batch.nice = 19;
  TaskSpec idle = spinners("idle", 1, 1);
  idle.policy = TaskPolicy::kSchedIdle;
  scenario.tasks = {nice, batch, idle};
  const std::vector<heard> tasks = run_before_witness(scenario).of(HEARD_TASK);
  ASSERT_EQ(tasks.size(), 3U);
  EXPECT_EQ(tasks[0].static_prio, 115);
  EXPECT_EQ(tasks[0].policy, u64{SCHED_NORMAL});
  EXPECT_EQ(tasks[0].weight, 305U);
  EXPECT_EQ(tasks[1].static_prio, 139);
  EXPECT_EQ(tasks[1].policy, u64{SCHED_BATCH});
  EXPECT_EQ(tasks[2].static_prio, 120);
  EXPECT_EQ(tasks[2].policy, u64{SCHED_IDLE});
  // sched_weight_to_cgroup() makes no difference between the last nice value and SCHED_IDLE.
  EXPECT_EQ(tasks[1].weight, 1U);
  EXPECT_EQ(tasks[2].weight, 1U);
}

// What a kernel before 6.19 has to be asked.
TEST(Witness, ATasksGroupSaysWhetherItIsIdleAndWhatIsAbove) {
  Scenario scenario = controlled(616);
  scenario.tasks.push_back(spinners("below", 1, 3));
  const std::vector<heard> tasks = run_before_witness(scenario).of(HEARD_TASK);
  ASSERT_EQ(tasks.size(), 2U);
  EXPECT_EQ(tasks[0].parent_id, 1U);
  EXPECT_EQ(tasks[0].idle, 1U);
  EXPECT_EQ(tasks[1].parent_id, 2U);
  EXPECT_EQ(tasks[1].idle, 0U);
}

TEST(Witness, RunnableAndQuiescentEncloseRunningAndStoppingWhateverHappens) {
  u64 nr_runnable = 0;
  for (u64 seed = 1; seed <= 40; seed++) {
    Scenario scenario = generate_scenario(seed);
    // After a reload everything that was written down is as at first.
    std::erase_if(scenario.faults, [](const Fault& fault) {
      return fault.kind == Fault::Kind::kReload || fault.kind == Fault::Kind::kOffline;
    });
    const Testimony testimony = run_before_witness(scenario);
    EXPECT_EQ(testimony.disordered, 0U) << "seed " << seed;
    nr_runnable += testimony.nr_runnable;
  }
  EXPECT_GT(nr_runnable, 10'000U);
}

}  // namespace
}  // namespace scx_pair
