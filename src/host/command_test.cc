// SPDX-License-Identifier: GPL-2.0-only
#include "host/command.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

namespace scx_pair {
namespace {

int wait_for(Command& command) {
  while (true) {
    if (const std::optional<int> status = command.poll()) return *status;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

TEST(Command, PassesTheExitStatusOn) {
  auto command = Command::start({"sh", "-c", "exit 7"}, false);
  ASSERT_TRUE(command);
  EXPECT_EQ(wait_for(*command), 7);
}

TEST(Command, TellsASignalAsAShellDoes) {
  auto command = Command::start({"sh", "-c", "kill -KILL $$"}, false);
  ASSERT_TRUE(command);
  EXPECT_EQ(wait_for(*command), 128 + 9);
}

TEST(Command, AMissingProgramIsAnErrorThatNamesIt) {
  auto command = Command::start({"/no/such/program"}, false);
  ASSERT_FALSE(command);
  EXPECT_EQ(command.error().what, "cannot run /no/such/program: No such file or directory");
  EXPECT_EQ(command.error().code, ExitCode::kUsage);
}

TEST(Command, IsNotOverWhileItRuns) {
  auto command = Command::start({"sleep", "60"}, false);
  ASSERT_TRUE(command);
  EXPECT_EQ(command->poll(), std::nullopt);
  EXPECT_EQ(command->end(), 128 + 15);
}

}  // namespace
}  // namespace scx_pair
