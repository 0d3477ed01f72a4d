"""Tests as unittest finds them."""

import unittest

from work import work_until_told


class Letters(unittest.TestCase):
    def test_upper(self):
        work_until_told()
        self.assertEqual("abc".upper(), "ABC")

    def test_never(self):
        self.fail("not chosen")
