// SPDX-License-Identifier: GPL-2.0-only
#include "host/urgency.h"

#include <sched.h>

namespace scx_pair {

Urgency::Urgency() {
  sched_param before{};
  const int policy = sched_getscheduler(0);
  if (policy < 0 || sched_getparam(0, &before) != 0) return;
  const sched_param least{.sched_priority = sched_get_priority_min(SCHED_FIFO)};
  if (sched_setscheduler(0, SCHED_FIFO, &least) != 0) return;
  policy_ = policy;
  priority_ = before.sched_priority;
}

Urgency::~Urgency() {
  if (policy_ < 0) return;
  const sched_param before{.sched_priority = priority_};
  sched_setscheduler(0, policy_, &before);
}

}  // namespace scx_pair
