// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <vector>

#include "base/result.h"
#include "setting.h"

namespace scx_pair {

// The cgroups of one workload: made with the cpu controller on, emptied and removed at the end.
class Cgroups {
 public:
  explicit Cgroups(std::filesystem::path root) : root_(std::move(root)) {}
  Cgroups(const Cgroups&) = delete;
  Cgroups& operator=(const Cgroups&) = delete;
  ~Cgroups() { remove_all(); }

  // Makes the cgroup at `path` below the root, its parents included; one that is there is taken.
  Status make(const std::string& path);

  // Makes the cgroup that the setting names and writes the file.
  Status set(const Setting& setting);

  // Kills what is left in the cgroups made here and removes them, deepest first.
  void remove_all();

  [[nodiscard]] std::filesystem::path folder(const std::string& path) const {
    return path.empty() ? root_ : root_ / path;
  }

 private:
  std::filesystem::path root_;
  std::vector<std::filesystem::path> made_;
};

// Writes `text` to a kernel file; 0 or the errno of the refusal. Makes no allocation that a task
// just forked could not make.
int write_file(const std::filesystem::path& path, const std::string& text);

// Moves a task into the cgroup of `folder`; pid 0 is the caller. 0 or the errno of the refusal.
int move_task(const std::filesystem::path& folder, pid_t pid);

// Removes an emptied cgroup. The kernel may call it busy for a moment after its last task has
// ended, so a refusal is tried again for a while.
bool remove_cgroup(const std::filesystem::path& folder);

}  // namespace scx_pair
