"""
A thread of C's calls Python again and again: `cthread.py LIBRARY WORK PAUSE` (us). ctypes takes the GIL for each call and gives it back
(PyGILState_Ensure), so that Python knows the thread only while it is called. Asked by a line on stdin, the program says how
many seconds the calls have taken, seen from within and from C. Python 3.3 to 3.15.
"""
import ctypes
import json
import sys
import time

library, work, pause = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
spent = [0.0]


def clock(gettime=time.clock_gettime, thread=time.CLOCK_THREAD_CPUTIME_ID):
    return gettime(thread)


def on_event(wall=time.perf_counter):
    begin = wall()
    end = clock() + work / 1e6
    while clock() < end:
        pass
    spent[0] += wall() - begin


caller = ctypes.CDLL(library)
caller.spent_in_calls.restype = ctypes.c_double
callback = ctypes.CFUNCTYPE(None)(on_event)
assert caller.start(callback, pause) == 0
print(json.dumps({}))
sys.stdout.flush()
for _ in iter(sys.stdin.readline, ''):
    print(json.dumps([spent[0], caller.spent_in_calls()]))
    sys.stdout.flush()
