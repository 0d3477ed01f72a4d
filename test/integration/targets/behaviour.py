"""Programs that do one thing for as long as they live. The first argument says which. Runs in 2.7, too."""
import gc
import json
import os
import select
import sys
import threading
import time


clock = getattr(time, 'perf_counter', time.time)


def say(message):
    os.write(1, (json.dumps(message) + '\n').encode())


def spin():
    while True:
        pass


def sleep_long():
    time.sleep(10000)


def wait_for_lock():
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()


def wait_for_pipe():
    read_end, write_end = os.pipe()
    os.read(read_end, 1)


def wait_in_select():
    select.select([], [], [], 10000)


def start_daemon(function):
    thread = threading.Thread(target=function, name=function.__name__)
    thread.daemon = True
    thread.start()


def threads():
    if sys.version_info[0] == 2:
        # ceval.c gives up the GIL and takes it again every 100 instructions, also where nobody waits for it: 2 to 7 % of
        # the time nobody holds it. So it is free for a moment every few milliseconds only.
        sys.setcheckinterval(1000000)
    waiting = [sleep_long, wait_for_lock, wait_for_pipe, wait_in_select]
    for function in waiting:
        start_daemon(function)
    say('ready')
    spin()


def spinners():
    for _ in range(3):
        threading.Thread(target=spin, daemon=True).start()
    say('ready')
    spin()


def collect():
    class Node:
        pass

    nodes = []
    for number in range(300000):
        node = Node()
        node.me = node
        nodes.append(node)
    start_daemon(sleep_long)
    say('ready')
    while True:
        gc.collect()


def short_lived():
    time.sleep(0.005)


def churn():
    """Eight threads come and go in 10 ms."""
    say('ready')
    while True:
        several = [threading.Thread(target=short_lived) for _ in range(8)]
        for thread in several:
            thread.start()
        for thread in several:
            thread.join()
        time.sleep(0.005)


def idle():
    say('ready')
    sys.stdin.readline()


def execute():
    """Executes what a line on stdin says: a list of words, or 'itself'."""
    say('ready')
    words = json.loads(sys.stdin.readline())
    if words == 'itself':
        words = [sys.executable, __file__, 'execute']
    os.execv(words[0], words)


def heavy(until):
    while clock() < until:
        pass


def light(until):
    while clock() < until:
        pass


def split():
    """Spends 70 % of its time in one function and 30 % in another, in turns of a millisecond, and counts it itself."""
    say('ready')
    spent = [0.0, 0.0]
    while True:
        for turn, function, length in ((0, heavy, 0.0007), (1, light, 0.0003)):
            start = clock()
            function(start + length)
            spent[turn] += clock() - start
        if select.select([0], [], [], 0)[0]:
            os.read(0, 4096)
            say(spent)


if __name__ == '__main__':
    globals()[sys.argv[1]]()
