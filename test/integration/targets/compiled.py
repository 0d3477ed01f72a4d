"""
Runs compiledFrames.c, which says what its thread does: `compiled.py FOLDER start|alternate`. Python 2.7 and 3.3 to 3.15.
"""
import gc
import sys
import time

sys.path.insert(0, sys.argv[1])
gc.disable()  # what is nonsense in the frames is so for the collector, too
import compiledFrames  # noqa: E402


def work(clock=time.time):
    end = clock() + .002
    while clock() < end:
        pass


def loads(hook):
    work()
    hook()


def one():
    pass


def other():
    pass


getattr(compiledFrames, sys.argv[2])(*((loads, work) if sys.argv[2] == 'start' else (one, other)))
print('{}')
sys.stdout.flush()
sys.stdin.readline()
