"""The main thread ends by pthread_exit(3) when it is told to, or at once; another one goes on. Runs in 2.7, too."""
import ctypes
import sys
import threading
import time


def work():
    end = time.time() + 0.1
    while time.time() < end:
        pass


def survive():
    print('"ready"')
    sys.stdout.flush()
    while True:
        work()


if 'later' not in sys.argv:
    threading.Timer(0.1, survive).start()
else:
    threading.Thread(target=survive).start()
    sys.stdin.readline()
ctypes.CDLL(None).pthread_exit(None)
