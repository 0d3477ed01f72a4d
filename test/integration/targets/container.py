"""One thread works, another waits for ever. Says its pid, as it sees it itself, and its prefix; ends with its stdin."""
import json
import os
import sys
import threading


def work():
    while True:
        sum(range(100))


def wait():
    lock = threading.Lock()
    lock.acquire()
    begun.set()
    lock.acquire()


def until_told():
    sys.stdin.read()
    os._exit(0)


begun = threading.Event()
for function in (wait, until_told):
    thread = threading.Thread(target=function, name=function.__name__)
    thread.daemon = True
    thread.start()
begun.wait()
sys.stdout.write(json.dumps({'pid': os.getpid(), 'prefix': getattr(sys, 'base_prefix', sys.prefix)}) + '\n')
sys.stdout.flush()
work()
