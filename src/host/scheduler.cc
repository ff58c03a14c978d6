// SPDX-License-Identifier: GPL-2.0-only
#include "host/scheduler.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "base/scheduler_abi.h"
#include "base/scheduler_times.h"
#include "host/bpf_object.h"
#include "scx_pair_object.h"

namespace scx_pair {
namespace {

constexpr const char* kOps = "pair_ops";
// enum scx_exit_kind: at and above this the scheduler was ended for an error.
constexpr s64 kExitError = 1024;
// enum scx_exit_kind: the scheduler was detached by its own loader.
constexpr s64 kExitUnregistered = 64;
// enum scx_exit_kind: somebody pressed sysrq-S.
constexpr s64 kExitSysrq = 67;
// enum scx_exit_code: the kernel asks for the scheduler to be loaded again.
constexpr s64 kExitRestart = s64{1} << 48;

scheduler_config make_bpf_config(const SchedulerConfig& config) {
  scheduler_config result{};
  result.nr_cpus = config.topology.cpu_ids();
  result.nr_pairs = static_cast<u32>(config.topology.pairs().size());
  result.nr_zones = config.topology.zones();
  result.kthreads_trusted = config.kthreads_trusted ? 1 : 0;
  set_times(result, config.turn_ns, config.turn_min_ns, config.slice_ns);
  return result;
}

// Sets a u64 member of the ops before load. The layout is that of the object's own types.
Status set_ops_member(const BpfObject& object, const std::string& name, u64 value) {
  auto ops = object.initial_value(kOps);
  if (!ops) return std::move(ops.error());
  auto types = object.types();
  if (!types) return std::move(types.error());
  const int id = btf__find_by_name_kind(*types, "sched_ext_ops", BTF_KIND_STRUCT);
  if (id < 0) return Error{ExitCode::kInternal, "the BPF object has no sched_ext_ops"};
  const btf_type* type = btf__type_by_id(*types, static_cast<u32>(id));
  for (u32 i = 0; i < btf_vlen(type); ++i) {
    if (name != btf__name_by_offset(*types, btf_members(type)[i].name_off)) continue;
    const size_t offset = btf_member_bit_offset(type, i) / 8;
    check(offset + sizeof value <= ops->size(), "an ops member lies inside the ops");
    std::memcpy(ops->data() + offset, &value, sizeof value);
    return Done{};
  }
  return Error{ExitCode::kInternal, "the BPF object's sched_ext_ops has no member " + name};
}

// Callbacks that not every kernel from 6.16 on makes: without them it does not tell of cpu.max
// (before 6.17), and of cpu.idle only through its tasks (before 6.19).
Status drop_unknown_ops(const BpfObject& object) {
  for (const char* name : {"cgroup_set_bandwidth", "cgroup_set_idle"}) {
    if (kernel_has_member("sched_ext_ops", name)) continue;
    Status status = set_ops_member(object, name, 0);
    if (!status) return status;
  }
  return Done{};
}

Status prepare(const BpfObject& object, const SchedulerConfig& config) {
  const scheduler_config bpf_config = make_bpf_config(config);
  if (bpf_config.nr_pairs == 0 || bpf_config.nr_pairs > PAIRS_MAX) {
    return Error{ExitCode::kEnvironment,
                 fmt::format("this machine has {} pairs of cpus; between 1 and {} are supported",
                             bpf_config.nr_pairs, PAIRS_MAX)};
  }
  Status status = object.set_variable("config", bpf_config);
  if (status) status = object.set_max_entries("pairs", bpf_config.nr_pairs);
  if (status) status = object.set_max_entries("cpus", bpf_config.nr_cpus);
  if (status) status = object.set_max_entries("places", bpf_config.nr_cpus);
  if (status) status = drop_unknown_ops(object);
  return status;
}

Status place_cpus(const BpfObject& object, const Topology& topology) {
  auto map = object.find_map("places");
  if (!map) return std::move(map.error());
  for (u32 cpu = 0; cpu < topology.cpu_ids(); ++cpu) {
    const std::optional<Seat> seat = topology.seat_of(cpu);
    const cpu_place place = seat ? cpu_place{seat->pair, seat->index, topology.zone_of(*seat), 0}
                                 : cpu_place{NO_PAIR, 0, 0, 0};
    const int error = bpf_map__update_elem(*map, &cpu, sizeof cpu, &place, sizeof place, BPF_ANY);
    if (error != 0) {
      return Error{ExitCode::kInternal,
                   fmt::format("place cpu {}: {}", cpu, std::strerror(-error))};
    }
  }
  return Done{};
}

// Runs one of the programs that are there for the loader.
Status run_program(const BpfObject& object, const std::string& name) {
  auto program = object.find_program(name);
  if (!program) return std::move(program.error());
  bpf_test_run_opts options{};
  options.sz = sizeof options;
  const int error = bpf_prog_test_run_opts(bpf_program__fd(*program), &options);
  if (error == 0) return Done{};
  return Error{ExitCode::kInternal, fmt::format("run {}: {}", name, std::strerror(-error))};
}

// All values of a hash map. Requires: its keys are u64.
template <typename Value>
Result<std::vector<Value>> values_of(const BpfObject& object, const std::string& name) {
  auto map = object.find_map(name);
  if (!map) return std::move(map.error());
  std::vector<Value> values;
  u64 key = 0;
  const u64* last = nullptr;
  // Entries that come or go meanwhile may be missed or told twice; it is a snapshot for a person.
  while (bpf_map__get_next_key(*map, last, &key, sizeof key) == 0) {
    Value value{};
    if (bpf_map__lookup_elem(*map, &key, sizeof key, &value, sizeof value, 0) == 0) {
      values.push_back(value);
    }
    last = &key;
  }
  return values;
}

bool is_maximum(std::string_view name) {
  return name.ends_with("_max_ns");
}

void join(SchedulerStats& sum, const SchedulerStats& cpu) {
  for (const scheduler_stat_name& stat : scheduler_stat_names) {
    auto& total = *reinterpret_cast<u64*>(reinterpret_cast<std::byte*>(&sum) + stat.offset);
    const u64 value =
        *reinterpret_cast<const u64*>(reinterpret_cast<const std::byte*>(&cpu) + stat.offset);
    total = is_maximum(stat.name) ? std::max(total, value) : total + value;
  }
}

}  // namespace

namespace {

// A file descriptor, owned.
class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  File(File&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  File& operator=(File&&) = delete;
  ~File() {
    if (fd_ >= 0) close(fd_);
  }

 private:
  int fd_;
};

}  // namespace

struct Scheduler::State {
  State(BpfObject loaded, const Topology& topology)
      : object(std::move(loaded)),
        cpu_ids(topology.cpu_ids()),
        pairs(topology.pairs().size()),
        zones(topology.zones()) {}

  Status find_exit();
  Status attach_events();
  Status attach(const Topology& topology);
  void detach();

  const exit_record* record() const {
    return reinterpret_cast<const exit_record*>(record_bytes.data());
  }

  BpfObject object;
  // What there is room for.
  u32 cpu_ids;
  size_t pairs;
  u32 zones;
  // Attached first and detached last, so that occupancy is known from the beginning; between two
  // lives of the ops they stay, and find no cpu seated. Detached last also if the process is
  // killed: the kernel closes its files in the order of their numbers, upwards or downwards. So
  // each event is held by a file below that of the ops and by one above.
  std::vector<BpfLink> event_links;
  std::vector<File> event_files;
  BpfLink ops_link;
  std::span<std::byte> record_bytes;
  int exit_news = -1;
};

Status Scheduler::State::find_exit() {
  auto record_variable = object.variable("exit_record");
  if (!record_variable) return std::move(record_variable.error());
  check(record_variable->size() == sizeof(exit_record), "both sides agree on the exit record");
  record_bytes = *record_variable;
  auto news = object.find_map("exit_news");
  if (!news) return std::move(news.error());
  exit_news = bpf_map__fd(*news);
  return Done{};
}

Status Scheduler::State::attach_events() {
  for (const char* program : {"pair_switch", "pair_wakeup", "pair_wakeup_new"}) {
    auto link = object.attach(program);
    if (!link) return std::move(link.error());
    event_links.push_back(std::move(*link));
  }
  return Done{};
}

Status Scheduler::State::attach(const Topology& topology) {
  Status status = place_cpus(object, topology);
  if (!status) return status;
  auto ops = object.attach_struct_ops(kOps);
  if (!ops) return std::move(ops.error());
  ops_link = std::move(*ops);
  const int ops_fd = bpf_link__fd(ops_link.get());
  for (const BpfLink& link : event_links) {
    event_files.emplace_back(fcntl(bpf_link__fd(link.get()), F_DUPFD_CLOEXEC, ops_fd));
  }
  return run_program(object, "pair_settle");
}

void Scheduler::State::detach() {
  ops_link.reset();
  event_files.clear();
}

Scheduler::Scheduler(std::unique_ptr<State> state) : state_(std::move(state)) {}
Scheduler::Scheduler(Scheduler&& other) noexcept = default;
Scheduler& Scheduler::operator=(Scheduler&& other) noexcept = default;

Scheduler::~Scheduler() {
  if (state_) state_->detach();
}

Result<Scheduler> Scheduler::load(const SchedulerConfig& config) {
  auto object = BpfObject::open(scx_pair_object(), "scx_pair");
  if (!object) return std::move(object.error());
  Status status = prepare(*object, config);
  if (status) status = object->load();
  if (!status) return std::move(status.error());
  auto state = std::make_unique<State>(std::move(*object), config.topology);
  status = state->find_exit();
  if (status) status = state->attach_events();
  if (status) status = state->attach(config.topology);
  if (!status) return std::move(status.error());
  return Scheduler(std::move(state));
}

bool Scheduler::fits(const Topology& topology) const {
  // The zones are the same ones, because domains are looked for in all of them.
  return topology.cpu_ids() == state_->cpu_ids && topology.pairs().size() <= state_->pairs &&
         topology.zones() == state_->zones;
}

Status Scheduler::attach_again(const Topology& topology) {
  check(state_->ops_link == nullptr, "a scheduler is finished before it is attached again");
  check(fits(topology), "what is loaded has room for all pairs");
  Status status = state_->object.empty();
  if (status) status = run_program(state_->object, "pair_forget");
  if (status) status = state_->object.restore();
  if (status) status = state_->attach(topology);
  return status;
}

bool Scheduler::exited() const {
  return *static_cast<volatile const s32*>(&state_->record()->kind) != 0;
}

int Scheduler::exit_news() const {
  return state_->exit_news;
}

Result<SchedulerStats> Scheduler::stats() const {
  auto map = state_->object.find_map("stats");
  if (!map) return std::move(map.error());
  const int cpus = libbpf_num_possible_cpus();
  if (cpus <= 0) return Error{ExitCode::kInternal, "the kernel does not tell its possible cpus"};
  std::vector<SchedulerStats> values(static_cast<size_t>(cpus));
  const u32 key = 0;
  const int error = bpf_map__lookup_elem(*map, &key, sizeof key, values.data(),
                                         values.size() * sizeof values[0], 0);
  if (error != 0) {
    return Error{ExitCode::kInternal, fmt::format("read the counters: {}", std::strerror(-error))};
  }
  SchedulerStats sum{};
  for (const SchedulerStats& value : values) join(sum, value);
  return sum;
}

Result<std::vector<forced_time>> Scheduler::forced_idle() const {
  return values_of<forced_time>(state_->object, "forced_idle");
}

Result<std::vector<limit_times>> Scheduler::limits() const {
  return values_of<limit_times>(state_->object, "limit_stats");
}

SchedulerExit Scheduler::finish() {
  check(state_->ops_link != nullptr, "only an attached scheduler is finished");
  state_->detach();
  const exit_record& record = *state_->record();
  SchedulerExit exit;
  exit.kind = record.kind;
  exit.code = record.code;
  exit.reason = record.reason;
  exit.message = record.message;
  exit.dump = exit.kind >= kExitError ? record.dump : "";
  exit.restart = exit.kind != 0 && (exit.code & kExitRestart) != 0;
  exit.by_operator = exit.kind == kExitSysrq;
  exit.by_user = exit.kind == kExitUnregistered || exit.kind == 0;
  return exit;
}

}  // namespace scx_pair
