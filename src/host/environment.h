// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/types.h"

namespace scx_pair {

// Where the kernel's answers come from. The real ones by default; a test gives its own.
struct RunningKernel {
  std::filesystem::path sysfs = "/sys";
  std::filesystem::path proc = "/proc";
  std::filesystem::path cgroup = "/sys/fs/cgroup";
  std::function<bool()> may_load;        // CAP_SYS_ADMIN here and now
  std::function<std::string()> release;  // "7.3.4-cloud-amd64"
  std::function<std::string()> version;  // "#1 SMP PREEMPT_RT Debian 7.3.4-1"
  std::function<bool()> cgroup_is_v2;    // a cgroup2 file system is at `cgroup`
  // 0: none; nothing: the kernel does not say.
  std::function<std::optional<u64>(u32 task)> core_scheduling_cookie;
};
RunningKernel running_kernel();

// Whether this kernel, as it is set up now, can run the scheduler and give its promise a meaning.
// Reads only. The error is one sentence that says what to do.
Status check_environment(const RunningKernel& kernel);

// A sentence if the scheduler runs although a task has a cookie of the kernel's own core
// scheduling, or may have one, because the kernel does not let this process look; empty if none
// has.
std::string cookie_warning(const RunningKernel& kernel);

// What a failure to load the scheduler comes down to, where that is how this kernel was built.
Error explain_load_failure(const RunningKernel& kernel, Error error);

}  // namespace scx_pair
