# SPDX-License-Identifier: GPL-2.0-only
import unittest

import faithful
import known


def audit(turns=100, forced_ns=0, missed_ns=0, cpu_ns=(50, 50), available_ns=1000):
    domains = [{"path": path, "cpu_ns": ns, "turns": turns / len(cpu_ns)}
               for path, ns in zip(("/a", "/b"), cpu_ns)]
    others = [{"path": path, "cpu_ns": 7, "turns": 7} for path in ("/", None)]
    return {"total": {"forced_idle_ns": forced_ns, "missed_idle_ns": missed_ns,
                      "cpu_ns_available": available_ns}, "domains": domains + others}


def figures(seconds=4, **raw):
    return faithful.Figures.of(audit(**raw), seconds, {"/a", "/b"})


def apart(theirs, ours):
    return [name for name, _, _, good in faithful.compare(theirs, ours) if not good]


class Comparison(unittest.TestCase):
    def test_figures_are_of_the_scenario_s_own_cgroups(self):
        seen = figures(turns=100, forced_ns=30, missed_ns=20, cpu_ns=(75, 25))
        self.assertEqual(list(seen.named()), [("turns/s", 25.0), ("idle", 0.05),
                                              ("share of /a", 0.75), ("share of /b", 0.25)])

    def test_a_cgroup_that_never_ran_has_no_share(self):
        self.assertEqual(figures(cpu_ns=(50, 0)).shares, {"/a": 1.0, "/b": 0.0})

    def test_a_cgroup_that_nothing_is_known_of_is_not_compared(self):
        with self.assertRaises(known.Missing):
            figures(cpu_ns=(50,))

    def test_a_tenth_more_or_less_agrees(self):
        self.assertEqual(apart(figures(turns=1000), figures(turns=1100)), [])
        self.assertEqual(apart(figures(turns=1000), figures(turns=1101)), ["turns/s"])
        self.assertEqual(apart(figures(turns=1000), figures(turns=899)), ["turns/s"])

    def test_every_figure_is_compared(self):
        self.assertEqual(apart(figures(forced_ns=100), figures(forced_ns=150)), ["idle"])
        self.assertEqual(apart(figures(cpu_ns=(50, 50)), figures(cpu_ns=(60, 40))),
                         ["share of /a", "share of /b"])

    def test_next_to_nothing_agrees_with_nothing(self):
        self.assertEqual(apart(figures(turns=2, forced_ns=10), figures(turns=0)), [])

    def test_rounds_count_alike(self):
        self.assertEqual(faithful.mean([figures(turns=100), figures(turns=300)]).turns_per_s, 50.0)


if __name__ == "__main__":
    unittest.main()
