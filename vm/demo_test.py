# SPDX-License-Identifier: GPL-2.0-only
"""What the demo says, with what guests have printed and with what they have left out."""

import base64
import contextlib
import io
import unittest
import unittest.mock

import boot
import cells
import demo
import initramfs
import picture
import table
from cell import KERNELS_OWN, SCX_PAIR
from handmade import raw_cell

OOPS = "[   31.2] Oops: int3: 0000 [#1] SMP"

# As a guest printed it, without the tables between the picture and the verdict.
GOOD = """\
200 ms of cpus 0 and 1 under scx_pair (sched_ext), a column is 2 ms
cpu 0    ...CCCCCCCCCCCCCCCCCCCCC..AAAAAAAAAAAAAAAAAAAA..BBBBBBBBBBBBBBBBBBB..CCCCCCCCCC
cpu 1    BrrCCCCCCCCCCCCCCCCCCCC.....AAAAAAAAAAAAAAAAAA.BBBBBBBBBBBBBBBBBBBBBBCCCCCCCCCCC
shared   never
         A /a  B /b  C /c  r /  . idle  k kernel thread  ! two domains at once

audited 1.000 s of 2 pairs under scx_pair (sched_ext)
verdict: kept violation_ns=0 both_busy_ns=1718026913 higher_ns=0 move_ns=0 lost=0
""".splitlines()


def base64_of(text):
    return base64.b64encode(text.encode()).decode()


def measured(exit_status=0, said="", **cells_of_rows):
    """Faultless cells of every row, but for those given: None is a cell that never came."""
    raw = {row: raw_cell(row=row) for row in demo.ROWS} | cells_of_rows
    return cells.Measured({(row, table.OURS): one for row, one in raw.items() if one},
                          endings=[{"scheduler": "scx_pair", "exit": exit_status,
                                    "errors": base64_of(said)}])


def conclude(of, faults=()):
    return demo.conclude(of, list(faults))


class Verdicts(unittest.TestCase):
    def expect(self, word, of, faults=()):
        found, line, why = conclude(of, faults)
        self.assertEqual(found, word, why)
        self.assertTrue(line.startswith(f"verdict: {word} violation_ns="), line)
        return why

    def test_all_cells_judged_and_nothing_violated_is_kept(self):
        self.assertEqual(self.expect("kept", measured()), "")

    def test_one_nanosecond_is_broken(self):
        raw = raw_cell(row="sleepers", audit__total__violation_ns=1, audit__verdict="broken")
        self.expect("broken", measured(sleepers=raw))
        self.assertIn("violation_ns=1 ", conclude(measured(sleepers=raw))[1])

    def test_a_violation_counts_even_if_the_guest_failed_later(self):
        raw = raw_cell(row="sleepers", audit__total__violation_ns=1, audit__verdict="broken")
        self.expect("broken", measured(sleepers=raw, pinned=None), [OOPS])

    def test_an_ejected_scheduler_is_broken_by_its_status_or_by_the_kernels_word(self):
        why = self.expect("broken", measured(4, "scx_pair: runnable task stall\n"))
        self.assertIn("runnable task stall", why)
        line = '[ 9.1] sched_ext: BPF scheduler "pair" disabled (runtime error)'
        self.assertIn(line, self.expect("broken", measured(), [line]))

    def test_the_emulators_fault_is_inconclusive_and_named_before_its_consequences(self):
        why = self.expect("inconclusive", measured(sleepers=None, pinned=None), [OOPS, "hung"])
        self.assertIn(OOPS, why)
        self.assertNotIn("hung", why)
        self.assertIn("run it again", why)

    def test_a_scheduler_that_could_not_start_is_inconclusive_with_its_own_sentence(self):
        own = raw_cell(row="spinners", audit__scheduler=KERNELS_OWN)
        said = "libbpf: a\nscx_pair: the cpu controller is off: switch it on\nlibbpf: b\n"
        why = self.expect("inconclusive", measured(3, said, spinners=own))
        self.assertIn("status 3: scx_pair: the cpu controller is off", why)

    def test_what_was_not_measured_is_inconclusive_and_named(self):
        for raw, why in (
                (None, "pinned: not measured"),
                (raw_cell(row="pinned", attached_cs=6180, loaded_cs=6400),
                 "pinned: it was ready 0.2 s after"),
                (raw_cell(row="pinned", load__since_ns=None), "load.since_ns was not reported"),
                (raw_cell(row="pinned", audit__lost=3), "pinned: the judge lost 3 records"),
                (raw_cell(row="pinned", audit__verdict="nothing to judge",
                          audit__reason="one cgroup"),
                 "pinned: the audit says: nothing to judge, one cgroup"),
                (raw_cell(row="pinned", audit__total__violation_ns=None), "violation_ns was not")):
            self.assertIn(why, self.expect("inconclusive", measured(pinned=raw)))

    def test_a_violation_under_another_scheduler_or_before_ours_was_loaded_is_not_ours(self):
        other = raw_cell(row="pinned", audit__scheduler=KERNELS_OWN, audit__total__violation_ns=9,
                         audit__verdict="broken")
        late = raw_cell(row="pinned", attached_cs=6180, loaded_cs=6400,
                        audit__total__violation_ns=9, audit__verdict="broken")
        for raw in (other, late):
            self.expect("inconclusive", measured(pinned=raw))
            self.assertIn(" violation_ns=0 ", conclude(measured(pinned=raw))[1])
            self.assertIn(" cells=2/3 ", conclude(measured(pinned=raw))[1])

    def test_every_word_has_its_own_exit_status(self):
        self.assertEqual(demo.EXIT_STATUS, {"kept": 0, "broken": 1, "inconclusive": 3})


class Endings(unittest.TestCase):
    def test_whatever_ends_it_early_is_inconclusive_and_named(self):
        for error, why in ((initramfs.MissingPart("no kernel 7.3: fetch it"), "no kernel 7.3"),
                           (KeyboardInterrupt(), "told to end")):
            text = io.StringIO()
            with unittest.mock.patch.object(boot, "machine_of", side_effect=error), \
                    unittest.mock.patch("sys.argv", ["demo.py"]), contextlib.redirect_stdout(text):
                self.assertEqual(demo.main(), 3)
            first, last = text.getvalue().splitlines()
            self.assertIn(why, first)
            self.assertTrue(last.startswith("verdict: inconclusive violation_ns=0 "))


class Pictures(unittest.TestCase):
    def flaw(self, drawn, scheduler=SCX_PAIR):
        return picture.flaw(drawn, scheduler, demo.DRAWN_CGROUPS)

    def drawn(self, lines=GOOD, scheduler=table.OURS, **changes):
        raw = raw_cell(scheduler, audit=None, **changes)
        return cells.Measured(drawings={
            scheduler: raw | {"picture": base64_of("\n".join(lines) + "\n")}})

    def shown(self, of, scheduler=table.OURS):
        text = io.StringIO()
        with contextlib.redirect_stdout(text):
            show = demo.Show()
            show.show(scheduler, *demo.picture_of(of, scheduler))
            show.tell_flaws(of)
        return text.getvalue()

    def test_a_picture_of_whom_it_says_with_everybody_in_it_is_shown(self):
        self.assertEqual(self.flaw(GOOD), "")
        text = self.shown(self.drawn())
        self.assertIn("Under scx_pair a core", text)
        self.assertIn("  cpu 0    ...CCCCCCCCC", text)
        self.assertNotIn("verdict", text)

    def test_a_picture_of_another_scheduler_is_not(self):
        other = [line.replace(SCX_PAIR, KERNELS_OWN) for line in GOOD]
        self.assertIn("not scx_pair", self.flaw(other))
        text = self.shown(self.drawn(other))
        self.assertNotIn("Under scx_pair a core", text)
        self.assertNotIn("CCCC", text)
        self.assertIn("no picture under scx_pair: the audit saw the kernel's own", text)

    def test_a_picture_in_which_a_workload_is_missing_is_not(self):
        self.assertEqual(self.flaw([line.replace("B /b  ", "") for line in GOOD]),
                         "/b did not run in it")
        strangers = [line.replace("/a", "/x").replace("/b", "/y").replace("/c", "/z")
                     for line in GOOD]
        self.assertEqual(self.flaw(strangers), "/a, /b, /c did not run in it")

    def test_a_picture_of_a_load_that_came_late_or_did_not_report_is_not(self):
        self.assertIn("after the window", self.shown(self.drawn(attached_cs=6180, loaded_cs=6400)))
        self.assertIn("since_ns was not", self.shown(self.drawn(load__since_ns=None)))

    def test_half_a_picture_is_none(self):
        self.assertEqual(self.flaw(GOOD[:3]), "the audit did not finish it: " + GOOD[0])
        self.assertEqual(self.flaw(GOOD[:-1]), "the audit ended without a verdict")
        self.assertIn("drew nothing: without a word", self.shown(self.drawn([])))
        self.assertIn("the guest ended before", self.shown(cells.Measured()))

    def test_what_the_audit_behind_our_picture_found_counts(self):
        bad = [line.replace("verdict: kept violation_ns=0", "verdict: broken violation_ns=5")
               for line in GOOD]
        of = measured()
        of.drawings = self.drawn(bad).drawings
        word, line, _ = conclude(of)
        self.assertEqual(word, "broken")
        self.assertIn(" violation_ns=5 ", line)


if __name__ == "__main__":
    unittest.main()
