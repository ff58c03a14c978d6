// SPDX-License-Identifier: GPL-2.0-only
//
// What one run of the simulator is made of: plain data, complete, and with nothing left to look up.
// Names have become indices, and a pattern such as "/tenants/t#" the list it stands for. All times
// are nanoseconds, counted from the start of the run. docs/scenarios.md describes the files.
//
// A scenario that scenario_file.h or generate.h has made is valid: indices are in range, lists that
// must not be empty are not, cpus exist, and no value is outside what its comment says.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/scheduler_abi.h"
#include "base/scheduler_times.h"
#include "base/types.h"
#include "sim/random.h"

namespace scx_pair {

// A number of nanoseconds, or a plain number, drawn anew each time it is needed.
struct Draw {
  enum class Kind : u8 { kFixed, kUniform, kExponential };
  Kind kind = Kind::kFixed;
  u64 value = 0;  // fixed: itself; uniform: the least; exponential: the mean
  u64 most = 0;   // uniform: the most, included

  [[nodiscard]] u64 draw(Random& random) const {
    switch (kind) {
      case Kind::kUniform:
        return random.between(value, most);
      case Kind::kExponential:
        return random.exponential(value);
      case Kind::kFixed:
        break;
    }
    return value;
  }
  [[nodiscard]] bool is_zero() const { return value == 0 && most == 0; }
  // Without the part of a unit that it may have.
  [[nodiscard]] u64 mean() const { return kind == Kind::kUniform ? (value + most) / 2 : value; }

  bool operator==(const Draw&) const = default;
};

// Always @value.
inline Draw fixed(u64 value) {
  return {.kind = Draw::Kind::kFixed, .value = value};
}

// The machine. Cpus are numbered core after core; where `adjacent` is false (as on most x86), the
// first threads of all cores come first, then the second ones, and so on.
struct MachineShape {
  u32 sockets = 1;
  u32 llcs = 1;          // last-level caches of a socket
  u32 cores = 1;         // of an LLC, with `smt` threads each
  u32 smt = 2;           // 1..8
  u32 single_cores = 0;  // of an LLC, beside the others: cores of one thread, as hybrid parts have
  bool adjacent = false;
  // [k]: how fast each of k + 1 busy threads of a core is, of 1000; [0] is 1000, none is 0, and the
  // last stands for all beyond. It stretches every kRun. Empty: threads do not slow each other
  // down, and a kRun is cpu time.
  std::vector<u32> speed_permille{};

  bool operator==(const MachineShape&) const = default;
};

// A place of a cpu in the machine.
struct CpuSite {
  u32 core = 0;  // index into pairs_of()
  u32 thread = 0;
  u32 llc = 0;  // counted over the whole machine
  u32 socket = 0;

  bool operator==(const CpuSite&) const = default;
};

u32 cpu_count(const MachineShape& shape);                           // 1..CPUS_MAX if valid
std::vector<CpuSite> sites_of(const MachineShape& shape);           // by cpu
std::vector<std::vector<u32>> pairs_of(const MachineShape& shape);  // the cpus of each core

// How fast each of `busy` busy threads of a core is, of 1000: as the shape says, or 600 for two,
// and less for more. Requires: 1 <= busy <= 8.
u32 speed_permille(const MachineShape& shape, size_t busy);

// What the scheduler's work costs a cpu (kernel/costs.h): each 0..100 us. The defaults are of the
// order that current server parts have: a callback of a few hundred instructions, a short critical
// section, a cache line from another core of the socket and from another socket.
struct CostSpec {
  u64 callback_ns = 200;   // a callback, besides what follows
  u64 lock_hold_ns = 100;  // each hold of a BPF lock or a dispatch queue, at least
  u64 line_ns = 60;        // to fetch a line that another cpu of the socket had last
  u64 far_line_ns = 150;   // the same from another socket

  bool operator==(const CostSpec&) const = default;
};

// Which kernel is modelled. Versions compare as major * 100 + minor: 6.16 is 616, 7.1 is 701.
struct KernelSpec {
  u32 version = 703;  // 612..799
  u32 hz = 250;       // ticks a second: 100..1000
  Draw kick_delay_ns = {.kind = Draw::Kind::kUniform, .value = 500, .most = 3'000};
  Draw timer_delay_ns = {.kind = Draw::Kind::kUniform, .value = 500, .most = 5'000};
  u64 switch_ns = 1'000;  // what a context switch costs the cpu: 0..1 ms
  u64 watchdog_ns =
      30'000'000'000;  // at least 1 ms: a task runnable for longer than this ends the scheduler
  std::optional<CostSpec> costs{};  // nothing: the scheduler's work takes no time

  bool operator==(const KernelSpec&) const = default;
};

// The options of scx_pair itself.
struct SchedulerSpec {
  u64 turn_ns = kTurnNs;
  u64 turn_min_ns = kTurnMinNs;
  u64 slice_ns = kSliceNs;
  bool kthreads_trusted = true;

  bool operator==(const SchedulerSpec&) const = default;
};

inline constexpr u32 kNoIndex = 0xffffffffU;

// A cgroup. Scenario::cgroups[0] is the root; parents come before their children.
struct CgroupSpec {
  std::string path{};  // "/a/b"; the root is "/"
  u32 parent = kNoIndex;
  u32 weight = 100;  // cpu.weight, 1..10000
  u64 quota_ns = 0;  // cpu.max: 0 is no limit
  u64 period_ns = 100'000'000;
  u64 burst_ns = 0;   // cpu.max.burst: at most the quota
  bool idle = false;  // cpu.idle

  bool operator==(const CgroupSpec&) const = default;
};

enum class TaskPolicy : u8 { kOrdinary, kBatch, kSchedIdle, kFifo, kRoundRobin, kDeadline };

struct Step {
  enum class Kind : u8 {
    kRun,        // use a cpu for `duration`, at full speed (MachineShape::speed_permille)
    kRunPinned,  // the same with migration disabled
    kSleep,      // for `duration` of wall time
    kTimer,      // sleep until the next multiple of `duration` since the task's start; no sleep at
                 // all where that has passed
    kYield,
    kResume,   // add a message to the channel and wake a waiter; wait while the channel is full
    kSuspend,  // take a message from the channel; wait while there is none
    kBarrier,  // wait until Scenario::barriers[target] tasks have come here
    kFork,     // a child of this task lives by Scenario::tasks[target]; it inherits all else
    kExec,     // execve: where a fresh cpu may be chosen
    kExit,
  };
  Kind kind = Kind::kRun;
  Draw duration_ns{};
  // kResume, kSuspend: the channel is target + instance % target_span; others: target.
  u32 target = kNoIndex;
  u32 target_span = 1;  // at least 1

  bool operator==(const Step&) const = default;
};

// A few steps, done `loops` times.
struct Phase {
  s64 loops = 1;              // -1 is for ever
  std::vector<Step> steps{};  // not empty

  bool operator==(const Phase&) const = default;
};

// A group of tasks that are alike. Instance i of it is in cgroups[i % size].
struct TaskSpec {
  std::string name{};
  u32 instances = 1;     // 0: only ever forked
  bool kthread = false;  // a kernel thread: in the root cgroup
  TaskPolicy policy = TaskPolicy::kOrdinary;
  s32 nice = 0;           // -20..19
  u32 priority = 0;       // kFifo, kRoundRobin: 1..99
  u64 dl_runtime_ns = 0;  // kDeadline: runtime <= deadline <= period, none 0
  u64 dl_deadline_ns = 0;
  u64 dl_period_ns = 0;
  std::vector<u32> cgroups = {0};  // not empty
  std::vector<u32> cpus{};         // allowed ones, ascending; empty: all
  bool one_cpu_each = false;       // instance i may only use cpus[i % size] (of all, where empty)
  Draw delay_ns{};                 // until it starts
  s64 loops = -1;                  // of all phases; -1 is for ever. Then it exits
  std::vector<Phase> phases{};     // not empty; what is done for ever takes time in each round

  bool operator==(const TaskSpec&) const = default;
};

struct ChannelSpec {
  std::string name{};
  u64 capacity = 0;  // messages; 0 is no limit
  u64 filled = 0;    // at the start

  bool operator==(const ChannelSpec&) const = default;
};

// Something that happens to the system from outside, once or again and again.
struct Fault {
  enum class Kind : u8 {
    kMove,      // a task of `tasks` goes to one of `cgroups`
    kChurn,     // a cgroup is made in one of `cgroups`, a child joins it, runs for `run_ns`, ends;
                // the cgroup is removed
    kAffinity,  // a task of `tasks` may from now on use `cpus`; where empty, a random set
    kWeight,    // one of `cgroups` gets a cpu.weight of `value`
    kNice,      // a task of `tasks` gets a nice value of `value` - 20
    kPolicy,    // a task of `tasks` runs under `policy` for `run_ns`, then as before
    kOffline,   // one of `cpus` goes offline for `run_ns`
    kBurst,     // `count` new tasks in one of `cgroups`, of `policy` and `priority`, run for
                // `run_ns` each on one of `cpus` (empty: anywhere) and end
    kKthreads,  // the same with kernel threads
    kReload,    // the scheduler is unloaded and loaded again
    kBypass,    // the kernel schedules by itself for `run_ns`, as on suspend
    kLimit,     // one of `cgroups` gets a cpu.max of `value` percent of a cpu in each `period_ns`;
                // 0 is no limit
    kLeftover,  // one of `cgroups` gets the other cpu.idle
  };
  Kind kind = Kind::kMove;
  u64 at_ns = 0;    // when first
  Draw every_ns{};  // zero: once
  u64 until_ns = ~u64{0};
  std::vector<u32> tasks{};    // indices into Scenario::tasks; a random instance that is alive
  std::vector<u32> cgroups{};  // as above: one of them, at random
  std::vector<u32> cpus{};
  Draw run_ns{};
  Draw value{};
  u64 period_ns = 100'000'000;  // kLimit: 1 ms..1 s
  u32 count = 1;
  TaskPolicy policy = TaskPolicy::kFifo;
  u32 priority = 50;

  bool operator==(const Fault&) const = default;
};

// What somebody else has published for the workload that a scenario is modelled on.
struct PublishedFigure {
  std::string who{};
  double kept = 0;  // SMT benefit kept; 1 is all of it, below 0 is worse than SMT off

  bool operator==(const PublishedFigure&) const = default;
};

struct Scenario {
  std::string name{};
  std::string description{};  // for a person
  u64 seed = 1;
  u64 duration_ns = 1'000'000'000;
  u64 warmup_ns = 0;        // not judged, not counted; below duration_ns
  u32 tasks_max = 100'000;  // a fork beyond fails
  MachineShape shape{};
  std::vector<u32> offline{};  // cpus that are offline when the run starts
  KernelSpec kernel{};
  SchedulerSpec scheduler{};
  std::vector<CgroupSpec> cgroups{};  // [0] is the root
  std::vector<ChannelSpec> channels{};
  std::vector<u32> barriers{};  // how many tasks each waits for
  std::vector<TaskSpec> tasks{};
  std::vector<Fault> faults{};
  std::vector<PublishedFigure> published{};

  bool operator==(const Scenario&) const = default;
};

}  // namespace scx_pair
