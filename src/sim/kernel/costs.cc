// SPDX-License-Identifier: GPL-2.0-only
#include "sim/kernel/costs.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "sim/kernel/dispatch_queue.h"

namespace scx_pair {
namespace {

constexpr u64 kLineBytes = 64;
constexpr size_t kWorstShown = 10;

// Ids of cgroups are plain numbers; the scheduler marks other queues in the high bits.
std::string queue_name(u64 id) {
  if (id == kDsqGlobal) return "dsq global";
  return id >> 32U == 0 ? fmt::format("dsq {}", id) : fmt::format("dsq {:#x}", id);
}

}  // namespace

CostMeter::CostMeter(const CostSpec& spec, const MachineShape& shape) : spec_(spec) {
  for (const CpuSite& site : sites_of(shape)) sockets_.push_back(site.socket);
}

void CostMeter::begin(u64 time_ns, bool counts) {
  if (counts && !counts_) from_ns_ = time_ns;
  counts_ = counts;
  begun_ns_ = charged_ns_ = clock_ns_ = time_ns;
}

u64 CostMeter::take_uncharged() {
  return clock_ns_ - std::exchange(charged_ns_, clock_ns_);
}

void CostMeter::spend(u64 CostReport::* part, u64 ns) {
  clock_ns_ += ns;
  if (counts_) report_.*part += ns;
}

void CostMeter::note_callback() {
  report_.callbacks += counts_ ? 1 : 0;
  spend(&CostReport::callback_ns, spec_.callback_ns);
}

CostMeter::Thing& CostMeter::thing_at(Table& table, u64 place, Kind kind, u64 key) {
  Thing* thing = table.find(place);
  if (thing == nullptr) {
    thing = &things_.emplace_back();
    thing->kind = kind;
    thing->key = key;
    table.insert(place, thing);
  }
  return *thing;
}

u64 CostMeter::fetch_ns(const Thing& thing, u32 cpu) const {
  if (thing.last_cpu == cpu || thing.last_cpu >= sockets_.size()) return 0;
  return sockets_[thing.last_cpu] == sockets_[cpu] ? spec_.line_ns : spec_.far_line_ns;
}

void CostMeter::wait_for(Thing& thing, u32 cpu, u64 for_ns) {
  thing.bookings.forget_before(begun_ns_);
  const u64 wait_ns = thing.bookings.book(clock_ns_, for_ns) - clock_ns_;
  thing.last_cpu = cpu;
  spend(&CostReport::wait_ns, wait_ns);
  if (!counts_) return;
  thing.counts.uses++;
  thing.counts.busy_ns += for_ns;
  if (wait_ns == 0) return;
  report_.waits++;
  thing.counts.waits++;
  thing.counts.wait_ns += wait_ns;
  thing.counts.longest_ns = std::max(thing.counts.longest_ns, wait_ns);
}

void CostMeter::take(u32 cpu, const volatile void* lock) {
  check(held_ == nullptr, "one BPF lock is held at a time");
  const auto address = reinterpret_cast<u64>(lock);
  held_ = &thing_at(locks_, address, Kind::kLock, address);
  const u64 coming_ns = fetch_ns(*held_, cpu);
  wait_for(*held_, cpu, coming_ns + spec_.lock_hold_ns);
  held_until_ns_ = clock_ns_ + coming_ns + spec_.lock_hold_ns;
  spend(&CostReport::line_ns, coming_ns);
}

void CostMeter::let_go() {
  check(held_ != nullptr, "a BPF lock that is let go of was held");
  if (clock_ns_ < held_until_ns_) spend(&CostReport::hold_ns, held_until_ns_ - clock_ns_);
  // Atomics made it last longer.
  held_->bookings.cover(held_until_ns_, clock_ns_, spec_.lock_hold_ns);
  held_ = nullptr;
}

void CostMeter::use_queue(u32 cpu, u64 dsq_id) {
  Thing& queue = thing_at(queues_, dsq_id, Kind::kQueue, dsq_id);
  const u64 coming_ns = fetch_ns(queue, cpu);
  wait_for(queue, cpu, coming_ns + spec_.lock_hold_ns);
  spend(&CostReport::line_ns, coming_ns);
  spend(&CostReport::hold_ns, spec_.lock_hold_ns);
}

void CostMeter::change_line(u32 cpu, const volatile void* address) {
  const auto place = reinterpret_cast<u64>(address);
  Thing& line = thing_at(lines_, place / kLineBytes, Kind::kLine, place);
  const u64 coming_ns = fetch_ns(line, cpu);
  line.last_cpu = cpu;
  if (coming_ns == 0) return;
  wait_for(line, cpu, coming_ns);
  spend(&CostReport::line_ns, coming_ns);
}

CostReport CostMeter::report(u64 end_ns,
                             const std::function<std::string(const void*)>& name_of) const {
  CostReport report = report_;
  if (from_ns_ != 0 && end_ns > from_ns_) report.cpu_ns = (end_ns - from_ns_) * sockets_.size();
  std::vector<size_t> waited;
  for (size_t i = 0; i < things_.size(); i++) {
    if (things_[i].counts.wait_ns > 0) waited.push_back(i);
  }
  // Things that are alike stay in the order of their first use, which no address decides.
  std::ranges::sort(waited, [this](size_t a, size_t b) {
    const u64 wait_a_ns = things_[a].counts.wait_ns;
    const u64 wait_b_ns = things_[b].counts.wait_ns;
    return wait_a_ns != wait_b_ns ? wait_a_ns > wait_b_ns : a < b;
  });
  if (waited.size() > kWorstShown) waited.resize(kWorstShown);
  for (const size_t i : waited) {
    const Thing& thing = things_[i];
    ContendedThing& shown = report.worst.emplace_back(thing.counts);
    if (thing.kind == Kind::kQueue) {
      shown.name = queue_name(thing.key);
    } else {
      // NOLINTNEXTLINE(performance-no-int-to-ptr)
      const std::string name = name_of(reinterpret_cast<const void*>(thing.key));
      shown.name = thing.kind == Kind::kLine ? "line of " + name : name;
    }
  }
  return report;
}

}  // namespace scx_pair
