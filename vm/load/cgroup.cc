// SPDX-License-Identifier: GPL-2.0-only
#include "cgroup.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <ranges>
#include <thread>

namespace scx_pair {
namespace {

constexpr int kRemoveAttempts = 2000;
constexpr std::chrono::milliseconds kRemovePause{1};

}  // namespace

int write_file(const std::filesystem::path& path, const std::string& text) {
  const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) return errno;
  const ssize_t written = write(file, text.data(), text.size());
  const int error = written < 0 ? errno : 0;
  close(file);
  return error;
}

int move_task(const std::filesystem::path& folder, pid_t pid) {
  return write_file(folder / "cgroup.procs", std::to_string(pid));
}

bool remove_cgroup(const std::filesystem::path& folder) {
  for (int attempt = 0; attempt < kRemoveAttempts; attempt++) {
    if (rmdir(folder.c_str()) == 0 || errno == ENOENT) return true;
    if (errno != EBUSY) return false;
    std::this_thread::sleep_for(kRemovePause);
  }
  return false;
}

Status Cgroups::make(const std::string& path) {
  std::filesystem::path folder = root_;
  for (const auto& name : std::filesystem::path(path)) {
    if (const int error = write_file(folder / "cgroup.subtree_control", "+cpu")) {
      return Error{ExitCode::kEnvironment,
                   fmt::format("cannot turn the cpu controller on in {}: {}", folder.string(),
                               std::strerror(error))};
    }
    folder /= name;
    if (mkdir(folder.c_str(), 0755) == 0) {
      made_.push_back(folder);
    } else if (errno != EEXIST) {
      return Error{ExitCode::kEnvironment, fmt::format("cannot make the cgroup {}: {}",
                                                       folder.string(), std::strerror(errno))};
    }
  }
  return Done{};
}

Status Cgroups::set(const Setting& setting) {
  if (Status made = make(setting.cgroup); !made) return made;
  const std::filesystem::path file = folder(setting.cgroup) / setting.file;
  if (const int error = write_file(file, setting.value)) {
    return Error{ExitCode::kEnvironment, fmt::format("cannot write '{}' to {}: {}", setting.value,
                                                     file.string(), std::strerror(error))};
  }
  return Done{};
}

void Cgroups::remove_all() {
  for (const auto& folder : made_ | std::views::reverse) {
    write_file(folder / "cgroup.kill", "1");
    if (!remove_cgroup(folder)) {
      fmt::print(stderr, "load: cannot remove the cgroup {}: {}\n", folder.string(),
                 std::strerror(errno));
    }
  }
  made_.clear();
}

}  // namespace scx_pair
