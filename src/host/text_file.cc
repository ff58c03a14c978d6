// SPDX-License-Identifier: GPL-2.0-only
#include "host/text_file.h"

#include <fstream>
#include <iterator>

namespace scx_pair {

std::optional<std::string> read_text(const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file) return std::nullopt;
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  // A directory opens, and a kernel file may fail only when read: both say so here.
  if (file.bad()) return std::nullopt;
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

}  // namespace scx_pair
