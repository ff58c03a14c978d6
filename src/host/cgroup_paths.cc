// SPDX-License-Identifier: GPL-2.0-only
#include "host/cgroup_paths.h"

#include <sys/stat.h>

#include <optional>
#include <system_error>

namespace scx_pair {
namespace {

namespace fs = std::filesystem;

// The id of a cgroup is the inode number of its directory.
std::optional<u64> cgroup_id(const fs::path& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return status.st_ino;
}

}  // namespace

void add_cgroup_paths(const fs::path& root, std::map<u64, std::string>& paths) {
  if (const std::optional<u64> id = cgroup_id(root)) paths[*id] = "/";
  std::error_code error;
  fs::recursive_directory_iterator entry(root, fs::directory_options::skip_permission_denied,
                                         error);
  // A cgroup can vanish between two steps; the walk then goes on with what is left, or ends.
  while (!error && entry != fs::recursive_directory_iterator()) {
    std::error_code ignored;
    if (entry->is_directory(ignored) && !entry->is_symlink(ignored)) {
      if (const std::optional<u64> id = cgroup_id(entry->path())) {
        paths[*id] = "/" + fs::path(entry->path()).lexically_relative(root).string();
      }
    }
    entry.increment(error);
  }
}

}  // namespace scx_pair
