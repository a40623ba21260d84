#!/usr/bin/env python3
"""The RAM profiles of the firmware at work, within their budgets; what does not fit says so: test_profiles.py

profiles.py says what each promises, and prints what it measures."""

import sys

import profiles
from case import Firmware, main


class Profiles(Firmware):
    usual = False

    def test_profiles(self):
        """One after another: they share folders."""
        for profile in profiles.PROFILES:
            with self.subTest(profile):
                found, held = profiles.measure(profile, profiles.edges(profile))
                print(profile, found)
                self.assertEqual(profiles.wrong(profile, found, held), [])


if __name__ == "__main__":
    sys.exit(main(sys.modules["__main__"], 1))
