"""A pool of gevent's workers in a program whose sleep is gevent's. Each worker calls functions of its own, in one order.

still: all of them sleep, and the program says of itself where each is. moving: they switch all the time.
"""
from gevent import monkey

monkey.patch_all()

import json
import sys
import time
import types

import gevent
import gevent.pool

workers = 8
depth = 4


def renamed(function, name):
    changes = {'co_name': name}
    if sys.version_info >= (3, 11):
        changes['co_qualname'] = name
    return types.FunctionType(function.__code__.replace(**changes), globals(), name)


def burn():
    total = 0
    for number in range(200):
        total += number * number
    return total


def inner(functions, rest, pause):
    burn()
    if rest:
        rest[0](functions, rest[1:], pause)
    else:
        time.sleep(pause)
    burn()


def outer(functions, rest, pause):
    while True:
        rest[0](functions, rest[1:], pause)


def start(pool, worker, pause):
    functions = [renamed(outer if level == 0 else inner, 'w%d_%d' % (worker, level)) for level in range(depth)]
    return pool.spawn(functions[0], functions, functions[1:], pause)


def stack_of(one):
    found = []
    frame = one.gr_frame
    while frame:
        code = frame.f_code
        found.append([getattr(code, 'co_qualname', code.co_name), code.co_filename, frame.f_lineno])
        frame = frame.f_back
    return found[::-1]


pool = gevent.pool.Pool(workers)
if sys.argv[1] == 'moving':
    for worker in range(workers):
        start(pool, worker, 0)
    print('null', flush=True)
    pool.join()
else:
    kept = [start(pool, worker, 10_000) for worker in range(workers)]
    kept.append(gevent.get_hub())
    time.sleep(0)
    time.sleep(0)
    print('null', flush=True)
    for line in sys.stdin:
        print(json.dumps([
            {'id': hex(id(one)), 'type': type(one).__name__, 'parent': hex(id(one.parent)), 'stack': stack_of(one)}
            for one in kept
        ]), flush=True)
