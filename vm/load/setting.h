// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "base/result.h"

namespace scx_pair {

// What one file of a cgroup is to say, written PATH/FILE=VALUE: "a/b/cpu.weight=300",
// "a/cpu.max=20000 100000". Whether the kernel likes the value is the kernel's business.
struct Setting {
  std::string cgroup;  // below the cgroup root, never the root itself
  std::string file;    // of the cpu controller: begins with "cpu."
  std::string value;
};

Result<Setting> parse_setting(const std::string& text);

// Whether the text names a place below the cgroup root and never leaves it.
bool is_plain_path(const std::string& path);

}  // namespace scx_pair
