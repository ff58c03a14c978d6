// SPDX-License-Identifier: GPL-2.0-only
#include "audit/timeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "base/check.h"
#include "base/hostile_text.h"

namespace scx_pair {
namespace {

constexpr const char* kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijlmnopqstuvwxyz";
constexpr size_t kLettersMax = 50;
constexpr std::array kColours = {"\033[34;1m", "\033[33m", "\033[32m",
                                 "\033[35m",   "\033[36m", "\033[37m"};
constexpr const char* kAlarm = "\033[31;1m";
constexpr const char* kPlain = "\033[0m";

using Letters = std::map<u64, char>;

Letters assign_letters(const TimelineCapture& timeline, const ReportContext& context) {
  std::set<std::pair<std::string, u64>> named;
  for (const auto& spans : timeline.spans) {
    for (const TimelineSpan& span : spans) {
      if (span.task_class >= CLASS_HIGHER) {
        named.emplace(domain_name(context, span.domain), span.domain);
      }
    }
  }
  Letters letters;
  size_t next = 0;
  for (const auto& [name, domain] : named) {
    if (domain == ROOT_DOMAIN) {
      letters[domain] = 'r';
    } else {
      letters[domain] = next < kLettersMax ? kLetters[next++] : '?';
    }
  }
  return letters;
}

char symbol_of(const TimelineSpan& span, const Letters& letters) {
  if (span.task_class == CLASS_IDLE) return '.';
  if (span.task_class == CLASS_KERNEL) return 'k';
  return letters.at(span.domain);
}

// Calls visit(column, time) for every column the span touches, with its time in it.
template <typename Visit>
void for_each_column(const TimelineSpan& span, u64 length_ns, size_t columns, Visit visit) {
  const auto start_of = [&](size_t column) { return length_ns * column / columns; };
  size_t column = static_cast<size_t>(span.begin_ns * columns / length_ns);
  for (; column < columns && start_of(column) < span.end_ns; ++column) {
    const u64 begin_ns = std::max(span.begin_ns, start_of(column));
    const u64 end_ns = std::min(span.end_ns, start_of(column + 1));
    if (end_ns > begin_ns) visit(column, end_ns - begin_ns);
  }
}

std::string cpu_row(const std::vector<TimelineSpan>& spans, u64 length_ns, size_t columns,
                    const Letters& letters) {
  std::vector<std::map<char, u64>> shares(columns);
  for (const TimelineSpan& span : spans) {
    const char symbol = symbol_of(span, letters);
    for_each_column(span, length_ns, columns,
                    [&](size_t column, u64 time_ns) { shares[column][symbol] += time_ns; });
  }
  std::string row;
  for (const auto& share : shares) {
    const auto most =
        std::ranges::max_element(share, {}, [](const auto& one) { return one.second; });
    row += most != share.end() ? most->first : ' ';
  }
  return row;
}

std::string alarm_row(const TimelineCapture& timeline, size_t columns) {
  std::string row(columns, ' ');
  for (const TimelineSpan& span : timeline.violations) {
    for_each_column(span, timeline.length_ns, columns,
                    [&](size_t column, u64) { row[column] = '!'; });
  }
  return row;
}

std::string colour_of(char symbol) {
  if (symbol == '!') return kAlarm;
  const std::string_view letters(kLetters);
  const size_t index = letters.find(symbol);
  return index != std::string_view::npos ? kColours[index % kColours.size()] : "";
}

std::string coloured(const std::string& row, bool ansi) {
  if (!ansi) return row;
  std::string out;
  std::string current;
  for (const char symbol : row) {
    const std::string colour = colour_of(symbol);
    if (colour != current) out += colour.empty() ? kPlain : kPlain + colour;
    current = colour;
    out += symbol;
  }
  return out + kPlain;
}

}  // namespace

std::string timeline_text(const TimelineCapture& timeline, const ReportContext& context,
                          size_t columns) {
  check(columns > 0, "a timeline has at least one column");
  if (timeline.length_ns == 0) return "timeline: nothing was seen\n";
  const Letters letters = assign_letters(timeline, context);
  std::string out =
      fmt::format("{} of cpus {} under {}, a column is {}\n", duration_text(timeline.length_ns),
                  fmt::join(timeline.cpus, " and "), printable(context.scheduler),
                  duration_text(timeline.length_ns / columns));
  auto to = std::back_inserter(out);
  for (size_t seat = 0; seat < timeline.cpus.size(); ++seat) {
    const std::string row = cpu_row(timeline.spans[seat], timeline.length_ns, columns, letters);
    fmt::format_to(to, "cpu {:<4} {}\n", timeline.cpus[seat], coloured(row, context.ansi));
  }
  const std::string alarm = alarm_row(timeline, columns);
  const auto alarms = std::ranges::count(alarm, '!');
  fmt::format_to(to, "shared   {}\n", alarms > 0 ? coloured(alarm, context.ansi) : "never");
  std::map<char, std::string> legend;
  for (const auto& [domain, letter] : letters) legend[letter] = domain_name(context, domain);
  out += "        ";
  for (const auto& [letter, name] : legend) {
    fmt::format_to(to, " {} {} ", coloured(std::string(1, letter), context.ansi), name);
  }
  fmt::format_to(to, " . idle  k kernel thread  {} two domains at once\n",
                 coloured("!", context.ansi));
  return out;
}

}  // namespace scx_pair
