// SPDX-License-Identifier: GPL-2.0-only
#include "sim/chrome_trace.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "audit/judge_test_support.h"

namespace scx_pair {
namespace {

using Json = nlohmann::json;

constexpr TestTask kRed{.pid = 1, .domain = 10};
constexpr TestTask kRedToo{.pid = 4, .domain = 10};
constexpr TestTask kBlue{.pid = 2, .domain = 20};
constexpr TestTask kKernel{.pid = 3, .domain = ROOT_DOMAIN, .task_class = CLASS_KERNEL};

ChromeTrace::Config config(u64 origin_ns = 0) {
  return {.shape = {.cores = 1, .smt = 2}, .origin_ns = origin_ns, .path_of = [](u64 domain) {
            return "/d\"" + std::to_string(domain);
          }};
}

// All events of the trace of these records.
Json events(Script& script, u64 end_ns) {
  std::ostringstream out;
  ChromeTrace trace(config(), out);
  for (const switch_record& record : script.records()) trace.add(record);
  EXPECT_TRUE(trace.finish(end_ns).has_value());
  return Json::parse(out.str()).at("traceEvents");
}

struct Slice {
  std::string name;
  u32 tid;
  double ts;
  double dur;
  bool operator==(const Slice&) const = default;
};

void PrintTo(const Slice& slice, std::ostream* out) {  // NOLINT: GoogleTest's name
  *out << slice.name << " on " << slice.tid << " at " << slice.ts << " for " << slice.dur;
}

std::vector<Slice> slices(Script& script, u64 end_ns) {
  std::vector<Slice> found;
  for (const Json& event : events(script, end_ns)) {
    if (event["ph"] == "X") {
      found.push_back({event["name"], event["tid"], event["ts"], event["dur"]});
    }
  }
  return found;
}

TEST(ChromeTrace, HasAProcessForEachCoreAndATrackForEachCpu) {
  Script script;
  const Json all = events(script, kMs);
  ASSERT_EQ(all.size(), 4U);
  EXPECT_EQ(all[0]["args"]["name"], "core 0 (socket 0, llc 0)");
  EXPECT_EQ(all[2]["args"]["name"], "cpu 0");
  EXPECT_EQ(all[3]["tid"], 1);
}

TEST(ChromeTrace, ASliceIsNamedAfterTheCgroupAndKnowsItsTask) {
  Script script;
  script.run(1'500, 0, kRed).run(4'000, 0, kIdle);
  const Json all = events(script, kMs);
  ASSERT_EQ(all.size(), 5U);
  EXPECT_EQ(all[4]["name"], "/d\"10");
  EXPECT_EQ(all[4]["args"]["task"], "task1");
  EXPECT_EQ(all[4]["ts"], 1.5);
  EXPECT_EQ(all[4]["dur"], 2.5);
}

TEST(ChromeTrace, ACpuThatRestsBecauseOfItsSiblingShowsIt) {
  Script script;
  script.run(0, 0, kRed).wake(2'000, 1, kBlue).run(6'000, 0, kBlue, true).run(9'000, 1, kBlue);
  script.records().pop_back();
  const std::vector<Slice> expected = {
      {"/d\"10", 0, 0, 6}, {"forced idle", 1, 2, 8}, {"/d\"20", 0, 6, 4}};
  std::vector<Slice> found = slices(script, 10'000);
  std::ranges::sort(found, {}, &Slice::ts);
  EXPECT_EQ(found, expected);
}

TEST(ChromeTrace, ACpuWhoseOwnDomainWaitsIsJustIdle) {
  Script script;
  script.run(0, 0, kRed).wake(2'000, 1, kBlue).wake(5'000, 1, kRedToo);
  const std::vector<Slice> expected = {{"forced idle", 1, 2, 3}, {"/d\"10", 0, 0, 10}};
  EXPECT_EQ(slices(script, 10'000), expected);
}

TEST(ChromeTrace, ABrokenPromiseHasATrackOfItsOwn) {
  Script script;
  script.run(0, 0, kRed).run(3'000, 1, kBlue).run(7'000, 1, kIdle);
  std::vector<Slice> found = slices(script, 10'000);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[1], (Slice{"VIOLATION", 1'000'000, 3, 4}));
}

TEST(ChromeTrace, KernelThreadsBreakNothing) {
  Script script;
  script.run(0, 0, kRed).run(3'000, 1, kKernel);
  const std::vector<Slice> expected = {{"/d\"10", 0, 0, 10}, {"kernel", 1, 3, 7}};
  EXPECT_EQ(slices(script, 10'000), expected);
}

TEST(ChromeTrace, AMoveEndsOneSliceAndBeginsAnother) {
  Script script;
  script.run(0, 0, kRed).change(4'000, {.pid = 1, .domain = 20});
  const std::vector<Slice> expected = {{"/d\"10", 0, 0, 4}, {"/d\"20", 0, 4, 6}};
  EXPECT_EQ(slices(script, 10'000), expected);
}

TEST(ChromeTrace, KicksAreInstantsOfTheirSender) {
  std::ostringstream out;
  ChromeTrace trace(config(1'000), out);
  trace.add_kick(3'000, 1, 0, true);
  ASSERT_TRUE(trace.finish(5'000).has_value());
  const Json kick = Json::parse(out.str())["traceEvents"][4];
  EXPECT_EQ(kick["name"], "kick 0");
  EXPECT_EQ(kick["tid"], 1);
  EXPECT_EQ(kick["ts"], 2.0);
}

TEST(ChromeTrace, AFileThatCannotBeWrittenIsAnError) {
  std::ostringstream out;
  ChromeTrace trace(config(), out);
  out.setstate(std::ios::badbit);
  EXPECT_FALSE(trace.finish(5'000).has_value());
}

}  // namespace
}  // namespace scx_pair
