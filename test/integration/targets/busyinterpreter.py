"""A thread that is busy in another interpreter all the time (Python 3.8 to 3.15)."""
import sys
import threading
import time

try:
    import _interpreters as interpreters  # 3.13+
except ImportError:
    import _xxsubinterpreters as interpreters

source = '''
import threading, time  # which calls the thread that imports it MainThread

def inside():
    until = time.time() + 0.01
    while time.time() < until:
        pass

while True:
    inside()
'''


def host():
    interpreters.run_string(interpreters.create(), source)


threading.Thread(target=host, name='host', daemon=True).start()
print('{}')
sys.stdout.flush()
time.sleep(1000)
