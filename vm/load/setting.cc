// SPDX-License-Identifier: GPL-2.0-only
#include "setting.h"

#include <fmt/format.h>

namespace scx_pair {

bool is_plain_path(const std::string& path) {
  return !path.empty() && path.front() != '/' && path.find("..") == std::string::npos;
}

Result<Setting> parse_setting(const std::string& text) {
  const auto refuse = [&](const char* why) {
    return Error{ExitCode::kUsage,
                 fmt::format("setting '{}': {}; a setting is CGROUP/FILE=VALUE", text, why)};
  };
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals + 1 == text.size()) return refuse("VALUE is missing");
  const std::string path = text.substr(0, equals);
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return refuse("CGROUP is missing");
  Setting setting{.cgroup = path.substr(0, slash),
                  .file = path.substr(slash + 1),
                  .value = text.substr(equals + 1)};
  if (!is_plain_path(setting.cgroup)) return refuse("CGROUP is a path below the cgroup root");
  if (!setting.file.starts_with("cpu.")) return refuse("FILE is one of the cpu controller");
  return setting;
}

}  // namespace scx_pair
