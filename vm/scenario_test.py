# SPDX-License-Identifier: GPL-2.0-only
import unittest

import scenario


def played(tasks, **more):
    return scenario.load_of({"tasks": {"t": tasks}, **more})


class LoadOf(unittest.TestCase):
    def test_tasks_are_spread_over_their_cgroups(self):
        self.assertEqual(played({"instance": 4, "cgroup": ["/a", "/b"], "run": "1ms"}),
                         ["spin:a:2", "spin:b:2"])

    def test_the_root_has_a_name_of_its_own(self):
        self.assertEqual(played({"run": "1ms"}), ["spin:-:1"])

    def test_times_are_microseconds_whatever_they_were_written_in(self):
        self.assertEqual(played({"cgroup": "/a", "run": 100, "sleep": "2ms"}),
                         ["sleep:a:1:100/2000"])

    def test_a_cpu_of_their_own(self):
        self.assertEqual(played({"instance": 2, "cgroup": "/a", "run": "1ms", "cpus": [1]}),
                         ["spin:a:2@1"])
        self.assertEqual(played({"instance": 2, "cgroup": "/a", "run": "1ms",
                                 "one_cpu_each": True}), ["spin:a:1@0", "spin:a:1@1"])

    def test_real_time_rests_for_what_its_run_leaves_of_the_period(self):
        self.assertEqual(played({"cgroup": "/rt", "policy": "SCHED_FIFO", "run": "1ms",
                                 "timer": {"ref": "unique", "period": "10ms"}}),
                         ["fifo:rt:1:1000/9000"])

    def test_faults_follow_the_tasks(self):
        self.assertEqual(played({"cgroup": "/a", "run": "1ms"}, faults=[
            {"move": "t", "to": ["/a"], "every": "10ms"}, {"churn": "/x"}]),
            ["spin:a:1", "move:-:100", "churn:x:1"])

    def test_what_cannot_be_played_is_refused(self):
        for tasks in ({"run": {"exponential": "1ms"}}, {"run": "1ms", "nice": 5},
                      {"run": "1ms", "cpus": [0, 1]}, {"run": "1ms", "policy": "SCHED_RR"},
                      {"run": "1ms", "instance": 3, "cgroup": ["/a", "/b"]}):
            with self.assertRaises(scenario.NotPlayable, msg=tasks):
                played(tasks)
        with self.assertRaises(scenario.NotPlayable):
            played({"run": "1ms"}, channels={})
        with self.assertRaises(scenario.NotPlayable):
            played({"run": "1ms"}, faults=[{"offline": 1}])


if __name__ == "__main__":
    unittest.main()
