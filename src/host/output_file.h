// SPDX-License-Identifier: GPL-2.0-only
//
// Files that a command writes for its user. Nothing that was there is lost to a run that fails: the
// new content is written beside the file and takes its name once it is whole.
#pragma once

#include <sys/types.h>

#include <array>
#include <filesystem>
#include <memory>
#include <ostream>
#include <streambuf>
#include <string>
#include <vector>

#include "base/result.h"

namespace scx_pair {

// Writes to an open file and remembers the reason of the first failure. After it all is dropped.
class FileBuffer : public std::streambuf {
 public:
  explicit FileBuffer(int file) : file_(file) {}

  // The errno of the first failure; 0 if there was none.
  [[nodiscard]] int failure() const { return failure_; }

 protected:
  int_type overflow(int_type next) override;
  int sync() override;
  pos_type seekoff(off_type by, std::ios::seekdir from, std::ios::openmode which) override;
  pos_type seekpos(pos_type to, std::ios::openmode which) override;

 private:
  bool write_out();

  int file_;
  int failure_ = 0;
  std::array<char, 1U << 16U> bytes_{};
};

class OutputFile {
 public:
  // Opens nothing that could be lost: a regular file stays as it is until commit(), through links
  // too. A pipe or a device is written as it comes, and what the standard output or the standard
  // error go to is written where they are. The error names the path.
  static Result<std::unique_ptr<OutputFile>> create(const std::string& path);

  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  // Without commit() before: leaves no trace of itself.
  ~OutputFile();

  std::ostream& stream() { return stream_; }

  // Ends the file and gives it its name. The error says why something was not written.
  Status commit();

 private:
  OutputFile(std::string path, int file)
      : path_(std::move(path)), file_(file), buffer_(file), stream_(&buffer_) {}

  std::string path_;
  int file_;
  std::filesystem::path beside_{};  // what is written; empty: the file itself
  std::filesystem::path target_{};  // what it is renamed to
  FileBuffer buffer_;
  std::ostream stream_;
};

// A path with what it is for, such as "--trace"; an empty path is none.
struct NamedPath {
  std::string name{};
  std::string path{};
};

// Refuses an output that is the input, or another output, however it is spelt and through links of
// both kinds. Devices such as /dev/null hold nothing that could be lost, and may come twice.
Status refuse_equal_paths(const std::vector<NamedPath>& inputs,
                          const std::vector<NamedPath>& outputs);

}  // namespace scx_pair
