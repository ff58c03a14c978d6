// SPDX-License-Identifier: GPL-2.0-only
#include "host/signals.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace scx_pair {
namespace {

sigset_t stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

}  // namespace

Result<StopSignals> StopSignals::create() {
  const sigset_t signals = stop_signals();
  const int fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
  if (fd < 0) {
    return Error{ExitCode::kInternal, fmt::format("signalfd: {}", std::strerror(errno))};
  }
  check(sigprocmask(SIG_BLOCK, &signals, nullptr) == 0, "blocking two signals cannot fail");
  return StopSignals(fd);
}

StopSignals::StopSignals(StopSignals&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), asked_(other.asked_) {}

StopSignals::~StopSignals() {
  if (fd_ < 0) return;
  // Signals that came and were not waited for would end the process on unblocking, in the middle of
  // an orderly exit: they have had their effect, so they are taken.
  wait_for(std::chrono::milliseconds(0));
  const sigset_t signals = stop_signals();
  sigprocmask(SIG_UNBLOCK, &signals, nullptr);
  close(fd_);
}

bool StopSignals::wait_for(std::chrono::milliseconds longest) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point end = Clock::now() + longest;
  while (!asked_) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
    pollfd poll_fd{.fd = fd_, .events = POLLIN, .revents = 0};
    const int ready = poll(&poll_fd, 1, left.count() > 0 ? static_cast<int>(left.count()) : 0);
    if (ready == 0) break;
    // EINTR of an unrelated signal: wait for the rest.
    signalfd_siginfo info;
    while (read(fd_, &info, sizeof(info)) == sizeof(info)) asked_ = true;
  }
  return asked_;
}

}  // namespace scx_pair
