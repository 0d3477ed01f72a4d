"""One stack of each kind of frame in each of two threads, for recordings of memory: it stands still after a line of JSON.

As test/integration/targets/recorded.py, for 2.7 and 3.6 to 3.10. Imports nothing written in Python beyond what every start
does, and is compiled under a name of its own, so that a recording names no file of the machine it was made on.
"""
try:
    import _thread
except ImportError:
    import thread as _thread
import json
import os
import sys


def stack_of(frame):
    stack = []
    while frame is not None:
        code = frame.f_code
        stack.append([code.co_name, code.co_filename, frame.f_lineno or 0, code.co_firstlineno])
        frame = frame.f_back
    return stack[::-1]


def say(own):
    stacks = {ident: stack_of(own if ident == _thread.get_ident() else frame) for ident, frame in sys._current_frames().items()}
    os.write(1, (json.dumps(stacks) + '\n').encode())


def stop():
    say(sys._getframe()), os.read(0, 4096)


class Made(object):
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


def sort(act):
    sorted([1], key=lambda value: act() or 0)


def down(depth, act):
    if depth:
        down(depth - 1, act)
    else:
        act()


def everything(act):
    down(5, lambda: construct(lambda: generate(lambda: sort(lambda: summed(act)))))


for _ in range(60):
    everything(int)
if hasattr(sys, 'setswitchinterval'):
    sys.setswitchinterval(10000)
else:
    sys.setcheckinterval(10 ** 9)
forever = _thread.allocate_lock()
forever.acquire()
waiting = _thread.allocate_lock()
waiting.acquire()


def work():
    waiting.release()
    down(40, lambda: generate(forever.acquire))


_thread.start_new_thread(work, ())
# Gives the other thread the GIL, which comes back when it blocks.
waiting.acquire()
everything(stop)
