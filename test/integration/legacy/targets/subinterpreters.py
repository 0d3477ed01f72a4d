"""Stops with a thread in another interpreter, and afterwards with that one gone. For 2.7 and 3.6 to 3.10."""
import ctypes
import json
import os
import threading

import stops

#: Runs in the other interpreter. Says its own stack, which ends in the read, then blocks in it.
source = '''
import json, os, sys

def stack_of(frame):
    stack = []
    while frame is not None:
        code = frame.f_code
        stack.append([code.co_name, code.co_filename, frame.f_lineno or 0, code.co_firstlineno])
        frame = frame.f_back
    return stack[::-1]

def inner():
    facts = stack_of(sys._getframe())
    facts[-1][2] += 2
    os.write({say}, json.dumps(facts).encode('ascii')), os.read({wait}, 1)

def outer(depth):
    return outer(depth - 1) if depth else inner()

def numbers():
    yield outer(20)

for number in numbers():
    pass
'''


def run_by_hand(code):
    """What run_in_subinterp() does, where there is none (2.7), but for the interpreter's end."""
    api = ctypes.pythonapi
    for function in (api.Py_NewInterpreter, api.PyThreadState_Get, api.PyThreadState_Swap):
        function.restype = ctypes.c_void_p
    # While another state is current than the one this function runs in, it may call C and nothing else, nor lose the GIL.
    stops.sys.setcheckinterval(10 ** 9)
    for _ in range(1000):
        pass
    new, swap, run, text = api.Py_NewInterpreter, api.PyThreadState_Swap, api.PyRun_SimpleString, ctypes.c_char_p(code)
    own, pointer = ctypes.c_void_p(api.PyThreadState_Get()), ctypes.c_void_p
    stack = stops.stack_of(stops.sys._getframe())
    stack[-1][2] += 3
    stops.other_stacks[stops.get_ident(), 0] = stack
    other = pointer(new()); run(text), swap(own)
    api.PyThreadState_Clear(other)
    api.PyThreadState_Delete(other)


try:
    from _testcapi import run_in_subinterp
except ImportError:
    run_in_subinterp = run_by_hand


def run_there(say, wait):
    stops.remember_thread()
    code = source.replace('{say}', str(say)).replace('{wait}', str(wait))
    ident = stops.get_ident()
    own = stops.stack_of(stops.sys._getframe())
    own[-1][2] += 2
    stops.other_stacks[ident, 0] = own; run_in_subinterp(code)


def main():
    for number in range(2):
        heard, say = os.pipe()
        wait, release = os.pipe()
        thread = threading.Thread(target=run_there, args=(say, wait), name='runs another interpreter')
        thread.start()
        stack = json.loads(os.read(heard, 65536).decode('ascii'))
        # In 3.6 interpreters have no numbers of their own, and the first one is gone then.
        stops.other_stacks[thread.ident, 1 if stops.sys.version_info[:2] == (3, 6) else number + 1] = stack
        stops.expect('in interpreter %d' % number)
        stops.hold()
        os.write(release, b'x')
        thread.join()
        stops.other_stacks.clear()
        stops.expect('after interpreter %d' % number)
        stops.hold()
    stops.finish()


main()
