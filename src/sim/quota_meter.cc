// SPDX-License-Identifier: GPL-2.0-only
#include "sim/quota_meter.h"

#include <algorithm>

#include "base/check.h"

namespace scx_pair {
namespace {

// The cgroups of a scenario are the first to be made.
u64 domain_of(u32 cgroup) {
  return ROOT_DOMAIN + u64{cgroup};
}

}  // namespace

double QuotaUse::of_quota() const {
  const double allowed = static_cast<double>(quota_ns) * static_cast<double>(window_ns);
  return static_cast<double>(used_ns) * static_cast<double>(period_ns) / allowed;
}

u64 QuotaUse::most_above_ns() const {
  const auto most = std::ranges::max_element(periods_ns);
  return most == periods_ns.end() || *most <= quota_ns ? 0 : *most - quota_ns;
}

QuotaMeter::QuotaMeter(const std::vector<CgroupSpec>& cgroups, u64 window_start_ns)
    : window_start_ns_(window_start_ns) {
  for (u32 i = 0; i < cgroups.size(); i++) {
    const CgroupSpec& cgroup = cgroups[i];
    std::vector<u32>& above = above_[domain_of(i)];
    if (cgroup.parent != kNoIndex) above = above_[domain_of(cgroup.parent)];
    if (cgroup.quota_ns == 0) continue;
    above.push_back(static_cast<u32>(limited_.size()));
    QuotaUse use{.cgroup = i, .quota_ns = cgroup.quota_ns, .period_ns = cgroup.period_ns};
    limited_.push_back({.use = std::move(use), .since_ns = window_start_ns});
  }
}

void QuotaMeter::add_cgroup(u64 domain, u64 parent_domain) {
  const std::vector<u32> above = above_.at(parent_domain);
  check(above_.emplace(domain, above).second, "a cgroup is made once");
}

void QuotaMeter::account(Limited& limited, u64 now_ns) {
  QuotaUse& use = limited.use;
  u64 at_ns = limited.since_ns;
  limited.since_ns = std::max(now_ns, at_ns);
  while (at_ns < now_ns) {
    const u64 period = (at_ns - window_start_ns_) / use.period_ns;
    const u64 end_ns = std::min(now_ns, window_start_ns_ + (period + 1) * use.period_ns);
    const u64 used_ns = (end_ns - at_ns) * limited.running;
    if (use.periods_ns.size() <= period) use.periods_ns.resize(period + 1);
    use.periods_ns[period] += used_ns;
    use.used_ns += used_ns;
    at_ns = end_ns;
  }
}

void QuotaMeter::sit(u32 cpu, const Seat& seat) {
  Seat& now = seats_[cpu];
  const auto change = [this](const Seat& who, u32 by) {
    const auto above = above_.find(who.domain);
    if (!who.charged || above == above_.end()) return;
    for (const u32 index : above->second) {
      account(limited_[index], now_ns_);
      limited_[index].running += by;
    }
  };
  change(now, ~0U);
  change(seat, 1);
  now = seat;
}

void QuotaMeter::add(const switch_record& record) {
  check(record.time_ns >= now_ns_, "a record that comes before an earlier one");
  now_ns_ = record.time_ns;
  const Seat seat{
      .pid = record.pid, .domain = record.domain, .charged = record.task_class == CLASS_ORDINARY};
  if (record.kind == RECORD_SWITCH || record.kind == RECORD_RUNNING) {
    const auto left = running_.find(seats_[record.cpu].pid);
    if (left != running_.end() && left->second == record.cpu) running_.erase(left);
    sit(record.cpu, seat);
    if (record.pid != 0) running_[record.pid] = record.cpu;
  } else if (record.kind == RECORD_CHANGE) {
    const auto cpu = running_.find(record.pid);
    if (cpu != running_.end()) sit(cpu->second, seat);
  }
}

std::vector<QuotaUse> QuotaMeter::finish(u64 end_ns) {
  std::vector<QuotaUse> uses;
  for (Limited& limited : limited_) {
    account(limited, end_ns);
    limited.use.window_ns = end_ns - std::min(end_ns, window_start_ns_);
    uses.push_back(std::move(limited.use));
  }
  return uses;
}

}  // namespace scx_pair
