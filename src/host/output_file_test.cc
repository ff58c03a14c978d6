// SPDX-License-Identifier: GPL-2.0-only
#include "host/output_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "host/temp_tree.h"

namespace scx_pair {
namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

size_t files_in(const fs::path& folder) {
  return static_cast<size_t>(std::distance(fs::directory_iterator(folder), {}));
}

class OutputFileTest : public testing::Test {
 protected:
  std::string path(const char* name) const { return tree_.root() / name; }

  void expect_equal(const std::string& one, const std::string& other) {
    Status refused = refuse_equal_paths({{"FILE", one}}, {{"--trace", other}});
    ASSERT_FALSE(refused.has_value()) << one << " and " << other;
    EXPECT_EQ(refused.error().code, ExitCode::kUsage);
    EXPECT_EQ(refused.error().what,
              "--trace " + other + " is the same file as FILE " + one + "; give it another name");
  }

  TempTree tree_;
};

TEST_F(OutputFileTest, WhatWasThereStaysUntilTheNewContentIsWhole) {
  tree_.write("a", "old");
  auto output = OutputFile::create(path("a"));
  ASSERT_TRUE(output.has_value());
  (*output)->stream() << "new" << std::flush;
  EXPECT_EQ(content_of(path("a")), "old\n");
  ASSERT_TRUE((*output)->commit().has_value());
  EXPECT_EQ(content_of(path("a")), "new");
  EXPECT_EQ(files_in(tree_.root()), 1U);
}

TEST_F(OutputFileTest, AFileThatIsNotCommittedLeavesNothing) {
  tree_.write("a", "old");
  {
    auto output = OutputFile::create(path("a"));
    ASSERT_TRUE(output.has_value());
    (*output)->stream() << "new";
  }
  EXPECT_EQ(content_of(path("a")), "old\n");
  EXPECT_EQ(files_in(tree_.root()), 1U);
}

TEST_F(OutputFileTest, ALinkStaysALinkAndItsTargetGetsTheContent) {
  tree_.write("folder/target", "old");
  fs::create_symlink("folder/target", path("link"));
  fs::create_symlink("folder/nobody", path("dangling"));
  for (const char* name : {"link", "dangling"}) {
    auto output = OutputFile::create(path(name));
    ASSERT_TRUE(output.has_value());
    (*output)->stream() << "new";
    ASSERT_TRUE((*output)->commit().has_value());
    EXPECT_TRUE(fs::is_symlink(path(name)));
    EXPECT_EQ(content_of(path(name)), "new");
  }
}

TEST_F(OutputFileTest, PermissionsAreKept) {
  tree_.write("a", "old");
  ASSERT_EQ(chmod(path("a").c_str(), 0640), 0);
  auto output = OutputFile::create(path("a"));
  ASSERT_TRUE(output.has_value());
  ASSERT_TRUE((*output)->commit().has_value());
  EXPECT_EQ(fs::status(path("a")).permissions(), fs::perms{0640});
}

TEST_F(OutputFileTest, APipeIsWrittenAsItComes) {
  ASSERT_EQ(mkfifo(path("pipe").c_str(), 0600), 0);
  const int reader = open(path("pipe").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  auto output = OutputFile::create(path("pipe"));
  ASSERT_TRUE(output.has_value());
  (*output)->stream() << "text";
  ASSERT_TRUE((*output)->commit().has_value());
  char bytes[8] = {};
  EXPECT_EQ(read(reader, bytes, sizeof(bytes)), 4);
  EXPECT_STREQ(bytes, "text");
  close(reader);
  EXPECT_TRUE(fs::is_fifo(path("pipe")));
}

TEST_F(OutputFileTest, AFileThatTheStandardOutputGoesToIsAppendedTo) {
  const int file = open(path("out").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  const int before = dup(STDOUT_FILENO);
  ASSERT_GE(dup2(file, STDOUT_FILENO), 0);
  auto output = OutputFile::create("/dev/stdout");
  const bool written = output.has_value() && ((*output)->stream() << "trace ").good() &&
                       (*output)->commit().has_value() && write(STDOUT_FILENO, "report", 6) == 6;
  dup2(before, STDOUT_FILENO);
  close(before);
  close(file);
  EXPECT_TRUE(written);
  EXPECT_EQ(content_of(path("out")), "trace report");
}

TEST_F(OutputFileTest, AFullDiskIsAnErrorWithItsReason) {
  auto output = OutputFile::create("/dev/full");
  ASSERT_TRUE(output.has_value());
  (*output)->stream() << std::string(200'000, 'x');
  Status written = (*output)->commit();
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error().code, ExitCode::kInternal);
  EXPECT_EQ(written.error().what, "/dev/full: No space left on device");
}

TEST_F(OutputFileTest, APlaceWhereNothingCanBeWrittenIsRefusedByName) {
  const auto reason = [](const std::string& path) {
    auto output = OutputFile::create(path);
    return output.has_value() ? "none" : output.error().what;
  };
  EXPECT_EQ(reason("/nowhere/x"), "/nowhere/x: No such file or directory");
  EXPECT_EQ(reason(tree_.root()), tree_.root().string() + ": Is a directory");
  EXPECT_EQ(reason(path("new/")), path("new/") + ": No such file or directory");
}

TEST_F(OutputFileTest, WhatIsWrittenCanBeSoughtIn) {
  auto output = OutputFile::create(path("a"));
  ASSERT_TRUE(output.has_value());
  (*output)->stream() << "__tail";
  (*output)->stream().seekp(0);
  (*output)->stream() << "he";
  ASSERT_TRUE((*output)->commit().has_value());
  EXPECT_EQ(content_of(path("a")), "hetail");
}

TEST_F(OutputFileTest, OneFileOfTwoSpellingsIsRefused) {
  tree_.write("folder/a", "old");
  fs::create_symlink("folder/a", path("soft"));
  fs::create_hard_link(path("folder/a"), path("hard"));
  expect_equal(path("folder/a"), path("folder/a"));
  expect_equal(path("folder/a"), path("folder/../folder//a"));
  expect_equal(path("folder/a"), path("soft"));
  expect_equal(path("folder/a"), path("hard"));
}

TEST_F(OutputFileTest, OneFileThatIsNotThereYetIsRefusedToo) {
  tree_.write("folder/a", "old");
  fs::create_symlink("folder/new", path("dangling"));
  expect_equal(path("folder/new"), path("folder/new"));
  expect_equal(path("folder/new"), path("./folder/../folder/new"));
  expect_equal(path("folder/new"), path("dangling"));
}

TEST_F(OutputFileTest, TwoOutputsAreNotOneFile) {
  const Status refused =
      refuse_equal_paths({{"FILE", ""}}, {{"--trace", path("x")}, {"--plot", path("./x")}});
  EXPECT_FALSE(refused.has_value());
}

TEST_F(OutputFileTest, DifferentFilesAndDevicesAreAccepted) {
  tree_.write("a", "old");
  tree_.write("b", "old");
  EXPECT_TRUE(
      refuse_equal_paths({{"FILE", path("a")}}, {{"--trace", path("b")}, {"--plot", path("c")}})
          .has_value());
  EXPECT_TRUE(
      refuse_equal_paths({}, {{"--trace", "/dev/null"}, {"--plot", "/dev/null"}}).has_value());
  EXPECT_TRUE(refuse_equal_paths({{"FILE", ""}}, {{"--trace", ""}, {"--plot", ""}}).has_value());
}

}  // namespace
}  // namespace scx_pair
