// SPDX-License-Identifier: GPL-2.0-only
#include "host/interruption.h"

#include <atomic>

#include "base/check.h"

namespace scx_pair {
namespace {

// A signal handler reaches nothing but what is global.
std::atomic<bool> was_asked = false;
static_assert(std::atomic<bool>::is_always_lock_free);

void on_signal(int /*signal*/) {
  was_asked = true;
}

constexpr std::array<int, 4> kSignals = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};

}  // namespace

Interruption::Interruption() {
  was_asked = false;
  for (size_t i = 0; i < kSignals.size(); i++) {
    struct sigaction action{};
    action.sa_handler = kSignals[i] == SIGPIPE ? SIG_IGN : on_signal;
    check(sigaction(kSignals[i], nullptr, &before_[i]) == 0, "reading a handler cannot fail");
    if (before_[i].sa_handler == SIG_IGN) continue;
    check(sigaction(kSignals[i], &action, nullptr) == 0, "setting a handler cannot fail");
  }
}

Interruption::~Interruption() {
  for (size_t i = 0; i < kSignals.size(); i++) sigaction(kSignals[i], &before_[i], nullptr);
}

bool Interruption::asked() {
  return was_asked;
}

}  // namespace scx_pair
