// SPDX-License-Identifier: GPL-2.0-only
#include "sim/replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <map>
#include <optional>
#include <utility>

#include "base/scheduler_abi.h"
#include "sim/fields.h"
#include "sim/scenario_file.h"

namespace scx_pair {
namespace {

constexpr size_t kStepsMax = 20'000'000;

// One task while the recording is read.
struct Life {
  enum class State : u8 { kUnknown, kSleeping, kWaiting, kRunning };
  State state = State::kUnknown;
  u64 since_ns = 0;  // of the run or sleep; a run's preempted parts are in run_ns
  u64 run_ns = 0;    // of the run that has not ended
  u64 first_ns = 0;
  u64 first_domain = 0;
  u64 domain = 0;
  bool dead = false;
  bool kernel = false;
  bool higher = false;
  std::string comm{};
  std::vector<Step> steps{};
  std::vector<Fault> moves{};  // without their task
};

// Names come from a real system and may hold anything; files hold text.
std::string plain(std::string text) {
  std::ranges::replace_if(text, [](char c) { return c < ' ' || c > '~' || c == '#'; }, '_');
  return text;
}

// The machine with the recording's cores, and where its cpus went.
struct Machinery {
  MachineShape shape{};
  std::vector<u32> offline{};
  std::map<u32, u32> cpus{};  // recorded to simulated
};

Machinery machinery_of(const RecordingInfo& info) {
  // Cores of one thread come after the others.
  std::vector<std::vector<u32>> pairs;
  for (const bool single : {false, true}) {
    for (const auto& pair : info.pairs) {
      if ((pair.size() == 1) == single) pairs.push_back(pair);
    }
  }
  Machinery made;
  MachineShape& shape = made.shape;
  shape.adjacent = true;
  shape.cores = 0;
  shape.smt = 1;
  for (const auto& pair : pairs) shape.smt = std::max(shape.smt, static_cast<u32>(pair.size()));
  for (const auto& pair : pairs) {
    const bool is_single = pair.size() == 1 && shape.smt > 1;
    (is_single ? shape.single_cores : shape.cores)++;
  }
  u32 next = 0;
  for (const auto& pair : pairs) {
    const u32 threads = pair.size() == 1 ? 1 : shape.smt;
    for (u32 thread = 0; thread < threads; thread++, next++) {
      if (thread < pair.size()) {
        made.cpus[pair[thread]] = next;
      } else {
        made.offline.push_back(next);
      }
    }
  }
  return made;
}

class Replayer {
 public:
  explicit Replayer(const Recording& recording)
      : info_(recording.info), machinery_(machinery_of(recording.info)) {
    scenario_.cgroups = {{.path = "/"}};
    cgroups_[ROOT_DOMAIN] = 0;
  }

  void add(const switch_record& record) {
    switch (record.kind) {
      case RECORD_SWITCH:
        leave(record);
        start(record, record.time_ns);
        on_cpu_[record.cpu] = record.pid;
        break;
      case RECORD_RUNNING:
        start(record, std::max(record.time_ns, info_.start_ns));
        on_cpu_[record.cpu] = record.pid;
        break;
      case RECORD_CHANGE:
        change(record);
        break;
      default:
        wake(record);
    }
  }

  [[nodiscard]] bool is_too_much() const { return steps_ > kStepsMax; }

  Scenario finish(const std::string& name) {
    scenario_.name = name;
    scenario_.description = "A replay of a recording.";
    scenario_.duration_ns = std::min(info_.end_ns - info_.start_ns, kDurationMaxNs);
    scenario_.shape = machinery_.shape;
    scenario_.offline = machinery_.offline;
    const size_t dot = info_.kernel.find('.');
    const size_t stop = info_.kernel.find_first_not_of("0123456789", dot + 1);
    const auto version = parse_kernel_version(info_.kernel.substr(0, stop));
    scenario_.kernel.version = version.value_or(scenario_.kernel.version);
    for (auto& [pid, life] : dead_) add_task(pid, life);
    for (auto& [pid, life] : lives_) add_task(pid, life);
    scenario_.tasks_max =
        std::max<u32>(scenario_.tasks_max, static_cast<u32>(scenario_.tasks.size()));
    return std::move(scenario_);
  }

 private:
  u64 from_start(u64 time_ns) const {
    return std::clamp(time_ns, info_.start_ns, info_.end_ns) - info_.start_ns;
  }

  u32 cgroup_of(u64 domain) {
    const auto [entry, is_new] =
        cgroups_.try_emplace(domain, static_cast<u32>(scenario_.cgroups.size()));
    if (!is_new) return entry->second;
    // Only which cgroup a task is in counts, not the tree: names are flattened.
    const auto path = info_.paths.find(domain);
    std::string name = path == info_.paths.end() ? "" : path->second.substr(1);
    std::ranges::replace(name, '/', ':');
    const auto weight = info_.weights.find(domain);
    scenario_.cgroups.push_back({.path = fmt::format("/{}@{}", plain(name), domain),
                                 .parent = 0,
                                 .weight = weight == info_.weights.end() ? 100 : weight->second});
    return entry->second;
  }

  Life& life_of(const switch_record& record) {
    const auto [entry, is_new] = lives_.try_emplace(record.pid);
    Life& life = entry->second;
    if (is_new) {
      life.first_ns = from_start(record.time_ns);
      life.first_domain = life.domain = record.domain;
      life.since_ns = record.time_ns;
      life.kernel = record.task_class == CLASS_KERNEL;
    }
    life.higher = life.higher || record.task_class == CLASS_HIGHER;
    life.comm.assign(record.comm, strnlen(record.comm, sizeof(record.comm)));
    return life;
  }

  void push(Life& life, Step::Kind kind, u64 ns) {
    life.steps.push_back({.kind = kind, .duration_ns = {.value = std::min(ns, kDurationMaxNs)}});
    steps_++;
  }

  void end_sleep(Life& life, u64 now_ns) {
    if (life.state == Life::State::kSleeping) {
      push(life, Step::Kind::kSleep, now_ns - std::min(now_ns, life.since_ns));
    }
  }

  void start(const switch_record& record, u64 now_ns) {
    if (record.pid == 0) return;
    Life& life = life_of(record);
    end_sleep(life, now_ns);
    life.state = Life::State::kRunning;
    life.since_ns = now_ns;
  }

  void wake(const switch_record& record) {
    Life& life = life_of(record);
    // A task is woken while it is still on its way to sleep, too: then it goes on.
    if (life.state == Life::State::kRunning || life.state == Life::State::kWaiting) return;
    end_sleep(life, record.time_ns);
    life.state = Life::State::kWaiting;
  }

  void leave(const switch_record& record) {
    const auto found = lives_.find(record.prev_pid);
    const auto on = on_cpu_.find(record.cpu);
    if (record.prev_pid == 0 || found == lives_.end() || on == on_cpu_.end() ||
        on->second != record.prev_pid) {
      return;
    }
    Life& life = found->second;
    if (life.state != Life::State::kRunning) return;
    life.run_ns += record.time_ns - std::min(record.time_ns, life.since_ns);
    life.since_ns = record.time_ns;
    life.state = record.prev_runnable != 0 ? Life::State::kWaiting : Life::State::kSleeping;
    if (record.prev_runnable != 0) return;
    push(life, Step::Kind::kRun, std::exchange(life.run_ns, 0));
    if (record.prev_dead == 0) return;
    // Its pid may come again, as another task's.
    life.dead = true;
    dead_.emplace_back(record.prev_pid, std::move(life));
    lives_.erase(found);
  }

  void change(const switch_record& record) {
    const bool is_new = !lives_.contains(record.pid);
    Life& life = life_of(record);
    // Neither running nor waiting so far, or there would have been a record.
    if (is_new) life.state = Life::State::kSleeping;
    if (std::exchange(life.domain, record.domain) == record.domain || life.kernel) return;
    Fault move{.kind = Fault::Kind::kMove, .at_ns = from_start(record.time_ns)};
    move.cgroups = {cgroup_of(record.domain)};
    life.moves.push_back(std::move(move));
  }

  // The cpu of a kernel thread that is named after one, "ksoftirqd/3" or "kworker/3:1".
  std::vector<u32> bound_cpu(const Life& life) const {
    const size_t slash = life.comm.rfind('/');
    if (!life.kernel || slash == std::string::npos) return {};
    u32 cpu = 0;
    const char* const end = life.comm.data() + life.comm.size();
    const auto [stop, error] = std::from_chars(life.comm.data() + slash + 1, end, cpu);
    const auto known = machinery_.cpus.find(cpu);
    if (error != std::errc() || known == machinery_.cpus.end()) return {};
    return {known->second};
  }

  void end_life(Life& life) {
    const u64 rest_ns = scenario_.duration_ns;
    if (life.dead) return;
    if (life.state == Life::State::kRunning) {
      life.run_ns += info_.end_ns - std::min(info_.end_ns, life.since_ns);
    }
    const bool sleeps = life.state == Life::State::kSleeping;
    push(life, sleeps ? Step::Kind::kSleep : Step::Kind::kRun,
         sleeps ? 2 * rest_ns : life.run_ns + rest_ns);
  }

  void add_task(s32 pid, Life& life) {
    end_life(life);
    const auto index = static_cast<u32>(scenario_.tasks.size());
    for (Fault& move : life.moves) {
      move.tasks = {index};
      scenario_.faults.push_back(std::move(move));
    }
    // A pid may have been several tasks'.
    TaskSpec task{.name = fmt::format("{}. {} {}", index, plain(life.comm), pid)};
    task.kthread = life.kernel;
    if (life.higher) {
      task.policy = TaskPolicy::kFifo;
      task.priority = 50;
    }
    if (!life.kernel) task.cgroups = {cgroup_of(life.first_domain)};
    task.cpus = bound_cpu(life);
    task.delay_ns = {.value = life.first_ns};
    task.loops = 1;
    task.phases = {{.loops = 1, .steps = std::move(life.steps)}};
    scenario_.tasks.push_back(std::move(task));
  }

  const RecordingInfo& info_;
  Machinery machinery_;
  Scenario scenario_{};
  std::map<s32, Life> lives_;  // by pid
  std::vector<std::pair<s32, Life>> dead_;
  std::map<u32, s32> on_cpu_;
  std::map<u64, u32> cgroups_;
  size_t steps_ = 0;
};

}  // namespace

Result<Scenario> scenario_of_recording(const Recording& recording, const std::string& file) {
  const auto refuse = [&file](const std::string& what) {
    return Error{ExitCode::kUsage, fmt::format("{}: {}", file, what)};
  };
  if (recording.info.pairs.size() > PAIRS_MAX) return refuse("more cores than can be simulated");
  Replayer replayer(recording);
  for (const switch_record& record : recording.records) {
    if (record.time_ns >= recording.info.end_ns) break;
    replayer.add(record);
    if (replayer.is_too_much()) {
      return refuse(fmt::format("more than {} runs and sleeps; record a shorter time", kStepsMax));
    }
  }
  Scenario scenario = replayer.finish(file);
  if (scenario.tasks.empty()) return refuse("a recording without a task");
  return scenario;
}

}  // namespace scx_pair
