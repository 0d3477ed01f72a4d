"""Work that can be looked at: where a test says so, it goes on until a certain file is there."""

import os


def square_sum(count):
    total = 0
    for number in range(count):
        total += number * number
    return total


def work_until_told():
    end = os.environ.get("HEATLINE_TEST_END", __file__)
    while True:
        square_sum(2000)
        if os.path.exists(end):
            return
