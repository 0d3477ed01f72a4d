"""
Threads that take turns with the GIL, on whatever core each finds (Python 2.7 to 3.15). Each counts how often it did the same and how
many seconds it had the GIL; asked by a line on stdin, the program says both. `turns.py COUNT`: beside so many threads that wait.

Who does a round after its own had the GIL all the time between, waits for a core included, as nobody else came to do one (a turn is
5 ms, a round some 60 us): `held`. Where a round follows another thread's, the one before may have had the GIL up to then: `perhaps`.
"""
import json
import sys
import threading
import time
from itertools import repeat

NAMES = ('first', 'second', 'third')
done = dict.fromkeys(NAMES, 0)
held = dict.fromkeys(NAMES, 0.0)
perhaps = dict.fromkeys(NAMES, 0.0)
clock = getattr(time, 'perf_counter', time.time)
last = [clock(), NAMES[0]]


def count(name):
    now = clock()
    done[name] += 1
    if last[1] is name:
        held[name] += now - last[0]
    else:
        perhaps[last[1]] += now - last[0]
        last[1] = name
    last[0] = now


SPACE = {'repeat': repeat, 'count': count, 'time': time}
for name in NAMES:
    # The third one waits as long as it works.
    pause = 'time.sleep(0.005)' if name == 'third' else 'pass'
    exec('''
def {0}(x):
    for _ in repeat(None, 2000):
        x ^= 3
    return x

def run_{0}(name):
    while True:
        for _ in repeat(None, 50):
            {0}(0)
            count(name)
        {1}
'''.format(name, pause), SPACE)
    thread = threading.Thread(target=SPACE['run_' + name], args=(name,))
    thread.daemon = True
    thread.start()

never = threading.Event()
for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 0):
    thread = threading.Thread(target=never.wait)
    thread.daemon = True
    thread.start()

print(json.dumps({}))
sys.stdout.flush()
for _ in iter(sys.stdin.readline, ''):
    print(json.dumps({name: [held[name], perhaps[name]] for name in NAMES}))
    sys.stdout.flush()
