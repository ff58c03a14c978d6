// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace scx_pair {

// A file of the project. The rules of this room judge only these, so that a test can hand them a
// few lines that break a rule.
struct SourceFile {
  std::string path;  // from the project's root: "src/host/topology.cc"
  std::string text;
};
using SourceTree = std::vector<SourceFile>;

// Every file of the project's folders that a rule looks at, in order of path. Build output, which
// is in folders named "build", is left out.
SourceTree read_source_tree(const std::filesystem::path& root);

// The text of a C or C++ file with comments and the insides of literals blanked: same lines, same
// columns, nothing left but code.
std::string code_of(std::string_view text);

std::vector<std::string> lines_of(std::string_view text);

// Which room a path belongs to: "host" for "src/host/x.h", "vm" for "vm/load/x.h".
std::string room_of(std::string_view path);

// C and C++ of ours: .h, .c (so .bpf.c) and .cc.
bool is_c_family(std::string_view path);
bool is_test(std::string_view path);

}  // namespace scx_pair
