// SPDX-License-Identifier: GPL-2.0-only
#include "sim/kernel/kfuncs.h"

#include <fmt/format.h>

#include <new>
#include <string_view>

#include "base/check.h"
#include "sim/kernel/bpf_timers.h"
#include "sim/kernel/callbacks.h"
#include "sim/kernel/cpumasks.h"
#include "sim/kernel/dispatch.h"
#include "sim/kernel/ext_class.h"
#include "sim/kernel/idle.h"
#include "sim/kernel/kicks.h"
#include "sim/kernel/runqueue.h"

namespace scx_pair {
namespace {

constexpr int kNoEntry = -2;
constexpr int kExists = -17;
constexpr int kInvalid = -22;

s32 create_dsq(void* self, u64 id, s32 node) {
  static_cast<void>(node);
  Kernel& k = kernel_of(self);
  if ((id & kDsqFlagBuiltin) != 0) return kInvalid;
  if (k.user_dsqs.find(id) != nullptr) return kExists;
  DispatchQueue* dsq = nullptr;
  if (k.free_dsqs.empty()) {
    k.dsqs.push_back(std::make_unique<DispatchQueue>());
    dsq = k.dsqs.back().get();
  } else {
    dsq = k.free_dsqs.back();
    k.free_dsqs.pop_back();
  }
  dsq->id = id;
  k.user_dsqs.insert(id, dsq);
  return 0;
}

void destroy_dsq(void* self, u64 id) {
  Kernel& k = kernel_of(self);
  DispatchQueue* dsq = k.user_dsqs.find(id);
  if (dsq == nullptr) return;
  if (dsq->nr != 0) {
    scx_error(k, fmt::format("attempting to destroy in-use dsq {:#x} (nr={})", id, dsq->nr));
    return;
  }
  k.user_dsqs.remove(id);
  dsq->id = kDsqInvalid;
  k.free_dsqs.push_back(dsq);
}

s32 dsq_nr_queued(void* self, u64 id) {
  Kernel& k = kernel_of(self);
  if (id == kDsqLocal) {
    const Cpu& here = k.here();
    return static_cast<s32>(k.cpus[here.locked != kNoCpu ? here.locked : here.id].local.nr);
  }
  if ((id & kDsqLocalOn) == kDsqLocalOn) {
    const u64 cpu = id & kDsqLocalCpuMask;
    return cpu < k.cpus.size() ? static_cast<s32>(k.cpus[cpu].local.nr) : kNoEntry;
  }
  const DispatchQueue* dsq = find_user_dsq(k, id);
  return dsq != nullptr ? static_cast<s32>(dsq->nr) : kNoEntry;
}

// scx_dsq_insert_commit(): from ops.select_cpu() and ops.enqueue() it is a direct dispatch of the
// task in question; from ops.dispatch() it is done when that returns.
void dsq_insert(void* self, task_struct* task, const sim_insertion* how) {
  Kernel& k = kernel_of(self);
  Cpu& here = k.here();
  Task& p = task_of(task);
  if (p.sched_class != SchedClass::kExt) return;
  if (here.direct_task == nullptr) {
    here.buffer.push_back({&p, p.ops_qseq, *how});
    return;
  }
  if (here.direct_task != &p) {
    scx_error(k, fmt::format("scheduling for {} but trying to direct-dispatch {}",
                             name_of(*here.direct_task), name_of(p)));
  } else if (here.direct_done) {
    scx_error(k, fmt::format("{} already direct-dispatched", name_of(p)));
  } else {
    here.direct_done = true;
    p.direct = {how->dsq_id, how->enq_flags | (how->by_vtime ? kEnqByVtime : 0), how->slice,
                how->vtime};
  }
}

// scx_dsq_move()
bool move_out(Kernel& k, sim_dsq_iterator* it, task_struct* task, u64 dsq_id, u64 enq_flags) {
  auto* from = static_cast<DispatchQueue*>(it->dsq);
  Task& p = task_of(task);
  if (from == nullptr) return false;
  Cpu& here = k.here();
  Cpu* locked = here.locked != kNoCpu ? &k.cpus[here.locked] : nullptr;
  Cpu& source = task_rq(k, p);
  if (locked == nullptr) {
    lock_rq(k, source);
  } else {
    switch_rq_lock(k, *locked, source);
  }
  note_queue_lock(k, *from);
  // nldsq_cursor_lost_task(): somebody else may have been faster.
  const bool lost = p.dsq != from || &task_rq(k, p) != &source || p.dsq_seq > it->seq;
  Cpu* now_locked = &source;
  if (!lost) {
    DispatchQueue& to = find_dsq_for_dispatch(k, locked != nullptr ? *locked : here, dsq_id);
    if (it->has_vtime != 0) p.kernel.scx.dsq_vtime = it->vtime;
    it->has_vtime = 0;
    now_locked = &move_between_queues(k, p, enq_flags, to);
  }
  if (locked == nullptr) {
    unlock_rq(k, *now_locked);
  } else {
    switch_rq_lock(k, *now_locked, *locked);
  }
  return !lost;
}

bool dsq_move(void* self, sim_dsq_iterator* it, task_struct* task, u64 dsq_id, u64 enq_flags) {
  return move_out(kernel_of(self), it, task, dsq_id, enq_flags);
}

bool dsq_move_vtime(void* self, sim_dsq_iterator* it, task_struct* task, u64 dsq_id,
                    u64 enq_flags) {
  return move_out(kernel_of(self), it, task, dsq_id, enq_flags | kEnqByVtime);
}

bool dsq_move_to_local(void* self, u64 dsq_id, u64 enq_flags) {
  Kernel& k = kernel_of(self);
  const Cpu& here = k.here();
  if (here.locked == kNoCpu || !k.cpus[here.locked].in_dispatch) {
    scx_error(k, "scx_bpf_dsq_move_to_local() outside ops.dispatch()");
    return false;
  }
  Cpu& rq = k.cpus[here.locked];
  flush_dispatch_buffer(k, rq);
  DispatchQueue* dsq = find_user_dsq(k, dsq_id);
  if (dsq == nullptr) {
    scx_error(k, fmt::format("invalid DSQ ID {:#018x}", dsq_id));
    return false;
  }
  if (!consume_dispatch_queue(k, rq, *dsq, enq_flags)) return false;
  rq.dispatched++;
  return true;
}

constexpr u64 kIterateBackwards = 1U << 16U;  // SCX_DSQ_ITER_REV

// bpf_iter_scx_dsq_new()
int iter_dsq_new(void* self, sim_dsq_iterator* it, u64 dsq_id, u64 flags) {
  Kernel& k = kernel_of(self);
  *it = {};
  new (static_cast<void*>(it->cursor)) Link();
  if ((flags & ~kIterateBackwards) != 0) return kInvalid;
  DispatchQueue* dsq = find_user_dsq(k, dsq_id);
  if (dsq == nullptr) return kNoEntry;
  it->dsq = dsq;
  it->seq = dsq->seq & ((1ULL << 62U) - 1);
  it->backwards = (flags & kIterateBackwards) != 0 ? 1 : 0;
  return 0;
}

Link& cursor_of(sim_dsq_iterator* it) {
  static_assert(sizeof(Link) == sizeof it->cursor);
  return *std::launder(reinterpret_cast<Link*>(it->cursor));
}

// nldsq_cursor_next_task(): the cursor stays in the list where the last task was.
task_struct* iter_dsq_next(void* self, sim_dsq_iterator* it) {
  auto* dsq = static_cast<DispatchQueue*>(it->dsq);
  if (dsq == nullptr) return nullptr;
  note_queue_lock(kernel_of(self), *dsq);
  Link& cursor = cursor_of(it);
  const auto step = it->backwards != 0 ? previous_task : next_task;
  Task* p = step(*dsq, cursor.linked() ? cursor : dsq->list);
  // Those that were queued after the iterator began are not for it.
  while (p != nullptr && p->dsq_seq > it->seq) p = step(*dsq, p->dsq_link);
  if (cursor.linked()) cursor.unlink();
  if (p == nullptr) {
    it->dsq = nullptr;
    return nullptr;
  }
  if (it->backwards != 0) {
    cursor.insert_before(p->dsq_link);
  } else {
    cursor.insert_after(p->dsq_link);
  }
  return &p->kernel;
}

void iter_dsq_destroy(void* self, sim_dsq_iterator* it) {
  static_cast<void>(self);
  Link& cursor = cursor_of(it);
  if (cursor.linked()) cursor.unlink();
}

void kick(void* self, s32 cpu, u64 flags) {
  kick_cpu(kernel_of(self), static_cast<u32>(cpu), flags);
}

s32 task_cpu(void* self, const task_struct* p) {
  static_cast<void>(self);
  return static_cast<s32>(task_of(p).cpu());
}

bool task_running(void* self, const task_struct* p) {
  return task_current(task_rq(kernel_of(self), task_of(p)), task_of(p));
}

s32 pick_idle(void* self, const cpumask* allowed, u64 flags) {
  return pick_idle_cpu(kernel_of(self), allowed, flags);
}

s32 select_cpu(void* self, task_struct* p, s32 prev_cpu, u64 wake_flags, bool* is_idle) {
  static_cast<void>(wake_flags);
  return select_cpu_default(kernel_of(self), task_of(p), static_cast<u32>(prev_cpu), is_idle);
}

void reenqueue(void* self) {
  Kernel& k = kernel_of(self);
  Cpu& rq = k.here();
  rq.reenqueue_pending = true;
  schedule_deferred(k, rq);
}

// Formats what BPF programs use: %d, %u, %lld, %llu, %llx and the like, and %s not at all.
void error(void* self, const char* format, const unsigned long long* data, u32 size) {
  std::string text;
  size_t next = 0;
  for (const char* at = format; *at != 0; at++) {
    if (*at != '%') {
      text += *at;
      continue;
    }
    at++;
    while (*at == 'l') at++;
    const unsigned long long value = next < size / sizeof *data ? data[next++] : 0;
    text += *at == 'd'   ? fmt::format("{}", static_cast<s64>(value))
            : *at == 'x' ? fmt::format("{:x}", value)
                         : fmt::format("{}", value);
    if (*at == 0) break;
  }
  scx_error(kernel_of(self), text);
}

u64 ktime_ns(void* self) {
  return kernel_of(self).now_ns;
}

bool ksym_exists(void* self, const char* name) {
  const Kernel& k = kernel_of(self);
  if (std::string_view(name) == "__scx_bpf_dsq_insert_vtime") {
    return k.traits.insert_vtime_takes_struct;
  }
  return std::string_view(name) == "__preempt_count";
}

// The accessed field is the last name of `access`, as in "args->weight".
bool field_exists(void* self, const char* access) {
  const KernelTraits& traits = kernel_of(self).traits;
  const std::string_view text(access);
  const std::string_view field = text.substr(text.find_last_of(".> ") + 1);
  if (field.starts_with("bw_")) return traits.tells_bandwidth;
  if (field == "sched_idle") return traits.tells_idle_at_init;
  // The preemption count is kept with the cpu, as on x86.
  return field != "preempt_count";
}

const void* this_cpu_ptr(void* self, const char* address) {
  check(std::string_view(address) == "&__preempt_count", "the kernel has that variable");
  return &kernel_of(self).here().preempt_count;
}

// The runqueue as it is at the moment of the call.
const void* per_cpu_ptr(void* self, const char* address, u32 cpu) {
  check(std::string_view(address) == "&runqueues", "the kernel has that variable");
  Kernel& k = kernel_of(self);
  if (cpu >= k.cpus.size()) return nullptr;
  Cpu& rq = k.cpus[cpu];
  rq.seen.curr = &rq.curr->kernel;
  return &rq.seen;
}

task_struct* current_task(void* self) {
  return &kernel_of(self).here().curr->kernel;
}

task_struct* task_from_pid(void* self, s32 pid) {
  Task* p = task_by_pid(kernel_of(self), pid);
  return p == nullptr || p->state == TaskState::kDead ? nullptr : &p->kernel;
}

sim_values* map_create(void* self, const sim_map* map) {
  return kernel_of(self).maps->create(*map);
}
void* map_lookup(void* self, const sim_map* map, const void* key) {
  return kernel_of(self).maps->lookup(*map, key);
}
long map_update(void* self, const sim_map* map, const void* key, const void* value) {
  return kernel_of(self).maps->update(*map, key, value);
}
long map_delete(void* self, const sim_map* map, const void* key) {
  return kernel_of(self).maps->remove(*map, key);
}
bool arena_map(void* self, u64 address, u64 bytes) {
  return kernel_of(self).maps->map_arena(address, bytes);
}

void misuse(void* self, const char* what) {
  give_up(kernel_of(self), fmt::format("the scheduler {}, which the verifier refuses", what));
}

void on_access(void* self, sim_access kind, const volatile void* address, u32 size) {
  Kernel& k = kernel_of(self);
  if (k.switchboard != nullptr) k.switchboard->on_access(k.here().id, kind, address, size);
  if (!k.costs) return;
  if (kind == SIM_ATOMIC) k.costs->change_line(k.here().id, address);
  if (kind == SIM_UNLOCK) k.costs->let_go();
}

void wait_for_lock(void* self, const u32* lock) {
  Kernel& k = kernel_of(self);
  if (k.switchboard != nullptr && *lock != 0) k.switchboard->wait_for_lock(k.here().id, lock);
  if (k.costs) k.costs->take(k.here().id, lock);
}

void fill_kfuncs(sim_kernel& border) {
  border.create_dsq = create_dsq;
  border.destroy_dsq = destroy_dsq;
  border.dsq_nr_queued = dsq_nr_queued;
  border.dsq_insert = dsq_insert;
  border.dsq_move = dsq_move;
  border.dsq_move_vtime = dsq_move_vtime;
  border.dsq_move_to_local = dsq_move_to_local;
  border.iter_dsq_new = iter_dsq_new;
  border.iter_dsq_next = iter_dsq_next;
  border.iter_dsq_destroy = iter_dsq_destroy;
  border.kick_cpu = kick;
  border.task_cpu = task_cpu;
  border.task_running = task_running;
  border.pick_idle_cpu = pick_idle;
  border.select_cpu_dfl = select_cpu;
  border.reenqueue_local = reenqueue;
  border.error = error;
}

}  // namespace

void fill_border(Kernel& k) {
  k.border.self = &k;
  k.border.access = on_access;
  k.border.wait_for_lock = wait_for_lock;
  k.border.misuse = misuse;
  k.border.map_create = map_create;
  k.border.map_lookup = map_lookup;
  k.border.map_update = map_update;
  k.border.map_delete = map_delete;
  fill_bpf_timers(k.border);
  k.border.arena_map = arena_map;
  k.border.ktime_ns = ktime_ns;
  k.border.ksym_exists = ksym_exists;
  k.border.field_exists = field_exists;
  k.border.this_cpu_ptr = this_cpu_ptr;
  k.border.per_cpu_ptr = per_cpu_ptr;
  k.border.current_task = current_task;
  k.border.task_from_pid = task_from_pid;
  fill_kfuncs(k.border);
  fill_cpumasks(k.border);
}

}  // namespace scx_pair
