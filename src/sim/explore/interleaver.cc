// SPDX-License-Identifier: GPL-2.0-only
#include "sim/explore/interleaver.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/hostile_text.h"
#include "sim/explore/state_hash.h"
#include "sim/kernel/runqueue.h"

namespace scx_pair {
namespace {

// What is left to do after a violation or a cut is done in turns, and given up after so many.
constexpr u64 kDrainRounds = 10'000;

bool is_interrupt(const Event& event) {
  return event.kind == EventKind::kIrqWork || event.kind == EventKind::kResched;
}

// Whether it may come before its time: nobody counts on when it comes.
bool may_be_early(const Event& event) {
  return is_interrupt(event) || event.kind == EventKind::kWake || event.kind == EventKind::kStart ||
         event.kind == EventKind::kFault || event.kind == EventKind::kUndo ||
         event.kind == EventKind::kBpfTimer;
}

}  // namespace

Interleaver::Interleaver(const Model& model, NativeObject& object, FibrePool& fibres,
                         Chooser& chooser, const ExecutionLimits& limits, Audience* audience)
    : model_(model),
      machine_(model.scenario, object),
      kernel_(machine_.kernel()),
      chooser_(chooser),
      limits_(limits),
      audience_(audience),
      activities_(kernel_.cpus.size()),
      cells_(object.find("cpus")),
      statistics_(object.find("stats")),
      variables_(object.state()) {
  for (u32 cpu = 0; cpu < activities_.size(); cpu++) {
    activities_[cpu].fibre = &fibres.of_cpu(cpu);
  }
  moment_.in_kernel.resize(activities_.size());
  moment_.moved.resize(activities_.size());
  machine_.observe(*this);
  if (audience != nullptr) machine_.observe(*audience);
}

Executed Interleaver::run() {
  // Loading is a window of its own: it comes first, in the order of time.
  while (!machine_.done() && kernel_.loading != Loading::kEnabled) machine_.step();
  machine_.set_switchboard(this);
  while (!over() && (std::exchange(pending_, false) || decide())) perform(chosen_);
  draining_ = true;
  drain();
  machine_.set_switchboard(nullptr);
  if (!result_.violation && !result_.cut) calm_down();
  result_.trace_hash = kernel_.trace_hash;
  result_.callbacks = kernel_.counters.callbacks;
  return result_;
}

bool Interleaver::over() const {
  return result_.violation || result_.cut;
}

void Interleaver::fail(Oracle oracle, const std::string& what) {
  if (!result_.violation) result_.violation = Violation{oracle, what, kernel_.now_ns - kBootNs};
}

bool Interleaver::is_shared(const volatile void* address) const {
  const auto* at = const_cast<const void*>(address);
  const MapStore::Array* array = kernel_.maps->array_of(at);
  if (array != nullptr) return array->map != cells_ && array->map != statistics_;
  for (const std::span<std::byte> bytes : variables_) {
    if (at >= bytes.data() && at < bytes.data() + bytes.size()) return true;
  }
  const u64 place = reinterpret_cast<u64>(at) - kernel_.maps->arena_shift();
  const auto& pieces = kernel_.maps->arena_pieces();
  const auto after = pieces.upper_bound(place);
  if (after == pieces.begin()) return false;
  const auto piece = std::prev(after);
  return place < piece->first + piece->second;
}

bool Interleaver::is_point(sim_access kind, const volatile void* address) const {
  switch (kind) {
    case SIM_LOCK:
    case SIM_ATOMIC:
    case SIM_KFUNC:
      return true;
    case SIM_LOAD:
    case SIM_STORE:
      return limits_.grain == Grain::kMemory && is_shared(address);
    default:
      // What a helper or a lookup finds does not change; whoever waits for a lock that was let go
      // gets it at the next point.
      return false;
  }
}

bool Interleaver::blocked(u32 cpu) const {
  const u32* lock = activities_[cpu].waits_for;
  return lock != nullptr && *lock != 0;
}

// Who waits for what, once everybody does.
std::string Interleaver::waits() const {
  std::string text = "every activity waits for a lock:";
  for (u32 cpu = 0; cpu < activities_.size(); cpu++) {
    const u32* lock = activities_[cpu].waits_for;
    if (lock == nullptr) continue;
    std::string name = "one of the scheduler";
    for (const Cpu& rq : kernel_.cpus) {
      if (lock == &rq.lock) name = fmt::format("the runqueue of cpu {}", rq.id);
    }
    for (const auto& p : kernel_.tasks) {
      if (lock == &p->kernel.on_cpu)
        name = fmt::format("{}[{}] to leave its cpu", printable(p->kernel.comm), p->pid());
    }
    text += fmt::format(" cpu {} for {}, which cpu {} has;", cpu, name, *lock - 1);
  }
  text.pop_back();
  return text;
}

// On one cpu an interrupt may come before or after what else is due.
void Interleaver::add_beginnings() {
  for (Activity& activity : activities_) activity.interrupt = activity.other = nullptr;
  for (const Event& event : kernel_.events.all()) {
    const u64 slack_ns = may_be_early(event) ? model_.slack_ns : 0;
    if (event.time_ns > kernel_.now_ns + slack_ns) continue;
    Activity& activity = activities_[event.cpu];
    if (activity.fibre->busy() || is_void(kernel_, event)) continue;
    const Event*& first = is_interrupt(event) ? activity.interrupt : activity.other;
    if (first == nullptr || event.before(*first)) first = &event;
  }
  for (u32 cpu = 0; cpu < activities_.size(); cpu++) {
    for (const Event* first : {activities_[cpu].interrupt, activities_[cpu].other}) {
      if (first != nullptr) options_.push_back({cpu, true, *first});
    }
  }
}

void Interleaver::collect_options() {
  options_.clear();
  for (u32 cpu = 0; cpu < activities_.size(); cpu++) {
    if (activities_[cpu].fibre->busy() && !blocked(cpu)) options_.push_back({cpu, false, {}});
  }
  add_beginnings();
  // What happens by itself comes first: the running activity, then others that have begun, then the
  // earliest event.
  const auto rank = [this](const Option& option) {
    if (option.begins) return 2;
    return option.cpu == last_ ? 0 : 1;
  };
  std::sort(options_.begin(), options_.end(), [&](const Option& a, const Option& b) {
    if (rank(a) != rank(b)) return rank(a) < rank(b);
    return a.begins ? a.event.before(b.event) : a.cpu < b.cpu;
  });
}

// Nothing can happen now: time goes on to the next event.
void Interleaver::pass_time() {
  at_once_ = 0;
  while (!machine_.done()) {
    const Event& first = kernel_.events.first();
    if (!is_void(kernel_, first)) {
      kernel_.now_ns = std::max(kernel_.now_ns, first.time_ns);
      return;
    }
    kernel_.events.take(first.sequence);
  }
}

u64 Interleaver::state() const {
  u64 hash = mixed(state_hash(kernel_), last_);
  for (u32 cpu = 0; cpu < activities_.size(); cpu++) {
    const Activity& activity = activities_[cpu];
    hash = mixed(hash, moment_.moved[cpu] ? 1 : 2);
    if (!activity.fibre->busy()) continue;
    hash = mixed(hash, activity.history);
    hash = mixed(hash, activity.accesses);
  }
  return hash;
}

// Fills in what happens next. Returns whether anything does.
bool Interleaver::decide() {
  collect_options();
  const bool inside = std::any_of(activities_.begin(), activities_.end(),
                                  [](const Activity& a) { return a.fibre->busy(); });
  if (options_.empty()) {
    if (inside) {
      fail(Oracle::kDeadlock, waits());
      return false;
    }
    pass_time();
    if (machine_.done()) return false;
    collect_options();
    check(!options_.empty(), "the next event is due at its time");
  }
  size_t index = 0;
  if (options_.size() > 1) {
    Decision decision{result_.decisions++, options_,
                      !options_[0].begins && options_[0].cpu == last_, 0};
    if (chooser_.wants_state()) decision.state = state();
    const std::optional<size_t> wish = chooser_.choose(decision);
    if (!wish) {
      result_.cut = true;
      return false;
    }
    index = *wish;
    if (index != 0) result_.deviations[decision.number] = index;
  }
  chosen_ = options_[index];
  return true;
}

void Interleaver::perform(const Option& option) {
  const Option now = option;
  if (now.begins) {
    begin(now);
  } else {
    Activity& activity = activities_[now.cpu];
    if (now.cpu != last_) {
      if (audience_ != nullptr) audience_->on_change(last_, now.cpu);
      if (chooser_.wants_state()) {
        activity.history = mixed(mixed(activity.history, activity.accesses), state_hash(kernel_));
      }
      activity.accesses = 0;
    }
    last_ = now.cpu;
    machine_.resume_cpu(now.cpu);
    activity.fibre->resume();
  }
  settle(now.cpu);
}

void Interleaver::begin(const Option& option) {
  const u32 cpu = option.cpu;
  Activity& activity = activities_[cpu];
  Event event = kernel_.events.take(option.event.sequence);
  // An early one comes now, not later.
  event.time_ns = std::min(event.time_ns, kernel_.now_ns);
  result_.activities++;
  if (++at_once_ > limits_.activities_at_once) {
    fail(Oracle::kLivelock, fmt::format("{} activities, and no time has passed ({})", at_once_,
                                        books_about(kernel_, cpu)));
  }
  activity.accesses = 0;
  if (chooser_.wants_state()) {
    activity.history =
        mixed(state_hash(kernel_), static_cast<u64>(event.kind) | u64{event.subject} << 8U);
  }
  moment_.in_kernel[cpu] = true;
  last_ = cpu;
  if (audience_ != nullptr) audience_->on_begin(cpu, event);
  machine_.resume_cpu(cpu);
  activity.fibre->start([this, event] { machine_.handle(event); });
}

// After an activity has paused or ended.
void Interleaver::settle(u32 cpu) {
  if (!activities_[cpu].fibre->busy()) {
    moment_.in_kernel[cpu] = false;
    if (last_ == cpu) last_ = kNoCpu;
    if (audience_ != nullptr) audience_->on_end(cpu);
  }
  if (!draining_) judge();
}

void Interleaver::judge() {
  if (result_.violation) return;
  if (!kernel_.fatal.empty()) {
    fail(Oracle::kEnded, kernel_.fatal);
  } else if (kernel_.ending) {
    fail(Oracle::kEnded, kernel_.ending->reason);
  } else {
    result_.violation = judge_moment(kernel_, moment_);
    if (!result_.violation && is_calm(kernel_, moment_)) {
      result_.violation = judge_calm(kernel_, moment_, limits_.conserving);
    }
  }
}

void Interleaver::on_access(u32 cpu, sim_access kind, const volatile void* address, u32 size) {
  static_cast<void>(size);
  if (draining_ || !is_point(kind, address)) return;
  result_.accesses++;
  activities_[cpu].accesses++;
  if (over()) {
    activities_[cpu].fibre->pause();
    return;
  }
  if (!decide()) {
    activities_[cpu].fibre->pause();
  } else if (chosen_.begins || chosen_.cpu != cpu) {
    pending_ = true;
    activities_[cpu].fibre->pause();
  }
}

void Interleaver::wait_for_lock(u32 cpu, const u32* lock) {
  Activity& activity = activities_[cpu];
  activity.waits_for = lock;
  if (audience_ != nullptr && *lock != 0) audience_->on_wait(cpu);
  while (*lock != 0) activity.fibre->pause();
  activity.waits_for = nullptr;
}

void Interleaver::on_record(const switch_record& record) {
  if (record.kind == RECORD_SWITCH) {
    moment_.moved[record.cpu] = false;
  } else if (record.kind == RECORD_CHANGE) {
    for (const Cpu& rq : kernel_.cpus) {
      if (rq.curr->pid() == record.pid) moment_.moved[rq.id] = true;
    }
  }
}

// Lets activities that have begun come to their ends, whatever the order.
void Interleaver::drain() {
  for (u64 round = 0; round < kDrainRounds; round++) {
    bool busy = false;
    for (u32 cpu = 0; cpu < activities_.size(); cpu++) {
      if (!activities_[cpu].fibre->busy()) continue;
      busy = true;
      if (blocked(cpu)) continue;
      machine_.resume_cpu(cpu);
      activities_[cpu].fibre->resume();
      if (!activities_[cpu].fibre->busy()) moment_.in_kernel[cpu] = false;
    }
    if (!busy) return;
  }
  for (Activity& activity : activities_) {
    if (activity.fibre->busy()) activity.fibre->abandon();
  }
}

// The scenario is over: nothing comes from outside any more. Everybody has to get a turn.
void Interleaver::calm_down() {
  if (model_.patience_ns == 0) return;
  const u64 until_ns = kernel_.now_ns + 2 * model_.patience_ns;
  while (kernel_.fatal.empty() && !kernel_.events.empty() &&
         kernel_.events.first().time_ns < until_ns) {
    machine_.handle(kernel_.events.pop());
  }
  judge();
  if (!result_.violation) result_.violation = judge_patience(kernel_, model_.patience_ns);
}

Executed execute(const Model& model, NativeObject& object, FibrePool& fibres, Chooser& chooser,
                 const ExecutionLimits& limits, Audience* audience) {
  return Interleaver(model, object, fibres, chooser, limits, audience).run();
}

}  // namespace scx_pair
