"""Stops with a thread in another interpreter, and afterwards with that one gone."""
import json
import os
import threading

import stops

try:
    import _interpreters as interpreters  # 3.13+
except ImportError:
    import _xxsubinterpreters as interpreters

#: Runs in the other interpreter. Says its own stack, which ends in the read, then blocks in it.
source = '''
import json, os, sys, threading

def stack_of(frame):
    stack = []
    while frame is not None:
        code = frame.f_code
        stack.append([code.co_qualname, code.co_filename, frame.f_lineno or 0, code.co_firstlineno])
        frame = frame.f_back
    return stack[::-1]

def inner():
    facts = threading.get_ident(), stack_of(sys._getframe())
    facts[1][-1][2] += 2
    os.write({say}, json.dumps(facts).encode()), os.read({wait}, 1)

def outer(depth):
    return outer(depth - 1) if depth else inner()

def numbers():
    yield outer(20)

for number in numbers():
    pass
'''


created = []


def run_there(say, wait):
    interpreter = interpreters.create()
    created.append(int(interpreter))
    try:
        code = source.replace('{say}', str(say)).replace('{wait}', str(wait))
        interpreters.run_string(interpreter, code)
    finally:
        interpreters.destroy(interpreter)


def main():
    for number in range(2):
        heard, say = os.pipe()
        wait, release = os.pipe()
        thread = threading.Thread(target=run_there, args=(say, wait), name='runs another interpreter')
        thread.start()
        ident, stack = json.loads(os.read(heard, 65536))
        stops.other_stacks[ident, created[-1]] = stack
        stops.expect(f'in interpreter {number}')
        stops.hold()
        os.write(release, b'x')
        thread.join()
        stops.other_stacks.clear()
        stops.expect(f'after interpreter {number}')
        stops.hold()
    stops.finish()


main()
