// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <thread>

#include "base/types.h"

namespace scx_pair {

// A file that is written without ever waiting for whoever reads it. Texts wait in a bounded buffer
// for a thread of their own; one that finds no room there, or that the file refuses (a closed
// terminal, a reader that has ended, a full disk), is dropped and counted.
//
// A thread rather than a non-blocking file: that state belongs to everybody who shares the file,
// and neither regular files nor every socket can be opened a second time. The thread blocks all
// signals, so that none that a write raises (SIGPIPE, SIGTTOU, SIGXFSZ) reaches the process.
class Output {
 public:
  static constexpr size_t kBufferBytes = 1 << 20;

  // Duplicates `fd`, which may be closed: then everything is dropped.
  explicit Output(int fd, size_t buffer_bytes = kBufferBytes);
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  // Leaves what is not written yet. A write that blocks goes on waiting, alone.
  ~Output();

  // Takes one text, whole lines. Never waits for the file.
  void write(std::string text);

  // How many texts were dropped, in whole or in part.
  u64 dropped() const;

  // Waits until every text has been written or dropped, at most so long, and says whether it was.
  bool drain(std::chrono::milliseconds longest);

 private:
  struct State;

  static void write_all(const std::shared_ptr<State>& state);

  // Shared with the thread, which may outlive the object.
  std::shared_ptr<State> state_;
  std::thread writer_;
};

}  // namespace scx_pair
