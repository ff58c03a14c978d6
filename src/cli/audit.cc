// SPDX-License-Identifier: GPL-2.0-only
#include "cli/audit.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <memory>
#include <optional>
#include <utility>

#include "audit/judge.h"
#include "audit/report.h"
#include "audit/timeline.h"
#include "cli/audit_recorder.h"
#include "cli/groups.h"
#include "host/audit_probe.h"
#include "host/cgroup_paths.h"
#include "host/command.h"
#include "host/signals.h"
#include "host/text_file.h"

namespace scx_pair {
namespace {

constexpr const char* kSysfs = "/sys";
constexpr double kDefaultSeconds = 10;
// How often to look whether the command has ended.
constexpr std::chrono::milliseconds kCommandLook{50};
// How late a record may become readable after its time was taken. Records wait that long in the
// judge's memory; on a host that starves a virtual cpu it does take this long.
constexpr u64 kReorderNs = 500'000'000;
constexpr std::chrono::milliseconds kSettle{50};
// The window opens no sooner than so long after the probe was attached.
constexpr u64 kProofNs = 500'000'000;

u64 ns_of(double seconds) {
  return static_cast<u64>(std::llround(seconds * 1e9));
}

std::filesystem::path sched_ext() {
  return std::filesystem::path(kSysfs) / "kernel/sched_ext";
}

bool has_sched_ext_scheduler() {
  return read_text(sched_ext() / "state") == "enabled";
}

std::string scheduler_name() {
  if (!has_sched_ext_scheduler()) return "the kernel's own scheduler";
  return read_text(sched_ext() / "root/ops").value_or("a sched_ext scheduler") + " (sched_ext)";
}

// When the window ends, if it has an end that is known beforehand.
std::optional<u64> planned_end_ns(const AuditOptions& options, u64 start_ns) {
  if (options.seconds > 0) return start_ns + ns_of(options.seconds);
  if (!options.command.empty()) return std::nullopt;
  return start_ns + ns_of(kDefaultSeconds);
}

JudgeConfig judge_config(const AuditOptions& options, const Topology& topology, u64 start_ns) {
  JudgeConfig config{.pairs = {},
                     .window_start_ns = start_ns,
                     .move_bound_ns = ns_of(options.move_bound_ms / 1e3),
                     .higher_bound_ns = ns_of(options.higher_bound_ms / 1e3),
                     .tasks_max = options.tasks,
                     .timeline_ns = ns_of(options.timeline_ms / 1e3),
                     .timeline_pair = options.timeline_pair};
  for (const Pair& pair : topology.pairs()) config.pairs.push_back(pair.cpus);
  return config;
}

// Feeds the judge until the window ends: by time, by the command's end or by a signal. The value is
// the end of the window. The judge is a task like any other, and in the way of those it watches: it
// reads only when there is a lot to read, which in a short window is never.
Result<u64> watch(AuditProbe& probe, const AuditProbe::Sink& sink, Judge& judge, StopSignals& stop,
                  Command* command, std::optional<u64> end_ns) {
  while (true) {
    const u64 now_ns = AuditProbe::now_ns();
    if (probe.is_filling()) {
      Status drained = probe.drain(sink);
      if (!drained) return std::move(drained.error());
      judge.advance(now_ns - std::min(now_ns, kReorderNs));
    }
    if (end_ns && now_ns >= *end_ns) return *end_ns;
    if (command != nullptr && command->poll()) return now_ns;
    std::chrono::milliseconds nap = probe.look_every();
    if (command != nullptr) nap = std::min(nap, kCommandLook);
    if (end_ns) nap = std::min(nap, std::chrono::milliseconds((*end_ns - now_ns) / 1'000'000 + 1));
    if (stop.wait_for(nap)) return std::min(AuditProbe::now_ns(), end_ns.value_or(~u64{0}));
  }
}

// What a run leaves behind for the report.
struct Audited {
  Verdict verdict;
  ReportContext context;
};

// What the recording's reader has to know beside the records.
RecordingInfo recording_info(const JudgeConfig& config, u64 end_ns, const Audited& audited) {
  return {.pairs = config.pairs,
          .start_ns = config.window_start_ns,
          .end_ns = end_ns,
          .lost = audited.verdict.lost,
          .kernel = {},
          .paths = audited.context.paths,
          .weights = {}};
}

Result<Audited> audit(const AuditOptions& options, const Topology& topology, StopSignals& stop,
                      AuditRecorder* recorder) {
  Audited audited;
  add_cgroup_paths(kCgroupRoot, audited.context.paths);
  audited.context.scheduler_was_first = has_sched_ext_scheduler();
  auto probe = AuditProbe::attach(topology.cpu_ids());
  if (!probe) return std::move(probe.error());
  const auto [settled_ns, start_ns] = audit_start(AuditProbe::now_ns(), ns_of(options.warmup));
  const JudgeConfig config = judge_config(options, topology, start_ns);
  Judge judge(config);
  const AuditProbe::Sink sink = [&judge, recorder](const switch_record& record) {
    judge.add(record);
    if (recorder != nullptr) recorder->add(record);
  };

  auto end_ns = watch(*probe, sink, judge, stop, nullptr, settled_ns);
  if (!end_ns) return std::move(end_ns.error());
  std::optional<Command> command;
  if (!options.command.empty() && *end_ns == settled_ns) {
    auto started = Command::start(options.command, options.json);
    if (!started) return std::move(started.error());
    command.emplace(std::move(*started));
  }
  // Cgroups that are removed before the window ends still have their names when it begins.
  Command* const running = command ? &*command : nullptr;
  if (*end_ns == settled_ns) end_ns = watch(*probe, sink, judge, stop, running, start_ns);
  if (!end_ns) return std::move(end_ns.error());
  add_cgroup_paths(kCgroupRoot, audited.context.paths);
  if (*end_ns == start_ns) {
    end_ns = watch(*probe, sink, judge, stop, running, planned_end_ns(options, start_ns));
    if (!end_ns) return std::move(end_ns.error());
  }
  audited.context.scheduler = scheduler_name();
  add_cgroup_paths(kCgroupRoot, audited.context.paths);

  // A record with a time before the end may still be on its way.
  stop.wait_for(kSettle);
  Status drained = probe->drain(sink);
  if (!drained) return std::move(drained.error());
  auto lost = probe->lost();
  if (!lost) return std::move(lost.error());
  audited.verdict = judge.finish(*end_ns, *lost);
  audited.verdict.sees_moves = probe->sees_moves();
  audited.context.notes = probe->notes();
  if (command) audited.context.command_status = command->end();
  if (recorder != nullptr) {
    Status written = recorder->finish(recording_info(config, *end_ns, audited), kCgroupRoot);
    if (!written) return std::move(written.error());
  }
  return audited;
}

size_t timeline_columns(const AuditOptions& options) {
  constexpr size_t kLabel = 10;
  constexpr size_t kDefault = 100;
  if (options.columns > 0) return options.columns;
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kDefault - kLabel;
  return std::clamp<size_t>(size.ws_col, 40, 200) - kLabel;
}

void print(const AuditOptions& options, Audited& audited) {
  const Verdict& verdict = audited.verdict;
  ReportContext& context = audited.context;
  if (options.json) {
    fmt::print("{}\n", report_json(verdict, context));
    return;
  }
  context.ansi = isatty(STDOUT_FILENO) == 1;
  if (verdict.timeline) {
    fmt::print("{}\n", timeline_text(*verdict.timeline, context, timeline_columns(options)));
  }
  fmt::print("{}\n{}\n", report_text(verdict, context), verdict_line(verdict));
}

}  // namespace

AuditStart audit_start(u64 attached_ns, u64 warmup_ns) {
  const u64 settled_ns = attached_ns + kProofNs - std::min(kProofNs, warmup_ns);
  return {.command_ns = settled_ns, .window_ns = settled_ns + warmup_ns};
}

ExitCode exit_code_of(Ruling ruling) {
  switch (ruling) {
    case Ruling::kKept:
      return ExitCode::kOk;
    case Ruling::kNothing:
      return ExitCode::kNothing;
    case Ruling::kBroken:
    case Ruling::kInconclusive:
      break;
  }
  return ExitCode::kBroken;
}

Result<ExitCode> run_audit(const AuditOptions& options) {
  auto groups = read_groups(options.groups, kSysfs);
  if (!groups) return std::move(groups.error());
  const size_t pairs = groups->topology.pairs().size();
  if (options.timeline_pair >= pairs) {
    return Error{ExitCode::kUsage, fmt::format("--timeline-pair: {} is not accepted; it takes a "
                                               "number from 0 to {}, for this machine",
                                               options.timeline_pair, pairs - 1)};
  }
  std::unique_ptr<AuditRecorder> recorder;
  if (!options.record.empty()) {
    auto created = AuditRecorder::create(options.record);
    if (!created) return std::move(created.error());
    recorder = std::move(*created);
  }
  auto stop = StopSignals::create();
  if (!stop) return std::move(stop.error());
  auto audited = audit(options, groups->topology, *stop, recorder.get());
  if (!audited) return std::move(audited.error());
  print(options, *audited);
  if (std::fflush(stdout) != 0) return Error{ExitCode::kInternal, "the report cannot be written"};
  return exit_code_of(audited->verdict.ruling);
}

}  // namespace scx_pair
