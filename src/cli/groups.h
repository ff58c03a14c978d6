// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"
#include "cli/options.h"
#include "host/topology.h"

namespace scx_pair {

// The pairs of a machine at one moment, as the command line asks for them.
struct Groups {
  Topology topology;
  u64 hotplug_seq = 0;  // the kernel's count of cpu changes when the topology was read
  std::string warning;  // a sentence, where a stride leaves real siblings apart; usually empty
};

Result<Groups> read_groups(const GroupOptions& options, const std::filesystem::path& sysfs);

}  // namespace scx_pair
