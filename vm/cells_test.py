# SPDX-License-Identifier: GPL-2.0-only
"""What a guest is told next, by what guests have printed, and the reading of it."""

import json
import unittest

import cells
import table
from conversation import ANOTHER_GUEST
from handmade import MS, S, raw_cell


def line_of(raw):
    return "cell " + json.dumps(raw)


def carried_out(plan, answers, printed=()):
    """All commands of a plan, if each is answered with what `answers` makes of it."""
    printed, commands = list(printed), []
    while (command := plan.next_command(printed)) is not None:
        commands.append(command)
        printed += answers(command)
        assert len(commands) < 200, "the plan has no end"
    return commands


def answer(command, **changes):
    """What a faultless guest prints for a command."""
    kind, *words = command.split()
    if kind == "cell":
        row, scheduler, warmup, seconds, number = words[:5]
        return [line_of(raw_cell(scheduler, row, warmup=int(warmup), round=int(number),
                                 attached_cs=6999, loaded_cs=6999, **changes)
                        | {"seconds": int(seconds)})]
    if kind == "drawing":
        return ["drawing " + json.dumps(raw_cell(words[0], attached_cs=6999, loaded_cs=6999))]
    if kind == "messages":
        return ["messages " + json.dumps({"loops": int(words[0]), "load": {
            "commands": [{"exit_status": 0, "wall_ns": 5 * S}]}})]
    return ["attempt " + json.dumps({"name": words[0], "exit": 0})]


def cells_of(commands):
    """The rows, schedulers and rounds of commands that measure cells."""
    return [(words[1], words[2], int(words[5])) for words in map(str.split, commands)
            if words[0] == "cell"]


def plan_of(*names, **fields):
    return cells.Plan([table.row_named(name) for name in names], **fields)


class Plans(unittest.TestCase):
    def test_every_row_is_measured_once_under_each_scheduler(self):
        commands = carried_out(cells.Plan(table.ROWS), answer)
        self.assertEqual(cells_of(commands), [(row.name, scheduler, 1) for row in table.ROWS
                                              for scheduler in (table.EEVDF, table.OURS)])

    def test_drawings_come_first_and_trials_and_wrong_starts_last(self):
        plan = plan_of("pinned", drawings=(table.OURS,), attempts=cells.ATTEMPTS,
                       trials=((table.KIN, table.EEVDF),))
        kinds = [command.split()[0] for command in carried_out(plan, answer)]
        self.assertEqual(kinds, ["drawing", "cell", "cell", "cell",
                                 *["attempt"] * len(cells.ATTEMPTS)])

    def test_controls_are_only_spared_where_nothing_is_judged_beside_them(self):
        for cpus, with_control in ((2, "moves"), (4, "light")):
            plan = plan_of("pinned", "moves", "light", spares_controls=cpus)
            measured = cells_of(carried_out(plan, answer))
            self.assertEqual([row for row, scheduler, _ in measured if scheduler == table.EEVDF],
                             [with_control])
            self.assertEqual(len(measured), 4)

    def test_only_where_times_are_judged_is_a_row_measured_more_than_once(self):
        self.assertEqual(len(cells_of(carried_out(plan_of("hackbench"), answer))), 2)
        self.assertEqual(len(cells_of(carried_out(plan_of("hackbench", timed=True), answer))), 6)

    def test_the_guests_shell_sees_words_as_they_are(self):
        command = carried_out(plan_of("limits"), answer)[0]
        self.assertIn(" --set 'capped/cpu.max=20000 100000' ", command)

    def test_how_long_hackbench_takes_is_found_out_once_before_it(self):
        commands = carried_out(plan_of("hackbench", timed=True), answer)
        self.assertEqual([command.split()[0] for command in commands], ["messages"] + ["cell"] * 6)
        self.assertTrue(commands[1].endswith(" 121"), commands[1])

    def test_where_that_was_not_found_out_hackbench_is_measured_with_what_was_tried(self):
        def broken(command):
            return ['messages {"loops":60,"load":null}'] if command.startswith("messages") \
                else answer(command)
        self.assertTrue(carried_out(plan_of("hackbench"), broken)[-1].endswith(" 60"))

    def test_the_warm_up_follows_from_the_start_before(self):
        told = carried_out(plan_of("pinned", "moves"), answer)
        self.assertEqual([command.split()[3] for command in told], ["2", "8", "2", "2"])

    def test_what_came_too_late_is_measured_again_with_a_longer_warm_up_but_not_for_ever(self):
        def late_at_first(command):
            warmup = int(command.split()[3])
            return answer(command, load__since_ns=82 * S) if warmup < 12 else answer(command)
        plan = plan_of("pinned", schedulers=(table.OURS,))
        self.assertEqual([command.split()[3] for command in carried_out(plan, late_at_first)],
                         ["8", "20"])
        always = carried_out(plan, lambda command: answer(
            command, load__since_ns=(80 + int(command.split()[3])) * S))
        self.assertEqual(len(always), cells.TRIES)

    def test_a_scheduler_that_alone_took_too_long_is_tried_again_with_a_longer_warm_up(self):
        def slow(command):
            late = int(command.split()[3]) < 12
            return [line_of(raw_cell(row="pinned", warmup=8, attached_cs=6000, loaded_cs=7100,
                                     load=None))] if late else answer(command)
        plan = plan_of("pinned", schedulers=(table.OURS,))
        self.assertEqual([command.split()[3] for command in carried_out(plan, slow)],
                         ["8", "18"])

    def test_a_load_that_did_not_report_teaches_nothing_and_is_not_tried_again(self):
        plan = plan_of("pinned", "moves", schedulers=(table.OURS,))
        commands = carried_out(plan, lambda command: answer(command, load__since_ns=None))
        self.assertEqual([command.split()[3] for command in commands], ["8", "8"])


class SecondGuests(unittest.TestCase):
    def test_it_is_spared_what_the_first_has_printed(self):
        plan = plan_of("spinners", "pinned", trials=((table.KIN, table.EEVDF),),
                       attempts=cells.ATTEMPTS)
        printed = [line for command in carried_out(plan, answer) for line in answer(command)
                   if "moves" not in command and "without-root" not in command]
        cut = [line[:40] if '"pinned"' in line else line for line in printed]
        commands = carried_out(plan, answer, cut + [ANOTHER_GUEST])
        self.assertEqual(cells_of(commands), [("pinned", "eevdf", 1), ("pinned", "scx_pair", 1)])
        self.assertEqual([command for command in commands if command.startswith("attempt")],
                         ["attempt without-root su nobody -s /bin/sh -c scx_pair"])

    def test_a_round_that_the_first_has_not_finished_is_measured_whole(self):
        plan = plan_of("sleepers", timed=True)
        every = carried_out(plan, answer)
        printed = [line for command in every[:3] for line in answer(command)]
        self.assertEqual(cells_of(carried_out(plan, answer, printed))[0],
                         ("sleepers", "scx_pair", 2))
        again = cells_of(carried_out(plan, answer, printed + [ANOTHER_GUEST]))
        self.assertEqual(again[:2], [("sleepers", "eevdf", 2), ("sleepers", "scx_pair", 2)])
        self.assertEqual(len(again), 4)


def busy(*shares):
    return [{"audit__total__both_busy_ns": int(share * 8 * S)} for share in shares]


def waits(*p99_ms):
    return [{"load__sleep_wake": {"count": 1, "p99_ns": int(one * MS)}} for one in p99_ms]


def commands(*seconds):
    return [{"load__commands": [{"exit_status": 0 if one else 256, "wall_ns": int(one * S)}]}
            for one in seconds]


def settled(name, theirs, ours):
    """Whether no round is measured beyond those given, each as changes of a faultless cell."""
    plan = plan_of(name, timed=True, settles=True)
    printed = ['messages {"loops":60}']
    for scheduler, rounds in ((table.EEVDF, theirs), (table.OURS, ours)):
        printed += [line_of(raw_cell(scheduler, name, round=number, **changes))
                    for number, changes in enumerate(rounds, 1)]
    return plan.next_command(printed) is None


class Rounds(unittest.TestCase):
    def test_one_busy_round_is_enough(self):
        self.assertTrue(settled("spinners", busy(1), busy(0.951)))
        self.assertTrue(settled("spinners", busy(1, 1), busy(0.9, 0.96)))
        self.assertFalse(settled("spinners", busy(1, 1), busy(0.9, 0.949)))

    def test_a_row_without_a_control_is_settled_by_its_own_rounds(self):
        plan = plan_of("spinners", timed=True, settles=True, spares_controls=2)
        for share, is_settled in ((0.951, True), (0.949, False)):
            printed = [line_of(raw_cell(**busy(share)[0]))]
            self.assertEqual(plan.next_command(printed) is None, is_settled)

    def test_two_of_three_commands_in_time_are_enough(self):
        self.assertFalse(settled("hackbench", commands(10), commands(10)))
        self.assertTrue(settled("hackbench", commands(10, 10), commands(12, 12.4)))
        self.assertFalse(settled("hackbench", commands(10, 10), commands(12, 12.6)))
        self.assertFalse(settled("hackbench", commands(10, 10), commands(0, 10)))

    def test_two_rounds_of_short_waits_are_enough_if_they_are_short_by_a_margin(self):
        self.assertFalse(settled("sleepers", waits(3), waits(3)))
        self.assertTrue(settled("sleepers", waits(3, 9), waits(60, 4.5)))
        self.assertFalse(settled("sleepers", waits(3, 9), waits(60, 4.6)))
        self.assertFalse(settled("sleepers", waits(3, 3), waits(0, 0)))
        self.assertTrue(settled("interactive", waits(3, 3), waits(3.3, 3.37)))
        self.assertFalse(settled("interactive", waits(3, 3), waits(3.4, 4)))

    def test_what_is_missing_settles_nothing(self):
        for name, path in (("spinners", "audit__total__both_busy_ns"),
                           ("sleepers", "load__sleep_wake"), ("hackbench", "load__commands")):
            lost = [{path: None}] * 2
            self.assertFalse(settled(name, [{}] * 2, lost), name)
            self.assertFalse(settled(name, [], []), name)

    def test_rounds_are_never_left_out_where_schedulers_are_compared(self):
        plan = plan_of("spinners", timed=True)
        self.assertEqual(len(cells_of(carried_out(plan, answer))), 2 * table.TIMED_ROUNDS)

    def test_every_row_of_several_rounds_can_be_settled_and_no_other(self):
        for row in table.ROWS:
            can = any(promise.settled for promise in row.promises)
            self.assertEqual(can, row.rounds > 1, row.name)


class Results(unittest.TestCase):
    def test_cells_and_attempts_are_read_and_noise_is_not(self):
        measured = cells.parse([line_of(raw_cell(table.EEVDF)), "progress: cell", "cell {broken",
                                'attempt {"name":"x","exit":0}',
                                'drawing {"scheduler":"eevdf","picture":"eA=="}'])
        self.assertEqual(list(measured.cells), [("spinners", "eevdf")])
        self.assertEqual(list(measured.attempts), ["x"])
        self.assertEqual(measured.drawings["eevdf"]["picture"], "eA==")

    def test_rounds_are_in_order_and_a_second_guests_take_the_place_of_the_first_ones(self):
        def line(number, mark):
            return line_of(raw_cell(round=number) | {"n": mark})
        printed = [line(1, 1), line(2, 2), line(1, 3), line(2, 4), line(3, 5)]
        last = cells.parse(printed).cells[("spinners", table.OURS)]
        self.assertEqual([raw["n"] for raw in last["earlier"]] + [last["n"]], [3, 4, 5])


if __name__ == "__main__":
    unittest.main()
