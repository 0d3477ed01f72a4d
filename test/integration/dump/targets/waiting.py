"""Threads that wait for each other, and one that runs or waits. Runs in every Python from 2.7 on."""
import json
import sys
import threading


class Point(object):
    def __init__(self, x, y):
        self.x = x
        self.y = y


lock = threading.Lock()
recursive = threading.RLock()
event = threading.Event()
lock.acquire()
recursive.acquire()


def plain(a, b, *args, **named):
    kept = [1, 2, 3]
    with lock:
        return kept


def again():
    with recursive:
        pass


def eventually():
    event.wait()


def join(other):
    other.join()


def outer(p, runs):
    q = {'k': p}

    def inner(z):
        made = (p, q, z)
        count = 0
        while runs:
            count += 1
            text = str(count)
        sys.stdin.readline()
        return made, text

    inner(5.5)


threads = [threading.Thread(target=plain, name='plain', args=(1, 'two', 3), kwargs={'w': Point(1, 2)}),
           threading.Thread(target=again, name='again'), threading.Thread(target=eventually, name='eventually')]
threads.append(threading.Thread(target=join, name='join', args=(threads[0],)))
for thread in threads:
    thread.daemon = True
    thread.start()
print(json.dumps(threading.current_thread().ident))
sys.stdout.flush()
outer(Point(3, [4]), sys.argv[1] == 'run')
