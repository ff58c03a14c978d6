// SPDX-License-Identifier: GPL-2.0-only
#include "host/output.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string_view>
#include <utility>

namespace scx_pair {

struct Output::State {
  State(int duplicate, size_t most) : fd(duplicate), buffer_bytes(most) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (fd >= 0) close(fd);
  }

  const int fd;
  const size_t buffer_bytes;
  std::mutex lock;
  std::condition_variable changed;
  // All below under the lock. A text being written has left `waiting`, and still counts in `bytes`.
  std::deque<std::string> waiting;
  size_t bytes = 0;
  u64 dropped = 0;
  bool stopping = false;
};

namespace {

// The part of a text that the file took.
size_t write_part(int fd, std::string_view text) {
  size_t written = 0;
  while (written < text.size()) {
    const ssize_t count = ::write(fd, text.data() + written, text.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    written += static_cast<size_t>(count);
  }
  return written;
}

// Starts a thread that no signal is delivered to.
template <typename Body>
std::thread start_deaf_thread(Body body) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  std::thread thread(std::move(body));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

}  // namespace

Output::Output(int fd, size_t buffer_bytes)
    : state_(std::make_shared<State>(fcntl(fd, F_DUPFD_CLOEXEC, 3), buffer_bytes)),
      writer_(start_deaf_thread([state = state_] { write_all(state); })) {}

Output::~Output() {
  bool writing = false;
  {
    const std::lock_guard guard(state_->lock);
    state_->stopping = true;
    writing = state_->bytes != 0;
  }
  state_->changed.notify_all();
  if (writing) {
    writer_.detach();
  } else {
    writer_.join();
  }
}

void Output::write(std::string text) {
  if (text.empty()) return;
  {
    const std::lock_guard guard(state_->lock);
    if (state_->fd < 0 || text.size() > state_->buffer_bytes - state_->bytes) {
      state_->dropped++;
      return;
    }
    state_->bytes += text.size();
    state_->waiting.push_back(std::move(text));
  }
  state_->changed.notify_all();
}

u64 Output::dropped() const {
  const std::lock_guard guard(state_->lock);
  return state_->dropped;
}

bool Output::drain(std::chrono::milliseconds longest) {
  std::unique_lock guard(state_->lock);
  return state_->changed.wait_for(guard, longest, [this] { return state_->bytes == 0; });
}

void Output::write_all(const std::shared_ptr<State>& state) {
  bool cut = false;
  std::unique_lock guard(state->lock);
  while (true) {
    state->changed.wait(guard, [&state] { return state->stopping || !state->waiting.empty(); });
    if (state->stopping) return;
    const std::string text = std::move(state->waiting.front());
    state->waiting.pop_front();
    guard.unlock();
    // What follows a line that was cut begins a line of its own.
    const bool ended = !cut || write_part(state->fd, "\n") == 1;
    const size_t written = ended ? write_part(state->fd, text) : 0;
    if (written > 0) cut = text[written - 1] != '\n';
    guard.lock();
    state->bytes -= text.size();
    if (written < text.size()) state->dropped++;
    state->changed.notify_all();
  }
}

}  // namespace scx_pair
