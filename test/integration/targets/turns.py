"""
Threads that take turns with the GIL, on whatever core each finds (Python 2.7 to 3.15). Each counts how often it did the same; asked
by a line on stdin, the program says how often each has. `turns.py COUNT`: beside so many threads that wait.
"""
import json
import sys
import threading
import time
from itertools import repeat

NAMES = ('first', 'second', 'third')
done = dict.fromkeys(NAMES, 0)
SPACE = {'repeat': repeat, 'done': done, 'time': time}
for name in NAMES:
    # The third one waits as long as it works.
    pause = 'time.sleep(0.005)' if name == 'third' else 'pass'
    exec('''
def {0}(x):
    for _ in repeat(None, 2000):
        x ^= 3
    return x

def run_{0}():
    while True:
        for _ in repeat(None, 50):
            {0}(0)
            done['{0}'] += 1
        {1}
'''.format(name, pause), SPACE)
    thread = threading.Thread(target=SPACE['run_' + name])
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
    print(json.dumps(done))
    sys.stdout.flush()
