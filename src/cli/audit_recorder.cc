// SPDX-License-Identifier: GPL-2.0-only
#include "cli/audit_recorder.h"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include "host/text_file.h"

namespace scx_pair {
namespace {

std::string kernel_release() {
  utsname names{};
  return uname(&names) == 0 ? names.release : "";
}

// What the cgroup has now; nothing if it is gone, or is the root, which has none.
std::optional<u32> weight_of(const std::filesystem::path& folder) {
  const std::string text = read_text(folder / "cpu.weight").value_or("");
  u32 weight = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, weight);
  // cpu.idle reads as weight 0.
  if (error != std::errc() || stop != end || weight == 0) return std::nullopt;
  return weight;
}

}  // namespace

Result<std::unique_ptr<AuditRecorder>> AuditRecorder::create(const std::string& path) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  if (!file) {
    return Error{ExitCode::kUsage, fmt::format("--record: {}: {}", path, std::strerror(errno))};
  }
  return std::unique_ptr<AuditRecorder>(new AuditRecorder(path, std::move(file)));
}

Status AuditRecorder::finish(RecordingInfo info, const std::filesystem::path& cgroup_root) {
  info.kernel = kernel_release();
  for (const auto& [domain, path] : info.paths) {
    if (const auto weight = weight_of(cgroup_root / path.substr(1))) info.weights[domain] = *weight;
  }
  Status written = writer_.finish(info);
  if (!written) return std::move(written.error()).in(path_);
  return Done{};
}

}  // namespace scx_pair
