/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Loops that the BPF verifier follows until nothing new comes of another round, instead of round by
 * round. That needs two things: a way out of the loop at every round whose taking nothing decides
 * (the instruction may_goto, which in practice is never taken), and a start that is not a constant.
 * Elsewhere they are ordinary loops.
 */
#pragma once

#include "base/types.h"

#ifdef __bpf__
static __attribute__((always_inline)) inline bool loop_goes_on(void) {
  asm volatile goto("may_goto %l[leave]" : : : : leave);
  return true;
leave:
  return false;
}
#else
static inline bool loop_goes_on(void) {
  return true;
}
#endif

/* Runs its body with @i from @nr - 1 down to 0. Requires: @nr is read from memory. An index into an
 * array still needs a mask, for the verifier to see its bound. */
#define for_each_below(i, nr) for (u32 i = (nr); loop_goes_on() && (i)-- > 0;) /* NOLINT */
