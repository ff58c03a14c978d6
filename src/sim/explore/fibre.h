// SPDX-License-Identifier: GPL-2.0-only
//
// A flow of control with a stack of its own, that stops where it wants and is continued when
// somebody else wants. A simulated cpu's activity is one.
#pragma once

#include <ucontext.h>

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>

namespace scx_pair {

class Fibre {
 public:
  Fibre();
  Fibre(const Fibre&) = delete;
  Fibre& operator=(const Fibre&) = delete;

  // Runs `body` until it pauses or ends. Requires: the one before has ended. What the body throws
  // ends it, and is thrown to whoever started or resumed it.
  void start(std::function<void()> body);
  // Goes on where it paused. Requires: it is busy, and this is not called from a fibre.
  void resume();
  // Goes back to whoever started or resumed it. Requires: called from its body.
  void pause();
  [[nodiscard]] bool busy() const { return busy_; }

  // Forgets a body that will not be continued; what it holds is not given back.
  void abandon();

 private:
  static void enter(unsigned high, unsigned low);
  void loop();
  void switch_in();
  void switch_out();

  std::unique_ptr<std::byte[]> stack_;
  ucontext_t own_{};
  ucontext_t caller_{};
  std::function<void()> body_;
  std::exception_ptr failure_;
  bool busy_ = false;
  bool entered_ = false;
  // For the address sanitizer, which has to know whose stack is whose.
  void* own_shadow_ = nullptr;
  void* caller_shadow_ = nullptr;
  const void* caller_stack_ = nullptr;
  size_t caller_size_ = 0;
};

}  // namespace scx_pair
