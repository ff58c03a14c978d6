// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "base/types.h"

namespace scx_pair {

// Where the kernel shows its cgroups.
inline constexpr const char* kCgroupRoot = "/sys/fs/cgroup";

// Adds every cgroup below `root` (usually kCgroupRoot) by its id, as "/" or "/a/b". What is
// there already stays unless the id is found again: a cgroup that is gone keeps its name.
void add_cgroup_paths(const std::filesystem::path& root, std::map<u64, std::string>& paths);

}  // namespace scx_pair
