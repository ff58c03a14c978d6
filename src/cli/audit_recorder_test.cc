// SPDX-License-Identifier: GPL-2.0-only
#include "cli/audit_recorder.h"

#include <gtest/gtest.h>

#include <sstream>

#include "host/temp_tree.h"

namespace scx_pair {
namespace {

std::string content_of(const std::filesystem::path& path) {
  const std::ifstream stream(path, std::ios::binary);
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

TEST(AuditRecorder, WhatWasSeenIsInTheFileWithTheWeightsOfItsCgroups) {
  const TempTree tree;
  tree.write("cgroup/web/cpu.weight", "250");
  tree.write("cgroup/idle/cpu.weight", "0");
  const std::string path = (tree.root() / "run.rec").string();
  auto recorder = AuditRecorder::create(path);
  ASSERT_TRUE(recorder.has_value()) << recorder.error().what;
  switch_record record{};
  record.time_ns = 5;
  record.pid = 7;
  record.task_class = CLASS_ORDINARY;
  (*recorder)->add(record);
  RecordingInfo info{.pairs = {{0, 1}}, .start_ns = 1, .end_ns = 9};
  info.paths = {{1, "/"}, {2, "/web"}, {3, "/gone"}, {4, "/idle"}};
  ASSERT_TRUE((*recorder)->finish(info, tree.root() / "cgroup").has_value());

  Result<Recording> read = parse_recording(content_of(path), path);
  ASSERT_TRUE(read.has_value()) << read.error().what;
  ASSERT_EQ(read->records.size(), 1U);
  EXPECT_EQ(read->records[0].pid, 7);
  EXPECT_EQ(read->info.paths, info.paths);
  EXPECT_EQ(read->info.weights, (std::map<u64, u32>{{2, 250}}));
  EXPECT_FALSE(read->info.kernel.empty());
}

TEST(AuditRecorder, AFileThatCannotBeMadeIsRefused) {
  auto recorder = AuditRecorder::create("/nowhere/x.rec");
  ASSERT_FALSE(recorder.has_value());
  EXPECT_EQ(recorder.error().code, ExitCode::kUsage);
  EXPECT_EQ(recorder.error().what, "--record: /nowhere/x.rec: No such file or directory");
}

}  // namespace
}  // namespace scx_pair
