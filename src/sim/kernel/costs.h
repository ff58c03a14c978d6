// SPDX-License-Identifier: GPL-2.0-only
//
// What callbacks, contended locks and shared cache lines cost, if the scenario says so (CostSpec).
//
// Events are handled one after the other, in the order of their time, and each is one cpu's doing.
// While one is handled, its cpu has a clock of its own, which begins at the event's time and runs
// on with all that costs something. A lock, a dispatch queue or a cache line serves one cpu at a
// time; each keeps a list of when it is taken, and a cpu that comes in such a stretch waits until
// the first gap that is long enough. What the clock has gone on by is charged to the cpu when the
// event is over: its task goes on later (schedule.cc), interrupts that it sent leave later, and
// events that are for it wait until it is done (Machine::step()).
//
// What this gets right: how much of what is asked for at one time a thing can serve, and so where
// a scheduler stops scaling, and on what; that cpus which wait ask for less; that one who is
// earlier in time goes first although his event is handled later. What it gets wrong:
//  - Of two cpus at one instant, the one whose event is handled later waits. Nobody's waiting
//    changes what somebody else decides: who gets a lock first does not depend on it, and no
//    decision is made on what the other one has changed meanwhile. The explorer is for that.
//  - The program's clock stands still while a callback runs.
//  - Only locks, queues and atomics cost something. Plain loads and stores of what others change
//    are part of CostSpec::callback_ns; so are the kernel's own locks and lines: runqueues, its
//    masks of idle cpus. How long a queue is makes no difference.
//  - A lock's own line and what it protects count as one, and lines next to it as others. Which
//    variables share a line is as the native compiler has put them; the one for BPF may differ.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "sim/cost_report.h"
#include "sim/kernel/bookings.h"
#include "sim/kernel/id_table.h"
#include "sim/scenario.h"

namespace scx_pair {

class CostMeter {
 public:
  CostMeter(const CostSpec& spec, const MachineShape& shape);

  // An event begins. `counts`: what happens now belongs into the report.
  void begin(u64 time_ns, bool counts);
  // What the event has cost since this was asked last.
  u64 take_uncharged();
  // The time on the clock of the cpu whose event it is, and how far it is past the event's.
  [[nodiscard]] u64 clock_ns() const { return clock_ns_; }
  [[nodiscard]] u64 elapsed_ns() const { return clock_ns_ - begun_ns_; }

  void note_callback();
  void note_switch() { report_.switches += counts_ ? 1 : 0; }
  // Takes a lock, once it is free. Requires: this cpu holds none.
  void take(u32 cpu, const volatile void* lock);
  void let_go();
  // Takes a dispatch queue's lock and lets it go.
  void use_queue(u32 cpu, u64 dsq_id);
  // An atomic operation on the line that holds the address.
  void change_line(u32 cpu, const volatile void* address);

  // `name_of` an address, as the program calls it.
  [[nodiscard]] CostReport report(u64 end_ns,
                                  const std::function<std::string(const void*)>& name_of) const;

 private:
  enum class Kind : u8 { kLock, kQueue, kLine };
  // What serves one cpu at a time.
  struct Thing {
    Kind kind = Kind::kLock;
    u64 key = 0;  // the address that was used first, or the queue's id
    u32 last_cpu = 0xffffffffU;
    Bookings bookings;
    ContendedThing counts;
  };
  using Table = IdTable<Thing>;

  Thing& thing_at(Table& table, u64 place, Kind kind, u64 key);
  // What it takes until the line is here that another cpu had last; 0 if none had.
  [[nodiscard]] u64 fetch_ns(const Thing& thing, u32 cpu) const;
  // Waits for a thing, which then is this cpu's for so long.
  void wait_for(Thing& thing, u32 cpu, u64 for_ns);
  void spend(u64 CostReport::* part, u64 ns);

  CostSpec spec_;
  std::vector<u32> sockets_;  // by cpu
  u64 from_ns_ = 0;           // when counting began
  bool counts_ = false;
  u64 begun_ns_ = 0;
  u64 charged_ns_ = 0;  // up to here of the clock
  u64 clock_ns_ = 0;
  Thing* held_ = nullptr;
  u64 held_until_ns_ = 0;  // as booked
  Table locks_;
  Table queues_;
  Table lines_;
  std::deque<Thing> things_;  // in the order of their first use
  CostReport report_;
};

}  // namespace scx_pair
