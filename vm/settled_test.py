# SPDX-License-Identifier: GPL-2.0-only
"""When the guest may leave further rounds out: its own script, with rounds that are handmade."""

import os
import re
import subprocess
import tempfile
import unittest

import cells
import initramfs

PROGRAM = os.path.join(initramfs.GUEST_FOLDER, "settled.awk")


def settled(row, theirs, ours):
    """Each round is both_busy_ns, p99_ns and wall_ns, as cell.sh writes them."""
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for name, rounds in (("eevdf", theirs), ("scx_pair", ours)):
            files.append(os.path.join(folder, name))
            with open(files[-1], "w", encoding="utf-8") as file:
                file.writelines(" ".join(map(str, one)) + "\n" for one in rounds)
        what, *limits = cells.row_named(row).settled.split()
        status = subprocess.run([initramfs.find_program("busybox"), "awk", "-f", PROGRAM,
                                 f"what={what}", *limits, *files], check=False).returncode
    assert status in (0, 1), f"the script itself has failed: {status}"
    return status == 0


def busy(*shares):
    return [(int(share * cells.SECONDS * 1e9), 0, 0) for share in shares]


def waits(*p99_ms):
    return [(0, int(one * 1e6), 0) for one in p99_ms]


def commands(*seconds):
    return [(0, 0, int(one * 1e9)) for one in seconds]


class Settled(unittest.TestCase):
    def test_one_busy_round_is_enough(self):
        self.assertTrue(settled("spinners", busy(1), busy(0.951)))
        self.assertTrue(settled("spinners", busy(1, 1), busy(0.9, 0.96)))
        self.assertFalse(settled("spinners", busy(1, 1), busy(0.9, 0.949)))

    def test_a_row_without_a_control_is_settled_by_its_own_rounds(self):
        self.assertTrue(settled("spinners", [], busy(0.951)))
        self.assertFalse(settled("spinners", [], busy(0.949)))

    def test_two_of_three_commands_in_time_are_enough(self):
        self.assertFalse(settled("hackbench", commands(10), commands(10)))
        self.assertTrue(settled("hackbench", commands(10, 10), commands(12, 12.4)))
        self.assertFalse(settled("hackbench", commands(10, 10), commands(12, 12.6)))
        self.assertTrue(settled("hackbench", commands(10, 20, 10), commands(13, 12, 9)))
        self.assertFalse(settled("hackbench", commands(10, 10), commands(0, 10)))

    def test_two_rounds_of_short_waits_are_enough_if_they_are_short_by_a_margin(self):
        self.assertFalse(settled("sleepers", waits(3), waits(3)))
        self.assertTrue(settled("sleepers", waits(3, 9), waits(60, 4.5)))
        self.assertFalse(settled("sleepers", waits(3, 9), waits(60, 4.6)))
        self.assertFalse(settled("sleepers", waits(3, 3), waits(0, 0)))
        self.assertTrue(settled("interactive", waits(3, 3), waits(3.3, 4)))
        self.assertFalse(settled("interactive", waits(3, 3), waits(3.4, 4)))

    def test_nothing_measured_settles_nothing(self):
        for row in ("spinners", "hackbench", "sleepers"):
            self.assertFalse(settled(row, [], []))
            self.assertFalse(settled(row, [(8e9, 1, 1)] * 3, []))

    def test_every_row_of_several_rounds_can_be_settled_and_no_other(self):
        for row in cells.ROWS:
            self.assertEqual(bool(row.settled), row.rounds > 1, row.name)


class WhatIsRecorded(unittest.TestCase):
    """Runs the lines of cell.sh that read the results of a cell."""

    def record(self, audit, load):
        with open(os.path.join(initramfs.GUEST_FOLDER, "cell.sh"), encoding="utf-8") as file:
            functions = re.findall(r"^(?:number_of|round_line)\(\) \{\n.*?^\}\n", file.read(),
                                   re.MULTILINE | re.DOTALL)
        self.assertEqual(len(functions), 2)
        with tempfile.TemporaryDirectory() as folder:
            for name, text in (("audit.out", audit), ("load.json", load)):
                with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                    file.write(text)
            script = f"work={folder}\n" + "".join(functions) + "round_line\n"
            return subprocess.run([initramfs.find_program("busybox"), "sh", "-c", script],
                                  check=True, capture_output=True, text=True).stdout.split()

    AUDIT = '{"total":{"busy_ns":9,"both_busy_ns":7},"pairs":[{"both_busy_ns":3}]}\n'
    LOAD = ('{"tasks":[{"cpu_ns":1}],"sleep_wake":{"count":2,"p50_ns":4,"p99_ns":5,"max_ns":6},'
            '"fifo_wake":{"count":0,"p50_ns":0,"p99_ns":8},"commands":[%s]}\n')

    def test_what_pairs_sleepers_and_commands_did_is_found(self):
        ended = '{"part":"run:a:1","exit_status":%d,"wall_ns":%d}'
        self.assertEqual(self.record(self.AUDIT, self.LOAD % ""), ["7", "5", "0"])
        both = ended % (0, 20) + "," + ended % (0, 3)
        self.assertEqual(self.record(self.AUDIT, self.LOAD % both), ["7", "5", "20"])

    def test_a_command_that_failed_took_no_time(self):
        ended = '{"part":"run:a:1","exit_status":%d,"wall_ns":%d}'
        for status in (1, 256, -1):
            failed = ended % (0, 20) + "," + ended % (status, 3)
            self.assertEqual(self.record(self.AUDIT, self.LOAD % failed), ["7", "5", "0"])

    def test_a_cell_that_failed_records_nothing_but_noughts(self):
        self.assertEqual(self.record("", ""), ["0", "0", "0"])


if __name__ == "__main__":
    unittest.main()
