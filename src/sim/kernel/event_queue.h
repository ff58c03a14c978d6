// SPDX-License-Identifier: GPL-2.0-only
//
// What will happen, in the order in which it will: by time, and of equal times the one that was
// announced first.
#pragma once

#include <stddef.h>

#include <vector>

#include "base/types.h"

namespace scx_pair {

struct Task;

// Where an event names a version, it is void if the thing it is about has moved on since.
enum class EventKind : u8 {
  kStep,       // the step of the task that runs on the cpu is over; version: Cpu::step_version
  kTick,       // version: Cpu::tick_version
  kIrqWork,    // kicks that were asked for on this cpu are sent
  kResched,    // a rescheduling interrupt arrives
  kWake,       // a sleeping task's timer fires; version: Task::timer_version
  kStart,      // a new task becomes runnable for the first time
  kBpfTimer,   // subject: index of the timer; version: of its arming
  kReplenish,  // a deadline task gets its runtime back; version: Task::timer_version
  kThrottle,   // a deadline task has used it up; version: Cpu::step_version
  kWatchdog,
  kFault,    // subject: index of the fault
  kUndo,     // subject: index of what has to be undone
  kLoading,  // the loading or unloading of the scheduler goes on
};

struct Event {
  u64 time_ns = 0;
  u64 sequence = 0;
  u64 version = 0;
  Task* task = nullptr;
  u32 cpu = 0;  // on which it happens
  u32 subject = 0;
  EventKind kind = EventKind::kStep;

  [[nodiscard]] bool before(const Event& other) const {
    return time_ns != other.time_ns ? time_ns < other.time_ns : sequence < other.sequence;
  }
};

// A heap of four children a node: shallow, and its children share a cache line or two.
class EventQueue {
 public:
  [[nodiscard]] bool empty() const { return heap_.empty(); }
  [[nodiscard]] size_t size() const { return heap_.size(); }
  [[nodiscard]] const Event& first() const { return heap_.front(); }
  // In no order worth knowing, but the first is first().
  [[nodiscard]] const std::vector<Event>& all() const { return heap_; }

  void push(Event event);
  Event pop();

  // Takes out the event of this sequence number, for whoever chooses the order himself. Requires:
  // it is there.
  Event take(u64 sequence);

  // Drops the events that are void, if so many have come since the last time that they could be
  // most of them: who looks through all of them must not look through what has long been
  // forgotten.
  template <typename IsVoid>
  void drop_void(const IsVoid& is_void) {
    if (heap_.size() < crowded_) return;
    std::erase_if(heap_, is_void);
    for (size_t place = heap_.size(); place > 0; place--) sift_down(place - 1);
    crowded_ = 2 * heap_.size() + kCrowdedLeast;
  }

  // Puts back an event as it was taken out, with its old place in the order.
  void put_back(const Event& event);

 private:
  static constexpr size_t kChildren = 4;
  static constexpr size_t kCrowdedLeast = 16;

  Event take_from(size_t place);
  void sift_up(size_t place);
  void sift_down(size_t place);

  std::vector<Event> heap_;
  u64 sequence_ = 0;
  size_t crowded_ = kCrowdedLeast;
};

}  // namespace scx_pair
