// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "base/check.h"

namespace scx_pair {

// A directory of its own for one test, removed with everything in it when the test ends. Stands in
// for /sys, /proc or a cgroup root.
class TempTree {
 public:
  TempTree() {
    std::string name = (std::filesystem::temp_directory_path() / "scx_pair_test_XXXXXX").string();
    check(mkdtemp(name.data()) != nullptr, "a test can make a temporary directory");
    root_ = name;
  }
  ~TempTree() { std::filesystem::remove_all(root_); }
  TempTree(const TempTree&) = delete;
  TempTree& operator=(const TempTree&) = delete;

  const std::filesystem::path& root() const { return root_; }

  // Writes a file and the directories above it, with the closing newline of a kernel file.
  void write(const std::filesystem::path& path, std::string_view text) const {
    const std::filesystem::path full = root_ / path;
    std::filesystem::create_directories(full.parent_path());
    std::ofstream(full) << text << '\n';
  }

 private:
  std::filesystem::path root_;
};

}  // namespace scx_pair
