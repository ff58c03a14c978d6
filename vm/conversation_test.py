# SPDX-License-Identifier: GPL-2.0-only
"""Talking with a guest that is none."""

import os
import tempfile
import unittest

import boot
import conversation


class FakeGuest:
    """Two ends of a guest's serial port: what it prints is given, what it is told is kept."""

    def __init__(self):
        reader, self._printed = os.pipe()
        self.stdout = os.fdopen(reader, "rb", buffering=0)
        self.told = []
        self.stdin = self

    def write(self, data):
        self.told.append(data.decode())

    def print(self, text):
        os.write(self._printed, text.encode())


class Conversations(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.guest, self.heard = FakeGuest(), []
        self.addCleanup(self.guest.stdout.close)
        self.commands = {0: "a", 1: "b"}
        self.talk = conversation.Conversation(
            self.guest, folder.name, ["before"],
            lambda printed: self.commands.get(len(printed) - 1), self.heard.append)
        self.addCleanup(self.talk.close)

    def test_one_thing_is_told_at_a_time_by_what_was_printed_and_then_to_close(self):
        self.guest.print("guest: ready\n")
        self.talk.poll()
        self.assertEqual(self.guest.told, ["a\n"])
        self.guest.print("x\r\nhalf")
        self.talk.poll()
        self.assertEqual(self.guest.told, ["a\n"])
        self.guest.print(" a line\ndone 0\n")
        self.commands = {2: "c"}
        self.talk.poll()
        self.guest.print("y\ndone 1\n")
        self.talk.poll()
        self.assertEqual(self.guest.told, ["a\n", "c\n", "close\n"])
        self.assertEqual(self.heard, ["x", "half a line", "y"])
        self.assertIsNone(self.talk.unanswered)

    def test_a_guest_that_does_not_report_what_it_was_told_is_given_up(self):
        self.guest.print("guest: ready\n" + "done 0\n" * conversation.SAME_AT_MOST)
        self.talk.poll()
        self.assertEqual(self.talk.unanswered, "a")


class Scripts(unittest.TestCase):
    def test_a_script_runs_once_in_each_guest(self):
        self.assertIn("sh /guest/script", boot.asks_for_script([]))
        self.assertIsNone(boot.asks_for_script(["x", boot.SCRIPT_RAN]))
        again = [boot.SCRIPT_RAN, conversation.ANOTHER_GUEST, "x"]
        self.assertIn("sh /guest/script", boot.asks_for_script(again))


if __name__ == "__main__":
    unittest.main()
