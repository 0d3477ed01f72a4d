"""
Starts short-lived children when it is told to, and says when each lived. Reads lines of JSON: how ("fork" or
"subprocess"), how long each lives from its first statement on (ms), how many, and the ms between their starts.
Answers with one line: for each child its pid, and when it was started, reached its first statement and ended (ns,
CLOCK_MONOTONIC). With an argument, that many processes that do nothing are there all the time.
"""
import json
import os
import subprocess
import sys
import time
from time import monotonic_ns


def child_work(until):
    while monotonic_ns() < until:
        pass


def live(started, life, out):
    first = monotonic_ns()
    child_work(first + int(life * 1e6))
    os.write(out, (json.dumps([os.getpid(), started, first, monotonic_ns()]) + "\n").encode())


def start(how, life, out):
    started = monotonic_ns()
    if how == "fork":
        if os.fork() == 0:
            live(started, life, out)
            os._exit(0)
    else:
        subprocess.Popen([sys.executable, "-S", __file__, "child", str(started), str(life), str(out)], pass_fds=[out])


def make(how, life, count, pause):
    inside, out = os.pipe()
    for _ in range(count):
        start(how, life, out)
        # Not in step with anything.
        time.sleep(pause / 1e3 * (0.5 + os.urandom(1)[0] / 256))
    os.close(out)
    with os.fdopen(inside) as answers:
        lived = [json.loads(line) for line in answers]
    for child in lived:
        try:
            os.waitpid(child[0], 0)
        except ChildProcessError:
            pass
    return lived


if sys.argv[1:2] == ["child"]:
    live(int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]))
    sys.exit()

idle = []
for _ in range(int(sys.argv[1])):
    pid = os.fork()
    if pid == 0:
        time.sleep(1e6)
    idle.append(pid)
print("true", flush=True)
for line in sys.stdin:
    print(json.dumps(make(*json.loads(line))), flush=True)
