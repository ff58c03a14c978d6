// SPDX-License-Identifier: GPL-2.0-only
#include "sim/explore/state_hash.h"

#include <algorithm>
#include <cstring>
#include <span>

#include "base/scheduler_abi.h"
#include "sim/kernel/runqueue.h"

namespace scx_pair {
namespace {

// Words from here on, up to the end of user space, are taken for pointers.
constexpr u64 kPointersBegin = 1ULL << 44U;
constexpr u64 kPointersEnd = 1ULL << 47U;

u64 hash_bytes(u64 hash, const void* begin, size_t bytes) {
  const auto* at = static_cast<const std::byte*>(begin);
  for (size_t i = 0; i + sizeof(u64) <= bytes; i += sizeof(u64)) {
    u64 word = 0;
    std::memcpy(&word, at + i, sizeof word);
    if (word == 0) continue;
    if (word >= kPointersBegin && word < kPointersEnd) continue;
    hash = mixed(hash, word ^ (i << 48U));
  }
  return hash;
}

u64 pid_of(const Task* p) {
  return p == nullptr ? ~0ULL : static_cast<u64>(p->pid());
}

u64 hash_list(u64 hash, const List& list) {
  for (const Link* link = list.next; link != &list; link = link->next) {
    if (link->task != nullptr) hash = mixed(hash, pid_of(link->task));
  }
  return mixed(hash, ~1ULL);
}

u64 hash_events(u64 hash, const Kernel& k) {
  std::vector<Event> events = k.events.all();
  std::sort(events.begin(), events.end(),
            [](const Event& a, const Event& b) { return a.before(b); });
  for (const Event& event : events) {
    if (is_void(k, event)) continue;
    hash = mixed(hash, event.time_ns);
    hash = mixed(hash,
                 u64{event.cpu} << 48U | u64{event.subject} << 8U | static_cast<u64>(event.kind));
    hash = mixed(hash, pid_of(event.task));
  }
  return hash;
}

u64 hash_cpu(u64 hash, const Cpu& rq) {
  hash = mixed(hash, pid_of(rq.curr));
  hash = mixed(hash, u64{rq.lock} << 32U | u64{rq.need_resched} | u64{rq.resched_sent} << 1U |
                         u64{rq.in_dispatch} << 2U | u64{rq.irq_work_pending} << 3U |
                         u64{rq.step_armed} << 4U | u64{rq.reenqueue_pending} << 5U |
                         u64{rq.ticking} << 6U);
  for (const Kick& kick : rq.kicks) hash = mixed(hash, u64{kick.cpu} << 1U | u64{kick.preempt});
  hash = hash_list(hash, rq.local.list);
  hash = hash_list(hash, rq.realtime);
  hash = hash_list(hash, rq.deadline);
  hash = mixed(hash, rq.progress_ns);
  return mixed(hash, rq.runs_from_ns);
}

u64 hash_task(u64 hash, const Task& p) {
  hash = mixed(hash, static_cast<u64>(p.state) | static_cast<u64>(p.sched_class) << 8U |
                         static_cast<u64>(p.ops_state) << 16U | u64{p.cpu()} << 24U |
                         u64{p.kernel.flags} << 32U);
  hash = mixed(hash, p.kernel.scx.flags);
  hash = mixed(hash, p.kernel.scx.slice);
  hash = mixed(hash, p.kernel.scx.dsq_vtime);
  hash = mixed(hash, p.kernel.scx.weight);
  hash = mixed(hash, u64{p.kernel.policy} << 32U | static_cast<u32>(p.kernel.static_prio));
  hash = mixed(hash, p.group->index);
  hash = mixed(hash, p.exec_start_ns);
  hash = mixed(hash, p.progress.left_ns);
  hash = mixed(hash, u64{p.progress.step} << 32U | p.progress.phase);
  hash = mixed(hash, u64{p.kernel.migration_disabled} << 32U | u64{p.holding_cpu});
  return mixed(hash, u64{p.sticky_cpu} << 32U | static_cast<u32>(p.kernel.nr_cpus_allowed));
}

u64 hash_group(u64 hash, const Group& group) {
  hash = mixed(hash, u64{group.weight} << 2U | u64{group.online} << 1U | (group.tg.idle & 1));
  hash = mixed(hash, group.bandwidth.period_us);
  hash = mixed(hash, group.bandwidth.quota_us);
  hash = mixed(hash, group.old_limit_until_ns);
  return mixed(hash, group.bandwidth.burst_us);
}

u64 hash_memory(u64 hash, const Kernel& k) {
  const auto* record = static_cast<const std::byte*>(k.object->find("exit_record"));
  for (const std::span<std::byte> bytes : k.object->state()) {
    const std::byte* end = bytes.data() + bytes.size();
    if (record >= bytes.data() && record < end) {
      const auto before = static_cast<size_t>(record - bytes.data());
      hash = hash_bytes(hash, bytes.data(), before);
      const std::byte* after = record + sizeof(exit_record);
      hash = hash_bytes(hash, after, static_cast<size_t>(end - after));
    } else {
      hash = hash_bytes(hash, bytes.data(), bytes.size());
    }
  }
  const void* statistics = k.object->find("stats");
  const void* places = k.object->find("places");
  for (const MapStore::Array& array : k.maps->arrays()) {
    if (array.map == statistics || array.map == places) continue;
    hash = hash_bytes(hash, array.values->bytes, array.bytes - sizeof(sim_values));
  }
  for (const auto& [address, bytes] : k.maps->arena_pieces()) {
    const u64 place = address + k.maps->arena_shift();
    // NOLINTNEXTLINE(performance-no-int-to-ptr)
    hash = hash_bytes(hash, reinterpret_cast<const void*>(place), bytes);
  }
  return hash;
}

}  // namespace

u64 state_hash(const Kernel& k) {
  u64 hash = mixed(0, k.now_ns);
  hash = hash_events(hash, k);
  for (const Cpu& rq : k.cpus) hash = hash_cpu(hash, rq);
  for (const auto& dsq : k.dsqs) hash = hash_list(mixed(hash, dsq->id), dsq->list);
  for (const auto& p : k.tasks) hash = hash_task(hash, *p);
  for (const Group& group : k.groups) hash = hash_group(hash, group);
  for (const unsigned long word : k.idle_cpus.words()) hash = mixed(hash, word);
  for (const Channel& channel : k.channels) hash = mixed(hash, channel.messages);
  return hash_memory(hash, k);
}

}  // namespace scx_pair
