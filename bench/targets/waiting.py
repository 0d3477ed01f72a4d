"""
One thread works, five wait for ever in five ways, one sleeps 2 ms at a time. Asked for anything, it answers
what share of the time since it was last asked the napping thread had a CPU.
"""
import json
import queue
import select
import socket
import sys
import threading
import time


def work():
    while True:
        sum(range(1000))


def wait_for_sleep():
    time.sleep(1e6)


def wait_for_lock():
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()


def wait_for_queue():
    queue.Queue().get()


def wait_for_socket():
    ours, theirs = socket.socketpair()
    ours.recv(1)
    theirs.close()


def wait_for_select():
    ours, theirs = socket.socketpair()
    select.select([ours], [], [])
    theirs.close()


napped = 0


def nap():
    global napped
    while True:
        time.sleep(0.002)
        napped = time.thread_time()


for function in (work, wait_for_sleep, wait_for_lock, wait_for_queue, wait_for_socket, wait_for_select, nap):
    threading.Thread(target=function, daemon=True).start()
time.sleep(0.1)
print("true", flush=True)
cpu, since = napped, time.perf_counter()
for line in sys.stdin:
    cpu_now, now = napped, time.perf_counter()
    print(json.dumps((cpu_now - cpu) / (now - since)), flush=True)
    cpu, since = cpu_now, now
