// SPDX-License-Identifier: GPL-2.0-only
//
// What happened on a real system, as `scx_pair audit --record` writes it: docs/record-format.md.
#pragma once

#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/switch_record.h"
#include "base/types.h"

namespace scx_pair {

// What the records alone do not say.
struct RecordingInfo {
  std::vector<std::vector<u32>> pairs{};  // cpus of each, none empty, no cpu twice
  u64 start_ns = 0;                       // records before it say who was where at the start
  u64 end_ns = 0;
  u64 lost = 0;
  std::string kernel{};                // as uname -r has it
  std::map<u64, std::string> paths{};  // domain to path, where known
  std::map<u64, u32> weights{};        // domain to cpu.weight, where known
};

struct Recording {
  RecordingInfo info{};
  std::vector<switch_record> records{};  // by time; those of one time in the order of the file
};

// Writes a file as the records come. A file that finish() has not ended is refused by the reader.
class RecordWriter {
 public:
  // Requires: `out` can be sought in, is binary, and outlives this.
  explicit RecordWriter(std::ostream& out);

  void add(const switch_record& record);

  // Requires: the last call.
  Status finish(const RecordingInfo& info);

 private:
  void write_head(u64 trailer_bytes);

  std::ostream& out_;
  u64 records_ = 0;
};

// Whether a file begins like a recording.
bool is_recording(const std::string& bytes);

// The error is one sentence that begins with `file`.
Result<Recording> parse_recording(const std::string& bytes, const std::string& file);

}  // namespace scx_pair
