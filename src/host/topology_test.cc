// SPDX-License-Identifier: GPL-2.0-only
#include "host/topology.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "host/cpu_list.h"
#include "host/temp_tree.h"

namespace scx_pair {
namespace {

using Cpus = std::vector<u32>;
using Groups = std::vector<Cpus>;

// A /sys of a machine, made of the lists the kernel would show.
class TopologyTest : public testing::Test {
 protected:
  void machine(const std::string& possible, const std::string& online) const {
    tree_.write(cpu_root() / "possible", possible);
    tree_.write(cpu_root() / "online", online);
  }

  // Every cpu of a core lists the same siblings.
  void core(const std::string& siblings) const {
    const std::optional<Cpus> cpus = parse_cpu_list(siblings);
    for (const u32 cpu : *cpus) sibling_file(cpu, siblings);
  }

  void sibling_file(u32 cpu, const std::string& text,
                    const std::string& name = "thread_siblings_list") const {
    tree_.write(cpu_root() / fmt::format("cpu{}/topology", cpu) / name, text);
  }

  static std::filesystem::path cpu_root() { return "devices/system/cpu"; }

  static Groups groups_of(Result<Topology> topology) {
    if (!topology) return {};
    Groups groups;
    for (const Pair& pair : topology->pairs()) groups.push_back(pair.cpus);
    return groups;
  }

  Groups siblings() const { return groups_of(read_siblings(tree_.root())); }
  Groups strided(std::optional<u32> stride) const {
    return groups_of(pair_by_stride(tree_.root(), stride));
  }

  static std::string error_of(Result<Topology> topology) {
    return topology ? "no error" : topology.error().what;
  }

  TempTree tree_;
};

TEST_F(TopologyTest, SiblingsOfOneCoreArePairedWhateverTheirNumbers) {
  machine("0-3", "0-3");
  core("0,2");
  core("1,3");
  EXPECT_EQ(siblings(), Groups({{0, 2}, {1, 3}}));
}

TEST_F(TopologyTest, NewerNameOfTheSiblingListIsPreferred) {
  machine("0-1", "0-1");
  core("0");
  core("1");
  sibling_file(0, "0-1", "core_cpus_list");
  sibling_file(1, "0-1", "core_cpus_list");
  EXPECT_EQ(siblings(), Groups({{0, 1}}));
}

TEST_F(TopologyTest, OfflineSiblingMakesAGroupOfOne) {
  machine("0-3", "0-2");
  core("0-1");
  core("2-3");
  EXPECT_EQ(siblings(), Groups({{0, 1}, {2}}));
}

TEST_F(TopologyTest, OfflineCpuHasNoSeat) {
  machine("0-3", "0-2");
  core("0-1");
  core("2");
  const Result<Topology> topology = read_siblings(tree_.root());
  ASSERT_TRUE(topology.has_value());
  EXPECT_EQ(topology.value().cpu_ids(), 4U);
  EXPECT_EQ(topology.value().seat_of(1), (Seat{0, 1}));
  EXPECT_EQ(topology.value().seat_of(2), (Seat{1, 0}));
  EXPECT_EQ(topology.value().seat_of(3), std::nullopt);
  EXPECT_EQ(topology.value().seat_of(4), std::nullopt);
}

TEST_F(TopologyTest, WithoutSmtEveryCpuIsAGroupOfOne) {
  machine("0-2", "0-2");
  core("0");
  core("1");
  core("2");
  EXPECT_EQ(siblings(), Groups({{0}, {1}, {2}}));
}

TEST_F(TopologyTest, HybridCoresMixGroupsOfTwoAndOne) {
  machine("0-5", "0-5");
  core("0-1");
  core("2-3");
  core("4");
  core("5");
  EXPECT_EQ(siblings(), Groups({{0, 1}, {2, 3}, {4}, {5}}));
}

TEST_F(TopologyTest, GapsInCpuNumbersAreKept) {
  machine("0-1,8-9", "0-1,8-9");
  core("0,8");
  core("1,9");
  EXPECT_EQ(siblings(), Groups({{0, 8}, {1, 9}}));
  EXPECT_EQ(read_siblings(tree_.root())->cpu_ids(), 10U);
}

TEST_F(TopologyTest, WideCoresAreOneGroup) {
  machine("0-10", "0-10");
  core("0-2");
  core("3-10");
  EXPECT_EQ(siblings(), Groups({{0, 1, 2}, {3, 4, 5, 6, 7, 8, 9, 10}}));
}

TEST_F(TopologyTest, NineSiblingsAreRefusedByName) {
  machine("0-8", "0-8");
  core("0-8");
  const std::string error = error_of(read_siblings(tree_.root()));
  EXPECT_NE(error.find("cpus 0,1,2,3,4,5,6,7,8 share one core"), std::string::npos) << error;
}

TEST_F(TopologyTest, NineSiblingsWithOneOfflineAreAccepted) {
  machine("0-8", "0-7");
  core("0-8");
  EXPECT_EQ(siblings(), Groups({{0, 1, 2, 3, 4, 5, 6, 7}}));
}

TEST_F(TopologyTest, MalformedListIsRefusedWithItsFileAndText) {
  machine("0-1", "0-1");
  core("0");
  sibling_file(1, "one");
  const std::string error = error_of(read_siblings(tree_.root()));
  EXPECT_NE(error.find("cpu1/topology/thread_siblings_list holds \"one\""), std::string::npos)
      << error;
}

TEST_F(TopologyTest, MissingFilesAreRefused) {
  EXPECT_NE(error_of(read_siblings(tree_.root())).find("possible cannot be read"),
            std::string::npos);
  machine("0-1", "0-1");
  core("0");
  EXPECT_NE(error_of(read_siblings(tree_.root())).find("cpu1/topology"), std::string::npos);
}

TEST_F(TopologyTest, ContradictingListsAreRefused) {
  machine("0-1", "0-1");
  sibling_file(0, "0-1");
  sibling_file(1, "1");
  EXPECT_NE(error_of(read_siblings(tree_.root())).find("cpu 0 has the siblings 0,1"),
            std::string::npos);
  sibling_file(0, "1");
  EXPECT_NE(error_of(read_siblings(tree_.root())).find("leaves out the cpu itself"),
            std::string::npos);
}

TEST_F(TopologyTest, OnlineCpusBeyondThePossibleAreRefused) {
  machine("0-1", "0-3");
  EXPECT_NE(error_of(read_siblings(tree_.root())).find("leaves out cpus"), std::string::npos);
}

TEST_F(TopologyTest, CacheAndNodeOfAPairAreRead) {
  machine("0-3", "0-3");
  core("2-3");
  core("0-1");
  tree_.write(cpu_root() / "cpu2/cache/index0/shared_cpu_list", "2-3");
  tree_.write(cpu_root() / "cpu2/cache/index1/shared_cpu_list", "0-3");
  tree_.write(cpu_root() / "cpu2/node1/cpumap", "f");
  const Result<Topology> topology = read_siblings(tree_.root());
  ASSERT_TRUE(topology.has_value());
  EXPECT_EQ(topology.value().pairs()[1].llc, 0U);
  EXPECT_EQ(topology.value().pairs()[1].numa_node, 1U);
  EXPECT_EQ(topology.value().pairs()[0].llc, std::nullopt);
  EXPECT_EQ(topology.value().pairs()[0].numa_node, std::nullopt);
}

TEST_F(TopologyTest, TextHasOneLineAPair) {
  machine("0-2", "0-2");
  core("0-1");
  core("2");
  EXPECT_EQ(read_siblings(tree_.root())->text(), "pair 0: cpus 0,1\npair 1: cpu 2\n");
}

TEST_F(TopologyTest, StrideDefaultsToHalfTheCpus) {
  machine("0-3", "0-3");
  EXPECT_EQ(strided(std::nullopt), Groups({{0, 2}, {1, 3}}));
}

TEST_F(TopologyTest, StridePairsEachCpuWithTheOneAboveIt) {
  machine("0-3", "0-3");
  EXPECT_EQ(strided(1), Groups({{0, 1}, {2, 3}}));
}

TEST_F(TopologyTest, StrideLeavesThePartnerOfAnOfflineCpuAlone) {
  machine("0-3", "0-1,3");
  EXPECT_EQ(strided(2), Groups({{0}, {1, 3}}));
}

TEST_F(TopologyTest, ImpossibleStrideNamesTheCpusItWouldCollide) {
  machine("0-3", "0-3");
  Result<Topology> topology = pair_by_stride(tree_.root(), 3);
  ASSERT_FALSE(topology.has_value());
  EXPECT_EQ(topology.error().code, ExitCode::kUsage);
  EXPECT_EQ(topology.error().what,
            "--stride: a stride of 3 is impossible with 4 cpu ids, it would pair cpu 1 with cpu 0, "
            "which is with cpu 3; accepted is a stride that gives every cpu one partner, for "
            "example 2");
}

TEST_F(TopologyTest, StrideOntoItselfIsRefused) {
  machine("0-3", "0-3");
  for (const u32 stride : {0U, 4U, 8U}) {
    EXPECT_NE(error_of(pair_by_stride(tree_.root(), stride)).find("cpu 0 with itself"),
              std::string::npos);
  }
}

TEST_F(TopologyTest, OddNumberOfCpusHasNoStride) {
  machine("0-2", "0-2");
  EXPECT_NE(error_of(pair_by_stride(tree_.root(), std::nullopt)).find("cpu 2 with cpu 0"),
            std::string::npos);
}

TEST_F(TopologyTest, HotplugCountIsReadAndZeroWithoutOne) {
  EXPECT_EQ(read_hotplug_seq(tree_.root()), 0U);
  tree_.write("kernel/sched_ext/hotplug_seq", "18446744073709551615");
  EXPECT_EQ(read_hotplug_seq(tree_.root()), 18446744073709551615ULL);
}

}  // namespace
}  // namespace scx_pair
