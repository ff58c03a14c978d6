// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "audit/report.h"
#include "audit/verdict.h"

namespace scx_pair {

// Draws who was on the cpus of one pair: a row a cpu, a letter a domain, '.' idle, 'k' a kernel
// thread, and below them '!' under every column in which two ordinary tasks of different domains
// ran at the same time. A column shows what took most of it; '!' needs no more than an instant.
// Letters go by the path of the domain, so that two drawings of the same workload agree; the root
// domain is 'r'. `columns` is the width of a row without its label. Requires: columns > 0.
std::string timeline_text(const TimelineCapture& timeline, const ReportContext& context,
                          size_t columns);

}  // namespace scx_pair
