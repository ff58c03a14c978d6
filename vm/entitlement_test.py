# SPDX-License-Identifier: GPL-2.0-only
import unittest

import entitlement
import scenario


def spin(*cgroups, each=2, **more):
    return {"instance": each * len(cgroups), "cgroup": list(cgroups), "run": "1ms", **more}


class Entitlement(unittest.TestCase):
    def expect(self, found, wanted):
        self.assertEqual(set(found), set(wanted))
        for key, share in wanted.items():
            self.assertAlmostEqual(found[key], share, 4, key)

    def test_cgroups_beside_each_other_share_by_weight(self):
        played = {"cgroups": {"/a": {}, "/b": {"cpu.weight": 300}},
                  "tasks": {"s": spin("/a", "/b")}}
        self.expect(entitlement.by_cgroup(played), {"/a": 0.25, "/b": 0.75})

    def test_a_childs_weight_divides_what_its_parent_has(self):
        self.expect(entitlement.by_cgroup(scenario.read("vm/nested")),
                    {"/x/a": 1 / 12, "/x/b/c": 1 / 8, "/x/b/d": 1 / 8, "/y/e": 2 / 3})

    def test_a_cgroup_without_tasks_has_no_part(self):
        played = {"cgroups": {"/a": {}, "/b": {"cpu.weight": 9000}, "/a/c": {}},
                  "tasks": {"s": spin("/a/c")}}
        self.expect(entitlement.by_cgroup(played), {"/a/c": 1.0})

    def test_how_many_tasks_a_cgroup_has_is_its_own_business(self):
        played = {"cgroups": {"/a": {}, "/b": {}},
                  "tasks": {"s": spin("/a", each=9), "t": spin("/b", each=1)}}
        self.expect(entitlement.by_cgroup(played), {"/a": 0.5, "/b": 0.5})

    def test_nice_values_divide_a_cgroup(self):
        found = entitlement.by_tasks(scenario.read("vm/nice"))
        self.assertAlmostEqual(found["plain"] / found["nice"], 3.0567, 4)
        self.expect(found, {"plain": 0.7535, "nice": 0.2465})

    def test_a_task_of_the_root_is_as_heavy_as_a_cgroup(self):
        played = {"cgroups": {"/a": {}}, "tasks": {"r": {"run": "1ms"}, "s": spin("/a")}}
        self.expect(entitlement.by_cgroup(played), {"/": 0.5, "/a": 0.5})

    def test_what_is_idle_gets_next_to_nothing(self):
        found = entitlement.by_cgroup(scenario.read("vm/leftover"))
        self.assertAlmostEqual(found["/left"], 3 / 1027, 6)
        found = entitlement.by_tasks(scenario.read("vm/leftover"))
        self.assertAlmostEqual(found["idle"] / found["spin"], 3 / 1024, 6)

    def test_a_pattern_stands_for_all_its_cgroups(self):
        found = entitlement.by_cgroup(scenario.read("vm/many"))
        self.expect(found, {f"/a{number}": 0.05 for number in range(20)})

    def test_who_sleeps_or_is_limited_is_refused(self):
        for played in ({"tasks": {"s": spin("/a", sleep="1ms")}},
                       {"tasks": {"s": spin("/a")}, "cgroups": {"/b": {"cpu.max": "1000 10000"}}}):
            with self.assertRaises(entitlement.NotEntitled):
                entitlement.shares(played)


if __name__ == "__main__":
    unittest.main()
