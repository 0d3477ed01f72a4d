"""One stack of each kind of frame in each of two threads, for recordings of memory: it stands still after a line of JSON.

Imports nothing written in Python beyond what every start does, and is compiled under a name of its own, so that a recording
names no file of the machine it was made on.
"""
import _thread
import json
import os
import sys


def stack_of(frame):
    stack = []
    while frame is not None:
        code = frame.f_code
        stack.append([code.co_qualname, code.co_filename, frame.f_lineno or 0, code.co_firstlineno])
        frame = frame.f_back
    return stack[::-1]


def say(own):
    stacks = {ident: stack_of(own if ident == _thread.get_ident() else frame) for ident, frame in sys._current_frames().items()}
    os.write(1, (json.dumps(stacks) + '\n').encode())


def stop():
    say(sys._getframe()), os.read(0, 4096)


class Made:
    def __init__(self, act):
        self.value = act()


def construct(act):
    Made(act)


def numbers(act):
    yield act()


def doubled(source):
    for number in source:
        yield number


def generate(act):
    for number in doubled(numbers(act)):
        pass


def summed(act):
    sum(act() or 0 for _ in range(1))


async def inner(act):
    act()


async def outer(act):
    await inner(act)


def await_it(act):
    try:
        outer(act).send(None)
    except StopIteration:
        pass


def sort(act):
    sorted([1], key=lambda value: act() or 0)


def down(depth, act):
    if depth:
        down(depth - 1, act)
    else:
        act()


def everything(act):
    down(5, lambda: construct(lambda: generate(lambda: sort(lambda: await_it(lambda: summed(act))))))


for _ in range(60):
    everything(int)
sys.setswitchinterval(10_000)
forever = _thread.allocate_lock()
forever.acquire()
waiting = _thread.allocate_lock()
waiting.acquire()


def work():
    waiting.release()
    down(40, lambda: generate(forever.acquire))


other = _thread.start_new_thread(work, ())
# Gives the other thread the GIL, which comes back when it blocks. Without a GIL that takes its time: until it has passed
# the line of the `def`, too, at which generators begin.
waiting.acquire()


def is_there(frame):
    return frame.f_code is numbers.__code__ and frame.f_lineno > numbers.__code__.co_firstlineno


while not is_there(sys._current_frames()[other]):
    pass
everything(stop)
