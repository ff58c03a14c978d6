// SPDX-License-Identifier: GPL-2.0-only
#include "setting.h"

#include <gtest/gtest.h>

namespace scx_pair {
namespace {

TEST(Setting, IsAFileOfACgroupAndWhatItSays) {
  auto setting = parse_setting("a/b/cpu.weight=300");
  ASSERT_TRUE(setting.has_value());
  EXPECT_EQ(setting->cgroup, "a/b");
  EXPECT_EQ(setting->file, "cpu.weight");
  EXPECT_EQ(setting->value, "300");
}

TEST(Setting, AValueMayHaveSpaces) {
  EXPECT_EQ(parse_setting("a/cpu.max=20000 100000")->value, "20000 100000");
}

class WrongSetting : public testing::TestWithParam<const char*> {};

TEST_P(WrongSetting, IsRefusedAsWrongUsageAndNamed) {
  auto setting = parse_setting(GetParam());
  ASSERT_FALSE(setting.has_value());
  EXPECT_EQ(setting.error().code, ExitCode::kUsage);
  EXPECT_NE(setting.error().what.find(GetParam()), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Each, WrongSetting,
                         testing::Values("", "a", "a/cpu.weight", "a/cpu.weight=", "cpu.weight=1",
                                         "/a/cpu.weight=1", "../a/cpu.weight=1", "/cpu.weight=1",
                                         "a/cgroup.kill=1", "a/=1"));

}  // namespace
}  // namespace scx_pair
