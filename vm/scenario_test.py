# SPDX-License-Identifier: GPL-2.0-only
import json
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

    def test_a_cgroups_files_are_written_before_its_tasks_come(self):
        self.assertEqual(played({"cgroup": "/a/b", "run": "1ms"}, cgroups={
            "/a": {"cpu.weight": 300}, "/a/b": {"cpu.max": "2000 10000", "cpu.max.burst": 500},
            "/c": {"cpu.idle": 1}}),
            ["--set", "a/cpu.weight=300", "--set", "a/b/cpu.max=2000 10000",
             "--set", "a/b/cpu.max.burst=500", "--set", "c/cpu.idle=1", "spin:a/b:1"])

    def test_a_pattern_stands_for_all_its_cgroups(self):
        self.assertEqual(played({"instance": 4, "cgroup": "/p/#", "run": "1ms"}, cgroups={
            "/p/#": {"instances": 2, "cpu.weight": 50}}),
            ["--set", "p/0/cpu.weight=50", "--set", "p/1/cpu.weight=50",
             "spin:p/0:2", "spin:p/1:2"])

    def test_a_cgroup_is_inhabited_only_if_tasks_are_in_it(self):
        self.assertEqual(scenario.inhabited(scenario.read("vm/nested")),
                         {"/x/a", "/x/b/c", "/x/b/d", "/y/e"})

    def test_tasks_have_a_policy_and_a_nice_value(self):
        for more, part in (({"priority": 5}, "spin:a:1,nice=5"),
                           ({"policy": "SCHED_BATCH", "priority": -3}, "spin:a:1,batch,nice=-3"),
                           ({"policy": "SCHED_IDLE", "cpus": [1]}, "spin:a:1,idle@1"),
                           ({"policy": "SCHED_OTHER"}, "spin:a:1")):
            self.assertEqual(played({"cgroup": "/a", "run": "1ms", **more}), [part])

    def test_tasks_may_yield(self):
        self.assertEqual(played({"cgroup": "/a", "run": "1ms", "yield": ""}), ["yield:a:1:1000"])

    def test_what_cannot_be_played_is_refused(self):
        for tasks in ({"run": {"exponential": "1ms"}}, {"run": "1ms", "nice": 5},
                      {"run": "1ms", "cpus": [0, 1]}, {"run": "1ms", "policy": "SCHED_RR"},
                      {"run": "1ms", "sleep": "1ms", "yield": ""},
                      {"run": "1ms", "instance": 3, "cgroup": ["/a", "/b"]}):
            with self.assertRaises(scenario.NotPlayable, msg=tasks):
                played(tasks)
        for more in ({"channels": {}}, {"cgroups": {"/a": {"cpu.pressure": 1}}}):
            with self.assertRaises(scenario.NotPlayable, msg=more):
                played({"run": "1ms"}, **more)
        with self.assertRaises(scenario.NotPlayable):
            played({"run": "1ms"}, faults=[{"offline": 1}])


class Comments(unittest.TestCase):
    def test_comments_in_the_manner_of_c_are_none_of_the_scenario(self):
        text = """// of one line, with a "quote" in it
        {"tasks": /* of
        several * / lines */ {"t": {"run": 2000}} // at the end
        }"""
        self.assertEqual(scenario.parse(text), {"tasks": {"t": {"run": 2000}}})

    def test_what_looks_like_one_in_a_string_stays(self):
        text = r'''{"a": "// no", "b/*": "\"/* nor this */", "c": "\\"} // "yes"'''
        self.assertEqual(scenario.parse(text), {"a": "// no", "b/*": '"/* nor this */',
                                                "c": "\\"})

    def test_a_mistake_behind_one_is_reported_where_it_is(self):
        with self.assertRaises(json.JSONDecodeError) as caught:
            scenario.parse("{ /* two\nlines */ nonsense }")
        self.assertEqual((caught.exception.lineno, caught.exception.colno), (2, 10))

    def test_a_comment_without_an_end_and_a_lone_slash_are_refused(self):
        for text in ("{} /* for ever", "{} /", "{} /*/"):
            with self.assertRaises(json.JSONDecodeError):
                scenario.parse(text)


if __name__ == "__main__":
    unittest.main()
