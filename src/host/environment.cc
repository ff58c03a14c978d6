// SPDX-License-Identifier: GPL-2.0-only
#include "host/environment.h"

#include <fmt/format.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <sys/prctl.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <optional>
#include <sstream>
#include <utility>
#include <vector>

#include "base/hostile_text.h"
#include "host/text_file.h"

namespace scx_pair {
namespace {

namespace fs = std::filesystem;

Error refusal(std::string what) {
  return Error{ExitCode::kEnvironment, std::move(what)};
}

bool has_sys_admin() {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {};
  if (syscall(SYS_capget, &header, sets) != 0) return false;
  return (sets[CAP_TO_INDEX(CAP_SYS_ADMIN)].effective & CAP_TO_MASK(CAP_SYS_ADMIN)) != 0;
}

std::optional<u64> read_cookie(u32 task) {
  unsigned long cookie = 0;
  if (prctl(PR_SCHED_CORE, PR_SCHED_CORE_GET, task, PR_SCHED_CORE_SCOPE_THREAD, &cookie) == 0) {
    return cookie;
  }
  // A kernel without core scheduling, one where it cannot work, and a task that has ended all
  // answer with an error: none of them has a cookie. One that may not be looked at may have.
  return errno == EPERM || errno == EACCES ? std::nullopt : std::optional<u64>(0);
}

std::optional<u32> parse_number(std::string_view text) {
  u32 number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop == text.data()) return std::nullopt;
  return number;
}

bool has_word(const std::string& text, std::string_view wanted) {
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (word == wanted) return true;
  }
  return false;
}

Status check_privilege(const RunningKernel& kernel) {
  if (kernel.may_load()) return Done{};
  return refusal("only root may load a scheduler; run it as root or with sudo");
}

constexpr std::string_view kKernelAdvice =
    "boot a kernel 6.16 or newer built with CONFIG_SCHED_CLASS_EXT=y (on Debian: linux-image-amd64 "
    "from trixie-backports)";

Status check_release(const RunningKernel& kernel) {
  const std::string release = kernel.release();
  const std::optional<u32> major = parse_number(release);
  const size_t dot = release.find('.');
  const std::optional<u32> minor =
      dot == std::string::npos ? std::nullopt : parse_number(release.substr(dot + 1));
  // A name that is no number says nothing about age: the other checks decide.
  if (!major || !minor) return Done{};
  if (*major > 6 || (*major == 6 && *minor >= 16)) return Done{};
  return refusal(fmt::format("the running kernel, {}, is too old; {}", release, kKernelAdvice));
}

Status check_sched_ext(const RunningKernel& kernel) {
  if (fs::exists(kernel.sysfs / "kernel/sched_ext")) return Done{};
  return refusal(fmt::format("the running kernel, {}, has no sched_ext ({} does not exist); {}",
                             kernel.release(), (kernel.sysfs / "kernel/sched_ext").string(),
                             kKernelAdvice));
}

Status check_btf(const RunningKernel& kernel) {
  const fs::path path = kernel.sysfs / "kernel/btf/vmlinux";
  if (fs::exists(path)) return Done{};
  return refusal(
      fmt::format("the running kernel does not describe its types ({} does not exist); "
                  "boot one built with CONFIG_DEBUG_INFO_BTF=y",
                  path.string()));
}

Status check_no_other_scheduler(const RunningKernel& kernel) {
  const fs::path dir = kernel.sysfs / "kernel/sched_ext";
  const std::optional<std::string> state = read_text(dir / "state");
  if (state == "disabled") return Done{};
  if (!state) {
    return refusal(
        fmt::format("{} cannot be read, so whether another scheduler is loaded is "
                    "unknown; mount sysfs at {}",
                    (dir / "state").string(), kernel.sysfs.string()));
  }
  const std::string name = read_text(dir / "root/ops").value_or("");
  return refusal(
      fmt::format("another scheduler is loaded ({}, state \"{}\"), and the kernel runs "
                  "one at a time; stop that one first",
                  name.empty() ? "it has no name" : printable(name), *state));
}

Status check_cgroups(const RunningKernel& kernel) {
  const std::string root = kernel.cgroup.string();
  if (!kernel.cgroup_is_v2()) {
    return refusal(
        fmt::format("no cgroup v2 file system is mounted at {0}, and cgroups are what is "
                    "kept apart; mount it with: mount -t cgroup2 none {0}",
                    root));
  }
  const std::string available = read_text(kernel.cgroup / "cgroup.controllers").value_or("");
  if (!has_word(available, "cpu")) {
    return refusal(
        fmt::format("{}/cgroup.controllers does not offer the cpu controller; boot a "
                    "kernel built with CONFIG_CGROUP_SCHED=y, without "
                    "cgroup_disable=cpu, and with no cgroup v1 hierarchy that holds it",
                    root));
  }
  const std::string enabled = read_text(kernel.cgroup / "cgroup.subtree_control").value_or("");
  if (!has_word(enabled, "cpu")) {
    return refusal(
        fmt::format("the cpu controller is off, so all cgroups would count as one and "
                    "nothing would be kept apart; turn it on with: echo +cpu > "
                    "{}/cgroup.subtree_control",
                    root));
  }
  return Done{};
}

// The entries of a directory of /proc that are numbers. What ends while it is looked at is left
// out.
std::vector<u32> numbered_entries(const fs::path& dir) {
  std::vector<u32> numbers;
  std::error_code error;
  fs::directory_iterator entry(dir, error);
  while (!error && entry != fs::directory_iterator()) {
    const std::optional<u32> number = parse_number(entry->path().filename().string());
    if (number) numbers.push_back(*number);
    entry.increment(error);
  }
  return numbers;
}

// What a look for cookies of the kernel's own core scheduling has found, each the first of its
// kind.
struct CookieSight {
  std::optional<u32> task;    // has one
  std::optional<u32> hidden;  // may have one
};

CookieSight look_for_cookies(const RunningKernel& kernel) {
  CookieSight sight;
  for (const u32 process : numbered_entries(kernel.proc)) {
    for (const u32 task : numbered_entries(kernel.proc / std::to_string(process) / "task")) {
      const std::optional<u64> cookie = kernel.core_scheduling_cookie(task);
      if (!cookie && !sight.hidden) sight.hidden = task;
      if (cookie.value_or(0) == 0) continue;
      sight.task = task;
      return sight;
    }
  }
  return sight;
}

std::string name_of(const RunningKernel& kernel, u32 task) {
  return printable(read_text(kernel.proc / std::to_string(task) / "comm").value_or("it has ended"));
}

Status check_no_cookies(const RunningKernel& kernel) {
  const std::optional<u32> task = look_for_cookies(kernel).task;
  if (!task) return Done{};
  return refusal(
      fmt::format("the kernel's own core scheduling is in use (task {}, {}, has a "
                  "cookie), and the two would hold each other up; end the tasks that "
                  "use it, or start them without it",
                  *task, name_of(kernel, *task)));
}

}  // namespace

RunningKernel running_kernel() {
  RunningKernel kernel;
  kernel.may_load = has_sys_admin;
  kernel.release = [] {
    utsname names = {};
    return uname(&names) == 0 ? std::string(names.release) : std::string();
  };
  kernel.version = [] {
    utsname names = {};
    return uname(&names) == 0 ? std::string(names.version) : std::string();
  };
  kernel.cgroup_is_v2 = [path = kernel.cgroup] {
    struct statfs info = {};
    return statfs(path.c_str(), &info) == 0 && info.f_type == CGROUP2_SUPER_MAGIC;
  };
  kernel.core_scheduling_cookie = read_cookie;
  return kernel;
}

Status check_environment(const RunningKernel& kernel) {
  // In the order a person would mend them: a later answer is worth little before the earlier one.
  for (const auto check_one : {check_release, check_sched_ext, check_btf, check_privilege,
                               check_no_other_scheduler, check_cgroups, check_no_cookies}) {
    Status status = check_one(kernel);
    if (!status) return status;
  }
  return Done{};
}

std::string cookie_warning(const RunningKernel& kernel) {
  const CookieSight sight = look_for_cookies(kernel);
  if (sight.task) {
    return fmt::format(
        "task {}, {}, has a cookie of the kernel's own core scheduling, and the two hold each "
        "other up; end the tasks that use it, or start them without it",
        *sight.task, name_of(kernel, *sight.task));
  }
  if (!sight.hidden) return "";
  return fmt::format(
      "the kernel does not say whether task {}, {}, has a cookie of its own core scheduling; run "
      "scx_pair with CAP_SYS_PTRACE to know, since the two would hold each other up",
      *sight.hidden, name_of(kernel, *sight.hidden));
}

Error explain_load_failure(const RunningKernel& kernel, Error error) {
  const bool timer_refused = error.what.find("bpf_timer") != std::string::npos;
  if (!timer_refused || !has_word(kernel.version(), "PREEMPT_RT")) return error;
  return refusal(
      "the running kernel is built with PREEMPT_RT and refuses the timers that the scheduler "
      "needs (bpf_timer); boot one built without it");
}

}  // namespace scx_pair
