// SPDX-License-Identifier: GPL-2.0-only
#include "host/output_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <system_error>
#include <utility>

#include "base/hostile_text.h"

namespace scx_pair {
namespace {

constexpr mode_t kNewFileMode = 0666;
constexpr mode_t kPermissions = 0777;
// As many as the kernel follows.
constexpr int kLinksMost = 40;

Error error_of(ExitCode code, const std::string& path, int error) {
  return Error{code, fmt::format("{}: {}", printable(path), std::strerror(error))};
}

std::optional<struct stat> status_of(const std::string& path) {
  struct stat status{};
  if (stat(path.c_str(), &status) != 0) return std::nullopt;
  return status;
}

bool is_same(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

// Where a path leads although nothing may be there: a link without a target would be written
// through as well.
std::filesystem::path place_of(std::filesystem::path path) {
  std::error_code error;
  for (int i = 0; i < kLinksMost && std::filesystem::is_symlink(path, error); i++) {
    path = path.parent_path() / std::filesystem::read_symlink(path, error);
  }
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  const std::filesystem::path whole = std::filesystem::canonical(folder, error);
  return error ? path : whole / path.filename();
}

mode_t new_file_mode() {
  const mode_t mask = umask(0);
  umask(mask);
  return kNewFileMode & ~mask;
}

// One of the standard files that goes to this file.
std::optional<int> standard_file(const struct stat& status) {
  for (const int file : {STDOUT_FILENO, STDERR_FILENO}) {
    struct stat standard{};
    if (fstat(file, &standard) == 0 && is_same(standard, status)) return file;
  }
  return std::nullopt;
}

bool is_same_place(const NamedPath& a, const NamedPath& b) {
  const auto a_status = status_of(a.path);
  const auto b_status = status_of(b.path);
  if (a_status && b_status) return is_same(*a_status, *b_status) && !S_ISCHR(a_status->st_mode);
  return !a_status && !b_status && place_of(a.path) == place_of(b.path);
}

}  // namespace

bool FileBuffer::write_out() {
  const char* begin = pbase();
  while (failure_ == 0 && begin < pptr()) {
    const ssize_t written = write(file_, begin, static_cast<size_t>(pptr() - begin));
    // A signal that interrupts has asked for an end: whoever waits for a reader would not see it.
    if (written < 0) failure_ = errno;
    if (written > 0) begin += written;
  }
  setp(bytes_.data(), bytes_.data() + bytes_.size());
  return failure_ == 0;
}

FileBuffer::int_type FileBuffer::overflow(int_type next) {
  if (!write_out()) return traits_type::eof();
  if (traits_type::eq_int_type(next, traits_type::eof())) return traits_type::not_eof(next);
  return sputc(traits_type::to_char_type(next));
}

int FileBuffer::sync() {
  return write_out() ? 0 : -1;
}

FileBuffer::pos_type FileBuffer::seekoff(off_type by, std::ios::seekdir from,
                                         std::ios::openmode /*which*/) {
  if (!write_out()) return pos_type(off_type(-1));
  const int whence = from == std::ios::beg ? SEEK_SET : from == std::ios::cur ? SEEK_CUR : SEEK_END;
  const off_t at = lseek(file_, by, whence);
  if (at < 0) failure_ = errno;
  return pos_type(off_type(at));
}

FileBuffer::pos_type FileBuffer::seekpos(pos_type to, std::ios::openmode which) {
  return seekoff(off_type(to), std::ios::beg, which);
}

Result<std::unique_ptr<OutputFile>> OutputFile::create(const std::string& path) {
  const auto made = [&path](int file) {
    return std::unique_ptr<OutputFile>(new OutputFile(path, file));
  };
  const auto refused = [&path](int error) { return error_of(ExitCode::kUsage, path, error); };
  const auto status = status_of(path);
  const bool is_regular = !status || S_ISREG(status->st_mode);
  const auto standard = status ? standard_file(*status) : std::nullopt;
  if (standard || !is_regular) {
    const int file =
        standard ? fcntl(*standard, F_DUPFD_CLOEXEC, 0) : open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (file < 0) return refused(errno);
    return made(file);
  }
  // Somebody who may not write the file may still replace it in a folder that is his own.
  if (status && access(path.c_str(), W_OK) != 0) return refused(errno);
  const std::filesystem::path target = place_of(path);
  if (!target.has_filename()) return refused(ENOENT);
  std::string beside = target.parent_path() / ("." + target.filename().string() + ".XXXXXX");
  const int file = mkostemp(beside.data(), O_CLOEXEC);
  if (file < 0) return refused(errno);
  std::unique_ptr<OutputFile> output = made(file);
  output->beside_ = beside;
  output->target_ = target;
  if (fchmod(file, status ? status->st_mode & kPermissions : new_file_mode()) != 0) {
    return refused(errno);
  }
  return output;
}

OutputFile::~OutputFile() {
  if (file_ >= 0) close(file_);
  if (!beside_.empty()) unlink(beside_.c_str());
}

Status OutputFile::commit() {
  stream_.flush();
  int failure = buffer_.failure();
  if (close(std::exchange(file_, -1)) != 0 && failure == 0) failure = errno;
  if (failure != 0) return error_of(ExitCode::kInternal, path_, failure);
  if (beside_.empty()) return Done{};
  if (rename(beside_.c_str(), target_.c_str()) != 0) {
    return error_of(ExitCode::kInternal, path_, errno);
  }
  beside_.clear();
  return Done{};
}

Status refuse_equal_paths(const std::vector<NamedPath>& inputs,
                          const std::vector<NamedPath>& outputs) {
  std::vector<NamedPath> taken = inputs;
  for (const NamedPath& output : outputs) {
    if (output.path.empty()) continue;
    for (const NamedPath& other : taken) {
      if (other.path.empty() || !is_same_place(output, other)) continue;
      return Error{ExitCode::kUsage, fmt::format("{} {} is the same file as {} {}; give it another "
                                                 "name",
                                                 output.name, printable(output.path), other.name,
                                                 printable(other.path))};
    }
    taken.push_back(output);
  }
  return Done{};
}

}  // namespace scx_pair
