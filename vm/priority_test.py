# SPDX-License-Identifier: GPL-2.0-only
"""The judgements of priority, with cells they must convict and cells they must acquit."""

import unittest

import judge
import table
from handmade import MS, S, domains, raw_cell, tasks, waits

# What a faultless cell of 10 s of two cpus looks like, by row: the time that each cgroup had.
FAULTLESS = {
    "weights": {"audit__domains": domains(a=20 / 6, b=10, c=40 / 6)},
    "nested": {"audit__domains": domains(x__a=20 / 12, x__b__c=2.5, x__b__d=2.5, y__e=40 / 3)},
    "many": {"audit__domains": domains(**{f"a{number}": 1 for number in range(20)}),
             "audit__tasks": waits(a0=30 * MS)},
    "nice": {"load__tasks": tasks(**{"spin:a:2": 15.07, "spin:a:2,nice=5": 4.93})},
    "limits": {"audit__domains": domains(capped=2, outer__inner=3, free=15),
               "audit__total__cpu_ns_available": 20 * S, "audit__total__kernel_cpu_ns": 0,
               "audit__total__forced_idle_ns": 0},
    "leftover": {"audit__domains": domains(normal=19.9, left=0.1),
                 "load__tasks": tasks(7 * S, **{"spin:normal:2": 19.8, "spin:normal:2,idle": 0.1,
                                               "spin:left:2": 0.1})},
    "interactive": {},
    "light": {"audit__total__parallel_ns": 64 * S // 10, "audit__total__crowded_ns": S // 10},
}


def cell(row, scheduler=table.OURS, **changes):
    return raw_cell(scheduler, row, **{"seconds": 10, **FAULTLESS[row], **changes})


def failures(row, cpus=2, control=None, **changes):
    measured = {(row, table.EEVDF): control or cell(row, table.EEVDF),
                (row, table.OURS): cell(row, **changes)}
    cases = judge.judge_row("7.3", table.row_named(row), measured, cpus)
    return [case.name.split(": ", 1)[1] for case in cases if case.outcome != "passed"]


class Faultless(unittest.TestCase):
    def test_every_row_of_this_file_is_in_the_table_and_acquitted(self):
        for row in FAULTLESS:
            self.assertEqual(failures(row, 4 if row == "light" else 2), [], row)


class Shares(unittest.TestCase):
    def test_equal_shares_under_unequal_weights_are_convicted(self):
        self.assertEqual(failures("weights", audit__domains=domains(a=6, b=6, c=6)),
                         [table.SHARES.what])

    def test_a_twentieth_of_a_share_is_the_limit_where_shares_are_small(self):
        # /a is entitled to 3.33 s, a twentieth of which is 0.17.
        self.assertEqual(failures("weights", audit__domains=domains(a=3.45, b=9.95, c=6.6)), [])
        self.assertEqual(failures("weights", audit__domains=domains(a=3.55, b=9.9, c=6.55)),
                         [table.SHARES.what])

    def test_two_points_are_the_limit_where_shares_are_large(self):
        # /y/e is entitled to 66.7 %, a twentieth of which is more than three points.
        def split(points):
            other = (100 - 66.7 - points) / 100 * 20
            return domains(x__a=other / 4, x__b__c=other * 3 / 8, x__b__d=other * 3 / 8,
                           y__e=20 - other)
        self.assertEqual(failures("nested", audit__domains=split(-1.5)), [])
        self.assertEqual(failures("nested", audit__domains=split(-2.5)), [table.SHARES.what])

    def test_weights_that_only_count_among_siblings_are_convicted_where_they_do_not(self):
        # As if each leaf's own weight counted in the whole tree.
        self.assertEqual(failures("nested", audit__domains=domains(
            x__a=5, x__b__c=5, x__b__d=5, y__e=5)), [table.SHARES.what])

    def test_a_cgroup_that_never_ran_is_convicted(self):
        self.assertEqual(failures("weights", audit__domains=domains(b=12, c=8)),
                         [table.SHARES.what])
        self.assertEqual(failures("weights", audit__domains=[]), [table.SHARES.what])

    def test_time_of_others_is_no_part_of_a_share(self):
        others = [{"path": "/", "cpu_ns": 5 * S}, {"path": None, "cpu_ns": S}]
        self.assertEqual(failures("weights", audit__domains=others + domains(a=2, b=6, c=4)), [])

    def test_among_many_a_share_may_be_two_points_off(self):
        name = "each share within 2 points of a twentieth"
        for first, failed in ((1.38, []), (1.5, [name]), (0.5, [name])):
            others = {f"a{number}": (20 - first) / 19 for number in range(1, 20)}
            self.assertEqual(failures("many", audit__domains=domains(a0=first, **others)), failed)

    def test_a_long_wait_among_many_is_convicted(self):
        name = "no task waits longer than 100 ms"
        for wait_ns, failed in ((100 * MS, []), (101 * MS, [name])):
            self.assertEqual(failures("many", audit__tasks=waits(a0=MS, a1=wait_ns)), failed)

    def test_how_long_the_judge_and_its_shell_wait_is_not_judged(self):
        there = [*waits(a0=MS), {"path": "/", "longest_wait_ns": 300 * MS}]
        self.assertEqual(failures("many", audit__tasks=there), [])


class Nice(unittest.TestCase):
    NAME = "nice 0 has 3.06 times the time of nice 5, within 5 %"

    def times(self, plain, nice):
        return failures("nice", load__tasks=tasks(
            **{"spin:a:2": plain, "spin:a:2,nice=5": nice}))

    def test_the_ratio_may_be_a_twentieth_off(self):
        self.assertEqual(self.times(3.2, 1), [])
        self.assertEqual(self.times(2.92, 1), [])
        self.assertEqual(self.times(3.22, 1), [self.NAME])
        self.assertEqual(self.times(2.89, 1), [self.NAME])

    def test_nice_values_that_count_for_nothing_are_convicted(self):
        self.assertEqual(self.times(10, 10), [self.NAME])

    def test_nobody_may_starve(self):
        self.assertEqual(self.times(20, 0), [self.NAME])
        self.assertEqual(self.times(0, 20), [self.NAME])


class Limits(unittest.TestCase):
    CAPPED, OUTER, FREE = [one.what for one in table.row_named("limits").promises]

    def times(self, capped, inner, free, **changes):
        return failures("limits", audit__domains=domains(
            capped=capped, outer__inner=inner, free=free), **changes)

    def test_no_limit_at_all_is_convicted(self):
        self.assertEqual(self.times(6.6, 6.7, 6.7), [self.CAPPED, self.OUTER])

    def test_a_limit_may_be_a_twentieth_off(self):
        self.assertEqual(self.times(2.09, 2.9, 15), [])
        self.assertEqual(self.times(2.11, 3, 14.9), [self.CAPPED])
        self.assertEqual(self.times(1.89, 3, 15.1), [self.CAPPED])
        self.assertEqual(self.times(2, 2.84, 15.1), [self.OUTER])

    def test_a_child_may_not_use_its_own_limit_beyond_its_parents(self):
        self.assertEqual(self.times(2, 5, 13), [self.OUTER])

    def test_what_the_limited_leave_may_not_be_wasted(self):
        self.assertEqual(self.times(2, 3, 13.6), [])
        self.assertEqual(self.times(2, 3, 13.4), [self.FREE])

    def test_forced_idle_excuses_a_little_of_it_and_not_all(self):
        idle = {"audit__total__forced_idle_ns": 9 * S // 10}
        self.assertEqual(self.times(2, 3, 13.4, **idle), [])
        idle = {"audit__total__forced_idle_ns": 5 * S}
        self.assertEqual(self.times(2, 3, 13.4, **idle), [])
        self.assertEqual(self.times(2, 3, 10, **idle), [self.FREE])

    def test_what_the_root_and_kernel_threads_use_is_not_wasted(self):
        self.assertEqual(failures("limits", audit__domains=domains(
            capped=2, outer__inner=3, free=13) + [{"path": "/", "cpu_ns": S}],
            audit__total__kernel_cpu_ns=S), [])


class Leftover(unittest.TestCase):
    CGROUP, TASKS = [one.what for one in table.row_named("leftover").promises]

    def test_an_idle_cgroup_that_has_its_share_is_convicted(self):
        self.assertEqual(failures("leftover", audit__domains=domains(normal=10, left=10)),
                         [self.CGROUP])
        self.assertEqual(failures("leftover", audit__domains=domains(normal=19.4, left=0.61)),
                         [self.CGROUP])
        self.assertEqual(failures("leftover", audit__domains=[]), [self.CGROUP])

    def test_idle_tasks_that_have_their_share_are_convicted(self):
        self.assertEqual(failures("leftover", load__tasks=tasks(
            **{"spin:normal:2": 10, "spin:normal:2,idle": 10, "spin:left:2": 0})), [self.TASKS])

    def test_who_is_asked_last_may_wait_for_long_but_not_for_ever(self):
        lost = tasks(9 * S, **{"spin:normal:2": 19.9, "spin:normal:2,idle": 0.1})
        self.assertEqual(failures("leftover", load__tasks=lost), [])
        lost[0]["lost"] = True
        self.assertEqual(failures("leftover", load__tasks=lost), ["no task lost"])


class Interactive(unittest.TestCase):
    def test_late_wakeups_are_convicted(self):
        for ours_ms, failed in ((6, []), (7, ["sleepers' wakeup p99 at most 1.5x EEVDF"]),
                                (0, ["sleepers' wakeup p99 at most 1.5x EEVDF"])):
            self.assertEqual(failures("interactive", load__sleep_wake__p99_ns=ours_ms * MS), failed)


class Light(unittest.TestCase):
    NAME = "on different cores for 95 % of the time in which both run"

    def test_two_tasks_on_one_core_are_convicted(self):
        self.assertEqual(failures("light", 4, audit__total__crowded_ns=6 * S), [self.NAME])
        self.assertEqual(failures("light", 4, audit__total__crowded_ns=int(0.33 * S)), [self.NAME])
        self.assertEqual(failures("light", 4, audit__total__crowded_ns=int(0.31 * S)), [])

    def test_two_tasks_that_never_run_at_once_are_convicted(self):
        self.assertEqual(failures("light", 4, audit__total__parallel_ns=2 * S,
                                  audit__total__crowded_ns=0), [self.NAME])
        self.assertEqual(failures("light", 4, audit__total__parallel_ns=0,
                                  audit__total__crowded_ns=0), [self.NAME])

    def test_one_pair_has_nothing_to_choose_from(self):
        self.assertEqual(failures("light", 2, audit__total__crowded_ns=6 * S), [])


if __name__ == "__main__":
    unittest.main()
