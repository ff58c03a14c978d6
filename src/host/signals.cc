// SPDX-License-Identifier: GPL-2.0-only
#include "host/signals.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <cstring>
#include <utility>

namespace scx_pair {
namespace {

sigset_t taken_signals(Hangup hangup) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  if (hangup == Hangup::kIgnored) sigaddset(&signals, SIGHUP);
  return signals;
}

}  // namespace

Result<StopSignals> StopSignals::create(Hangup hangup) {
  const sigset_t signals = taken_signals(hangup);
  const int fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
  if (fd < 0) {
    return Error{ExitCode::kInternal, fmt::format("signalfd: {}", std::strerror(errno))};
  }
  check(sigprocmask(SIG_BLOCK, &signals, nullptr) == 0, "blocking signals cannot fail");
  return StopSignals(fd, hangup);
}

StopSignals::StopSignals(StopSignals&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), hangup_(other.hangup_), asked_(other.asked_) {}

StopSignals::~StopSignals() {
  if (fd_ < 0) return;
  // Signals that came and were not waited for would end the process on unblocking, in the middle of
  // an orderly exit: they have had their effect, so they are taken.
  wait_for(std::chrono::milliseconds(0));
  const sigset_t signals = taken_signals(hangup_);
  sigprocmask(SIG_UNBLOCK, &signals, nullptr);
  close(fd_);
}

bool StopSignals::wait_for(std::chrono::milliseconds longest, int news) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point end = Clock::now() + longest;
  for (bool over = false; !asked_ && !over;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
    // poll() leaves out negative files.
    std::array<pollfd, 2> files{pollfd{.fd = fd_, .events = POLLIN, .revents = 0},
                                pollfd{.fd = news, .events = POLLIN, .revents = 0}};
    const int ready = poll(files.data(), files.size(),
                           static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, INT_MAX)));
    // Otherwise, or with EINTR of an unrelated signal, it waits for the rest.
    over = ready == 0 || (ready > 0 && files[1].revents != 0);
    signalfd_siginfo info;
    while (read(fd_, &info, sizeof(info)) == sizeof(info)) {
      if (info.ssi_signo != SIGHUP) asked_ = true;
    }
  }
  return asked_;
}

}  // namespace scx_pair
