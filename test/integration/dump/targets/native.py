"""
Threads that wait in C, some of them in Python that C called: `native.py LIBRARY wait`; a greenlet that waits, `native.py LIBRARY greenlet`; or a thread that
computes in C until a line comes: `native.py LIBRARY spin`.
Python 2.7 and 3.6 to 3.15. LIBRARY is made of nativeCalls.c.
"""
import ctypes
import os
import select
import sys
import threading
import time

library = ctypes.CDLL(sys.argv[1])
Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)
forever = 1e4
lock = threading.Lock()
lock.acquire()
readable, _ = os.pipe()


def locked():
    lock.acquire()


def key(value):
    lock.acquire()
    return value


def sorts():
    sorted([2, 1], key=key)


def back(value):
    lock.acquire()
    return value


def calls():
    library.outer_call(made, 1)


def sleeps():
    time.sleep(forever)


def selects():
    select.select([readable], [], [])


def generates():
    yield 1
    lock.acquire()


def lists():
    list(generates())


made = Callback(back)
if sys.argv[2] == 'wait':
    for function in (locked, sorts, calls, sleeps, selects, lists):
        thread = threading.Thread(target=function, name=function.__name__)
        thread.daemon = True
        thread.start()
    print('{}')
    sys.stdout.flush()
    sys.stdin.readline()
elif sys.argv[2] == 'greenlet':
    import greenlet

    def starts():
        greenlet.greenlet(sorts).switch()

    print('{}')
    sys.stdout.flush()
    starts()
else:
    end = ctypes.c_int(0)

    def answers():
        sys.stdin.readline()
        end.value = 1

    def computes():
        return library.spins(ctypes.byref(end))

    thread = threading.Thread(target=answers)
    thread.start()
    print('{}')
    sys.stdout.flush()
    turns = computes()
    thread.join()
    print('true')
    sys.stdout.flush()
    sys.stdin.readline()
