"""
A program whose functions hold so much in their locals that to free it takes a good part of the time (Python 2.7 to 3.15). It says
how much, in a line of JSON, and goes on for ever.
"""
import json
import os
import sys

try:
    from time import process_time as clock
except ImportError:
    from time import clock

filled = [0.0]


def fill():
    held = [[] for _ in range(20000)]
    filled[0] = clock()
    return len(held)


def main(cycles):
    filling = freeing = 0.0
    while cycles != 0:
        cycles -= 1
        before = clock()
        fill()
        after = clock()
        filling += filled[0] - before
        freeing += after - filled[0]
    return freeing / (filling + freeing)


# Lists are no garbage, and the collector has no part in this.
__import__('gc').disable()
print(json.dumps({'pid': os.getpid(), 'share': main(300)}))
sys.stdout.flush()
main(-1)
