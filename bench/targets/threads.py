"""THREADS threads, BUSY of which work (15 calls deep) and the others wait, until it is killed."""
import sys
import threading

count, busy = int(sys.argv[1]), int(sys.argv[2])
started = threading.Barrier(count)
forever = threading.Lock()
forever.acquire()


def squares(n):
    total = 0
    for i in range(n):
        total += i * i % 7
    return total


def work(depth):
    if depth > 0:
        return work(depth - 1)
    started.wait()
    while True:
        squares(200)


def wait(depth):
    if depth > 0:
        return wait(depth - 1)
    started.wait()
    forever.acquire()


for index in range(1, count):
    threading.Thread(target=work if index < busy else wait, args=(12,), daemon=True).start()
while started.n_waiting < count - 1:
    pass
print("true", flush=True)
work(12)
