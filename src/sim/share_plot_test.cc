// SPDX-License-Identifier: GPL-2.0-only
#include "sim/share_plot.h"

#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "base/time_units.h"

namespace scx_pair {
namespace {

constexpr size_t kUsageParts = 4;

// Two columns in which every domain has the same; domain 100 + i is cgroup i.
struct Picture {
  explicit Picture(u32 cgroups) {
    scenario.name = "example";
    scenario.duration_ns = 20 * kMs;
    scenario.cgroups = {{.path = "/"}};
    scenario.tasks = {{.name = "spin", .phases = {}}};
    history = {.column_ns = 10 * kMs, .window_ns = 20 * kMs, .cpus = 2};
    history.kernel_ns.resize(2);
    history.forced_idle_ns.resize(2);
    history.idle_ns.resize(2);
    for (u32 i = 1; i <= cgroups; i++) {
      scenario.cgroups.push_back({.path = "/g" + std::to_string(i), .parent = 0});
      history.domains[100 + i] = {.cpu_ns = {kMs, kMs}, .wanted_ns = 20 * kMs};
    }
  }
  [[nodiscard]] std::string svg() const {
    std::map<u64, std::string> paths;
    for (u32 i = 1; i < scenario.cgroups.size(); i++) paths[100 + i] = scenario.cgroups[i].path;
    return share_plot_svg(scenario, paths, history);
  }

  Scenario scenario;
  ShareHistory history;
};

// What the first bracket of the pattern matched, each time.
std::vector<std::string> found(const std::string& text, const std::string& pattern) {
  const std::regex regex(pattern);
  std::vector<std::string> all;
  for (std::sregex_iterator at(text.begin(), text.end(), regex), end; at != end; ++at) {
    all.push_back((*at)[1].str());
  }
  return all;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(SharePlot, ThereAreAboutTwoHundredColumns) {
  Scenario scenario;
  scenario.duration_ns = 8'000 * kMs;
  scenario.warmup_ns = 500 * kMs;
  EXPECT_EQ(plot_column_ns(scenario), 37'500'000U);
  scenario.duration_ns = scenario.warmup_ns + 1;
  EXPECT_EQ(plot_column_ns(scenario), 1U);
}

TEST(SharePlot, EachDomainIsOneAreaOfAColourOfItsOwn) {
  const std::string svg = Picture(20).svg();
  const std::vector<std::string> fills = found(svg, R"re(<path d="[^"]*" fill="([^"]*)")re");
  ASSERT_EQ(fills.size(), 20 + kUsageParts);
  EXPECT_EQ(std::set<std::string>(fills.begin(), fills.end()).size(), fills.size());
  EXPECT_EQ(found(svg, "<title>(/g[0-9]+: 5.0 %)</title>").size(), 20U);
}

TEST(SharePlot, AnAreaReachesFromEdgeToEdgeAndIsAsHighAsItsShare) {
  Picture picture(2);
  picture.history.domains[101].cpu_ns = {3 * kMs, 3 * kMs};
  const std::vector<std::string> paths = found(picture.svg(), R"re(<path d="([^"]*)")re");
  // The last domain is drawn first, at the bottom: a quarter of 320 from 412 up.
  EXPECT_EQ(paths[0],
            "M60.0,332.0L232.5,332.0L577.5,332.0L750.0,332.0"
            "L750.0,412.0L577.5,412.0L232.5,412.0L60.0,412.0Z");
  EXPECT_EQ(paths[1],
            "M60.0,92.0L232.5,92.0L577.5,92.0L750.0,92.0"
            "L750.0,332.0L577.5,332.0L232.5,332.0L60.0,332.0Z");
}

TEST(SharePlot, DashedLinesAreWhereBordersShouldBe) {
  Picture picture(3);
  const std::string pattern =
      R"re(<line x1="60.0" x2="750.0" y1="([0-9.]*)" y2="[0-9.]*" class="entitled"/>)re";
  picture.scenario.cgroups[1].weight = 200;
  EXPECT_EQ(found(picture.svg(), pattern), (std::vector<std::string>{"252.0", "332.0"}));
  EXPECT_TRUE(contains(picture.svg(), ">50.0 %</text>"));
  picture.history.domains[102].wanted_ns = 0;
  EXPECT_TRUE(found(picture.svg(), pattern).empty());
  EXPECT_FALSE(contains(picture.svg(), ">entitled</text>"));
}

TEST(SharePlot, NamesThatMeanSomethingToXmlAreEscaped) {
  Picture picture(1);
  picture.scenario.name = "a<b>&\"c\x01\xff";
  picture.scenario.cgroups[1].path = "/<&>";
  const std::string svg = picture.svg();
  EXPECT_TRUE(contains(svg, "<title>a&lt;b&gt;&amp;&quot;c?\xef\xbf\xbd</title>")) << svg;
  EXPECT_TRUE(contains(svg, ">/&lt;&amp;&gt;</text>"));
  EXPECT_FALSE(contains(svg, "/<&>"));
}

TEST(SharePlot, ALongPathShowsItsEndAndIsWholeInTheTitle) {
  Picture picture(1);
  picture.scenario.cgroups[1].path = "/kubepods/burstable/pod-\u00e9\u00e8-0123456789abc";
  const std::string svg = picture.svg();
  EXPECT_TRUE(contains(svg, ">\u2026od-\u00e9\u00e8-0123456789abc</text>")) << svg;
  EXPECT_TRUE(contains(svg, "<title>/kubepods/burstable/pod-\u00e9\u00e8-0123456789abc: 100.0 %"));
}

TEST(SharePlot, TheTimeAxisBeginsWhereTheWarmupEnds) {
  Picture picture(1);
  picture.scenario.warmup_ns = 3 * kMs;
  const std::vector<std::string> ticks =
      found(picture.svg(), R"re(text-anchor="middle">([^<]*)</text>)re");
  const std::vector<std::string> expected = {"5 ms", "10 ms", "15 ms", "20 ms"};
  EXPECT_EQ(ticks, expected);
}

TEST(SharePlot, ARunInWhichNothingWasMeasuredHasNoAreas) {
  Picture picture(0);
  picture.history = {};
  const std::string svg = picture.svg();
  EXPECT_FALSE(contains(svg, "<path"));
  EXPECT_FALSE(contains(svg, "nan"));
  EXPECT_TRUE(svg.ends_with("</svg>\n"));
}

}  // namespace
}  // namespace scx_pair
