// SPDX-License-Identifier: GPL-2.0-only
#include "crew.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <limits>
#include <new>
#include <set>
#include <tuple>

#include "task.h"

namespace scx_pair {
namespace {

constexpr u64 kNsPerSecond = 1'000'000'000;
constexpr u64 kReadyWithinNs = 30 * kNsPerSecond;
constexpr u64 kEndWithinNs = 10 * kNsPerSecond;
constexpr u64 kLongestSleepNs = 1000 * kNsPerSecond;
constexpr u64 kForever = std::numeric_limits<u64>::max();

constexpr std::array kEndingSignals{SIGTERM, SIGINT};

u64 to_ns(double seconds) {
  return static_cast<u64>(seconds * static_cast<double>(kNsPerSecond));
}

sigset_t awaited_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : kEndingSignals) sigaddset(&set, number);
  sigaddset(&set, SIGCHLD);
  return set;
}

u64 cpu_time_ns(pid_t pid) {
  clockid_t clock = 0;
  return clock_getcpuclockid(pid, &clock) == 0 ? clock_ns(clock) : 0;
}

// Every task forked from here on shares a new core-scheduling cookie, until the next call.
Status take_new_cookie() {
  if (prctl(PR_SCHED_CORE, PR_SCHED_CORE_CREATE, 0, PR_SCHED_CORE_SCOPE_THREAD, 0) == 0) {
    return Done{};
  }
  return Error{ExitCode::kEnvironment,
               fmt::format("no core-scheduling cookie: {} (the kernel needs CONFIG_SCHED_CORE)",
                           std::strerror(errno))};
}

// Movers act on the others, so they are born last.
int birth_order(const Part& part) {
  return part.kind == Kind::kMove ? 1 : 0;
}

bool is_movable(const Part& part) {
  return part.kind == Kind::kSpin || part.kind == Kind::kSleep;
}

TaskPlan plan_for(const Part& part, const Options& options, const Cgroups& cgroups,
                  const std::vector<Member>& members) {
  TaskPlan plan{part, cgroups.folder(part.cgroup), options.command, {}, {}};
  if (part.kind != Kind::kMove) return plan;
  std::set<std::filesystem::path> folders;
  for (const Member& member : members) {
    if (member.pid == 0 || !is_movable(member.part)) continue;
    plan.movable.push_back(member.pid);
    folders.insert(cgroups.folder(member.part.cgroup));
  }
  plan.to_folders.assign(folders.begin(), folders.end());
  return plan;
}

}  // namespace

template <typename T>
Shared<T>::Shared() {
  void* memory = mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  check(memory != MAP_FAILED, "no shared memory");
  memory_.reset(new (memory) T);
}

template <typename T>
void Shared<T>::Unmap::operator()(T* memory) const {
  munmap(memory, sizeof(T));
}

template class Shared<TaskRecord>;
template class Shared<Signal>;

Status Crew::run() {
  const sigset_t awaited = awaited_signals();
  sigprocmask(SIG_BLOCK, &awaited, nullptr);
  Status assembled = assemble();
  if (!assembled) {
    finish();
    return assembled;
  }
  measure();
  finish();
  return Done{};
}

Status Crew::assemble() {
  std::ranges::sort(options_.parts, {}, [](const Part& part) {
    return std::tuple(birth_order(part), part.cgroup, part.text);
  });
  for (const Setting& setting : options_.settings) {
    if (Status set = cgroups_.set(setting); !set) return set;
  }
  for (const Part& part : options_.parts) {
    // A churner's own cgroups are made by itself, beside the place its part names.
    const std::filesystem::path path(part.cgroup);
    const auto needed = part.kind == Kind::kChurn ? path.parent_path() : path;
    if (Status made = cgroups_.make(needed); !made) return made;
    for (u32 i = 0; i < part_tasks(part); i++) members_.emplace_back().part = part;
  }
  const std::string* previous_cgroup = nullptr;
  for (Member& member : members_) {
    if (Status started = start_member(member, previous_cgroup); !started) return started;
    previous_cgroup = &member.part.cgroup;
  }
  // The parent must not share the last cgroup's cookie.
  if (options_.cookies) {
    if (Status own = take_new_cookie(); !own) return own;
  }
  return await_ready();
}

Status Crew::start_member(Member& member, const std::string* previous_cgroup) {
  const bool new_cgroup = previous_cgroup == nullptr || *previous_cgroup != member.part.cgroup;
  if (options_.cookies && new_cgroup) {
    if (Status own = take_new_cookie(); !own) return own;
  }
  const TaskPlan plan = plan_for(member.part, options_, cgroups_, members_);
  const bool idle_mover = member.part.kind == Kind::kMove && plan.movable.empty();
  if (idle_mover) return Error{ExitCode::kUsage, "a move part needs spin or sleep parts to move"};
  const pid_t pid = fork();
  if (pid < 0) return Error{ExitCode::kInternal, fmt::format("fork: {}", std::strerror(errno))};
  if (pid == 0) {
    const sigset_t awaited = awaited_signals();
    sigprocmask(SIG_UNBLOCK, &awaited, nullptr);
    live_as_task(plan, *signal_, *member.record);
  }
  member.pid = pid;
  return Done{};
}

Status Crew::await_ready() {
  const u64 deadline_ns = now_ns() + kReadyWithinNs;
  while (signal_->ready.load() < members_.size()) {
    const bool told_to_end = !wait_until(now_ns() + kNsPerSecond / 100);
    const bool died =
        std::ranges::any_of(members_, [](const Member& m) { return m.ended_ns != 0; });
    if (died || now_ns() > deadline_ns) {
      return Error{ExitCode::kInternal, "the tasks did not all take their places"};
    }
    // The signal is gone with this; to go on would be to go on for ever.
    if (told_to_end) {
      return Error{ExitCode::kInternal, "told to end before the tasks had taken their places"};
    }
  }
  return Done{};
}

void Crew::measure() {
  started_ns_ = now_ns();
  signal_->stage = Stage::kSettling;
  const bool settled = wait_until(started_ns_ + to_ns(options_.settle_seconds));
  for (Member& member : members_) member.cpu_ns_before = cpu_time_ns(member.pid);
  const u64 since_ns = now_ns();
  signal_->measured_since_ns = since_ns;
  signal_->stage.store(Stage::kMeasuring, std::memory_order_release);
  if (settled) wait_until(options_.seconds ? since_ns + to_ns(*options_.seconds) : kForever);
  over_ns_ = now_ns();
  for (Member& member : members_) {
    if (member.ended_ns == 0) member.cpu_ns = cpu_time_ns(member.pid) - member.cpu_ns_before;
    const u64 last_ns = std::max(member.record->last_mark_ns.load(), since_ns);
    member.longest_gap_ns =
        std::max(member.record->longest_gap_ns.load(), over_ns_ > last_ns ? over_ns_ - last_ns : 0);
  }
}

// Tasks end by themselves when told; one that does not within a generous time is lost: it is
// runnable and no cpu runs it. Commands know nothing of that and are killed with their cgroup.
void Crew::finish() {
  signal_->stage = Stage::kOver;
  const auto still_awaited = [](const Member& member) {
    return member.pid != 0 && member.ended_ns == 0 && member.part.kind != Kind::kRun;
  };
  const u64 deadline_ns = now_ns() + kEndWithinNs;
  while (now_ns() < deadline_ns && std::ranges::any_of(members_, still_awaited)) {
    const timespec pause{.tv_sec = 0, .tv_nsec = 10'000'000};
    nanosleep(&pause, nullptr);
    reap();
  }
  for (Member& member : members_) {
    member.lost = still_awaited(member);
    if (member.pid != 0 && member.ended_ns == 0) kill(member.pid, SIGKILL);
  }
  cgroups_.remove_all();
  reap();
}

void Crew::reap() {
  int status = 0;
  for (pid_t pid = waitpid(-1, &status, WNOHANG); pid > 0; pid = waitpid(-1, &status, WNOHANG)) {
    const auto member = std::ranges::find(members_, pid, &Member::pid);
    if (member == members_.end()) continue;
    member->ended_ns = now_ns();
    member->exit_status = status;
  }
}

bool Crew::commands_ended() const {
  const auto is_command = [](const Member& m) { return m.part.kind == Kind::kRun; };
  const auto is_done = [&](const Member& m) { return !is_command(m) || m.ended_ns != 0; };
  return std::ranges::any_of(members_, is_command) && std::ranges::all_of(members_, is_done);
}

bool Crew::wait_until(u64 until_ns) {
  const sigset_t awaited = awaited_signals();
  while (!commands_ended()) {
    const u64 now = now_ns();
    if (now >= until_ns) return true;
    const u64 left_ns = std::min(until_ns - now, kLongestSleepNs);
    const timespec left{.tv_sec = static_cast<time_t>(left_ns / kNsPerSecond),
                        .tv_nsec = static_cast<long>(left_ns % kNsPerSecond)};
    const int number = sigtimedwait(&awaited, nullptr, &left);
    if (number == SIGCHLD) reap();
    if (std::ranges::find(kEndingSignals, number) != kEndingSignals.end()) return false;
  }
  return false;
}

}  // namespace scx_pair
