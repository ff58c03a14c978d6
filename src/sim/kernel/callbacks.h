// SPDX-License-Identifier: GPL-2.0-only
//
// Calls of the scheduler's ops and programs: SCX_CALL_OP() and the tracepoints.
#pragma once

#include <type_traits>

#include "sim/kernel/kernel.h"

namespace scx_pair {

inline void announce(Kernel& k, Callback callback, bool begins) {
  for (Observer* observer : k.observers)
    observer->on_callback(callback, k.border.context->cpu, begins);
}

// Requires: the program exists.
template <typename Program, typename... Arguments>
auto call(Kernel& k, Callback callback, Program program, Arguments... arguments) {
  using Answer = std::invoke_result_t<Program, Arguments...>;
  k.counters.callbacks++;
  if (k.costs) k.costs->note_callback();
  if (!k.observers.empty()) announce(k, callback, true);
  if constexpr (std::is_void_v<Answer>) {
    program(arguments...);
    if (!k.observers.empty()) announce(k, callback, false);
  } else {
    const Answer answer = program(arguments...);
    if (!k.observers.empty()) announce(k, callback, false);
    return answer;
  }
}

}  // namespace scx_pair
