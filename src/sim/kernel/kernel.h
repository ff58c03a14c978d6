// SPDX-License-Identifier: GPL-2.0-only
//
// The state of the simulated kernel: everything that decides what runs. Plain data; the files
// beside this one are the functions that work on it, each named after the kernel function it
// mirrors. It is a function of (scheduler, scenario, seed) and of nothing else.
//
// Locks: a runqueue's lock is held by the cpu whose activity needs it, as in the kernel. Without a
// switchboard the cpus' activities run one after the other and never wait; with one, they are
// interleaved at every shared access, and a lock makes them wait.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/kernel/costs.h"
#include "sim/kernel/cpu_mask.h"
#include "sim/kernel/dispatch_queue.h"
#include "sim/kernel/event_queue.h"
#include "sim/kernel/id_table.h"
#include "sim/kernel/maps.h"
#include "sim/kernel/observer.h"
#include "sim/kernel/task.h"
#include "sim/kernel/version.h"
#include "sim/native/border.h"
#include "sim/native_object.h"
#include "sim/scenario.h"

namespace scx_pair {

// What ops.dispatch() has asked for and the kernel does when it returns: struct scx_dsp_buf_ent.
struct BufferedDispatch {
  Task* task = nullptr;
  u64 qseq = 0;
  sim_insertion how{};
};

struct Kick {
  u32 cpu = 0;
  bool preempt = false;
};

// A cpu, its runqueue, and sched_ext's part of it.
struct Cpu {
  u32 id = 0;
  u32 core = 0;
  sim_context context{};
  u32 lock = 0;           // 1 + the id of the cpu whose activity holds the runqueue's lock
  u32 locked = kNoCpu;    // whose runqueue this cpu's activity holds
  bool online = true;     // cpu_online()
  bool active = true;     // cpu_active()
  bool rq_online = true;  // SCX_RQ_ONLINE
  bool bypassing = false;
  Task* curr = nullptr;
  struct rq seen{};  // what a BPF program sees of this
  Task* idle = nullptr;
  bool need_resched = false;
  bool resched_sent = false;  // the interrupt is on its way
  int preempt_count = 0;      // __preempt_count, of which only the interrupts

  // struct scx_rq
  DispatchQueue local;
  DispatchQueue bypass;
  List runnable;
  u32 nr_running = 0;  // tasks of the ext class
  bool in_dispatch = false;
  bool released = false;  // ops.cpu_release() was called
  std::vector<BufferedDispatch> buffer;
  u32 dispatched = 0;           // tasks moved by this ops.dispatch()
  Task* direct_task = nullptr;  // whose direct dispatch is allowed now
  bool direct_done = false;     // and has happened
  List deferred_locals;         // direct dispatches to other cpus
  bool reenqueue_pending = false;

  // Kicks that wait for the interrupt which sends them.
  std::vector<Kick> kicks;
  bool irq_work_pending = false;

  // The higher classes, in the order in which they run, and the fair class.
  List deadline;
  List realtime;
  List fair;
  u64 higher_wakes = 0;          // grows when a task of a class above ext becomes runnable here
  std::vector<Task*> stop_work;  // tasks to be pushed away by the stopper
  Task* stopper = nullptr;

  bool ticking = false;
  u64 tick_version = 0;
  u64 step_version = 0;
  bool step_armed = false;
  u64 progress_ns = 0;       // up to when the running task's progress was accounted
  u64 runs_from_ns = 0;      // when the context switch is over
  u64 done_ns = 0;           // when its last event is over, with what that cost (costs.h)
  u32 picked_last = 0;       // for picking idle cpus in turn
  u32 distributed_last = 0;  // for naming cpus of a mask in turn
};

struct Channel {
  u64 messages = 0;
  List readers;
  List writers;
};

struct Barrier {
  u32 arrived = 0;
  std::vector<Task*> waiting;
};

enum class Loading : u8 { kUnloaded, kEnabling, kEnabled, kDisabling };

// What a fault did that has to be undone later.
struct Undo {
  enum class Kind : u8 { kNone, kPolicy, kOnline, kUnbypass, kRemoveGroup };
  Kind kind = Kind::kNone;
  Task* task = nullptr;
  u32 target = 0;
  TaskPolicy policy = TaskPolicy::kOrdinary;
  u32 priority = 0;
};

struct BpfTimer {
  bpf_timer* address = nullptr;
  const MapStore::Array* map = nullptr;
  sim_timer_callback callback = nullptr;
  u64 version = 0;
};

// How the scheduler ended, if it did.
struct SchedulerEnd {
  bool error = false;  // the scheduler, or the kernel about it, raised an error
  std::string reason;
};

struct Counters {
  u64 callbacks = 0;  // calls of the scheduler's ops and programs
  u64 events = 0;
  u64 switches = 0;
  u64 kicks = 0;
  u64 reloads = 0;
};

struct Kernel {
  Scenario scenario;
  KernelTraits traits;
  NativeObject* object = nullptr;
  sim_kernel border{};
  sim_programs ops{};
  std::unique_ptr<MapStore> maps;
  std::vector<BpfTimer> timers;
  u64 timers_started = 0;

  u64 now_ns = 0;  // of the kernel's clock: kBootNs when the scenario begins
  EventQueue events;
  sim_context nobody{};  // the context while no cpu is active
  std::vector<Cpu> cpus;
  std::vector<std::vector<u32>> cores;
  std::vector<u32> busy;  // cpus of each core that run a task
  std::vector<u32> speed_permille;
  CpuMask idle_cpus;
  CpuMask idle_cores;  // the cpus of those of which all are idle

  std::deque<std::unique_ptr<Task>> tasks;
  std::vector<Task*> by_pid;              // from kFirstPid on
  std::vector<std::vector<Task*>> alive;  // by spec
  std::vector<u32> instances;             // ever made, by spec
  u64 tasks_alive = 0;
  std::deque<Group> groups;
  u64 next_group_id = 1;
  std::map<CpuMask, std::unique_ptr<CpuMask>> masks;
  const CpuMask* all_cpus = nullptr;
  CpuMask online_cpus;
  std::vector<const CpuMask*> single_cpu;
  std::vector<Channel> channels;
  std::vector<Barrier> barriers;
  std::vector<Undo> undos;

  Loading loading = Loading::kUnloaded;
  u32 bypass_depth = 0;
  bool restart = false;  // the host loads again when the scheduler has ended
  IdTable<DispatchQueue> user_dsqs;
  std::deque<std::unique_ptr<DispatchQueue>> dsqs;  // all ever made by this scheduler
  std::vector<DispatchQueue*> free_dsqs;            // destroyed ones, to be used again
  DispatchQueue global;
  std::vector<cpu_place> places;
  scheduler_config config{};
  std::optional<SchedulerEnd> ending;
  std::string fatal;  // why the run ends; empty while it goes on

  Random kick_luck{0};
  Random timer_luck{0};
  Random fault_luck{0};
  Switchboard* switchboard = nullptr;
  std::unique_ptr<CostMeter> costs;  // nullptr: callbacks and locks take no time
  std::vector<Observer*> observers;
  u64 trace_hash = 0xcbf29ce484222325U;
  Counters counters;

  [[nodiscard]] Cpu& here() { return cpus[border.context->cpu]; }
  // The time at which the activity that goes on has arrived.
  [[nodiscard]] u64 clock_ns() const { return now_ns + (costs ? costs->elapsed_ns() : 0); }
  [[nodiscard]] bool scx_enabled() const {
    return loading == Loading::kEnabled || loading == Loading::kDisabling;
  }
};

// What the kernel's clock says when a scenario begins: 0 would mean `never` to many a program.
inline constexpr u64 kBootNs = 1'000'000'000;
inline constexpr s32 kFirstPid = 1000;

// The kernel that calls which a scheduler makes are made in: their first argument.
inline Kernel& kernel_of(void* self) {
  return *static_cast<Kernel*>(self);
}

// The task that has, or had, this pid; nullptr if none ever had.
inline Task* task_by_pid(const Kernel& k, s32 pid) {
  const s64 place = s64{pid} - kFirstPid;
  if (place < 0 || place >= static_cast<s64>(k.by_pid.size())) return nullptr;
  return k.by_pid[static_cast<size_t>(place)];
}

}  // namespace scx_pair
