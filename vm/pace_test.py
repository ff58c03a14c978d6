# SPDX-License-Identifier: GPL-2.0-only
"""Whether a host was steady, by handmade counts, and that counting counts."""

import time
import unittest

import pace


class Pace(unittest.TestCase):
    def test_a_host_of_even_pace_is_steady_whatever_a_few_moments_say(self):
        self.assertEqual(pace.slowness([[100] * 95 + [5] * 5, [98] * 100]), "")

    def test_a_cpu_that_is_often_slow_is_not(self):
        self.assertIn("20 % of its pace".replace(" %", "%"),
                      pace.slowness([[100] * 80 + [20] * 20, [100] * 100]))

    def test_nor_is_one_that_is_slower_than_the_others_all_the_time(self):
        self.assertIn("30%", pace.slowness([[100] * 20, [30] * 20]))

    def test_too_few_moments_say_nothing(self):
        self.assertEqual(pace.slowness([[100, 1], [100, 100]]), "")

    def test_every_cpu_is_counted_on(self):
        with pace.Watch() as watch:
            time.sleep(0.5)
        self.assertEqual(watch.slowness, "")  # Too short to say, but it has ended by itself.


if __name__ == "__main__":
    unittest.main()
