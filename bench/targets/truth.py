"""
Programs of which it is known what a sampler has to show, each until it is killed. They say what that is when they are ready: the names
of the functions that a right sample has at its root and in it in this order, and lines of some of them.
"""
import json
import os
import sys
import threading
from time import perf_counter


def say(names, lines=None):
    os.write(1, (json.dumps({"names": names, "lines": lines or {}}) + "\n").encode())


def busy(seconds=0.001):
    end = perf_counter() + seconds
    while perf_counter() < end:
        pass


def callee(first, second, third):
    if not first:
        say(["caller", "callee", "busy"], {"caller": sys._getframe(1).f_lineno})
    busy()
    return second


def caller(first):
    return callee(
        first,
        first
        + 1,
        third=[
            first,
        ],
    )


def several_lines():
    count = 0
    while True:
        caller(count)
        count = 1


def greenlets():
    """Greenlets inside greenlets, which never end: their stacks have no frame of the program's own beginning."""
    import greenlet

    def inner_greenlet():
        while True:
            busy()
            partner.switch()

    def outer_greenlet():
        inner = greenlet.greenlet(inner_greenlet)
        while True:
            inner.switch()
            busy()

    def partner_greenlet():
        while True:
            busy()
            main.switch()

    main = greenlet.greenlet(outer_greenlet)
    partner = greenlet.greenlet(partner_greenlet)
    say(["_greenlet", "busy"])
    main.switch()


SUB = """
def sub_work():
    while True:
        sum(range(1000))

sub_work()
"""


def sub_interpreter():
    try:
        import _interpreters as interpreters
    except ImportError:
        import _xxsubinterpreters as interpreters
    other = interpreters.create()
    threading.Thread(target=interpreters.run_string, args=(other, SUB), daemon=True).start()
    say(["main_work"])
    main_work()


def main_work():
    while True:
        sum(range(1000))


def depth(frames):
    sys.setrecursionlimit(1_000_000)

    def descend(left):
        if left > 0:
            return descend(left - 1)
        say(["descend"] * frames + ["busy"])
        while True:
            busy()

    descend(frames - 1)


if sys.argv[1] == "depth":
    depth(int(sys.argv[2]))
else:
    {"several_lines": several_lines, "greenlets": greenlets, "sub_interpreter": sub_interpreter}[sys.argv[1]]()
