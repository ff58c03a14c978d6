// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "audit/verdict.h"

namespace scx_pair {

// What a report says beside the verdict; the caller knows it, the judge does not.
struct ReportContext {
  std::string scheduler;              // who was judged, in words
  std::map<u64, std::string> paths;   // domain to the path of its cgroup, where known
  std::optional<int> command_status;  // exit status of the command, where there was one
  bool scheduler_was_first = false;   // it was loaded before the audit was attached
  std::vector<std::string> notes{};   // what the audit could not see, a sentence each
  bool ansi = false;                  // colours in the timeline
};

// "/a/b", printable, or "cgroup 1234" when the cgroup is gone.
std::string domain_name(const ReportContext& context, u64 domain);

// "0 ns", "12.3 us", "4.56 ms", "1.23 s".
std::string duration_text(u64 duration_ns);

// The tables for a person, without the last line.
std::string report_text(const Verdict& verdict, const ReportContext& context);

// The last line, for scripts: "verdict: kept violation_ns=0 ...", without a newline.
std::string verdict_line(const Verdict& verdict);

// One JSON object, as docs/audit-json.md describes it, without a newline.
std::string report_json(const Verdict& verdict, const ReportContext& context);

const char* ruling_name(Ruling ruling);

}  // namespace scx_pair
