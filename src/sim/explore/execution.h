// SPDX-License-Identifier: GPL-2.0-only
//
// One execution of a model: the simulated machine, with the activities of its cpus interleaved as a
// chooser says, and the oracles asked all along.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "sim/explore/choice.h"
#include "sim/explore/fibre.h"
#include "sim/explore/model.h"
#include "sim/explore/oracle.h"
#include "sim/machine.h"

namespace scx_pair {

// Before which accesses of an activity another cpu's may go first.
enum class Grain : u8 {
  kSync,    // locks, atomics, kfuncs and what changes a map
  kMemory,  // and every plain load and store of shared memory, if the object announces them
};

struct ExecutionLimits {
  Grain grain = Grain::kSync;
  // Activities at one moment of simulated time: more are a livelock.
  u64 activities_at_once = 2'000;
  // Whether it counts that a cpu idles beside work (kLostWakeup, kIdleSibling).
  bool conserving = true;
};

// Told what happens, for a person to read.
class Audience : public Observer {
 public:
  virtual void on_begin(u32 cpu, const Event& event) = 0;
  virtual void on_end(u32 cpu) = 0;
  virtual void on_change(u32 from, u32 to) = 0;  // `to` goes on in the middle of its activity
  virtual void on_wait(u32 cpu) = 0;             // for a lock
};

struct Executed {
  std::optional<Violation> violation;
  Deviations deviations;  // a Replayer with them does the same
  u64 decisions = 0;
  u64 activities = 0;
  u64 accesses = 0;  // at which another cpu could have gone first
  u64 callbacks = 0;
  u64 trace_hash = 0;
  bool cut = false;  // the chooser did not want to go on
};

// The stacks that executions run on, one after the other.
class FibrePool {
 public:
  Fibre& of_cpu(u32 cpu) {
    while (fibres_.size() <= cpu) fibres_.push_back(std::make_unique<Fibre>());
    return *fibres_[cpu];
  }

 private:
  std::vector<std::unique_ptr<Fibre>> fibres_;
};

// Requires: the object is used by nobody else meanwhile.
Executed execute(const Model& model, NativeObject& object, FibrePool& fibres, Chooser& chooser,
                 const ExecutionLimits& limits, Audience* audience = nullptr);

}  // namespace scx_pair
