// SPDX-License-Identifier: GPL-2.0-only
#include "host/text_output.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

namespace scx_pair {

void TextOutput::print(std::string_view text) {
  if (failed()) return;
  errno = 0;
  const bool written = std::fwrite(text.data(), 1, text.size(), file_) == text.size() &&
                       std::fflush(file_) == 0 && std::ferror(file_) == 0;
  if (!written) failure_ = errno != 0 ? errno : EIO;
}

Status TextOutput::finish() const {
  if (!failed()) return Done{};
  return Error{ExitCode::kInternal,
               fmt::format("the output cannot be written: {}", std::strerror(failure_))};
}

}  // namespace scx_pair
