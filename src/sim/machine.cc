// SPDX-License-Identifier: GPL-2.0-only
#include "sim/machine.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/scheduler_times.h"
#include "base/time_units.h"
#include "sim/kernel/behaviour.h"
#include "sim/kernel/bpf_timers.h"
#include "sim/kernel/dispatch.h"
#include "sim/kernel/faults.h"
#include "sim/kernel/kfuncs.h"
#include "sim/kernel/kicks.h"
#include "sim/kernel/lifecycle.h"
#include "sim/kernel/loading.h"
#include "sim/kernel/runqueue.h"
#include "sim/kernel/schedule.h"

namespace scx_pair {
namespace {

// Streams of luck that have nothing to do with each other.
constexpr u64 kKickStream = 1;
constexpr u64 kTimerStream = 2;
constexpr u64 kFaultStream = 3;

// HARDIRQ_OFFSET of include/linux/preempt.h.
constexpr int kHardirq = 1 << 16;

// Whether what happens is not the running task's own doing. Nobody runs who makes the faults.
bool is_interrupt(EventKind kind) {
  return kind != EventKind::kStep;
}

scheduler_config config_of(const SchedulerSpec& spec) {
  scheduler_config config{};
  config.kthreads_trusted = spec.kthreads_trusted ? 1 : 0;
  set_times(config, spec.turn_ns, spec.turn_min_ns, spec.slice_ns);
  return config;
}

void build_cpus(Kernel& k) {
  const u32 cpus = cpu_count(k.scenario.shape);
  const std::vector<CpuSite> sites = sites_of(k.scenario.shape);
  k.cores = pairs_of(k.scenario.shape);
  k.busy.resize(k.cores.size());
  k.speed_permille = k.scenario.shape.speed_permille;
  k.idle_cpus = CpuMask(cpus);
  k.idle_cores = CpuMask(cpus);
  CpuMask all(cpus);
  for (u32 cpu = 0; cpu < cpus; cpu++) all.set(cpu);
  k.all_cpus = shared_mask(k, all);
  k.online_cpus = all;
  k.cpus = std::vector<Cpu>(cpus);
  for (u32 cpu = 0; cpu < cpus; cpu++) {
    Cpu& rq = k.cpus[cpu];
    rq.id = cpu;
    rq.core = sites[cpu].core;
    rq.context.cpu = cpu;
    rq.local.id = kDsqLocal;
    rq.local.cpu = cpu;
    rq.bypass.id = kDsqBypass;
    rq.bypass.cpu = cpu;
    CpuMask one(cpus);
    one.set(cpu);
    k.single_cpu.push_back(shared_mask(k, one));
  }
  for (const u32 cpu : k.scenario.offline) {
    k.cpus[cpu].online = k.cpus[cpu].active = k.cpus[cpu].rq_online = false;
  }
}

Bandwidth bandwidth_of(const CgroupSpec& spec) {
  Bandwidth bandwidth;
  bandwidth.period_us = spec.period_ns / kUs;
  if (spec.quota_ns != 0) bandwidth.quota_us = spec.quota_ns / kUs;
  bandwidth.burst_us = spec.burst_ns / kUs;
  return bandwidth;
}

void build_groups(Kernel& k) {
  for (const CgroupSpec& spec : k.scenario.cgroups) {
    Group& group = *make_group(k, spec.parent == kNoIndex ? nullptr : &k.groups[spec.parent]);
    // An idle cgroup would refuse a weight.
    change_weight(k, group, spec.weight);
    change_bandwidth(k, group, bandwidth_of(spec));
    change_idle(k, group, spec.idle);
  }
  for (Cpu& rq : k.cpus) {
    rq.idle = &make_cpu_task(k, rq, SchedClass::kIdle, fmt::format("swapper/{}", rq.id));
    rq.stopper = &make_cpu_task(k, rq, SchedClass::kStop, fmt::format("migration/{}", rq.id));
    rq.curr = rq.idle;
    rq.idle->kernel.on_cpu = 1;
  }
}

void build_tasks(Kernel& k) {
  const size_t specs = k.scenario.tasks.size();
  k.alive.resize(specs);
  k.instances.resize(specs);
  k.channels = std::vector<Channel>(k.scenario.channels.size());
  k.barriers.resize(k.scenario.barriers.size());
  for (size_t i = 0; i < k.channels.size(); i++) {
    k.channels[i].messages = k.scenario.channels[i].filled;
  }
  Random luck(k.scenario.seed, 0);
  for (u32 spec = 0; spec < specs; spec++) {
    for (u32 i = 0; i < k.scenario.tasks[spec].instances; i++) {
      Task& p = make_instance(k, spec, nullptr);
      const u32 cpu = first_in_both(k.all_cpus->words(), p.kernel.cpus_ptr->bits,
                                    p.index % static_cast<u32>(k.cpus.size()));
      const u64 start_ns = k.now_ns + k.scenario.tasks[spec].delay_ns.draw(luck);
      p.progress.due_ns = start_ns;
      announce_at(k, start_ns, EventKind::kStart, cpu, &p);
    }
  }
}

// check_rq_for_timeouts(): a task that could run and does not.
void look_for_stalls(Kernel& k) {
  const u64 most_ns = k.scenario.kernel.watchdog_ns;
  for (Cpu& rq : k.cpus) {
    for (const Link* link = rq.runnable.next; link != &rq.runnable; link = link->next) {
      const u64 waited_ns = k.now_ns - link->task->runnable_at_ns;
      if (waited_ns <= most_ns) continue;
      scx_error(k, fmt::format("{} failed to run for {} ms", name_of(*link->task),
                               waited_ns / 1'000'000));
      return;
    }
  }
}

// A step's timer fires; the running task may have been slowed down since it was set.
void end_step(Kernel& k, Cpu& rq, const Event& event) {
  if (event.version != rq.step_version || rq.curr != event.task) return;
  take_progress(k, rq);
  rq.step_armed = false;
  if (rq.curr->progress.left_ns == 0) go_on(k, rq);
}

// As the program calls it: a variable, or an entry of a map.
std::string name_of_address(const Kernel& k, const void* address) {
  if (k.maps->in_arena(address)) {
    return fmt::format("arena+{:#x}", reinterpret_cast<u64>(address) - k.maps->arena());
  }
  const MapStore::Array* array = k.maps->array_of(address);
  if (array == nullptr) return k.object->name_of(address);
  const auto* value = static_cast<const unsigned char*>(address);
  const u64 index = static_cast<u64>(value - array->values->bytes) / array->values->stride;
  return fmt::format("{}[{}]", k.object->name_of(array->map), index);
}

void end_stopper_step(Kernel& k, Cpu& rq) {
  run_stop_work(k, rq);
  rq.curr->state = TaskState::kSleeping;
  schedule(k, rq, false);
}

}  // namespace

Machine::Machine(Scenario scenario, NativeObject& object) : kernel_(std::make_unique<Kernel>()) {
  Kernel& k = *kernel_;
  k.scenario = std::move(scenario);
  k.object = &object;
  k.traits = traits_of(k.scenario.kernel.version);
  k.kick_luck = Random(k.scenario.seed, kKickStream);
  k.timer_luck = Random(k.scenario.seed, kTimerStream);
  k.fault_luck = Random(k.scenario.seed, kFaultStream);
  build();
}

Machine::~Machine() = default;

void Machine::build() {
  Kernel& k = *kernel_;
  k.now_ns = kBootNs;
  k.global.id = kDsqGlobal;
  k.config = config_of(k.scenario.scheduler);
  build_cpus(k);
  k.border.context = &k.cpus[0].context;
  fill_border(k);
  if (k.scenario.kernel.costs) {
    k.costs = std::make_unique<CostMeter>(*k.scenario.kernel.costs, k.scenario.shape);
    k.costs->begin(k.now_ns, false);
    k.border.watched = 1;
  }
  k.object->attach(&k.border);
  build_groups(k);
  load_scheduler(k);
  build_tasks(k);
  announce_faults(k);
  announce_at(k, k.now_ns + k.scenario.kernel.watchdog_ns / 2, EventKind::kWatchdog, 0);
}

void Machine::observe(Observer& observer) {
  kernel_->observers.push_back(&observer);
}

void Machine::set_switchboard(Switchboard* switchboard) {
  kernel_->switchboard = switchboard;
  if (switchboard != nullptr) kernel_->costs.reset();
  kernel_->border.watched = switchboard != nullptr || kernel_->costs ? 1 : 0;
}

void Machine::run() {
  while (!done()) step();
}

bool Machine::run_until(u64 time_ns) {
  while (!done() && kernel_->events.first().time_ns < kBootNs + time_ns) step();
  return !done();
}

bool Machine::done() const {
  const Kernel& k = *kernel_;
  return !k.fatal.empty() || k.events.empty() ||
         k.events.first().time_ns >= kBootNs + k.scenario.duration_ns;
}

void Machine::step() {
  Event event = *take_event();
  const u64 done_ns = kernel_->cpus[event.cpu].done_ns;
  if (event.time_ns < done_ns) {
    event.time_ns = done_ns;
    kernel_->events.push(event);
    return;
  }
  handle(event);
}

std::optional<Event> Machine::take_event() {
  if (done()) return std::nullopt;
  return kernel_->events.pop();
}

void Machine::resume_cpu(u32 cpu) {
  kernel_->border.context = &kernel_->cpus[cpu].context;
}

void Machine::handle(const Event& event) {
  Kernel& k = *kernel_;
  k.now_ns = std::max(k.now_ns, event.time_ns);
  k.counters.events++;
  if (k.costs) k.costs->begin(k.now_ns, k.now_ns >= kBootNs + k.scenario.warmup_ns);
  resume_cpu(event.cpu);
  Cpu& rq = k.cpus[event.cpu];
  rq.preempt_count = is_interrupt(event.kind) ? kHardirq : 0;
  dispatch_event(event);
  rq.preempt_count = 0;
  leave_kernel(k, rq);
  if (k.ending && k.loading == Loading::kEnabled) {
    if (k.ending->error) give_up(k, k.ending->reason);
    begin_unload(k);
    leave_kernel(k, rq);
  }
  for (Observer* observer : k.observers) observer->after_event(event);
}

void Machine::dispatch_event(const Event& event) {
  Kernel& k = *kernel_;
  Cpu& rq = k.cpus[event.cpu];
  switch (event.kind) {
    case EventKind::kStep:
      if (rq.curr == rq.stopper && event.version == rq.step_version) {
        end_stopper_step(k, rq);
      } else {
        end_step(k, rq, event);
      }
      break;
    case EventKind::kTick:
      if (event.version == rq.tick_version) tick(k, rq);
      break;
    case EventKind::kIrqWork:
      rq.irq_work_pending = false;
      send_kicks(k, rq);
      run_deferred(k, rq);
      break;
    case EventKind::kResched:
      rq.resched_sent = false;
      break;
    case EventKind::kWake:
      if (event.version == event.task->timer_version) wake_up(k, *event.task);
      break;
    case EventKind::kStart:
      wake_up_new(k, *event.task, event.cpu);
      break;
    case EventKind::kBpfTimer:
      run_bpf_timer(k, event);
      break;
    case EventKind::kReplenish:
      replenish_deadline(k, *event.task);
      break;
    case EventKind::kThrottle:
      if (event.version == event.task->timer_version) throttle_deadline(k, rq, *event.task);
      break;
    case EventKind::kWatchdog:
      look_for_stalls(k);
      announce_at(k, k.now_ns + k.scenario.kernel.watchdog_ns / 2, EventKind::kWatchdog, 0);
      break;
    case EventKind::kFault:
      do_fault(k, event.subject);
      break;
    case EventKind::kUndo:
      undo(k, event.subject);
      break;
    case EventKind::kLoading:
      loading_goes_on(k);
      break;
  }
}

Outcome Machine::outcome() const {
  const Kernel& k = *kernel_;
  Outcome outcome;
  outcome.failure = k.fatal;
  outcome.ended_ns = done() && k.fatal.empty() ? k.scenario.duration_ns : k.now_ns - kBootNs;
  outcome.trace_hash = k.trace_hash;
  outcome.counters = k.counters;
  return outcome;
}

std::optional<CostReport> Machine::cost_report() const {
  const Kernel& k = *kernel_;
  if (!k.costs) return std::nullopt;
  return k.costs->report(kBootNs + outcome().ended_ns,
                         [&k](const void* address) { return name_of_address(k, address); });
}

}  // namespace scx_pair
