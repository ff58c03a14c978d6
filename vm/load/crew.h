// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cgroup.h"
#include "part.h"
#include "record.h"
#include "setting.h"

namespace scx_pair {

// How a workload is run.
struct Options {
  std::vector<Part> parts;
  std::vector<Setting> settings;     // of the cgroups, in the order in which they are written
  std::vector<std::string> command;  // of the run parts
  std::filesystem::path cgroup_root = "/sys/fs/cgroup";
  double settle_seconds = 1;
  std::optional<double> seconds;  // measured; without it, until a signal or the commands' end
  bool cookies = false;           // one core-scheduling cookie for each cgroup
};

// Memory shared with the tasks forked later.
template <typename T>
class Shared {
 public:
  Shared();
  T& operator*() const { return *memory_; }
  T* operator->() const { return memory_.get(); }

 private:
  struct Unmap {
    void operator()(T* memory) const;
  };
  std::unique_ptr<T, Unmap> memory_;
};

struct Member {
  Part part;
  pid_t pid = 0;
  Shared<TaskRecord> record;
  u64 cpu_ns_before = 0;
  u64 cpu_ns = 0;          // used while measured
  u64 longest_gap_ns = 0;  // the time from its last mark to the end included
  u64 ended_ns = 0;        // when it was seen to have ended; 0: not yet
  int exit_status = -1;    // as of waitpid
  bool lost = false;       // did not end although told to
};

// All tasks of one workload, from their fork to their end.
class Crew {
 public:
  explicit Crew(Options options) : options_(std::move(options)), cgroups_(options_.cgroup_root) {}

  // Assembles, runs, measures and ends the workload.
  Status run();

  [[nodiscard]] const std::vector<Member>& members() const { return members_; }
  [[nodiscard]] u64 started_ns() const { return started_ns_; }
  [[nodiscard]] u64 measured_since_ns() const { return signal_->measured_since_ns; }
  [[nodiscard]] u64 measured_ns() const { return over_ns_ - signal_->measured_since_ns; }

 private:
  Status assemble();
  Status start_member(Member& member, const std::string* previous_cgroup);
  Status await_ready();
  void measure();
  void finish();
  void reap();
  // Waits for a signal that ends the workload or for `until_ns`, whichever is first; true if it
  // was the time. The end of all commands counts as the former.
  bool wait_until(u64 until_ns);
  [[nodiscard]] bool commands_ended() const;

  Options options_;
  Cgroups cgroups_;
  Shared<Signal> signal_;
  std::vector<Member> members_;
  u64 started_ns_ = 0;
  u64 over_ns_ = 0;
};

}  // namespace scx_pair
