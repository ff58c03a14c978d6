# SPDX-License-Identifier: GPL-2.0-only
"""What must come out of the cells that measure times: how busy a pair is, how long commands, waits
and overlaps take, how often something is done. Which row promises what is in table.py.

Each function takes a limit and makes a judgement of it: a function of the control's cell, the
judged cell and the number of cpus, which gives whether it passed and what was seen.
"""

from cell import Cell, ms, percent
from promises import NS_PER_S


def busy_at_least(share):
    """The best round counts: while the host lets one virtual cpu wait, the other one, whose turn
    cannot change without it, waits as well."""
    def judged(_control, cell, _cpus):
        shares = sorted(one.busy_share() for one in cell.rounds)
        return shares[-1] >= share, " ".join(percent(one) for one in shares)
    return judged


def commands_ended_well(_control, cell, _cpus):
    seconds = cell.command_seconds()
    return seconds is not None, "failed" if seconds is None else f"{seconds:.2f} s"


def ratios_of_commands(control, cell):
    """Pairs of times, ours and the control's, of rounds that follow each other, because a host
    changes its pace; or nothing if a command failed."""
    times = [(ours.command_seconds(), theirs.command_seconds())
             for ours, theirs in zip(cell.rounds, control.rounds)]
    return [] if any(None in pair for pair in times) else times


def commands_within(factor):
    """Of the rounds the middle one counts, because how fast a hackbench goes depends on the luck of
    its start."""
    def judged(control, cell, _cpus):
        if len(cell.rounds) != len(control.rounds):
            return False, "rounds are missing"
        times = sorted(ratios_of_commands(control, cell), key=lambda pair: pair[0] / pair[1])
        if not times:
            return False, "a command failed"
        ours, theirs = times[len(times) // 2]
        return ours <= theirs * factor, f"{ours / theirs:.2f}x: {ours:.2f} s, EEVDF {theirs:.2f} s"
    return judged


def woken_within(factor):
    """The best round of each counts: what else the host does can only make them worse."""
    def judged(control, cell, _cpus):
        ours, theirs = cell.best(Cell.sleep_p99_ns), control.best(Cell.sleep_p99_ns)
        return 0 < ours <= theirs * factor, f"p99 {ms(ours)}, EEVDF {ms(theirs)}"
    return judged


def every_task_runs_each(seconds):
    def judged(_control, cell, _cpus):
        gap_ns = cell.longest_gap_ns()
        return gap_ns <= seconds * NS_PER_S, f"longest wait of a task {ms(gap_ns)}"
    return judged


def used_at_least(share):
    def judged(_control, cell, cpus):
        return cell.used_share(cpus) >= share, percent(cell.used_share(cpus))
    return judged


def overlap_is_counted(_control, cell, _cpus):
    ns = cell.read("audit.total.higher_ns")
    share = ns / cell.both_busy_ns if cell.both_busy_ns else 0.0
    return True, f"{ms(ns)}, {percent(share)} of both-busy, longest " \
                 f"{ms(cell.read('audit.total.higher_longest_ns'))}"


def overlap_within(factor):
    """A scheduler that does nothing about higher classes overlaps as long as EEVDF does."""
    def judged(control, cell, _cpus):
        ours = cell.read("audit.total.higher_ns") / cell.window_ns
        theirs = control.read("audit.total.higher_ns") / control.window_ns
        return ours <= theirs * factor, f"{percent(ours)} of the time, EEVDF {percent(theirs)}"
    return judged


def rate(cell, what):
    return cell.read(f"load.{what}.done") * NS_PER_S / cell.read("load.measured_ns")


def moves_at_least(factor):
    def judged(control, cell, _cpus):
        ours, theirs = rate(cell, "moves"), rate(control, "moves")
        return ours >= theirs * factor > 0, f"{ours:.1f} moves/s, EEVDF {theirs:.1f}"
    return judged


def spinners_share(cell, cpus):
    spinners = {task["part"] for task in cell.tasks if task["part"].startswith("spin:")}
    return cell.cpu_ns_of_parts(spinners) / (cell.read("load.measured_ns") * cpus)


def churn_at_least(factor, spinners_at_most):
    """The churner is one task of four domains, so its fair share of a pair's time is a quarter of
    one cpu's; EEVDF may give it a quarter of two. Where that is worth more than twice the cycles,
    it must have had all of its share: the three domains that only spin no more than theirs."""
    def judged(control, cell, cpus):
        ours, theirs = rate(cell, "churn"), rate(control, "churn")
        share = spinners_share(cell, cpus)
        keeps_up = ours >= theirs * factor > 0
        had_its_share = 0 < share <= spinners_at_most and ours > 0
        return keeps_up or had_its_share, \
            f"{ours:.1f} cycles/s, EEVDF {theirs:.1f}; the spinners had {percent(share)}"
    return judged


# Rounds are settled when more of them could not change the judgement. That is exact where the best
# round counts and where the middle one does. Where the best of ours is compared with the best of
# EEVDF's, further rounds may lower both: so only those count as settled that would pass if EEVDF's
# best were a quarter less. Of five rounds in one boot it was between 2.8 and 3.3 ms.
WAITS_MARGIN = 0.75


def settled_busy(share):
    return lambda control, cell, most: busy_at_least(share)(control, cell, 2)[0]


def settled_commands(factor):
    def settled(control, cell, most):
        good = [ours for ours, theirs in ratios_of_commands(control, cell)
                if ours <= theirs * factor]
        return len(good) > most / 2
    return settled


def settled_waits(factor):
    def settled(control, cell, _most):
        return len(cell.rounds) >= 2 and woken_within(factor * WAITS_MARGIN)(control, cell, 2)[0]
    return settled
