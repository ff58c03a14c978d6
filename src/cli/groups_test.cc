// SPDX-License-Identifier: GPL-2.0-only
#include "cli/groups.h"

#include <gtest/gtest.h>

#include "host/temp_tree.h"

namespace scx_pair {
namespace {

class GroupsTest : public testing::Test {
 protected:
  GroupsTest() {
    tree_.write("devices/system/cpu/possible", "0-3");
    tree_.write("devices/system/cpu/online", "0-3");
    for (const char* cpu : {"0", "1"}) write_siblings(cpu, "0-1");
    for (const char* cpu : {"2", "3"}) write_siblings(cpu, "2-3");
    tree_.write("kernel/sched_ext/hotplug_seq", "7");
  }

  void write_siblings(const std::string& cpu, const std::string& list) const {
    tree_.write("devices/system/cpu/cpu" + cpu + "/topology/thread_siblings_list", list);
  }

  TempTree tree_;
};

TEST_F(GroupsTest, RealSiblingsCarryTheHotplugCountAndNoWarning) {
  Result<Groups> groups = read_groups({}, tree_.root());
  ASSERT_TRUE(groups.has_value());
  EXPECT_EQ(groups->topology.text(), "pair 0: cpus 0,1\npair 1: cpus 2,3\n");
  EXPECT_EQ(groups->hotplug_seq, 7U);
  EXPECT_EQ(groups->warning, "");
}

TEST_F(GroupsTest, StrideThatTakesACoreApartIsWarnedOf) {
  Result<Groups> groups = read_groups({.by_stride = true, .stride = {}}, tree_.root());
  ASSERT_TRUE(groups.has_value());
  EXPECT_EQ(groups->topology.text(), "pair 0: cpus 0,2\npair 1: cpus 1,3\n");
  EXPECT_NE(groups->warning.find("cpus 0,1 of one core"), std::string::npos) << groups->warning;
}

TEST_F(GroupsTest, StrideThatKeepsTheCoresIsNotWarnedOf) {
  Result<Groups> groups = read_groups({.by_stride = true, .stride = 1}, tree_.root());
  ASSERT_TRUE(groups.has_value());
  EXPECT_EQ(groups->warning, "");
}

TEST_F(GroupsTest, ErrorsOfTheTopologyArePassedOn) {
  write_siblings("3", "three");
  Result<Groups> groups = read_groups({}, tree_.root());
  ASSERT_FALSE(groups.has_value());
  EXPECT_EQ(groups.error().code, ExitCode::kEnvironment);
}

}  // namespace
}  // namespace scx_pair
