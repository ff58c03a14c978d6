# SPDX-License-Identifier: GPL-2.0-only
"""What is promised of the table's rows, as numbers."""

NS_PER_MS = 1_000_000
NS_PER_S = 1_000_000_000

BUSY_AT_LEAST = 0.95
HACKBENCH_AT_MOST = 1.25
LATENCY_AT_MOST = 2.0
INTERACTIVE_AT_MOST = 1.5
PINNED_GAP_NS_MAX = NS_PER_S
PINNED_USED_AT_LEAST = 0.56
CHURN_AT_LEAST = 0.5
SPINNERS_AT_MOST = 0.75
STRANGERS_AT_LEAST = 0.99
STRANGERS_ON_SLOW_HOST = 0.9
OVERLAP_AT_MOST = 0.5

# A share is as it should be within so much of all cpu time, and within so much of itself.
SHARE_WITHIN = 0.02
SHARE_WITHIN_RELATIVE = 0.05
RATIO_WITHIN = 0.05
MANY_WAIT_NS_MAX = 100 * NS_PER_MS
QUOTA_WITHIN = 0.05
REST_AT_LEAST = 0.9
# Siblings that exclude each other leave some time unused; more than this of it is no excuse.
REST_EXCUSED = 0.05
LEFTOVER_AT_MOST = 0.03
CROWDED_AT_MOST = 0.05
# Of two tasks that run 80 % of the time each, both run for 64 % of it; if they hardly ever do,
# nothing was measured.
PARALLEL_AT_LEAST = 0.3

# A task that has shown no sign of life for this long, of a row of seconds, counts as lost.
LOST_GAP_NS = 5 * NS_PER_S
