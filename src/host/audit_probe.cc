// SPDX-License-Identifier: GPL-2.0-only
#include "host/audit_probe.h"

#include <audit_probe_object.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "host/bpf_object.h"
#include "host/optional_programs.h"

namespace scx_pair {
namespace {

// A megabyte is about 19,000 records: seconds of a busy cpu. Where there are few cpus, larger rings
// let the judge sleep for longer; where there are many, the memory of all of them counts more.
constexpr u32 kRingBytesMost = 16u << 20;
constexpr u32 kRingBytesLeast = 1u << 20;
constexpr u32 kRingBytesOfAll = 64u << 20;

// A megabyte fills no sooner than in this time: 380,000 records a second, of one cpu.
constexpr std::chrono::milliseconds kLookPerMegabyte{50};
constexpr std::chrono::milliseconds kLookAtLeastEvery{400};

// The kernel wants a power of two.
u32 ring_bytes(u32 cpus) {
  return std::bit_floor(std::clamp(kRingBytesOfAll / cpus, kRingBytesLeast, kRingBytesMost));
}

struct RingCloser {
  void operator()(ring_buffer* ring) const { ring_buffer__free(ring); }
};

Error system_error(const std::string& what, int code) {
  return Error{ExitCode::kInternal, fmt::format("{}: {}", what, std::strerror(code))};
}

// libbpf wants its context when a ring is added, long before there is a sink.
struct Receiver {
  const AuditProbe::Sink* sink = nullptr;
};

int hand_over(void* receiver, void* data, size_t size) {
  check(size >= sizeof(switch_record), "the probe and the host agree on the record");
  switch_record record;
  std::memcpy(&record, data, sizeof record);
  (*static_cast<const Receiver*>(receiver)->sink)(record);
  return 0;
}

class FileHandle {
 public:
  explicit FileHandle(int fd) : fd_(fd) {}
  FileHandle(const FileHandle&) = delete;
  FileHandle& operator=(const FileHandle&) = delete;
  ~FileHandle() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

constexpr const char* kMove = "see_move";
constexpr const char* kMoveLate = "see_move_late";

// The probe does its work without these; `place` is the kernel's function they hang on, or nothing
// where every kernel has what they need.
struct OptionalProgram {
  const char* name;
  const char* place;
  const char* without;
};
constexpr std::array<OptionalProgram, 4> kOptional = {{
    {kMove, "scx_cgroup_move_task", "a move to another cgroup is not told at its moment"},
    {kMoveLate, "sched_move_task", "a move to another cgroup is not told"},
    {"see_class_change", "__sched_setscheduler",
     "a task whose class is changed while it runs is judged by the old one until it is switched in "
     "again"},
    {"see_loan", nullptr,
     "a task that is lent a priority while it runs, or gives it back, is judged by the old one "
     "until it is switched in again"},
}};
const std::vector<std::string> kNeeded = {"see_switch", "see_wakeup", "see_wakeup_new"};

std::string note(const std::string& name, const std::string& reason) {
  const auto* const program = std::ranges::find(kOptional, name, &OptionalProgram::name);
  check(program != kOptional.end(), "what is left out is optional");
  return fmt::format("{} ({})", program->without, reason);
}

}  // namespace

struct AuditProbe::State {
  std::optional<BpfObject> object;
  std::unique_ptr<ring_buffer, RingCloser> rings;
  std::vector<BpfLink> links;
  std::vector<std::string> programs;
  Receiver receiver;
  bool sees_moves = false;
  std::vector<std::string> notes;
};

AuditProbe::AuditProbe(std::unique_ptr<State> state) : state_(std::move(state)) {}
AuditProbe::AuditProbe(AuditProbe&&) noexcept = default;
AuditProbe& AuditProbe::operator=(AuditProbe&&) noexcept = default;
AuditProbe::~AuditProbe() = default;

u64 AuditProbe::now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<u64>(now.tv_sec) * 1'000'000'000 + static_cast<u64>(now.tv_nsec);
}

Result<AuditProbe> AuditProbe::attach(u32 cpu_ids) {
  auto state = std::make_unique<State>();
  using Step = std::function<Status()>;
  for (const Step& step :
       {Step([&] { return open(*state, cpu_ids); }),
        Step([&] { return create_rings(*state, cpu_ids); }),
        Step([&] { return attach_programs(*state); }), Step([&] { return find_tasks(*state); })}) {
    Status status = step();
    if (!status) return std::move(status.error()).in("audit probe");
  }
  return AuditProbe(std::move(state));
}

// Loads what the kernel takes of the programs it has a place for.
Status AuditProbe::open(State& state, u32 cpu_ids) {
  std::vector<std::string> optional;
  for (const OptionalProgram& program : kOptional) {
    if (program.place == nullptr || kernel_has_function(program.place)) {
      optional.emplace_back(program.name);
    }
  }
  auto chosen = choose_programs(kNeeded, optional, [&](const std::vector<std::string>& programs) {
    return load(state, cpu_ids, programs);
  });
  if (!chosen) return std::move(chosen.error());
  state.programs = std::move(chosen->programs);
  for (const auto& [name, reason] : chosen->refusals) state.notes.push_back(note(name, reason));
  return Done{};
}

Status AuditProbe::load(State& state, u32 cpu_ids, const std::vector<std::string>& programs) {
  auto object = BpfObject::open(audit_probe_object(), "audit_probe");
  if (!object) return std::move(object.error());
  for (const OptionalProgram& program : kOptional) {
    const bool wanted = std::ranges::find(programs, program.name) != programs.end();
    Status set = object->set_autoload(program.name, wanted);
    if (!set) return set;
  }
  Status sized = object->set_max_entries("rings", cpu_ids);
  if (sized) sized = object->load();
  if (sized) state.object.emplace(std::move(*object));
  return sized;
}

Status AuditProbe::create_rings(State& state, u32 cpu_ids) {
  auto outer = state.object->find_map("rings");
  if (!outer) return std::move(outer.error());
  const u32 bytes = ring_bytes(cpu_ids);
  for (u32 cpu = 0; cpu < cpu_ids; ++cpu) {
    const FileHandle ring(bpf_map_create(BPF_MAP_TYPE_RINGBUF, "audit_ring", 0, 0, bytes, nullptr));
    if (ring.get() < 0) return system_error("create a ring buffer", errno);
    const int fd = ring.get();
    if (bpf_map_update_elem(bpf_map__fd(*outer), &cpu, &fd, BPF_ANY) != 0) {
      return system_error("place a ring buffer", errno);
    }
    if (!state.rings) {
      state.rings.reset(ring_buffer__new(fd, hand_over, &state.receiver, nullptr));
      if (!state.rings) return system_error("map a ring buffer", errno);
    } else if (const int error =
                   ring_buffer__add(state.rings.get(), fd, hand_over, &state.receiver);
               error != 0) {
      return system_error("map a ring buffer", -error);
    }
  }
  return Done{};
}

Status AuditProbe::attach_programs(State& state) {
  for (const std::string& name : state.programs) {
    // Both tell of a move; the one that tells it at the right moment comes first.
    if (name == kMoveLate && state.sees_moves) continue;
    auto link = state.object->attach(name);
    const bool needed = std::ranges::find(kNeeded, name) != kNeeded.end();
    if (!link && needed) return std::move(link.error());
    if (!link) {
      state.notes.push_back(note(name, first_line(link.error().what)));
      continue;
    }
    state.sees_moves = state.sees_moves || name == kMove || name == kMoveLate;
    state.links.push_back(std::move(*link));
  }
  return Done{};
}

// A BPF iterator runs when its file is read; there is no text in it.
Status AuditProbe::find_tasks(State& state) {
  auto link = state.object->attach("find_tasks");
  if (!link) return std::move(link.error());
  const FileHandle iterator(bpf_iter_create(bpf_link__fd(link->get())));
  if (iterator.get() < 0) return system_error("create the iterator over tasks", errno);
  std::array<char, 64> text{};
  ssize_t got = 0;
  do {
    got = ::read(iterator.get(), text.data(), text.size());
  } while (got > 0 || (got < 0 && (errno == EINTR || errno == EAGAIN)));
  if (got < 0) return system_error("iterate over tasks", errno);
  return Done{};
}

std::chrono::milliseconds AuditProbe::look_every() const {
  const auto megabytes =
      static_cast<int>(ring__size(ring_buffer__ring(state_->rings.get(), 0)) >> 20);
  return std::min<std::chrono::milliseconds>(kLookPerMegabyte * megabytes, kLookAtLeastEvery);
}

bool AuditProbe::is_filling() const {
  const ring* one = nullptr;
  for (u32 i = 0; (one = ring_buffer__ring(state_->rings.get(), i)) != nullptr; ++i) {
    if (ring__avail_data_size(one) >= ring__size(one) / 4) return true;
  }
  return false;
}

Status AuditProbe::drain(const Sink& sink) {
  state_->receiver.sink = &sink;
  const int consumed = ring_buffer__consume(state_->rings.get());
  state_->receiver.sink = nullptr;
  if (consumed < 0) return system_error("read the ring buffers", -consumed);
  return Done{};
}

Result<u64> AuditProbe::lost() const {
  auto map = state_->object->find_map("lost");
  if (!map) return std::move(map.error());
  const int cpus = libbpf_num_possible_cpus();
  if (cpus < 0) return system_error("count the possible cpus", -cpus);
  std::vector<u64> counts(static_cast<size_t>(cpus));
  const u32 zero = 0;
  if (bpf_map_lookup_elem(bpf_map__fd(*map), &zero, counts.data()) != 0) {
    return system_error("read the number of lost records", errno);
  }
  return std::accumulate(counts.begin(), counts.end(), u64{0});
}

bool AuditProbe::sees_moves() const {
  return state_->sees_moves;
}

const std::vector<std::string>& AuditProbe::notes() const {
  return state_->notes;
}

}  // namespace scx_pair
