// SPDX-License-Identifier: GPL-2.0-only
#include "host/text_output.h"

#include <gtest/gtest.h>

#include <string>

namespace scx_pair {
namespace {

TEST(TextOutput, AFullDiskIsAnErrorAndTheRestIsDropped) {
  std::FILE* const full = std::fopen("/dev/full", "we");
  ASSERT_NE(full, nullptr);
  TextOutput output(full);
  EXPECT_FALSE(output.failed());
  output.print("one line\n");
  EXPECT_TRUE(output.failed());
  output.print(std::string(100'000, 'x'));
  Status written = output.finish();
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error().code, ExitCode::kInternal);
  EXPECT_EQ(written.error().what, "the output cannot be written: No space left on device");
  std::fclose(full);
}

TEST(TextOutput, TextIsThereAtOnce) {
  std::FILE* const file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  TextOutput output(file);
  output.print("one\n");
  output.print("two\n");
  EXPECT_EQ(std::ftell(file), 8);
  EXPECT_TRUE(output.finish().has_value());
  std::fclose(file);
}

}  // namespace
}  // namespace scx_pair
