// SPDX-License-Identifier: GPL-2.0-only
#include "sim/kernel/event_queue.h"

#include <algorithm>

#include "base/check.h"

namespace scx_pair {

void EventQueue::push(Event event) {
  event.sequence = sequence_++;
  put_back(event);
}

void EventQueue::put_back(const Event& event) {
  heap_.push_back(event);
  sift_up(heap_.size() - 1);
}

Event EventQueue::pop() {
  check(!heap_.empty(), "there is an event to take");
  return take_from(0);
}

Event EventQueue::take(u64 sequence) {
  const auto found = std::find_if(heap_.begin(), heap_.end(), [sequence](const Event& event) {
    return event.sequence == sequence;
  });
  check(found != heap_.end(), "the event that is taken is announced");
  return take_from(static_cast<size_t>(found - heap_.begin()));
}

Event EventQueue::take_from(size_t place) {
  const Event taken = heap_[place];
  heap_[place] = heap_.back();
  heap_.pop_back();
  if (place == heap_.size()) return taken;
  // The last one belongs further down, or, if it is of another branch, further up.
  sift_down(place);
  sift_up(place);
  return taken;
}

void EventQueue::sift_up(size_t place) {
  const Event event = heap_[place];
  while (place > 0) {
    const size_t parent = (place - 1) / kChildren;
    if (!event.before(heap_[parent])) break;
    heap_[place] = heap_[parent];
    place = parent;
  }
  heap_[place] = event;
}

void EventQueue::sift_down(size_t place) {
  const Event event = heap_[place];
  for (;;) {
    const size_t first_child = place * kChildren + 1;
    if (first_child >= heap_.size()) break;
    const size_t end = std::min(first_child + kChildren, heap_.size());
    size_t least = first_child;
    for (size_t child = first_child + 1; child < end; child++) {
      if (heap_[child].before(heap_[least])) least = child;
    }
    if (!heap_[least].before(event)) break;
    heap_[place] = heap_[least];
    place = least;
  }
  heap_[place] = event;
}

}  // namespace scx_pair
