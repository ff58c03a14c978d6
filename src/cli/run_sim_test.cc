// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/sim.h"
#include "host/temp_tree.h"

namespace scx_pair {
namespace {

TEST(RunSim, AFileThatIsNotThereIsSaid) {
  SimOptions options;
  options.file = "/nowhere/x.json";
  Result<ExitCode> ran = run_sim(options);
  ASSERT_FALSE(ran.has_value());
  EXPECT_EQ(ran.error().code, ExitCode::kUsage);
  EXPECT_EQ(ran.error().what, "/nowhere/x.json: No such file or directory");
}

TEST(RunSim, APlotThatCannotBeWrittenIsSaidBeforeAnythingRuns) {
  SimOptions options;
  options.generated = 1;
  options.plot = "/nowhere/x.svg";
  Result<ExitCode> ran = run_sim(options);
  ASSERT_FALSE(ran.has_value());
  EXPECT_EQ(ran.error().code, ExitCode::kUsage);
  EXPECT_EQ(ran.error().what, "/nowhere/x.svg: No such file or directory");
}

TEST(RunSim, AnOutputThatIsTheScenarioIsRefusedAndTheScenarioStays) {
  const TempTree tree;
  tree.write("a.json", "no scenario");
  std::filesystem::create_symlink("a.json", tree.root() / "link");
  for (std::string SimOptions::* const output : {&SimOptions::trace, &SimOptions::plot}) {
    for (const char* name : {"a.json", "link"}) {
      SimOptions options;
      options.file = tree.root() / "a.json";
      options.*output = tree.root() / name;
      Result<ExitCode> ran = run_sim(options);
      ASSERT_FALSE(ran.has_value());
      EXPECT_EQ(ran.error().code, ExitCode::kUsage);
      EXPECT_NE(ran.error().what.find("is the same file as FILE"), std::string::npos)
          << ran.error().what;
    }
  }
  std::ostringstream text;
  text << std::ifstream(tree.root() / "a.json").rdbuf();
  EXPECT_EQ(text.str(), "no scenario\n");
}

TEST(RunSim, ATraceAndAPlotThatCannotBeWrittenToTheEndAreErrors) {
  for (std::string SimOptions::* const output : {&SimOptions::trace, &SimOptions::plot}) {
    SimOptions options;
    options.generated = 1;
    options.wishes.duration_ns = 10'000'000;
    options.*output = "/dev/full";
    Result<ExitCode> ran = run_sim(options);
    ASSERT_FALSE(ran.has_value());
    EXPECT_EQ(ran.error().code, ExitCode::kInternal);
    EXPECT_EQ(ran.error().what, "/dev/full: No space left on device");
  }
}

}  // namespace
}  // namespace scx_pair
