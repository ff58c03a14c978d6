// SPDX-License-Identifier: GPL-2.0-only
#include "sim/explore/fibre.h"

#include <cstdint>
#include <utility>

#include "base/check.h"
#include "base/sanitizers.h"

#if SCX_PAIR_ADDRESS_SANITIZER
#include <sanitizer/common_interface_defs.h>
#endif

namespace scx_pair {
namespace {

constexpr size_t kStackBytes = size_t{256} << 10U;

// The address sanitizer is told before and after each change of stacks.
void before_switch([[maybe_unused]] void** shadow, [[maybe_unused]] const void* stack,
                   [[maybe_unused]] size_t size) {
#if SCX_PAIR_ADDRESS_SANITIZER
  __sanitizer_start_switch_fiber(shadow, stack, size);
#endif
}

void after_switch([[maybe_unused]] void* shadow, [[maybe_unused]] const void** stack,
                  [[maybe_unused]] size_t* size) {
#if SCX_PAIR_ADDRESS_SANITIZER
  __sanitizer_finish_switch_fiber(shadow, stack, size);
#endif
}

}  // namespace

Fibre::Fibre() : stack_(std::make_unique_for_overwrite<std::byte[]>(kStackBytes)) {}

void Fibre::enter(unsigned high, unsigned low) {
  // makecontext() hands over ints only.
  const uintptr_t address = uintptr_t{high} << 32U | low;
  reinterpret_cast<Fibre*>(address)->loop();  // NOLINT(performance-no-int-to-ptr)
}

void Fibre::loop() {
  after_switch(nullptr, &caller_stack_, &caller_size_);
  for (;;) {
    // Nothing may be thrown off the end of a stack.
    try {
      body_();
    } catch (...) {
      failure_ = std::current_exception();
    }
    busy_ = false;
    switch_out();
  }
}

void Fibre::switch_in() {
  before_switch(&caller_shadow_, stack_.get(), kStackBytes);
  check(swapcontext(&caller_, &own_) == 0, "a fibre can be switched to");
  after_switch(caller_shadow_, nullptr, nullptr);
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

void Fibre::switch_out() {
  before_switch(&own_shadow_, caller_stack_, caller_size_);
  check(swapcontext(&own_, &caller_) == 0, "a fibre can be switched from");
  after_switch(own_shadow_, &caller_stack_, &caller_size_);
}

void Fibre::start(std::function<void()> body) {
  check(!busy_, "a fibre has one body at a time");
  body_ = std::move(body);
  busy_ = true;
  if (!entered_) {
    check(getcontext(&own_) == 0, "a fibre's context can be made");
    own_.uc_stack.ss_sp = stack_.get();
    own_.uc_stack.ss_size = kStackBytes;
    own_.uc_link = nullptr;
    const auto address = reinterpret_cast<uintptr_t>(this);
    makecontext(&own_, reinterpret_cast<void (*)()>(&Fibre::enter), 2,
                static_cast<unsigned>(address >> 32U), static_cast<unsigned>(address));
    entered_ = true;
  }
  switch_in();
}

void Fibre::resume() {
  check(busy_, "a fibre that is resumed has paused");
  switch_in();
}

void Fibre::pause() {
  switch_out();
}

void Fibre::abandon() {
  busy_ = false;
  entered_ = false;
}

}  // namespace scx_pair
