"""Stops with several threads at once, each somewhere else."""
import queue
import sys
import threading

from stops import expect, finish, hold


def leaf():
    hold()


def worker(depth):
    if depth:
        worker(depth - 1)
    else:
        leaf()


def generating():
    def numbers():
        yield hold()

    for number in numbers():
        pass


def sorting():
    def key(value):
        hold()
        return 0

    sorted([1], key=key)


class Worker(threading.Thread):
    def run(self):
        hold()


def constructing():
    class Made:
        def __init__(self):
            hold()

    Made()


def run(name, threads):
    for thread in threads:
        thread.daemon = True
    expect(name, len(threads) + 1)
    for thread in threads:
        thread.start()
    hold()
    for thread in threads:
        thread.join()


def main():
    sys.setrecursionlimit(10_000)
    run('one', [threading.Thread(target=worker, args=(3,), name='only one')])
    run('several', [
        threading.Thread(target=worker, args=(0,), name='shallow'),
        threading.Thread(target=worker, args=(1000,), name='deep'),
        threading.Thread(target=generating, name='gén\u00e9ratrice'),
        threading.Thread(target=sorting, name='s\u0142owo \u65e5\u672c'),
        threading.Thread(target=constructing, name='\U0001f980'),
        Worker(name='a name that is longer than the fifteen bytes the system takes'),
    ])
    run('fewer', [threading.Thread(target=worker, args=(7,)), Worker()])
    run('many', [threading.Thread(target=worker, args=(number,), name=f'worker {number}') for number in range(60)])
    run('none', [])
    finish()


main()
