// SPDX-License-Identifier: GPL-2.0-only
#include "sim/kernel/dispatch_queue.h"

#include "sim/kernel/task.h"

namespace scx_pair {

// time_before64() on the virtual time; equals stay in the order in which they came.
bool EarlierVtime::operator()(const Task* a, const Task* b) const {
  const auto difference = static_cast<s64>(a->queued_vtime - b->queued_vtime);
  return difference != 0 ? difference < 0 : a->dsq_seq < b->dsq_seq;
}

Task* next_task(const DispatchQueue& dsq, const Link& place) {
  const Link* link = place.next;
  while (link != &dsq.list && link->task == nullptr) link = link->next;
  return link == &dsq.list ? nullptr : link->task;
}

Task* previous_task(const DispatchQueue& dsq, const Link& place) {
  const Link* link = place.prev;
  while (link != &dsq.list && link->task == nullptr) link = link->prev;
  return link->task;
}

Task* first_task(const DispatchQueue& dsq) {
  return next_task(dsq, dsq.list);
}

namespace {

void queue_by_vtime(DispatchQueue& dsq, Task& task) {
  task.queued_vtime = task.kernel.scx.dsq_vtime;
  if (task.tree_node.empty()) {
    task.tree_place = dsq.tree.insert(&task).first;
  } else {
    task.tree_place = dsq.tree.insert(std::move(task.tree_node)).position;
  }
  task.on_tree = true;
  if (task.tree_place == dsq.tree.begin()) {
    dsq.list.push_front(task.dsq_link);
  } else {
    task.dsq_link.insert_after((*std::prev(task.tree_place))->dsq_link);
  }
}

}  // namespace

void queue_task(DispatchQueue& dsq, Task& task, QueuePlace place) {
  check(task.dsq == nullptr && !task.dsq_link.linked(), "a task is in one queue at a time");
  task.dsq_seq = ++dsq.seq;
  task.dsq = &dsq;
  dsq.nr++;
  switch (place) {
    case QueuePlace::kByVtime:
      queue_by_vtime(dsq, task);
      break;
    case QueuePlace::kHead:
      dsq.list.push_front(task.dsq_link);
      break;
    case QueuePlace::kTail:
      dsq.list.push_back(task.dsq_link);
      break;
  }
}

void unqueue_task(DispatchQueue& dsq, Task& task) {
  check(task.dsq == &dsq && task.dsq_link.linked(), "a task leaves the queue it is in");
  if (task.on_tree) {
    task.tree_node = dsq.tree.extract(task.tree_place);
    task.on_tree = false;
  }
  task.dsq_link.unlink();
  task.dsq = nullptr;
  dsq.nr--;
}

}  // namespace scx_pair
