// SPDX-License-Identifier: GPL-2.0-only
#include "sim/kernel/event_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "sim/random.h"

namespace scx_pair {
namespace {

constexpr u64 kEvents = 300;

Event at(u64 time_ns) {
  Event event;
  event.time_ns = time_ns;
  return event;
}

// Times of which several are equal.
EventQueue filled(u64 seed) {
  Random random(seed, 1);
  EventQueue queue;
  for (u64 i = 0; i < kEvents; i++) queue.push(at(random.below(kEvents / 3)));
  return queue;
}

bool is_odd(const Event& event) {
  return event.time_ns % 2 != 0;
}

std::vector<Event> drained(EventQueue& queue) {
  std::vector<Event> events;
  while (!queue.empty()) events.push_back(queue.pop());
  return events;
}

void expect_in_order(const std::vector<Event>& events) {
  for (size_t i = 1; i < events.size(); i++) {
    EXPECT_TRUE(events[i - 1].before(events[i])) << "event " << i;
  }
}

TEST(EventQueue, GivesEventsInTheOrderOfTimeWhateverIsTakenFromTheMiddle) {
  for (u64 seed = 1; seed <= 20; seed++) {
    EventQueue queue = filled(seed);
    Random random(seed, 2);
    for (u64 i = 0; i < kEvents / 2; i++) {
      const u64 sequence = queue.all()[random.below(queue.size())].sequence;
      EXPECT_EQ(queue.take(sequence).sequence, sequence);
    }
    const std::vector<Event> events = drained(queue);
    EXPECT_EQ(events.size(), kEvents - kEvents / 2);
    expect_in_order(events);
  }
}

TEST(EventQueue, DropsWhatIsVoidAndKeepsTheOrderOfTheRest) {
  for (u64 seed = 1; seed <= 20; seed++) {
    EventQueue queue = filled(seed);
    queue.drop_void(is_odd);
    const std::vector<Event> events = drained(queue);
    EXPECT_GT(events.size(), 0U);
    EXPECT_LT(events.size(), kEvents);
    EXPECT_TRUE(std::none_of(events.begin(), events.end(), is_odd));
    expect_in_order(events);
  }
}

TEST(EventQueue, IsNeverMuchLongerThanWhatIsStillToCome) {
  EventQueue queue;
  for (u64 i = 0; i < 100; i++) queue.push(at(2 * i));
  for (u64 i = 0; i < 100'000; i++) {
    queue.drop_void(is_odd);
    queue.push(at(1));
    ASSERT_LE(queue.size(), 1'000U);
  }
}

}  // namespace
}  // namespace scx_pair
