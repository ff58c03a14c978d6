// SPDX-License-Identifier: GPL-2.0-only
#include "host/environment.h"

#include <gtest/gtest.h>

#include "host/temp_tree.h"

namespace scx_pair {
namespace {

// A machine that can run the scheduler; each test takes one thing away.
class EnvironmentTest : public testing::Test {
 protected:
  EnvironmentTest() {
    kernel_.sysfs = tree_.root() / "sys";
    kernel_.proc = tree_.root() / "proc";
    kernel_.cgroup = tree_.root() / "cgroup";
    kernel_.may_load = [] { return true; };
    kernel_.release = [] { return "6.18.15-amd64"; };
    kernel_.cgroup_is_v2 = [] { return true; };
    kernel_.core_scheduling_cookie = [](u32) { return 0; };
    tree_.write("sys/kernel/sched_ext/state", "disabled");
    tree_.write("sys/kernel/btf/vmlinux", "types");
    tree_.write("cgroup/cgroup.controllers", "cpuset cpu io memory");
    tree_.write("cgroup/cgroup.subtree_control", "io cpu");
    tree_.write("proc/1/comm", "init");
    tree_.write("proc/1/task/1/comm", "init");
    tree_.write("proc/70/task/70/comm", "browser");
    tree_.write("proc/70/task/71/comm", "renderer");
    tree_.write("proc/71/comm", "renderer");
    tree_.write("proc/meminfo", "");
  }

  // The refusal, or "accepted". A refusal always has the code of a machine that cannot run it.
  std::string refusal() const {
    Status status = check_environment(kernel_);
    if (status) return "accepted";
    EXPECT_EQ(status.error().code, ExitCode::kEnvironment);
    EXPECT_EQ(status.error().what.find('\n'), std::string::npos) << "one sentence, one line";
    return status.error().what;
  }

  void expect_refusal(std::string_view part) const {
    const std::string what = refusal();
    EXPECT_NE(what.find(part), std::string::npos) << what;
  }

  void remove(const std::filesystem::path& path) const {
    std::filesystem::remove_all(tree_.root() / path);
  }

  TempTree tree_;
  RunningKernel kernel_;
};

TEST_F(EnvironmentTest, FitMachineIsAccepted) {
  EXPECT_EQ(refusal(), "accepted");
}

TEST_F(EnvironmentTest, WithoutPrivilegeRootIsAskedFor) {
  kernel_.may_load = [] { return false; };
  expect_refusal("run it as root or with sudo");
}

TEST_F(EnvironmentTest, KernelsOlderThan616AreRefused) {
  for (const char* release : {"6.12.94-amd64", "6.15.0", "5.10.0-28-amd64", "6.2"}) {
    kernel_.release = [release] { return release; };
    expect_refusal(std::string(release) + ", is too old; boot a kernel 6.16 or newer");
  }
}

TEST_F(EnvironmentTest, KernelsFrom616OnAreAccepted) {
  for (const char* release : {"6.16.0", "6.18-rc1", "7.0.13-amd64", "10.1.0", "strange"}) {
    kernel_.release = [release] { return release; };
    EXPECT_EQ(refusal(), "accepted") << release;
  }
}

TEST_F(EnvironmentTest, KernelWithoutSchedExtNamesWhatToBoot) {
  remove("sys/kernel/sched_ext");
  expect_refusal("has no sched_ext");
  expect_refusal("CONFIG_SCHED_CLASS_EXT=y");
}

TEST_F(EnvironmentTest, KernelWithoutTypesIsRefused) {
  remove("sys/kernel/btf");
  expect_refusal("CONFIG_DEBUG_INFO_BTF=y");
}

TEST_F(EnvironmentTest, OtherSchedulerIsNamed) {
  tree_.write("sys/kernel/sched_ext/state", "enabled");
  expect_refusal("another scheduler is loaded (it has no name");
  tree_.write("sys/kernel/sched_ext/root/ops", "bpfland_1.0");
  expect_refusal("another scheduler is loaded (bpfland_1.0");
}

TEST_F(EnvironmentTest, SchedulerThatIsStillLeavingCountsAsLoaded) {
  tree_.write("sys/kernel/sched_ext/state", "disabling");
  expect_refusal("state \"disabling\"");
}

TEST_F(EnvironmentTest, UnreadableStateIsRefused) {
  remove("sys/kernel/sched_ext/state");
  expect_refusal("state cannot be read");
}

TEST_F(EnvironmentTest, WithoutCgroup2TheMountIsNamed) {
  kernel_.cgroup_is_v2 = [] { return false; };
  expect_refusal("mount -t cgroup2 none " + kernel_.cgroup.string());
}

TEST_F(EnvironmentTest, CpuControllerThatIsNotOfferedIsRefused) {
  tree_.write("cgroup/cgroup.controllers", "cpuset io");
  expect_refusal("does not offer the cpu controller");
}

TEST_F(EnvironmentTest, CpuControllerThatIsOffNamesTheCommandThatTurnsItOn) {
  for (const char* enabled : {"", "cpuset io memory"}) {
    tree_.write("cgroup/cgroup.subtree_control", enabled);
    expect_refusal("echo +cpu > " + kernel_.cgroup.string() + "/cgroup.subtree_control");
  }
}

TEST_F(EnvironmentTest, CookieOfAnyThreadIsFoundAndItsTaskNamed) {
  kernel_.core_scheduling_cookie = [](u32 task) { return task == 71 ? 0x1234U : 0U; };
  expect_refusal("task 71, renderer, has a cookie");
}

TEST_F(EnvironmentTest, ProcessThatEndsWhileLookedAtIsNoError) {
  kernel_.core_scheduling_cookie = [this](u32 task) {
    if (task == 1) remove("proc/70");
    return 0;
  };
  EXPECT_EQ(refusal(), "accepted");
}

TEST(RunningKernel, AnswersEveryQuestion) {
  const RunningKernel kernel = running_kernel();
  EXPECT_NE(kernel.release().find('.'), std::string::npos);
  EXPECT_EQ(kernel.core_scheduling_cookie(static_cast<u32>(-1)), 0U);
  kernel.may_load();
  kernel.cgroup_is_v2();
}

TEST_F(EnvironmentTest, RealTimeKernelThatRefusesTimersIsTold) {
  kernel_.version = [] { return "#1 SMP PREEMPT_RT Debian 7.3.4-1"; };
  const Error refused{ExitCode::kInternal, "load: x\nbpf_timer cannot be used for PREEMPT_RT."};
  const Error told = explain_load_failure(kernel_, refused);
  EXPECT_EQ(told.code, ExitCode::kEnvironment);
  EXPECT_EQ(told.what.find('\n'), std::string::npos);
  EXPECT_NE(told.what.find("boot one built without it"), std::string::npos);
}

TEST_F(EnvironmentTest, OtherFailuresToLoadStayWhatTheyAre) {
  kernel_.version = [] { return "#1 SMP PREEMPT_RT Debian 7.3.4-1"; };
  EXPECT_EQ(explain_load_failure(kernel_, {ExitCode::kInternal, "no memory"}).what, "no memory");
  kernel_.version = [] { return "#1 SMP PREEMPT_DYNAMIC Debian 7.3.4-1"; };
  EXPECT_EQ(explain_load_failure(kernel_, {ExitCode::kInternal, "bpf_timer: x"}).code,
            ExitCode::kInternal);
}

TEST_F(EnvironmentTest, CookieThatMayNotBeReadIsNotTakenForNone) {
  EXPECT_EQ(cookie_warning(kernel_), "");
  kernel_.core_scheduling_cookie = [](u32 task) {
    return task == 70 ? std::nullopt : std::optional<u64>(0);
  };
  EXPECT_EQ(refusal(), "accepted");
  EXPECT_NE(cookie_warning(kernel_).find("does not say whether task 70"), std::string::npos);
}

TEST_F(EnvironmentTest, CookieThatCameLaterIsTold) {
  kernel_.core_scheduling_cookie = [](u32 task) {
    return task == 71 ? std::optional<u64>(5) : std::nullopt;
  };
  EXPECT_NE(cookie_warning(kernel_).find("task 71, renderer, has a cookie"), std::string::npos);
}

}  // namespace
}  // namespace scx_pair
