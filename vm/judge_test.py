# SPDX-License-Identifier: GPL-2.0-only
"""The judgements, with cells they must convict, and the reading of consoles and results."""

import base64
import os
import tempfile
import unittest

import boot
import initramfs
import judge
import run
import table
from cell import Cell
from handmade import MS, S, raw_cell
from table import row_named

PRIORITY_ROWS = ("weights", "nested", "many", "nice", "limits", "leftover", "interactive")
SLOW_CHURN = "cycles at least half of EEVDF's, or all of its share"


def outcomes(row, cpus=2, control=None, **changes):
    measured = {(row, table.EEVDF): control or raw_cell(table.EEVDF, row),
                (row, table.OURS): raw_cell(table.OURS, row, **changes)}
    return {case.name.split(": ", 1)[1]: case.outcome
            for case in judge.judge_row("7.3/2cpu", row_named(row), measured, cpus)}


def failures(row, **changes):
    return sorted(name for name, outcome in outcomes(row, **changes).items() if outcome != "passed")


class Judgements(unittest.TestCase):
    def test_a_faultless_cell_passes_every_row(self):
        for row in table.ROWS:
            if row.name in PRIORITY_ROWS:
                continue  # priority_test.py
            control = raw_cell(table.EEVDF, row.name, audit__total__higher_ns=900 * MS)
            self.assertEqual(failures(row.name, control=control), [], row.name)

    def test_without_a_control_the_promise_is_judged_and_no_time_is(self):
        for row in table.ROWS:
            def failed(**changes):
                measured = {(row.name, table.OURS): raw_cell(table.OURS, row.name, **changes)}
                return [case.name for case in judge.judge_row("x", row, measured, None)
                        if case.outcome != "passed"]
            self.assertEqual(failed(audit__total__both_busy_ns=0, audit__total__higher_ns=MS), [])
            self.assertEqual(failed(audit__total__violation_ns=1),
                             [f"x/{row.name}: violation is exactly 0"])

    def test_one_nanosecond_of_violation_is_convicted(self):
        self.assertEqual(failures("spinners", audit__total__violation_ns=1),
                         ["violation is exactly 0"])

    def test_a_judge_that_did_not_acquit_is_a_failure(self):
        self.assertEqual(failures("spinners", audit_exit=1), ["the judge's verdict is kept"])

    def test_only_where_tasks_need_not_meet_there_may_be_nothing_to_judge(self):
        nothing = {"audit_exit": 6, "audit__verdict": "nothing to judge"}
        self.assertEqual(failures("spinners", **nothing), ["the judge's verdict is kept"])
        self.assertEqual(failures("light", **nothing), [])
        self.assertEqual(failures("light", audit_exit=1, audit__verdict="nothing to judge"),
                         ["the judge's verdict is kept, or nothing to judge"])

    def test_an_ejected_scheduler_is_convicted(self):
        self.assertEqual(failures("spinners", state_after="disabled"), ["never ejected"])

    def test_a_scheduler_that_left_badly_or_not_at_all_is_convicted(self):
        def outcome(*exits):
            return judge.judge_endings("x", [{"scheduler": "scx_pair", "exit": status, "errors": ""}
                                             for status in exits]).outcome
        self.assertEqual(outcome(0, 0), "passed")
        self.assertEqual(outcome(0, 4), "failed")
        self.assertEqual(outcome(), "failed")

    def test_a_host_that_was_not_steady_excuses_what_depends_on_its_pace_and_nothing_else(self):
        def failed(row, **changes):
            measured = {(row, table.EEVDF): raw_cell(table.EEVDF, row),
                        (row, table.OURS): raw_cell(row=row, **changes)}
            cases = judge.judge_row("x", row_named(row), measured, 2, "the host was not steady")
            self.assertIn("skipped", {case.outcome for case in cases})
            return [case.name for case in cases if case.outcome == "failed"]
        self.assertEqual(failed("spinners", audit__total__both_busy_ns=5 * S), [])
        self.assertEqual(failed("spinners", audit__total__both_busy_ns=5 * S,
                                audit__total__violation_ns=1),
                         ["x/spinners: violation is exactly 0"])

    def test_what_may_be_missed_has_a_floor_that_may_not(self):
        for row in table.ROWS:
            for promise in row.promises:
                self.assertEqual(bool(promise.floor), promise.paced or promise.goal, promise.what)

    def test_below_its_floor_nothing_is_excused(self):
        for row, changes in (
                ("spinners", {"audit__total__both_busy_ns": 39 * S // 10}),
                ("hackbench", {"load__commands": [{"exit_status": 0, "wall_ns": 41 * S}]}),
                ("sleepers", {"load__sleep_wake__p99_ns": 41 * MS}),
                ("interactive", {"load__sleep_wake__p99_ns": 41 * MS}),
                ("pinned", {"audit__total__busy_ns": 4 * S}),
                ("fifo", {"audit__total__higher_ns": 6 * MS}),
                ("moves", {"load__moves__done": 79}),
                ("churn", {"load__churn__done": 9})):
            measured = {(row, table.EEVDF): raw_cell(table.EEVDF, row),
                        (row, table.OURS): raw_cell(row=row, **changes)}
            failed = [case for case in judge.judge_row("x", row_named(row), measured, 2,
                                                       "the host was not steady")
                      if case.outcome == "failed"]
            self.assertEqual(len(failed), 1, row)
            self.assertIn("below what even this excuses", failed[0].detail)

    def test_a_goal_that_is_missed_is_skipped_on_a_steady_host_and_others_are_not(self):
        for row, outcome in (("interactive", "skipped"), ("sleepers", "failed")):
            got = outcomes(row, load__sleep_wake__p99_ns=39 * MS)
            self.assertIn(outcome, got.values())

    def test_where_a_row_is_judged_beside_a_control_it_must_be_there(self):
        measured = {(row, table.OURS): raw_cell(row=row) for row in ("spinners", "fifo")}
        for row, cpus, outcome in (("spinners", 2, "passed"), ("fifo", 4, "passed"),
                                   ("fifo", 2, "failed")):
            cases = judge.judge_row("x", row_named(row), measured, cpus)
            self.assertEqual({case.outcome for case in cases}, {outcome})

    def test_a_lost_task_is_convicted(self):
        tasks = [{"part": "spin:a:2", "longest_gap_ns": MS, "lost": True}]
        self.assertEqual(failures("moves", load__tasks=tasks), ["no task lost"])
        tasks = [{"part": "spin:a:2", "longest_gap_ns": 6 * S, "lost": False}]
        self.assertEqual(failures("moves", load__tasks=tasks), ["no task lost"])

    def test_an_idle_pair_is_convicted(self):
        self.assertEqual(failures("spinners", audit__total__both_busy_ns=int(7.59 * S)),
                         ["both cpus busy at least 95 %"])

    def test_a_slow_hackbench_is_convicted(self):
        slow = [{"exit_status": 0, "wall_ns": int(12.6 * S)}]
        self.assertEqual(failures("hackbench", load__commands=slow),
                         ["total time at most 1.25x EEVDF"])

    def test_a_failed_hackbench_is_convicted(self):
        broken = [{"exit_status": 256, "wall_ns": S}]
        self.assertEqual(failures("hackbench", load__commands=broken),
                         ["commands end well", "total time at most 1.25x EEVDF"])

    def test_late_wakeups_are_convicted(self):
        self.assertEqual(failures("sleepers", load__sleep_wake__p99_ns=9 * MS),
                         ["sleepers' wakeup p99 at most 2x EEVDF"])

    def test_sleepers_that_never_woke_are_convicted(self):
        self.assertEqual(failures("sleepers", load__sleep_wake__p99_ns=0),
                         ["sleepers' wakeup p99 at most 2x EEVDF"])

    def test_a_starved_pinned_task_is_convicted(self):
        tasks = [{"part": "spin:a:2@0", "longest_gap_ns": S + 1, "lost": False}]
        self.assertEqual(failures("pinned", load__tasks=tasks),
                         ["every task runs at least once a second"])

    def test_unused_pinned_cpus_are_convicted(self):
        self.assertEqual(failures("pinned", audit__total__busy_ns=int(16 * S * 0.55)),
                         ["cpu used at least 56 %"])

    def test_slow_churn_and_moves_are_convicted(self):
        self.assertEqual(failures("churn", load__churn__done=49), [SLOW_CHURN])
        self.assertEqual(failures("moves", load__moves__done=0),
                         ["moves made at least half of EEVDF's"])

    def test_a_sibling_that_stays_beside_a_real_time_task_is_convicted(self):
        control = raw_cell(table.EEVDF, "fifo", audit__total__higher_ns=500 * MS)
        name = "overlap with the RT task at most half of EEVDF's"
        self.assertEqual(failures("fifo", control=control, audit__total__higher_ns=251 * MS),
                         [name])
        self.assertEqual(failures("fifo", control=control, audit__total__higher_ns=249 * MS), [])

    def test_rates_and_not_counts_are_compared(self):
        control = raw_cell(table.EEVDF, "churn", seconds=4, load__churn__done=50,
                           load__measured_ns=4 * S)
        self.assertEqual(failures("churn", control=control, load__churn__done=49), [SLOW_CHURN])
        self.assertEqual(failures("churn", control=control, load__churn__done=50), [])

    def test_slow_churn_is_excused_only_where_the_spinners_had_no_more_than_their_share(self):
        def spun(cpu_ns):
            return [{"part": "spin:a:2", "longest_gap_ns": 0, "lost": False, "cpu_ns": cpu_ns}]
        self.assertEqual(failures("churn", load__churn__done=49, load__tasks=spun(12 * S)), [])
        self.assertEqual(failures("churn", load__churn__done=49, load__tasks=spun(12 * S + 1)),
                         [SLOW_CHURN])
        self.assertEqual(failures("churn", load__churn__done=0, load__tasks=spun(S)), [SLOW_CHURN])

    def test_times_are_not_judged_on_more_cpus_than_one_pair(self):
        names = outcomes("spinners", cpus=4, audit__total__both_busy_ns=0)
        self.assertNotIn("both cpus busy at least 95 %", names)
        self.assertEqual(set(names.values()), {"passed"})


class Rounds(unittest.TestCase):
    def slow(self, seconds, **changes):
        return raw_cell(row="hackbench", round=2, **changes,
                        load__commands=[{"exit_status": 0, "wall_ns": seconds * S}])

    def test_neighbours_are_compared_and_the_middle_one_counts(self):
        def verdict(ours, theirs):
            def rounds(scheduler, seconds):
                *earlier, last = [raw_cell(scheduler, "hackbench", load__commands=[
                    {"exit_status": 0, "wall_ns": int(one * S)}]) for one in seconds]
                last["earlier"] = earlier
                return last
            measured = {("hackbench", table.EEVDF): rounds(table.EEVDF, theirs),
                        ("hackbench", table.OURS): rounds(table.OURS, ours)}
            cases = judge.judge_row("7.3/2cpu", row_named("hackbench"), measured, 2)
            return [case.outcome for case in cases
                    if "total time" in case.name]
        self.assertEqual(verdict([12, 30, 12], [10, 10, 10]), ["passed"])
        self.assertEqual(verdict([12, 13, 13], [10, 10, 10]), ["failed"])
        self.assertEqual(verdict([12, 24, 36], [10, 20, 30]), ["passed"])
        self.assertEqual(verdict([13, 26, 12], [10, 20, 30]), ["failed"])

    def test_the_best_round_says_how_busy_a_pair_can_be(self):
        def busy(*shares):
            return [raw_cell(row="spinners", audit__total__both_busy_ns=int(8 * S * share))
                    for share in shares]
        name = "both cpus busy at least 95 %"
        self.assertEqual(failures("spinners", earlier=busy(0.9, 0.96),
                                  audit__total__both_busy_ns=int(8 * S * 0.9)), [])
        self.assertEqual(failures("spinners", earlier=busy(0.9, 0.94),
                                  audit__total__both_busy_ns=int(8 * S * 0.9)), [name])

    def test_the_best_waits_of_both_are_compared(self):
        def waits(scheduler, *p99_ms):
            *earlier, last = [raw_cell(scheduler, "sleepers", load__sleep_wake={
                "count": 1, "p99_ns": one * MS}) for one in p99_ms]
            last["earlier"] = earlier
            return last
        name = "sleepers' wakeup p99 at most 2x EEVDF"
        measured = {("sleepers", table.EEVDF): waits(table.EEVDF, 3, 9, 9)}
        for ours, failed in ((waits(table.OURS, 60, 6, 60), []),
                             (waits(table.OURS, 7, 7, 7), [name])):
            measured[("sleepers", table.OURS)] = ours
            cases = judge.judge_row("7.3/2cpu", row_named("sleepers"), measured, 2)
            self.assertEqual([case.name.split(": ", 1)[1] for case in cases
                              if case.outcome != "passed"], failed)

    def test_a_violation_or_a_failure_in_any_round_is_convicted(self):
        earlier = [self.slow(10, audit__total__violation_ns=1)]
        control = raw_cell(table.EEVDF, "hackbench", earlier=[self.slow(10)])
        self.assertEqual(failures("hackbench", earlier=earlier, control=control),
                         ["violation is exactly 0"])
        earlier[0]["load"]["commands"][0]["exit_status"] = 1
        self.assertIn("commands end well", failures("hackbench", earlier=earlier))

    def test_trouble_in_any_round_fails_all_its_cases(self):
        earlier = [self.slow(10, audit__lost=1)]
        self.assertEqual(set(outcomes("hackbench", earlier=earlier).values()), {"failed"})


class Troubles(unittest.TestCase):
    def test_a_cell_that_is_missing_fails_all_its_cases(self):
        cases = judge.judge_row("7.3/2cpu", row_named("spinners"), {}, 2)
        self.assertEqual(len(cases), len(judge.promises_of(table.row_named("spinners"), 2)))
        self.assertEqual({case.outcome for case in cases}, {"failed"})

    def test_lost_records_and_a_late_start_judge_nothing(self):
        self.assertIn("lost 3", Cell(raw_cell(audit__lost=3)).trouble)
        self.assertIn("after the window", Cell(raw_cell(attached_cs=6180, loaded_cs=6400)).trouble)

    def test_what_the_programs_complained_of_is_told(self):
        errors = base64.b64encode(b"libbpf: no\n").decode()
        trouble = Cell(raw_cell(audit=None, audit_exit=5, audit_errors=errors)).trouble
        self.assertIn("exit 5", trouble)
        self.assertIn("libbpf: no", trouble)

    def test_the_sentence_of_the_program_is_told_and_not_the_last_lines_around_it(self):
        errors = "libbpf: a\nscx_pair: no such thing\nlibbpf: b\nlibbpf: c\nlibbpf: d\n"
        raw = raw_cell(load=None, load_errors=base64.b64encode(errors.encode()).decode())
        self.assertEqual(Cell(raw).trouble, "the load did not report: scx_pair: no such thing")

    def test_what_every_judgement_needs_is_trouble_where_it_is_missing(self):
        for path in ("load.since_ns", "attached_cs", "loaded_cs", "audit.lost", "audit.scheduler",
                     "audit.verdict", "audit.total.violation_ns", "audit.total.both_busy_ns"):
            raw = raw_cell(**{path.replace(".", "__"): None})
            self.assertEqual(Cell(raw).trouble, f"{path} was not reported")

    def test_a_judgement_whose_value_is_missing_fails_and_names_it(self):
        for row, path in (("spinners", "load.tasks"), ("fifo", "audit.total.higher_ns"),
                          ("fifo", "audit.total.higher_longest_ns"), ("moves", "load.moves.done"),
                          ("churn", "load.churn.done"), ("churn", "load.measured_ns"),
                          ("sleepers", "load.sleep_wake.p99_ns"), ("hackbench", "load.commands"),
                          ("pinned", "audit.total.busy_ns"), ("pinned", "audit_exit"),
                          ("pinned", "state_after"), ("spinners", "seconds")):
            measured = {(row, table.EEVDF): raw_cell(table.EEVDF, row),
                        (row, table.OURS): raw_cell(row=row, **{path.replace(".", "__"): None})}
            failed = [case.detail for case in judge.judge_row("x", row_named(row), measured, 2)
                      if case.outcome == "failed"]
            self.assertIn(f"{path} was not reported", failed, row)

    def test_a_load_without_a_single_task_is_no_load_without_a_lost_one(self):
        self.assertIn("no task lost", failures("spinners", load__tasks=[], load__commands=[]))

    def test_a_cell_that_was_judged_under_another_scheduler_judges_nothing(self):
        for other in ("the kernel's own scheduler", "other (sched_ext)"):
            self.assertEqual(set(outcomes("spinners", audit__scheduler=other).values()),
                             {"failed"})
        control = raw_cell(table.EEVDF, "sleepers", audit__scheduler="scx_pair (sched_ext)")
        self.assertEqual(set(outcomes("sleepers", control=control).values()), {"failed"})


class TheJudgeItself(unittest.TestCase):
    def measured(self, strangers_ns, kin_ns, mutant_ns):
        def cell(violation_ns):
            return raw_cell(audit__total__violation_ns=violation_ns,
                            audit_exit=1 if violation_ns else 0)
        return {("strangers", table.EEVDF): cell(strangers_ns), ("kin", table.EEVDF): cell(kin_ns),
                ("mutant", table.MUTANT): cell(mutant_ns)}

    def outcomes(self, *violations_ns):
        cases = judge.judge_the_judge("7.3/2cpu", self.measured(*violations_ns), True)
        return [case.outcome for case in cases]

    def test_it_passes_when_it_tells_the_three_apart(self):
        self.assertEqual(self.outcomes(8 * S, 0, 1), ["passed"] * 3)

    def test_it_fails_when_it_convicts_too_little_or_too_much(self):
        self.assertEqual(self.outcomes(7 * S, 1, 0), ["failed"] * 3)

    def test_a_trial_that_was_not_held_fails(self):
        cases = judge.judge_the_judge("7.3/2cpu", {}, True)
        self.assertEqual([case.outcome for case in cases], ["failed"] * 3)


class Attempts(unittest.TestCase):
    def outcome(self, name, status, err, out=""):
        raw = {"name": name, "exit": status, "out": base64.b64encode(out.encode()).decode(),
               "err": base64.b64encode(err.encode()).decode()}
        return judge.judge_attempt("7.3/2cpu", name, raw).outcome

    def test_one_sentence_and_the_documented_status_pass(self):
        self.assertEqual(self.outcome("without-root", 3, "scx_pair: be root.\n"), "passed")

    def test_another_status_silence_or_a_flood_fail(self):
        self.assertEqual(self.outcome("without-root", 5, "scx_pair: be root.\n"), "failed")
        self.assertEqual(self.outcome("without-root", 3, ""), "failed")
        self.assertEqual(self.outcome("without-root", 3, "libbpf: a\nscx_pair: b\n"), "failed")

    def test_a_start_that_was_not_tried_fails(self):
        self.assertEqual(judge.judge_attempt("7.3/2cpu", "without-root", None).outcome, "failed")


class Consoles(unittest.TestCase):
    def test_every_kind_of_fault_is_found(self):
        for line in ["BUG: kernel NULL pointer dereference", "Oops: int3: 0000 [#1] SMP",
                     "WARNING: kernel/sched/core.c:10 at foo", "Kernel panic - not syncing",
                     "watchdog: BUG: soft lockup - CPU#1 stuck for 26s!",
                     "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:",
                     "INFO: task load:12 blocked for more than 120 seconds.",
                     'sched_ext: BPF scheduler "pair" disabled (runtime error)',
                     'sched_ext: BPF scheduler "pair" disabled (runnable task stall)']:
            self.assertEqual(boot.find_faults("a\n[  1.0] " + line + "\nb"), ["[  1.0] " + line])

    def test_an_orderly_console_has_none(self):
        console = ('sched_ext: BPF scheduler "pair" enabled\n'
                   'sched_ext: BPF scheduler "pair" disabled (unregistered from user space)\n'
                   "reboot: Power down\n")
        self.assertEqual(boot.find_faults(console), [])

    def judge(self, lines, console="", reason=None):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "console.log"), "w", encoding="utf-8") as file:
                file.write(console)
            return boot.judge(lines, folder, reason)

    def test_a_guest_without_its_closing_line_has_failed(self):
        self.assertFalse(self.judge(["hello"]).good)
        self.assertFalse(self.judge([]).good)

    def test_a_guest_that_closed_well_is_good(self):
        result = self.judge(["hello", "guest: closed 0"])
        self.assertTrue(result.good)
        self.assertEqual(result.lines, ["hello"])

    def test_a_failed_script_an_oops_and_a_hang_are_not(self):
        self.assertFalse(self.judge(["guest: closed 1"]).good)
        self.assertFalse(self.judge(["guest: closed 0"], console="Oops: 0000\n").good)
        self.assertFalse(self.judge(["guest: closed 0"], reason="it did not end").good)

    def test_only_int3_is_the_emulators_own_fault(self):
        self.assertTrue(boot.is_emulator_fault(self.judge([], "Oops: int3: 0000\n")))
        self.assertFalse(boot.is_emulator_fault(self.judge([], "BUG: x\nOops: int3: 0000\n")))
        self.assertFalse(boot.is_emulator_fault(self.judge([])))


class Guests(unittest.TestCase):
    def names(self, kernel, cpus):
        return {row.name for row in table.rows_for(kernel, cpus)}

    def test_each_row_is_for_some_guest_and_judged_where_it_is(self):
        every = {row.name for row in table.ROWS}
        self.assertEqual(self.names("7.3", 2) | self.names("7.3", 4), every)
        for row in table.ROWS:
            for promise in row.promises:
                self.assertIn(promise.cpus, (None, *row.sizes), row.name)
        self.assertIn("light", self.names("6.18", 4))

    def test_older_kernels_are_spared_what_does_not_depend_on_them(self):
        self.assertEqual(self.names("7.3", 2) - self.names("6.18", 2),
                         {"many", "leftover", "interactive"})
        self.assertEqual(self.names("build/vmlinuz", 2), self.names("7.3", 2))


class SetUp(unittest.TestCase):
    def outcome(self, *retries):
        results = [boot.Boot([], [], 0, "", retries=number) for number in retries]
        case = run.retries_case(results)
        return case.outcome, case.detail

    def test_an_emulator_that_ends_one_guest_in_twenty_is_the_most(self):
        self.assertEqual(self.outcome(0, 0), ("passed", "boots: 2, retries: 0"))
        self.assertEqual(self.outcome(*[0] * 18, 1), ("passed", "boots: 20, retries: 1"))
        self.assertEqual(self.outcome(*[0] * 17, 1), ("failed", "boots: 19, retries: 1"))


class Archives(unittest.TestCase):
    def test_an_archive_is_what_cpio_reads(self):
        archive = initramfs.Archive()
        archive.add_file("a/b/file", b"hello")
        data = archive.to_bytes()
        self.assertEqual(len(data) % 4, 0)
        self.assertEqual(data.count(b"070701"), 4)
        self.assertLess(data.index(b"a\0"), data.index(b"a/b\0"))
        self.assertLess(data.index(b"a/b\0"), data.index(b"a/b/file\0"))
        self.assertIn(b"hello\0\0\0", data)


if __name__ == "__main__":
    unittest.main()
