// SPDX-License-Identifier: GPL-2.0-only
#include "task.h"

#include <fmt/format.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "cgroup.h"

namespace scx_pair {
namespace {

constexpr u64 kNsPerUs = 1000;
constexpr u64 kNsPerSecond = 1'000'000'000;
constexpr int kFifoPriority = 50;
constexpr auto kRelaxed = std::memory_order_relaxed;

void sleep_until(u64 target_ns) {
  const timespec target{.tv_sec = static_cast<time_t>(target_ns / kNsPerSecond),
                        .tv_nsec = static_cast<long>(target_ns % kNsPerSecond)};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &target, nullptr) == EINTR) {
  }
}

bool is_over(const Signal& signal) {
  return signal.stage.load(kRelaxed) == Stage::kOver;
}

// Notes that the task runs now. A gap counts from the start of the measured time at the earliest.
void mark(const Signal& signal, TaskRecord& record) {
  const u64 now = now_ns();
  if (signal.stage.load(std::memory_order_acquire) == Stage::kMeasuring) {
    const u64 since =
        std::max(record.last_mark_ns.load(kRelaxed), signal.measured_since_ns.load(kRelaxed));
    const u64 gap_ns = now > since ? now - since : 0;
    if (gap_ns > record.longest_gap_ns.load(kRelaxed)) record.longest_gap_ns.store(gap_ns);
    record.marks.fetch_add(1, kRelaxed);
  }
  record.last_mark_ns.store(now, kRelaxed);
}

// Counts cpu time, not wall time: a task that is preempted still does all its work.
void use_cpu(u64 run_us) {
  const u64 end_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID) + run_us * kNsPerUs;
  while (clock_ns(CLOCK_THREAD_CPUTIME_ID) < end_ns) {
  }
}

void spin(const Signal& signal, TaskRecord& record) {
  while (!is_over(signal)) mark(signal, record);
}

void run_and_yield(const Part& part, const Signal& signal, TaskRecord& record) {
  while (!is_over(signal)) {
    use_cpu(part.run_us);
    mark(signal, record);
    sched_yield();
  }
}

void note_wake(const Signal& signal, TaskRecord& record, u64 target_ns) {
  if (signal.stage.load(kRelaxed) != Stage::kMeasuring) return;
  const u64 late_ns = now_ns() - target_ns;
  const u32 index = record.wakes.fetch_add(1, kRelaxed);
  if (index < kWakesKept) record.wake_ns[index] = late_ns;
}

void run_and_sleep(const Part& part, const Signal& signal, TaskRecord& record) {
  while (!is_over(signal)) {
    use_cpu(part.run_us);
    mark(signal, record);
    const u64 target_ns = now_ns() + part.rest_us * kNsPerUs;
    sleep_until(target_ns);
    note_wake(signal, record, target_ns);
  }
}

void run_periodically(const Part& part, const Signal& signal, TaskRecord& record) {
  const u64 period_ns = (part.run_us + part.rest_us) * kNsPerUs;
  u64 next_ns = now_ns();
  while (!is_over(signal)) {
    use_cpu(part.run_us);
    mark(signal, record);
    next_ns = std::max(next_ns + period_ns, now_ns());
    sleep_until(next_ns);
    note_wake(signal, record, next_ns);
  }
}

void move_others(const TaskPlan& plan, const Signal& signal, TaskRecord& record) {
  const u64 period_ns = kNsPerSecond / plan.part.count;
  u64 next_ns = now_ns();
  u64 random = 88172645463325252U;
  while (!is_over(signal)) {
    random ^= random << 13U;
    random ^= random >> 7U;
    random ^= random << 17U;
    const pid_t pid = plan.movable[random % plan.movable.size()];
    const auto& folder = plan.to_folders[(random >> 32U) % plan.to_folders.size()];
    const bool moved = move_task(folder, pid) == 0;
    if (signal.stage.load(kRelaxed) == Stage::kMeasuring) {
      (moved ? record.cycles : record.refusals).fetch_add(1, kRelaxed);
    }
    mark(signal, record);
    next_ns = std::max(next_ns + period_ns, now_ns());
    sleep_until(next_ns);
  }
}

// Whether the child joined its cgroup, ended, and left it removable.
bool churn_once(const std::filesystem::path& folder) {
  std::error_code error;
  if (!std::filesystem::create_directory(folder, error)) return false;
  const pid_t child = fork();
  if (child == 0) _exit(move_task(folder, 0) == 0 ? 0 : 1);
  int status = 1;
  if (child > 0) waitpid(child, &status, 0);
  return remove_cgroup(folder) && child > 0 && status == 0;
}

void churn(const TaskPlan& plan, const Signal& signal, TaskRecord& record) {
  const auto parent = plan.folder.parent_path();
  const std::string prefix = fmt::format("{}.{}.", plan.folder.filename().string(), getpid());
  for (u64 number = 0; !is_over(signal); number++) {
    const bool good = churn_once(parent / (prefix + std::to_string(number)));
    if (signal.stage.load(kRelaxed) == Stage::kMeasuring) {
      (good ? record.cycles : record.refusals).fetch_add(1, kRelaxed);
    }
    mark(signal, record);
  }
}

void execute(const std::vector<std::string>& command) {
  std::vector<char*> words;
  words.reserve(command.size() + 1);
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  if (!freopen("/dev/null", "w", stdout)) return;
  execvp(words[0], words.data());
  fmt::print(stderr, "load: cannot run {}: {}\n", command[0], std::strerror(errno));
  _exit(127);
}

int policy_number(Policy policy) {
  switch (policy) {
    case Policy::kOther:
      return SCHED_OTHER;
    case Policy::kBatch:
      return SCHED_BATCH;
    case Policy::kIdle:
      return SCHED_IDLE;
  }
  return SCHED_OTHER;
}

// What went wrong while the task took its place, or nothing.
const char* take_place(const TaskPlan& plan) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  prctl(PR_SET_NAME, kind_name(plan.part.kind));
  prctl(PR_SET_TIMERSLACK, 1);
  const bool joins = plan.part.kind != Kind::kChurn && plan.part.kind != Kind::kMove;
  if (joins) {
    errno = move_task(plan.folder, 0);
    if (errno != 0) return "cannot join its cgroup";
  }
  if (plan.part.cpu) {
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    CPU_SET(*plan.part.cpu, &cpus);
    if (sched_setaffinity(0, sizeof(cpus), &cpus) != 0) return "cannot be pinned to its cpu";
  }
  if (plan.part.kind == Kind::kFifo) {
    const sched_param priority{.sched_priority = kFifoPriority};
    if (sched_setscheduler(0, SCHED_FIFO, &priority) != 0) return "cannot be SCHED_FIFO";
  }
  if (plan.part.policy != Policy::kOther) {
    const sched_param none{};
    if (sched_setscheduler(0, policy_number(plan.part.policy), &none) != 0) {
      return "cannot have its policy";
    }
  }
  if (plan.part.nice != 0 && setpriority(PRIO_PROCESS, 0, plan.part.nice) != 0) {
    return "cannot have its nice value";
  }
  return nullptr;
}

void play(const TaskPlan& plan, Signal& signal, TaskRecord& record) {
  switch (plan.part.kind) {
    case Kind::kSpin:
      return spin(signal, record);
    case Kind::kYield:
      return run_and_yield(plan.part, signal, record);
    case Kind::kSleep:
      return run_and_sleep(plan.part, signal, record);
    case Kind::kFifo:
      return run_periodically(plan.part, signal, record);
    case Kind::kRun:
      return execute(plan.command);
    case Kind::kMove:
      return move_others(plan, signal, record);
    case Kind::kChurn:
      return churn(plan, signal, record);
  }
}

}  // namespace

void live_as_task(const TaskPlan& plan, Signal& signal, TaskRecord& record) {
  if (const char* wrong = take_place(plan)) {
    fmt::print(stderr, "load: a task of {} {}: {}\n", plan.part.text, wrong, std::strerror(errno));
    _exit(3);
  }
  signal.ready.fetch_add(1);
  // Not often: those that wait here take time from those that have yet to come.
  while (signal.stage.load() == Stage::kAssembling) sleep_until(now_ns() + kNsPerUs * 20'000);
  play(plan, signal, record);
  _exit(0);
}

}  // namespace scx_pair
