// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace scx_pair {

// The content of a small kernel file without its closing newline; nothing when it cannot be read.
std::optional<std::string> read_text(const std::filesystem::path& path);

}  // namespace scx_pair
