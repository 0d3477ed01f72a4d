"""A child that C forks, which Python knows nothing of, works; says its pid. A thread of the parent's goes on in the parent alone. Runs in 2.7, too."""
import ctypes
import json
import os
import sys
import threading
import time


def work():
    end = time.time() + 0.1
    while time.time() < end:
        pass


def child(parent):
    while os.getppid() == parent:
        work()
    os._exit(0)


waits = threading.Thread(target=time.sleep, args=(600,))
waits.daemon = True
waits.start()
ours = os.getpid()
pid = ctypes.PyDLL(None).fork()
if pid == 0:
    child(ours)
print(json.dumps(pid))
sys.stdout.flush()
sys.stdin.readline()
