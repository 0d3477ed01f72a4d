"""Multiplies numbers of the type that the last line on stdin named, all the time."""
import sys
import threading

numbers = [1] * 300


def work():
    product = 0
    while True:
        for größe in numbers:
            product = größe * größe


def obey():
    global numbers
    for line in sys.stdin:
        numbers = [1.5 if 'float' in line else 1] * 300


threading.Thread(target=obey, daemon=True).start()
print('"ready"', flush=True)
work()
