"""
Threads that wait: asked for one (a number on a line of stdin), it lets that one go on, which then waits again, in a
function of another name. Answers with the names of the functions that they wait in, in the order of their start.
"""
import json
import sys
import threading

count = 6
begin = [threading.Semaphore(0) for _ in range(count)]
arrived = threading.Semaphore(0)
places = [''] * count


def wait_here(index, place):
    places[index] = place
    arrived.release()
    begin[index].acquire()


def wait_0(index):
    wait_here(index, 'wait_0')


def wait_1(index):
    wait_here(index, 'wait_1')


def wait_2(index):
    wait_here(index, 'wait_2')


def run(index):
    while True:
        for wait in (wait_0, wait_1, wait_2):
            wait(index)


for index in range(count):
    threading.Thread(target=run, args=(index,), daemon=True).start()
    arrived.acquire()
print(json.dumps(places), flush=True)
for line in sys.stdin:
    begin[int(line)].release()
    arrived.acquire()
    print(json.dumps(places), flush=True)
