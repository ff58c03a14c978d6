// SPDX-License-Identifier: GPL-2.0-only
#include "host/cgroup_paths.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>

namespace scx_pair {
namespace {

namespace fs = std::filesystem;

u64 inode(const fs::path& path) {
  struct stat status{};
  EXPECT_EQ(::stat(path.c_str(), &status), 0);
  return status.st_ino;
}

class CgroupPaths : public testing::Test {
 protected:
  CgroupPaths() {
    std::string name = testing::TempDir() + "cgroup_paths_XXXXXX";
    root_ = mkdtemp(name.data());
  }
  ~CgroupPaths() override { fs::remove_all(root_); }

  fs::path root_;
};

TEST_F(CgroupPaths, NamesEveryDirectoryByItsInode) {
  fs::create_directories(root_ / "a" / "b");
  std::map<u64, std::string> paths;
  add_cgroup_paths(root_, paths);
  const std::map<u64, std::string> expected = {
      {inode(root_), "/"}, {inode(root_ / "a"), "/a"}, {inode(root_ / "a" / "b"), "/a/b"}};
  EXPECT_EQ(paths, expected);
}

TEST_F(CgroupPaths, AGoneCgroupKeepsItsName) {
  fs::create_directories(root_ / "a");
  const u64 gone = inode(root_ / "a");
  std::map<u64, std::string> paths;
  add_cgroup_paths(root_, paths);
  fs::remove(root_ / "a");
  add_cgroup_paths(root_, paths);
  EXPECT_EQ(paths[gone], "/a");
}

TEST_F(CgroupPaths, AMissingRootAddsNothing) {
  std::map<u64, std::string> paths;
  add_cgroup_paths(root_ / "none", paths);
  EXPECT_TRUE(paths.empty());
}

}  // namespace
}  // namespace scx_pair
