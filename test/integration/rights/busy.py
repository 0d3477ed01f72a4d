"""Works in a stack that is known, and does as it is told: see test/support/target.ts."""
import json
import os
import select
import subprocess
import sys
import time


def inner(until):
    while time.time() < until:
        sum(range(100))


def outer():
    inner(time.time() + 0.02)


def daemon_work():
    inner(time.time() + 0.02)


def obey(message):
    if message == 'exit':
        sys.exit()
    if message == 'exec':
        os.execv('/bin/sleep', ['sleep', '1000'])
    if message == 'child':
        child = subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        print(child.pid, flush=True)
        return child
    if message == 'daemon':
        child = os.fork()
        if child == 0:
            if os.fork():
                os._exit(0)
            print(os.getpid(), flush=True)
            while True:
                daemon_work()
        os.waitpid(child, 0)


if __name__ == '__main__':
    print(json.dumps(os.getpid()), flush=True)
    children = []
    while True:
        outer()
        if select.select([sys.stdin], [], [], 0)[0]:
            line = sys.stdin.readline()
            if not line:
                break
            children.append(obey(json.loads(line)))
