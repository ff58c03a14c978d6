// SPDX-License-Identifier: GPL-2.0-only
#include "host/cpu_list.h"

#include <gtest/gtest.h>

namespace scx_pair {
namespace {

using Cpus = std::vector<u32>;

TEST(CpuList, RangesAndSinglesAreRead) {
  EXPECT_EQ(parse_cpu_list("0"), Cpus({0}));
  EXPECT_EQ(parse_cpu_list("0-3,8"), Cpus({0, 1, 2, 3, 8}));
  EXPECT_EQ(parse_cpu_list("1,3-4,8191"), Cpus({1, 3, 4, 8191}));
}

TEST(CpuList, EmptyTextIsAnEmptyList) {
  EXPECT_EQ(parse_cpu_list(""), Cpus());
}

TEST(CpuList, MalformedTextIsNothing) {
  for (const char* text : {"a", "0-", "-1", "1,", ",1", "3-1", "0 1", "0-3:1/2", "0,0", "4,2-3",
                           "8192", "0-4294967295", "99999999999"}) {
    EXPECT_EQ(parse_cpu_list(text), std::nullopt) << text;
  }
}

TEST(CpuList, TextNamesEveryCpu) {
  EXPECT_EQ(cpu_list_text({0, 1, 8}), "0,1,8");
}

}  // namespace
}  // namespace scx_pair
