// SPDX-License-Identifier: GPL-2.0-only
#include "host/output.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <sstream>

#include "host/temp_tree.h"

namespace scx_pair {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLong(60'000);

// A pipe whose ends are closed one by one or with it.
class Pipe {
 public:
  Pipe() { EXPECT_EQ(pipe2(ends_.data(), O_CLOEXEC), 0); }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_reader();
    close_writer();
  }

  int reader() const { return ends_[0]; }
  int writer() const { return ends_[1]; }
  void close_reader() { close_end(ends_[0]); }
  void close_writer() { close_end(ends_[1]); }

  // Leaves no room for a byte.
  void fill() const {
    fcntl(writer(), F_SETFL, O_NONBLOCK);
    const std::string page(4096, 'x');
    while (::write(writer(), page.data(), page.size()) > 0) continue;
    while (::write(writer(), page.data(), 1) > 0) continue;
    fcntl(writer(), F_SETFL, 0);
  }

  // What the next `bytes` are.
  std::string read(size_t bytes) const {
    std::string text(bytes, '\0');
    size_t have = 0;
    while (have < bytes) {
      const ssize_t count = ::read(reader(), text.data() + have, bytes - have);
      if (count <= 0) break;
      have += static_cast<size_t>(count);
    }
    text.resize(have);
    return text;
  }

 private:
  static void close_end(int& end) {
    if (end >= 0) close(end);
    end = -1;
  }

  std::array<int, 2> ends_{-1, -1};
};

TEST(Output, TextsArriveInOrder) {
  const Pipe pipe;
  Output output(pipe.writer());
  output.write("one\n");
  output.write("two\n");
  EXPECT_TRUE(output.drain(kLong));
  EXPECT_EQ(pipe.read(8), "one\ntwo\n");
  EXPECT_EQ(output.dropped(), 0U);
}

TEST(Output, WithoutATextItIsDrained) {
  const Pipe pipe;
  Output output(pipe.writer());
  EXPECT_TRUE(output.drain(milliseconds(0)));
}

TEST(Output, StoppedReaderIsNotWaitedForAndWhatFindsNoRoomIsCounted) {
  const Pipe pipe;
  pipe.fill();
  Output output(pipe.writer(), 10);
  output.write("123456\n");
  output.write("too long\n");
  output.write("ab\n");
  EXPECT_EQ(output.dropped(), 1U);
  EXPECT_FALSE(output.drain(milliseconds(1)));
}

TEST(Output, TextsThatHadRoomAreWrittenWhenTheReaderReadsAgain) {
  const Pipe pipe;
  pipe.fill();
  const auto full = static_cast<size_t>(fcntl(pipe.writer(), F_GETPIPE_SZ));
  Output output(pipe.writer());
  output.write("late\n");
  EXPECT_EQ(pipe.read(full + 5).substr(full), "late\n");
  EXPECT_TRUE(output.drain(kLong));
  EXPECT_EQ(output.dropped(), 0U);
}

TEST(Output, ReaderThatHasEndedCostsTheTextAndNotTheProcess) {
  Pipe pipe;
  Output output(pipe.writer());
  pipe.close_reader();
  output.write("nobody\n");
  output.write("reads this\n");
  EXPECT_TRUE(output.drain(kLong));
  EXPECT_EQ(output.dropped(), 2U);
}

TEST(Output, ReaderThatEndsWhileAWriteWaitsEndsTheWait) {
  Pipe pipe;
  pipe.fill();
  Output output(pipe.writer());
  output.write("waits\n");
  pipe.close_reader();
  EXPECT_TRUE(output.drain(kLong));
  EXPECT_EQ(output.dropped(), 1U);
}

TEST(Output, FullDiskDropsAndCounts) {
  const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(full, 0);
  Output output(full);
  output.write("statistics\n");
  EXPECT_TRUE(output.drain(kLong));
  EXPECT_EQ(output.dropped(), 1U);
  close(full);
}

TEST(Output, ClosedFileDropsAndCounts) {
  Output output(-1);
  output.write("statistics\n");
  EXPECT_TRUE(output.drain(milliseconds(0)));
  EXPECT_EQ(output.dropped(), 1U);
}

// A limit on the size of files stands for a disk that fills in the middle of a text, and frees
// again. Such a write also raises SIGXFSZ.
TEST(Output, WhatFollowsALineThatWasCutBeginsItsOwn) {
  const TempTree tree;
  tree.write("log", "");
  const std::string path = (tree.root() / "log").string();
  const int file = open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  ASSERT_GE(file, 0);
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small{.rlim_cur = 10, .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  Output output(file);
  output.write("first\n");
  output.write("second\n");
  EXPECT_TRUE(output.drain(kLong));
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  output.write("third\n");
  EXPECT_TRUE(output.drain(kLong));
  EXPECT_EQ(output.dropped(), 1U);
  const std::ifstream log(path);
  std::stringstream text;
  text << log.rdbuf();
  EXPECT_EQ(text.str(), "\nfirst\nsec\nthird\n");
  close(file);
}

}  // namespace
}  // namespace scx_pair
