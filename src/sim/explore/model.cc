// SPDX-License-Identifier: GPL-2.0-only
#include "sim/explore/model.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/time_units.h"
#include "sim/generate.h"

namespace scx_pair {
namespace {

Step run(u64 ns) {
  return {.kind = Step::Kind::kRun, .duration_ns = fixed(ns)};
}

Step sleep(u64 ns) {
  return {.kind = Step::Kind::kSleep, .duration_ns = fixed(ns)};
}

// Draws are fixed, so that a state can be met again; turns are short, so that one ends soon.
Model small_model(std::string name, std::string what, u32 seats, u32 domains, u64 duration_ns) {
  Model model;
  model.name = std::move(name);
  model.what = std::move(what);
  model.patience_ns = 60 * kMs;
  Scenario& scenario = model.scenario;
  scenario.name = model.name;
  scenario.duration_ns = duration_ns;
  scenario.shape.smt = seats;
  scenario.kernel.hz = 1000;
  scenario.kernel.kick_delay_ns = fixed(kUs);
  scenario.kernel.timer_delay_ns = fixed(0);
  scenario.kernel.switch_ns = 0;
  scenario.scheduler.turn_ns = kMs;
  scenario.scheduler.slice_ns = kMs;
  scenario.cgroups.push_back({.path = "/"});
  for (u32 i = 0; i < domains; i++) {
    scenario.cgroups.push_back(
        {.path = std::string("/") + static_cast<char>('a' + i), .parent = 0});
  }
  return model;
}

// Tasks that do these steps for ever, starting at a time.
void add_tasks(Model& model, const char* name, u32 instances, u32 cgroup, u64 delay_ns,
               std::vector<Step> steps, std::vector<u32> cpus = {}) {
  TaskSpec spec;
  spec.name = name;
  spec.instances = instances;
  spec.cgroups = {cgroup};
  spec.delay_ns = fixed(delay_ns);
  spec.cpus = std::move(cpus);
  spec.phases.push_back({.loops = 1, .steps = std::move(steps)});
  model.scenario.tasks.push_back(std::move(spec));
}

void add_spinners(Model& model, const char* name, u32 instances, u32 cgroup) {
  add_tasks(model, name, instances, cgroup, 0, {run(1000 * kMs)});
}

Fault fault_at(Fault::Kind kind, u64 at_ns) {
  Fault fault;
  fault.kind = kind;
  fault.at_ns = at_ns;
  return fault;
}

// A task of the first group is moved to this cgroup.
void add_move(Model& model, u32 cgroup, u64 at_ns) {
  Fault move = fault_at(Fault::Kind::kMove, at_ns);
  move.tasks = {0};
  move.cgroups = {cgroup};
  model.scenario.faults.push_back(move);
}

// A real-time task of the second domain, on `cpu` for so long.
void add_burst(Model& model, u64 at_ns, u32 cpu, u64 run_ns) {
  Fault burst = fault_at(Fault::Kind::kBurst, at_ns);
  burst.cgroups = {2};
  burst.cpus = {cpu};
  burst.run_ns = fixed(run_ns);
  model.scenario.faults.push_back(burst);
}

Model wake_model() {
  Model model =
      small_model("wake", "two tasks of two domains wake at once on an idle pair", 2, 2, 300 * kUs);
  add_tasks(model, "red", 1, 1, 10 * kUs, {run(40 * kUs), sleep(100 * kUs)});
  add_tasks(model, "blue", 1, 2, 10 * kUs, {run(40 * kUs), sleep(100 * kUs)});
  return model;
}

Model slice_model() {
  Model model = small_model("slice", "three spinners of two domains take turns", 2, 2, 2500 * kUs);
  add_spinners(model, "red", 2, 1);
  add_spinners(model, "blue", 1, 2);
  return model;
}

Model move_model() {
  Model model = small_model("move", "a running task is moved to another domain", 2, 2, 1500 * kUs);
  add_spinners(model, "red", 2, 1);
  add_spinners(model, "blue", 1, 2);
  add_move(model, 2, 100 * kUs);
  return model;
}

Model fetch_model() {
  Model model = small_model(
      "fetch", "a running task is moved while its cpu fetches another one from elsewhere", 2, 3,
      1500 * kUs);
  add_spinners(model, "red", 1, 1);
  add_spinners(model, "blue", 1, 2);
  add_spinners(model, "green", 1, 3);
  add_move(model, 3, 1000 * kUs);
  return model;
}

Model higher_model() {
  Model model =
      small_model("higher", "a real-time task of another domain comes and goes", 2, 2, 500 * kUs);
  add_spinners(model, "red", 2, 1);
  add_burst(model, 100 * kUs, 1, 50 * kUs);
  return model;
}

// The seat that rests has gone to rest before anybody waited, and nobody wakes it for what it may
// not take until the real-time task is there; nor for whom that displaces, who is pinned.
Model joined_model() {
  Model model =
      small_model("joined", "a real-time task of a domain comes while another of that domain waits",
                  2, 2, 400 * kUs);
  add_tasks(model, "red", 1, 1, 0, {run(1000 * kMs)}, {0});
  add_tasks(model, "short", 1, 1, 0, {run(5 * kUs), sleep(1000 * kMs)});
  add_tasks(model, "blue", 1, 2, 50 * kUs, {run(1000 * kMs)});
  add_burst(model, 60 * kUs, 0, 200 * kUs);
  return model;
}

Model pinned_model() {
  Model model =
      small_model("pinned", "a pinned task of another domain wakes and sleeps", 2, 2, 1500 * kUs);
  add_spinners(model, "red", 2, 1);
  add_tasks(model, "blue", 1, 2, 20 * kUs, {run(30 * kUs), sleep(200 * kUs)}, {1});
  return model;
}

Model three_model() {
  Model model =
      small_model("three", "three seats, three domains, all awake at once", 3, 3, 150 * kUs);
  add_tasks(model, "red", 1, 1, 10 * kUs, {run(40 * kUs), sleep(1000 * kUs)});
  add_tasks(model, "blue", 1, 2, 10 * kUs, {run(40 * kUs), sleep(1000 * kUs)});
  add_tasks(model, "green", 1, 3, 10 * kUs, {run(40 * kUs), sleep(1000 * kUs)});
  return model;
}

Model handover_model() {
  Model model = small_model("handover", "one wakes while the other falls asleep", 2, 2, 200 * kUs);
  add_tasks(model, "red", 1, 1, 10 * kUs, {run(40 * kUs), sleep(1000 * kUs)});
  add_tasks(model, "blue", 1, 2, 50 * kUs, {run(40 * kUs), sleep(1000 * kUs)});
  add_tasks(model, "red2", 1, 1, 50 * kUs, {run(40 * kUs), sleep(1000 * kUs)});
  return model;
}

Model kthread_model() {
  Model model = small_model("kthread", "a kernel thread wakes beside two domains", 2, 2, 300 * kUs);
  add_tasks(model, "red", 1, 1, 10 * kUs, {run(60 * kUs), sleep(100 * kUs)});
  add_tasks(model, "blue", 1, 2, 40 * kUs, {run(60 * kUs), sleep(100 * kUs)});
  add_tasks(model, "kthread", 1, 0, 30 * kUs, {run(10 * kUs), sleep(30 * kUs)});
  model.scenario.tasks.back().kthread = true;
  return model;
}

// A new task starts on the cpu of its number, so tasks of even numbers all start on cpu 0.
Model arrival_model() {
  Model model = small_model("arrival", "a task wakes on a busy cpu while the sibling goes to rest",
                            2, 1, 120 * kUs);
  add_spinners(model, "red", 1, 1);
  add_tasks(model, "short", 1, 1, 0, {run(50 * kUs), sleep(1000 * kUs)});
  add_tasks(model, "late", 1, 1, 50 * kUs, {run(40 * kUs), sleep(1000 * kUs)});
  return model;
}

Model trusted_model() {
  Model model = small_model(
      "trusted", "a kernel thread and a task start on one cpu of an idle pair", 2, 1, 120 * kUs);
  // Not before the kicks that follow loading have been sent.
  add_tasks(model, "kthread", 1, 0, 5 * kUs, {run(1000 * kMs)});
  model.scenario.tasks.back().kthread = true;
  add_tasks(model, "short", 1, 1, 5 * kUs, {run(45 * kUs), sleep(1000 * kUs)});
  return model;
}

Model cores_model() {
  Model model = small_model("cores", "a task wakes on a busy core while another core goes to rest",
                            1, 1, 120 * kUs);
  model.scenario.shape.cores = 2;
  add_spinners(model, "red", 1, 1);
  add_tasks(model, "short", 1, 1, 0, {run(50 * kUs), sleep(1000 * kUs)});
  add_tasks(model, "late", 1, 1, 50 * kUs, {run(40 * kUs), sleep(1000 * kUs)});
  return model;
}

Model stranded_model() {
  Model model = small_model("stranded", "a kernel thread uses up its slice, and nobody else waits",
                            2, 1, 2500 * kUs);
  add_spinners(model, "kthread", 1, 0);
  model.scenario.tasks.back().kthread = true;
  return model;
}

Model spread_model() {
  Model model =
      small_model("spread", "two tasks of a domain wake on the cpu of another", 2, 2, 1200 * kUs);
  add_spinners(model, "blue", 1, 2);
  add_tasks(model, "short", 1, 2, 0, {run(5 * kUs), sleep(1000 * kMs)});
  add_tasks(model, "red", 1, 1, 100 * kUs, {run(1000 * kMs)});
  add_tasks(model, "short", 1, 2, 0, {run(5 * kUs), sleep(1000 * kMs)});
  add_tasks(model, "red", 1, 1, 100 * kUs, {run(1000 * kMs)});
  return model;
}

Model renice_model() {
  Model model =
      small_model("renice", "a running task is changed while a stranger wakes", 2, 2, 200 * kUs);
  add_spinners(model, "red", 1, 1);
  add_tasks(model, "blue", 1, 2, 100 * kUs, {run(1000 * kMs)});
  for (int i = 0; i < 4; i++) {
    Fault nice = fault_at(Fault::Kind::kNice, 100 * kUs);
    nice.tasks = {0};
    nice.value = fixed(10);
    model.scenario.faults.push_back(nice);
  }
  return model;
}

// What is left of the turn is shorter than what a task needs to exit.
Model exit_model() {
  Model model =
      small_model("exit", "tasks exit while a stranger is owed the pair", 2, 2, 2500 * kUs);
  add_tasks(model, "red", 2, 1, 0, {run(990 * kUs)});
  model.scenario.tasks.back().loops = 1;
  add_spinners(model, "red2", 2, 1);
  add_spinners(model, "blue", 1, 2);
  return model;
}

}  // namespace

std::vector<Model> closed_models() {
  return {wake_model(),    handover_model(), slice_model(),   move_model(),     fetch_model(),
          higher_model(),  joined_model(),   pinned_model(),  three_model(),    kthread_model(),
          arrival_model(), cores_model(),    trusted_model(), stranded_model(), spread_model(),
          renice_model(),  exit_model()};
}

std::optional<Model> model_named(const std::string& name) {
  constexpr std::string_view kSeed = "seed:";
  if (name.starts_with(kSeed)) {
    u64 seed = 0;
    const char* const end = name.data() + name.size();
    const auto [stop, error] = std::from_chars(name.data() + kSeed.size(), end, seed);
    if (error != std::errc() || stop != end) return std::nullopt;
    return random_model(seed);
  }
  for (Model& model : closed_models()) {
    if (model.name == name) return std::move(model);
  }
  return std::nullopt;
}

Model random_model(u64 seed) {
  GenerateLimits limits;
  limits.cpus = 6;
  limits.tasks = 10;
  limits.duration_ns = 10 * kMs;
  limits.controls = seed >= kFirstSeedWithControls;
  Model model;
  model.name = "seed:" + std::to_string(seed);
  model.what = "made from a seed";
  model.scenario = generate_scenario(seed, limits);
  // While the kernel schedules by itself nothing is promised.
  std::erase_if(model.scenario.faults, [](const Fault& fault) {
    return fault.kind == Fault::Kind::kOffline || fault.kind == Fault::Kind::kReload ||
           fault.kind == Fault::Kind::kBypass;
  });
  return model;
}

}  // namespace scx_pair
