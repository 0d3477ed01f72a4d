"""
Does quanta of work for as long as it is asked to (a number of seconds on a line of stdin) and answers with
columns: when each began and ended (ns, CLOCK_MONOTONIC) and the CPU time it took (ns). The work is recursive calls; with the argument "native"
it is C code that Python calls, and C code that calls Python.
"""
import json
import sys
import zlib
from time import monotonic_ns, thread_time_ns


def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


data = bytes(range(256)) * 6
rows = [(i * 7919) % 1000 for i in range(300)]


def key(value):
    return -value


def native(_):
    zlib.compress(data, 6)
    sorted(rows, key=key)


work = native if sys.argv[1:] == ["native"] else fib


def run(seconds):
    starts, ends, cpu = [], [], []
    end = monotonic_ns() + int(seconds * 1e9)
    while True:
        before = monotonic_ns()
        if before > end:
            return starts, ends, cpu
        cpu_before = thread_time_ns()
        work(13)
        cpu.append(thread_time_ns() - cpu_before)
        starts.append(before)
        ends.append(monotonic_ns())


print("true", flush=True)
for line in sys.stdin:
    starts, ends, cpu = run(json.loads(line))
    print(json.dumps({"starts": starts, "ends": ends, "cpu": cpu}), flush=True)
