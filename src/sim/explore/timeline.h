// SPDX-License-Identifier: GPL-2.0-only
//
// An execution, to be read by a person: a row for everything that happens, a column for every cpu.
#pragma once

#include <string>
#include <vector>

#include "sim/explore/execution.h"

namespace scx_pair {

class Timeline : public Audience {
 public:
  explicit Timeline(const Scenario& scenario);

  void on_begin(u32 cpu, const Event& event) override;
  void on_end(u32 cpu) override;
  void on_change(u32 from, u32 to) override;
  void on_wait(u32 cpu) override;
  void on_record(const switch_record& record) override;
  void on_kick(u64 time_ns, u32 from, u32 to, bool preempt) override;
  void on_callback(Callback callback, u32 cpu, bool begins) override;

  // The last rows, with a headline; all of them if `rows_max` is 0.
  [[nodiscard]] std::string text(size_t rows_max = 0) const;

 private:
  struct Row {
    u64 time_ns = 0;
    u32 cpu = 0;
    std::string what;
  };

  [[nodiscard]] std::string domain_name(u64 domain) const;
  void add(u32 cpu, std::string what);

  std::vector<std::string> domains_;  // names by id
  u32 cpus_;
  u64 now_ns_ = 0;
  std::vector<Row> rows_;
};

}  // namespace scx_pair
