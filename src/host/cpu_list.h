// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/types.h"

namespace scx_pair {

// No kernel has more cpus; a list that names more is malformed.
inline constexpr u32 kCpuIdsMax = 8192;

// Reads the kernel's list format, "0-3,8": ascending, without repeats. An empty text is an empty
// list; anything that is no list is nothing.
std::optional<std::vector<u32>> parse_cpu_list(std::string_view text);

// "0,1,8": every cpu by name, as a person reads a pair.
std::string cpu_list_text(const std::vector<u32>& cpus);

}  // namespace scx_pair
