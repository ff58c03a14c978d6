// SPDX-License-Identifier: GPL-2.0-only
//
// Linked lists whose links live in what they link, like the kernel's list_head: O(1) everywhere and
// no allocation.
#pragma once

#include "base/check.h"

namespace scx_pair {

struct Task;

// One place in a list. A link without a task is a list's head or an iterator's cursor.
struct Link {
  Link* prev = this;
  Link* next = this;
  Task* task = nullptr;

  Link() = default;
  explicit Link(Task* owner) : task(owner) {}
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  [[nodiscard]] bool linked() const { return next != this; }

  // Requires: this link is in no list.
  void insert_after(Link& place) {
    check(!linked(), "a link is in one list at a time");
    prev = &place;
    next = place.next;
    place.next->prev = this;
    place.next = this;
  }
  void insert_before(Link& place) { insert_after(*place.prev); }

  void unlink() {
    prev->next = next;
    next->prev = prev;
    prev = this;
    next = this;
  }
};

// The head of a list of tasks.
struct List : Link {
  [[nodiscard]] bool empty() const { return !linked(); }
  void push_front(Link& link) { link.insert_after(*this); }
  void push_back(Link& link) { link.insert_before(*this); }
  [[nodiscard]] Task* first() const { return next->task; }
};

}  // namespace scx_pair
