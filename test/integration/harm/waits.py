"""A program whose threads wait in C, briefly and often, while its main thread computes: `waits.py LIBRARY`, of waits.c. A line on standard input ends it."""
import ctypes
import json
import os
import sys
import threading

library = ctypes.CDLL(sys.argv[1])
quiet, _ = os.pipe()
readable, writable = os.pipe()


def waits(kind):
    library.waits(kind, readable if kind == 2 else quiet)


def feeds():
    library.feeds(writable)


def computes(ends):
    total = 0
    while not ends:
        total += sum(i * i for i in range(1000))


def ends(said):
    sys.stdin.readline()
    said.append(True)


said = []
threads = [threading.Thread(target=waits, args=(kind,)) for kind in range(5)] + [threading.Thread(target=feeds)]
for thread in threads + [threading.Thread(target=ends, args=(said,))]:
    thread.daemon = True
    thread.start()
print('{}')
sys.stdout.flush()
computes(said)
ctypes.c_int.in_dll(library, 'over').value = 1
os.write(writable, b'x' * 10)
threads[0].join()
counts = {name: list((ctypes.c_long * 5).in_dll(library, name)) for name in ('waited', 'interrupted')}
print(json.dumps(counts))
sys.stdout.flush()
sys.stdin.readline()
