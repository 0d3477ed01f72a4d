"""Starts processes in every way there is, and says what it started. Reads lines: how, and how many."""
import json
import multiprocessing
import os
import subprocess
import sys
import time

# CPU time, so that a busy machine does not make a child shorter than a look.
WORK = 0.15


def say(message):
    os.write(1, (json.dumps(message) + '\n').encode())


def child_work(work=WORK):
    """Busy for a while. Says its pid and its parent's at the start."""
    say([os.getpid(), os.getppid()])
    end = os.times()[0] + work
    while os.times()[0] < end:
        pass


def short_work():
    child_work(0.05)


def parent_of_one():
    child = os.fork()
    if child == 0:
        child_work()
        os._exit(0)
    os.waitpid(child, 0)
    child_work()


def by_multiprocessing(method, count):
    context = multiprocessing.get_context(method)
    children = [context.Process(target=child_work) for _ in range(count)]
    for child in children:
        child.start()
    for child in children:
        child.join()


def by_name(method, count):
    """Workers with names, which stay."""
    get_context = getattr(multiprocessing, 'get_context', lambda _: multiprocessing)
    for number in range(count):
        child = get_context(method).Process(target=time.sleep, args=(600,), name='fetcher %d' % number)
        child.daemon = True
        child.start()


def by_fork(count, function=child_work, fork=os.fork):
    children = []
    for _ in range(count):
        child = fork()
        if child == 0:
            function()
            os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)


def by_double_fork(count):
    """Daemons: each is left by a parent that ends at once. Waits until they are all gone."""
    ours, theirs = os.pipe()
    for _ in range(count):
        child = os.fork()
        if child == 0:
            os.setsid()
            if os.fork() == 0:
                child_work()
            os._exit(0)
        os.waitpid(child, 0)
    os.close(theirs)
    os.read(ours, 1)
    os.close(ours)


def by_c_fork(count):
    """Children that Python itself knows nothing of."""
    import ctypes
    by_fork(count, fork=ctypes.PyDLL(None).fork)


def by_subprocess(python, count):
    children = [subprocess.Popen([python, __file__, 'child']) for _ in range(count)]
    for child in children:
        child.wait()


def by_exec(python, count):
    """A child that is another Python after a while, and before that none at all."""
    children = []
    for _ in range(count):
        child = os.fork()
        if child == 0:
            os.execv('/bin/sh', ['sh', '-c', '"$0" "$1" child && exec "$0" "$1" child', python, __file__])
        children.append(child)
    for child in children:
        os.waitpid(child, 0)


def main():
    say('ready')
    while True:
        line = sys.stdin.readline()
        if not line:
            return
        how, argument, count = json.loads(line)
        if how == 'fork':
            by_fork(count)
        elif how == 'short':
            by_fork(count, short_work)
        elif how == 'named':
            by_name(argument, count)
        elif how == 'c fork':
            by_c_fork(count)
        elif how == 'daemons':
            by_double_fork(count)
        elif how == 'grandchildren':
            by_fork(count, parent_of_one)
        elif how == 'subprocess':
            by_subprocess(argument or sys.executable, count)
        elif how == 'exec':
            by_exec(argument or sys.executable, count)
        else:
            by_multiprocessing(how, count)
        say('done')


if __name__ == '__main__':
    if sys.argv[1:] == ['child']:
        child_work()
    else:
        main()
