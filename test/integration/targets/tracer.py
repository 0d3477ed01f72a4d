"""Most of its time passes in a trace or profile function, a third of that before the traced function has begun. Runs in 2.7, too."""
import sys
import time

clock = getattr(time, 'perf_counter', time.time)


def busy():
    end = clock() + 0.0005
    while clock() < end:
        pass


def watch(frame, event, arg):
    # Called for Python's functions alone, so that each call of `leaf` is watched twice.
    if event in ('call', 'return') and frame.f_code is code:
        busy()
    return watch


def leaf(x):
    return x


def loop():
    while True:
        leaf(1)


code = leaf.__code__
print('"ready"')
sys.stdout.flush()
if sys.argv[1] == 'trace':
    sys.settrace(watch)
else:
    sys.setprofile(watch)
loop()
