"""Suspended greenlets in all kinds of calls, in two threads. Says of itself where each is."""
import json
import sys
import threading

import greenlet

kept = []


def leaf():
    greenlet.getcurrent().parent.switch()


def down(depth):
    if depth:
        down(
            depth - 1
        )
    else:
        leaf()


def sorting():
    sorted([1], key=lambda value: down(3) or 0)


class Constructed:
    def __init__(self):
        down(2)


def constructing():
    Constructed()


def numbers():
    yield down(1)


def iterating():
    for number in numbers():
        pass


def nested(depth):
    """A greenlet started by a greenlet."""
    if depth:
        inner = Own(nested)
        kept.append(inner)
        inner.switch(depth - 1)
    sorting()


class Own(greenlet.greenlet):
    pass


def fill():
    for function, arguments in (
        (down, (0,)), (down, (400,)), (sorting, ()), (constructing, ()), (iterating, ()), (nested, (3,)),
    ):
        kept.append(greenlet.greenlet(function))
        kept[-1].switch(*arguments)
    for _ in range(100):
        kept.append(greenlet.greenlet(down))
        kept[-1].switch(5)


def waiting(ready, end):
    fill()
    def wait():
        # Here, where the thread's own greenlet has been left.
        ready.set()
        end.wait()
    child = greenlet.greenlet(wait)
    kept.append(greenlet.getcurrent())
    child.switch()


def stack_of(one):
    found = []
    frame = one.gr_frame
    while frame:
        code = frame.f_code
        found.append([getattr(code, 'co_qualname', code.co_name), code.co_filename, frame.f_lineno])
        frame = frame.f_back
    return found[::-1]


def ended():
    pass


ready, end = threading.Event(), threading.Event()
threading.Thread(target=waiting, args=(ready, end), daemon=True).start()
ready.wait()
fill()
kept.append(greenlet.greenlet(ended))
kept[-1].switch()
kept.append(greenlet.greenlet(ended))
unbegun = kept.pop()
print('null', flush=True)
for line in sys.stdin:
    # gr_frame is asked for after the look: from 3.12 on it changes how the frames are linked.
    current = greenlet.getcurrent()
    print(json.dumps([
        {
            'id': hex(id(one)),
            'type': type(one).__name__,
            'parent': hex(id(one.parent)) if one.parent is not None else None,
            'stack': stack_of(one),
        }
        for one in kept if one and one is not current
    ]), flush=True)
