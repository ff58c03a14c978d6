// SPDX-License-Identifier: GPL-2.0-only
//
// Where an execution can go on in several ways, and who says which. An execution is a function of
// its model, its scheduler and these choices.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/types.h"
#include "sim/kernel/event_queue.h"

namespace scx_pair {

// One way to go on: a cpu's activity is continued, or a cpu begins one with an event.
struct Option {
  u32 cpu = 0;
  bool begins = false;
  Event event{};  // if it begins
};

// Option 0 is what happens by itself: the running activity goes on; if none runs, the cpu with the
// earliest event begins.
struct Decision {
  u64 number = 0;  // decisions of an execution are counted from 0
  const std::vector<Option>& options;
  bool running = false;  // option 0 goes on with the activity that has just run
  u64 state = 0;         // hash of all that matters for what can follow, if it is wanted
};

class Chooser {
 public:
  virtual ~Chooser() = default;
  // An index into the options; nothing: the execution need not go on.
  virtual std::optional<size_t> choose(const Decision& decision) = 0;
  [[nodiscard]] virtual bool wants_state() const { return false; }
};

// The decisions at which an execution did not take option 0, by their number.
using Deviations = std::map<u64, size_t>;

// "12.1,40.2", and "-" for none.
std::string text_of(const Deviations& deviations);
std::optional<Deviations> parse_deviations(const std::string& text);

// Does as it was told, and what happens by itself everywhere else.
class Replayer : public Chooser {
 public:
  explicit Replayer(Deviations deviations) : deviations_(std::move(deviations)) {}
  std::optional<size_t> choose(const Decision& decision) override {
    const auto told = deviations_.find(decision.number);
    if (told == deviations_.end() || told->second >= decision.options.size()) return 0;
    return told->second;
  }

 private:
  Deviations deviations_;
};

}  // namespace scx_pair
