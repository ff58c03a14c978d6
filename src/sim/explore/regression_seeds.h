// SPDX-License-Identifier: GPL-2.0-only
//
// Random models in which the explorer once convicted the scheduler.
#pragma once

#include "base/types.h"
#include "sim/explore/execution.h"

namespace scx_pair {

enum class Judged : u8 { kAll, kBreaches };

struct Found {
  u64 seed;
  Grain grain;
  Judged judged;
  const char* what;  // happened here once
};

inline constexpr Found kFoundOnce[] = {
    {6, Grain::kMemory, Judged::kAll,
     "a real-time task became an ordinary one where it ran, and its seat was spared for ever"},
    {41, Grain::kMemory, Judged::kAll,
     "the same, with the sibling joined to it as to a real-time task"},
    {88, Grain::kMemory, Judged::kAll,
     "a kernel thread preempted the owner, and a cpu that rested for want of work was not told"},
    {113, Grain::kMemory, Judged::kAll,
     "a cpu looked for ever, because more domains waited than it tried and none had work for it"},
    {11, Grain::kMemory, Judged::kAll, "a burst of wakeups was sent to one and the same cpu"},
    {38, Grain::kMemory, Judged::kAll,
     "who had joined a real-time task stayed, with nobody beside it, when that had left"},
    {110, Grain::kMemory, Judged::kAll,
     "a turn was opened for a task whose one cpu ran a kernel thread"},
    {213, Grain::kMemory, Judged::kAll,
     "a cpu was blocked by a claim, and not told when that was given up"},
    {445, Grain::kMemory, Judged::kAll,
     "a cpu was told of a task, took another, and the queue's first could not be passed on"},
    {662, Grain::kMemory, Judged::kAll,
     "a real-time task was moved to a domain, whose others did not know that they may join it"},
    {760, Grain::kMemory, Judged::kAll, "a cpu was told of two domains, and forgot the first"},
    {830, Grain::kMemory, Judged::kAll,
     "the simulator's own: an affinity without an active cpu was accepted"},
    {5873, Grain::kMemory, Judged::kAll,
     "two cpus that had opened turns for a third woke each other until it came"},
    {20452, Grain::kMemory, Judged::kAll,
     "a cpu was woken with its pair's marks taken, and what it found was for its sibling only"},
    {20765, Grain::kMemory, Judged::kAll,
     "a cpu told of a task had to let another domain in, and looked for a seat in its own pair"},
    {30011, Grain::kMemory, Judged::kAll,
     "a task became a real-time one where it ran, and its sibling waited for it to leave"},
    {30433, Grain::kMemory, Judged::kAll,
     "the same, and once it was an ordinary one again it stayed beside another domain"},
    {30604, Grain::kMemory, Judged::kAll,
     "a kernel thread was sent away because of a window between its siblings"},
    {40378, Grain::kMemory, Judged::kAll, "as in 20452"},
    {50332, Grain::kMemory, Judged::kAll,
     "a guest had inherited the turn, and the seat that had let it was not offered to join it"},
    {90126, Grain::kMemory, Judged::kAll,
     "seats told each other of the domain of a real-time task that another's task waited below"},
    {90129, Grain::kMemory, Judged::kAll,
     "a seat went to rest while its sibling switched to what it had claimed, and did not see it"},
    {91115, Grain::kMemory, Judged::kAll,
     "two seats told each other of a domain that a third was about to switch to"},
    {110283, Grain::kMemory, Judged::kAll,
     "who was let in beside a real-time task while the pair drained stayed when that had left"},
    {71108, Grain::kSync, Judged::kAll, "as in 91115, between two domains that had met"},
    {71321, Grain::kSync, Judged::kAll,
     "a cpu was told of a task, a kernel thread took it, and the pair's marks were gone"},
    {72824, Grain::kSync, Judged::kAll,
     "a turn opened for a third cpu was closed by the first, which then opened it anew"},
    {174264, Grain::kSync, Judged::kAll,
     "the simulator's own: a task on its way between two runqueues was taken for one that is on "
     "one"},
    {175310, Grain::kSync, Judged::kAll,
     "a turn was opened for a cpu that took a kernel thread, and work in another's lane waited"},
    {151399, Grain::kSync, Judged::kAll,
     "the claim of a task that was kept became that of a kernel thread it made room for"},
    {5651, Grain::kSync, Judged::kAll,
     "a seat whose zone had only domains without tasks left did not look into the other zones"},
    {20912, Grain::kSync, Judged::kAll,
     "as in 5651, while something was arriving, so that they could not leave the heap"},
    {1006091, Grain::kSync, Judged::kAll,
     "so many domains without tasks left the heap that the look did not go on to those behind"},
    {1201992, Grain::kSync, Judged::kAll,
     "a waker was refused a seat while two domains met there, and nobody looked when they parted"},
    {3301217, Grain::kSync, Judged::kAll,
     "a cgroup was throttled by a limit that all cpus together cannot reach"},
    {3300416, Grain::kSync, Judged::kAll,
     "who waited longest was shown instead of another, which no look saw then"},
    {1000176, Grain::kSync, Judged::kAll,
     "the simulator's own: it looked through ticks that nobody waited for any more, for minutes"},
    {595, Grain::kMemory, Judged::kBreaches, "two domains met; the cause was not looked for"},
    {709, Grain::kMemory, Judged::kBreaches,
     "a seat that was no longer real-time was spared by a deadline task of another domain"},
    {925, Grain::kMemory, Judged::kBreaches, "two domains met; the cause was not looked for"},
    {326, Grain::kSync, Judged::kBreaches, "two domains met; the cause was not looked for"},
    {595, Grain::kSync, Judged::kBreaches, "two domains met; the cause was not looked for"},
    {925, Grain::kSync, Judged::kBreaches, "two domains met; the cause was not looked for"},
    {1052, Grain::kSync, Judged::kBreaches, "two domains met; the cause was not looked for"},
    {1075, Grain::kSync, Judged::kBreaches, "a cpu looked for ever, as in 113"},
    {1120, Grain::kSync, Judged::kBreaches, "a cpu looked for ever, as in 113"},
    {1468, Grain::kSync, Judged::kBreaches, "two domains met; the cause was not looked for"},
    {1547, Grain::kSync, Judged::kBreaches, "a cpu looked for ever, as in 113"},
    {2118, Grain::kSync, Judged::kBreaches, "a cpu looked for ever, as in 113"},
    {2273, Grain::kSync, Judged::kBreaches,
     "of two higher-class tasks on three seats only the first sent the others away"},
    {2331, Grain::kSync, Judged::kBreaches, "two domains met; the cause was not looked for"},
    {2366, Grain::kSync, Judged::kBreaches, "two domains met; the cause was not looked for"},
    {2733, Grain::kSync, Judged::kBreaches, "two domains met; the cause was not looked for"},
    {2873, Grain::kSync, Judged::kBreaches, "two domains met; the cause was not looked for"},
    {1432199, Grain::kMemory, Judged::kBreaches,
     "two seats told each other for ever of a domain that had used up its limit"},
};

}  // namespace scx_pair
