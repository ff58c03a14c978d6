// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/switch_record.h"
#include "base/types.h"

namespace scx_pair {

// The audit probe in the kernel (src/bpf/audit_probe.bpf.c), attached while an object lives.
class AuditProbe {
 public:
  using Sink = std::function<void(const switch_record&)>;

  // Loads and attaches the probe, then asks it once who is running and who is waiting, so that
  // every cpu is accounted for from now_ns() on. `cpu_ids` is the number of cpu ids the kernel may
  // use.
  static Result<AuditProbe> attach(u32 cpu_ids);

  AuditProbe(AuditProbe&& other) noexcept;
  AuditProbe& operator=(AuditProbe&& other) noexcept;
  ~AuditProbe();

  // The clock of the records.
  static u64 now_ns();

  // How long a judge may sleep between two looks at is_filling().
  [[nodiscard]] std::chrono::milliseconds look_every() const;

  // Whether some cpu's records already take a quarter of their room.
  [[nodiscard]] bool is_filling() const;

  // Hands every record written so far to `sink`: each cpu's in order, one cpu after the other.
  Status drain(const Sink& sink);

  // How many records found no room since attach.
  Result<u64> lost() const;

  // Whether the kernel lets the probe see a running task change its cgroup.
  bool sees_moves() const;

  // What else the kernel does not let it see, and why: one sentence each.
  const std::vector<std::string>& notes() const;

 private:
  struct State;
  explicit AuditProbe(std::unique_ptr<State> state);
  static Status open(State& state, u32 cpu_ids);
  static Status load(State& state, u32 cpu_ids, const std::vector<std::string>& programs);
  static Status create_rings(State& state, u32 cpu_ids);
  static Status attach_programs(State& state);
  static Status find_tasks(State& state);

  std::unique_ptr<State> state_;
};

}  // namespace scx_pair
