"""
A program that knows which share of its time each of four C functions has, and from which Python function it is called: `nativeShares.py LIBRARY`.
Python 2.7 and 3.6 to 3.15. LIBRARY is made of nativeShares.c. They do the same for 1, 2, 3 and 5 parts of the time: with the GIL, without it, called by
a function that sorted() calls, and by one that C calls. Other threads wait in C all the time. A line on standard input ends all; how often these waits
were interrupted before is the answer.
"""
import ctypes
import json
import os
import sys
import threading
import time

library = ctypes.CDLL(sys.argv[1])
holding = ctypes.PyDLL(sys.argv[1])
Callback = ctypes.CFUNCTYPE(ctypes.c_long, ctypes.c_long)
readable, writable = os.pipe()
is_over = []
interrupted = {}


def turns_of_a_part():
    """Turns that take some 100 us."""
    best = 1.0
    for _ in range(5):
        before = time.time()
        holding.turns1(ctypes.c_long(100000))
        best = min(best, time.time() - before)
    return max(1000, int(100000 * 1e-4 / max(best, 1e-6)))


part = turns_of_a_part()
turns = dict((parts, ctypes.c_long(parts * part)) for parts in (1, 2, 3, 5))


def leaf1():
    holding.turns1(turns[1])


def leaf2():
    library.turns2(turns[2])


def key3(value):
    holding.turns3(turns[3])
    return value


def leaf3():
    sorted([1], key=key3)


def back5(value):
    library.turns5(turns[5])
    return value


made = Callback(back5)


def leaf5():
    library.outer_call(made, ctypes.c_long(1))


def drive():
    while not is_over:
        leaf1()
        leaf2()
        leaf3()
        leaf5()


def waits(name):
    interrupted[name] = getattr(library, name)(readable)


def ends():
    sys.stdin.readline()
    is_over.append(True)


waiting = [threading.Thread(target=waits, args=(name,), name=name) for name in ('interrupted_poll', 'interrupted_epoll')]
for thread in waiting + [threading.Thread(target=ends)]:
    thread.daemon = True
    thread.start()
print('{}')
sys.stdout.flush()
drive()
os.write(writable, b'x')
for thread in waiting:
    thread.join()
print(json.dumps(interrupted))
sys.stdout.flush()
sys.stdin.readline()
