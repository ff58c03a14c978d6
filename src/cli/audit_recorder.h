// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "base/result.h"
#include "sim/recording.h"

namespace scx_pair {

// Writes what an audit sees to a file (docs/record-format.md) that the simulator can replay.
class AuditRecorder {
 public:
  // An error where the file cannot be made: kUsage.
  static Result<std::unique_ptr<AuditRecorder>> create(const std::string& path);

  void add(const switch_record& record) { writer_.add(record); }

  // Adds the running kernel's release and the weights of the cgroups in info.paths, as they are
  // below `cgroup_root`, and ends the file. Requires: the last call.
  Status finish(RecordingInfo info, const std::filesystem::path& cgroup_root);

 private:
  AuditRecorder(std::string path, std::ofstream file)
      : path_(std::move(path)), file_(std::move(file)), writer_(file_) {}

  std::string path_;
  std::ofstream file_;
  RecordWriter writer_;
};

}  // namespace scx_pair
