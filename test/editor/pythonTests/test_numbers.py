"""Tests as pytest finds them."""

import pytest

from work import square_sum, work_until_told


def test_sum():
    work_until_told()
    assert square_sum(3) == 5


@pytest.mark.parametrize("count, total", [
    (2, 1),
    (4, 14),
])
def test_sums(count, total):
    if count == 4:
        work_until_told()
    assert square_sum(count) == total


class TestSquares:
    def test_wrong(self):
        work_until_told()
        assert square_sum(3) == 6
