// SPDX-License-Identifier: GPL-2.0-only
#include "sim/generate.h"

#include <algorithm>
#include <array>
#include <bit>

#include "base/check.h"
#include "base/time_units.h"

namespace scx_pair {
namespace {

template <size_t N>
u32 one_of(Random& random, const std::array<u32, N>& values) {
  return values[random.below(N)];
}

void make_machine(Random& random, const GenerateLimits& limits, Scenario& scenario) {
  MachineShape& shape = scenario.shape;
  const u64 cpus = random.between(1, limits.cpus);
  shape.smt =
      std::min(one_of(random, std::array<u32, 8>{1, 2, 2, 2, 2, 3, 4, 8}), static_cast<u32>(cpus));
  shape.sockets = cpus >= 2 * u64{shape.smt} && random.chance(1, 4) ? 2 : 1;
  shape.llcs = cpus >= 2 * u64{shape.smt} * shape.sockets && random.chance(1, 4) ? 2 : 1;
  const auto of_llc = static_cast<u32>(cpus / (u64{shape.sockets} * shape.llcs));
  shape.cores = of_llc / shape.smt;
  shape.single_cores = random.chance(1, 2) ? of_llc % shape.smt : 0;
  shape.adjacent = random.chance(1, 2);
  if (random.chance(1, 3)) {
    for (u32 busy = 1; busy <= shape.smt; busy++) {
      shape.speed_permille.push_back(1200 / (busy + 1) + (busy == 1 ? 400 : 100));
    }
  }
  const u32 count = cpu_count(shape);
  if (count > 2 && random.chance(1, 8)) {
    scenario.offline = {static_cast<u32>(random.between(1, count - 1))};
  }
}

void make_kernel(Random& random, const GenerateLimits& limits, Scenario& scenario) {
  static constexpr std::array<u32, 8> kVersions = {616, 617, 618, 619, 700, 701, 702, 703};
  KernelSpec& kernel = scenario.kernel;
  do {
    kernel.version = one_of(random, kVersions);
  } while (kernel.version < limits.version_least);
  kernel.hz = one_of(random, std::array<u32, 3>{100, 250, 1000});
  if (random.chance(1, 2)) kernel.kick_delay_ns = random_time_draw(random, 200, 100 * kUs);
  if (random.chance(1, 2)) kernel.timer_delay_ns = random_time_draw(random, 200, kMs);
  kernel.switch_ns = random.chance(1, 2) ? 0 : random_time_ns(random, 100, 5 * kUs);
  SchedulerSpec& scheduler = scenario.scheduler;
  if (random.chance(1, 2)) scheduler.turn_ns = random_time_ns(random, kMs, 60 * kMs);
  if (random.chance(1, 2)) scheduler.slice_ns = random_time_ns(random, kMs / 2, 20 * kMs);
  scheduler.kthreads_trusted = random.chance(2, 3);
}

void make_cgroups(Random& random, Scenario& scenario) {
  scenario.cgroups = {{.path = "/"}};
  const u64 count = random.between(1, 8);
  for (u64 i = 0; i < count; i++) {
    const auto parent = random.chance(1, 3) ? static_cast<u32>(random.below(i + 1)) : 0;
    const std::string& above = scenario.cgroups[parent].path;
    CgroupSpec cgroup{.path = (parent == 0 ? "/" : above + "/") + static_cast<char>('a' + i),
                      .parent = parent};
    if (random.chance(1, 3)) cgroup.weight = static_cast<u32>(random_time_ns(random, 1, 10'000));
    if (random.chance(1, 10)) cgroup.idle = true;
    if (random.chance(1, 10)) {
      cgroup.period_ns = random.between(5, 100) * kMs;
      cgroup.quota_ns = random.between(1, 200) * kMs;
    }
    scenario.cgroups.push_back(std::move(cgroup));
  }
}

// The draws of old are made, and mean nothing.
void drop_controls(Scenario& scenario) {
  for (CgroupSpec& cgroup : scenario.cgroups) {
    cgroup.idle = false;
    cgroup.quota_ns = 0;
    cgroup.period_ns = CgroupSpec{}.period_ns;
  }
}

Step timed(Random& random, Step::Kind kind, u64 least, u64 most) {
  return {.kind = kind, .duration_ns = random_time_draw(random, least, most)};
}

Step run_step(Random& random) {
  const bool pinned = random.chance(1, 8);
  return timed(random, pinned ? Step::Kind::kRunPinned : Step::Kind::kRun, kUs, 20 * kMs);
}

Step sleep_step(Random& random) {
  if (random.chance(1, 6)) {
    return {.kind = Step::Kind::kTimer,
            .duration_ns = {.value = random_time_ns(random, 20 * kUs, 20 * kMs)}};
  }
  return timed(random, Step::Kind::kSleep, 20 * kUs, 20 * kMs);
}

Phase phase_of(std::vector<Step> steps) {
  return {.loops = 1, .steps = std::move(steps)};
}

u32 make_channel(Random& random, Scenario& scenario, u32 count, bool bounded) {
  const auto first = static_cast<u32>(scenario.channels.size());
  const u64 capacity = bounded ? random.between(1, 16) : 0;
  for (u32 i = 0; i < count; i++) {
    scenario.channels.push_back(
        {.name = "channel " + std::to_string(first + i), .capacity = capacity});
  }
  return first;
}

// Some of everything a task does alone.
void fill_alone(Random& random, TaskSpec& task) {
  std::vector<Step> steps;
  if (random.chance(3, 4)) {
    steps.push_back(run_step(random));
    if (random.chance(2, 3)) steps.push_back(sleep_step(random));
    if (random.chance(1, 6)) steps.push_back({.kind = Step::Kind::kYield});
    if (random.chance(1, 10)) steps.push_back({.kind = Step::Kind::kExec});
    task.phases.push_back(phase_of(std::move(steps)));
  } else {
    task.phases.push_back(phase_of({run_step(random), sleep_step(random)}));
    task.phases.back().loops = static_cast<s64>(random.between(1, 20));
    task.phases.push_back(phase_of({run_step(random), {.kind = Step::Kind::kYield}}));
    task.phases.back().loops = static_cast<s64>(random.between(1, 20));
  }
  if (random.chance(1, 6)) task.loops = static_cast<s64>(random.between(1, 50));
}

class TaskMaker {
 public:
  TaskMaker(Random& random, const GenerateLimits& limits, Scenario& scenario)
      : random_(random), limits_(limits), scenario_(scenario), left_(limits.tasks) {}

  void make() {
    add_alone();
    const u64 groups = random_.between(0, 6);
    for (u64 i = 0; i < groups && left_ > 1; i++) add_any();
  }

 private:
  void add_any() {
    switch (random_.below(8)) {
      case 0:
        return add_messengers();
      case 1:
        return add_team();
      case 2:
        return add_forker();
      case 3:
        return limits_.higher ? add_higher() : add_alone();
      case 4:
        return limits_.kthreads ? add_kthreads() : add_alone();
      default:
        return add_alone();
    }
  }

  TaskSpec start(u32 instances) {
    TaskSpec task{.name = "task" + std::to_string(scenario_.tasks.size()), .instances = instances};
    left_ -= instances;
    if (random_.chance(1, 3)) task.delay_ns = random_time_draw(random_, 10 * kUs, 20 * kMs);
    return task;
  }

  u32 some() { return static_cast<u32>(random_.between(1, std::min<u64>(left_, 6))); }

  void place(TaskSpec& task) {
    task.cgroups.clear();
    const u64 count = random_.between(1, random_.chance(1, 3) ? 3 : 1);
    for (u64 i = 0; i < count; i++) {
      task.cgroups.push_back(static_cast<u32>(random_.below(scenario_.cgroups.size())));
    }
    if (random_.chance(1, 5)) task.cpus = random_cpus(random_, scenario_);
    task.one_cpu_each = random_.chance(1, 12);
    if (random_.chance(1, 4)) task.nice = static_cast<s32>(random_.below(40)) - 20;
    if (random_.chance(1, 10)) task.policy = TaskPolicy::kBatch;
    if (random_.chance(1, 10)) {
      task.policy = TaskPolicy::kSchedIdle;
      task.nice = 0;
    }
  }

  void add_alone() {
    TaskSpec task = start(some());
    place(task);
    fill_alone(random_, task);
    scenario_.tasks.push_back(std::move(task));
  }

  // Senders and receivers, one channel for each couple, or ping-pong.
  void add_messengers() {
    const u32 couples = std::max(1U, some() / 2);
    const u32 there = make_channel(random_, scenario_, couples, random_.chance(1, 2));
    const u32 back = make_channel(random_, scenario_, couples, false);
    const bool answers = random_.chance(1, 2);
    TaskSpec sender = start(couples);
    place(sender);
    sender.phases = {
        phase_of({timed(random_, Step::Kind::kRun, kUs, kMs),
                  {.kind = Step::Kind::kResume, .target = there, .target_span = couples}})};
    if (answers) {
      sender.phases[0].steps.push_back(
          {.kind = Step::Kind::kSuspend, .target = back, .target_span = couples});
    }
    scenario_.tasks.push_back(std::move(sender));
    TaskSpec receiver = start(left_ >= couples ? couples : left_);
    if (receiver.instances == 0) receiver.instances = 1;
    place(receiver);
    receiver.phases = {
        phase_of({{.kind = Step::Kind::kSuspend, .target = there, .target_span = couples},
                  timed(random_, Step::Kind::kRun, kUs, kMs),
                  {.kind = Step::Kind::kResume, .target = back, .target_span = couples}})};
    scenario_.tasks.push_back(std::move(receiver));
  }

  void add_team() {
    TaskSpec task = start(some());
    place(task);
    const auto barrier = static_cast<u32>(scenario_.barriers.size());
    scenario_.barriers.push_back(task.instances);
    task.phases = {
        phase_of({run_step(random_), {.kind = Step::Kind::kBarrier, .target = barrier}})};
    scenario_.tasks.push_back(std::move(task));
  }

  void add_forker() {
    TaskSpec parent = start(1);
    place(parent);
    const auto child = static_cast<u32>(scenario_.tasks.size()) + 1;
    parent.phases = {phase_of(
        {{.kind = Step::Kind::kFork, .target = child}, sleep_step(random_), run_step(random_)})};
    scenario_.tasks.push_back(std::move(parent));
    TaskSpec task = start(0);
    task.loops = static_cast<s64>(random_.between(1, 3));
    task.phases = {phase_of({run_step(random_), sleep_step(random_)})};
    if (random_.chance(1, 3)) task.phases[0].steps.push_back({.kind = Step::Kind::kExit});
    scenario_.tasks.push_back(std::move(task));
  }

  void add_higher() {
    TaskSpec task = start(1);
    place(task);
    task.nice = 0;
    // They leave most of the time to others, or nothing else would be tested.
    task.phases = {phase_of({timed(random_, Step::Kind::kRun, 10 * kUs, kMs),
                             timed(random_, Step::Kind::kSleep, 2 * kMs, 20 * kMs)})};
    task.policy = random_.chance(1, 2) ? TaskPolicy::kFifo : TaskPolicy::kRoundRobin;
    task.priority = static_cast<u32>(random_.between(1, 99));
    const bool has_deadline = std::ranges::any_of(scenario_.tasks, [](const TaskSpec& other) {
      return other.policy == TaskPolicy::kDeadline;
    });
    if (!has_deadline && random_.chance(1, 3)) {
      task.policy = TaskPolicy::kDeadline;
      task.priority = 0;
      task.cpus.clear();
      task.one_cpu_each = false;
      task.dl_period_ns = random_time_ns(random_, 5 * kMs, 50 * kMs);
      task.dl_runtime_ns = task.dl_period_ns / 10;
      task.dl_deadline_ns = task.dl_period_ns / 2;
    }
    scenario_.tasks.push_back(std::move(task));
  }

  void add_kthreads() {
    TaskSpec task = start(some());
    task.kthread = true;
    task.one_cpu_each = random_.chance(1, 2);
    task.phases = {phase_of({timed(random_, Step::Kind::kRun, kUs, 200 * kUs),
                             timed(random_, Step::Kind::kSleep, 100 * kUs, 10 * kMs)})};
    scenario_.tasks.push_back(std::move(task));
  }

  Random& random_;
  const GenerateLimits& limits_;
  Scenario& scenario_;
  u32 left_;
};

}  // namespace

u64 random_time_ns(Random& random, u64 least, u64 most) {
  check(least > 0 && least <= most, "a random time from an empty range");
  // As many bits as luck has it, and luck again within them.
  const auto bits_least = static_cast<u64>(std::bit_width(least));
  const u64 bits = random.between(bits_least, static_cast<u64>(std::bit_width(most)));
  const u64 drawn = random.between(u64{1} << (bits - 1), (u64{1} << bits) - 1);
  const u64 rounded = drawn > 10 * kUs ? drawn / kUs * kUs : drawn;
  return std::clamp(rounded, least, most);
}

Draw random_time_draw(Random& random, u64 least, u64 most) {
  const u64 value = random_time_ns(random, least, most);
  switch (random.below(4)) {
    case 0:
      return {.kind = Draw::Kind::kExponential, .value = value};
    case 1:
      return {.kind = Draw::Kind::kUniform, .value = value / 2, .most = value};
    default:
      return {.value = value};
  }
}

std::vector<u32> random_cpus(Random& random, const Scenario& scenario) {
  const u32 count = cpu_count(scenario.shape);
  const u64 part = random.between(1, 4);
  std::vector<u32> cpus;
  for (u32 cpu = 0; cpu < count; cpu++) {
    if (random.chance(part, 5)) cpus.push_back(cpu);
  }
  const bool usable = std::ranges::any_of(
      cpus, [&](u32 cpu) { return !std::ranges::binary_search(scenario.offline, cpu); });
  return usable ? cpus : std::vector<u32>{0};
}

Scenario generate_scenario(u64 seed, const GenerateLimits& limits) {
  check(limits.cpus > 0 && limits.tasks > 0, "a scenario without cpus or tasks");
  Random random(seed, 0x67656e);
  Scenario scenario;
  scenario.name = "generated " + std::to_string(seed);
  scenario.seed = seed >> 1U;  // files have 63 bits
  scenario.duration_ns = limits.duration_ns;
  make_machine(random, limits, scenario);
  make_kernel(random, limits, scenario);
  make_cgroups(random, scenario);
  TaskMaker(random, limits, scenario).make();
  if (limits.faults) generate_faults(random, limits, scenario);
  if (limits.controls) {
    Random luck(seed, 0x636f6e);
    generate_controls(luck, limits, scenario);
  } else {
    drop_controls(scenario);
  }
  return scenario;
}

}  // namespace scx_pair
