"""Lets a program stand still at known places and say where each of its threads is.

A scenario calls its argument where it is to stop: it blocks in C, reading from a pipe. When the
kernel says that all announced threads are in that read, the reporter thread names the stop in a line of JSON
and waits. The test sends a line when it has seen that no thread moves any more: others may be on their way
still, and only from outside, with nobody holding the GIL, can that be told. Then the reporter writes every
thread's stack, waits for the next line on stdin, and lets them go on.
"""
import json
import os
import sys
import threading
import time

_read_end, _write_end = os.pipe()
#: Blocks in C until the test lets go. A built-in method without arguments that makes no Python frame.
hold = open(_read_end, 'rb', buffering=0).readline
#: Another built-in, which returns at once: the same scenario in passing.
passing = [].__len__

_name = ''
_expected = 0
#: Stacks in other interpreters, which sys._current_frames() does not know, by thread ident and interpreter id.
other_stacks = {}
_scenarios = []


def expect(name, threads=1):
    """Announces a stop: `threads` threads will call hold() and wait."""
    global _name, _expected
    _name = name
    _expected = threads


def stack_of(frame):
    """[qualified name, file, line, first line] of each frame, root first."""
    stack = []
    while frame is not None:
        code = frame.f_code
        stack.append([code.co_qualname, code.co_filename, frame.f_lineno or 0, code.co_firstlineno])
        frame = frame.f_back
    stack.reverse()
    return stack


def say(message):
    """Writes a line of JSON, whole."""
    data = (json.dumps(message) + '\n').encode()
    while data:
        data = data[os.write(1, data):]


def _is_held(task):
    """By /proc/PID/task/TID/syscall: number, arguments. read(2) is 0 on x86-64 and 63 on aarch64."""
    try:
        with open(f'/proc/self/task/{task}/syscall') as file:
            fields = file.read().split()
    except OSError:
        return False
    return fields[0] in ('0', '63') and fields[1] == hex(_read_end)


def _held():
    return sum(_is_held(task) for task in os.listdir('/proc/self/task'))


def _say_where(own_frame):
    me = threading.get_ident()
    stacks = {(ident, 0): stack_of(own_frame if ident == me else frame) for ident, frame in sys._current_frames().items()}
    stacks.update(other_stacks)
    known = {thread.ident: thread for thread in threading.enumerate()}
    say({
        'threads': [
            {
                'ident': str(ident),
                'interpreter': interpreter,
                'native': known[ident].native_id if ident in known else None,
                'name': known[ident].name if ident in known else None,
                'stack': stack,
            }
            for (ident, interpreter), stack in stacks.items()
        ],
    })


def _report():
    global _expected
    while True:
        while _expected == 0 or _held() < _expected:
            time.sleep(0.0005)
        held = _expected
        _expected = 0
        say({'stop': _name})
        os.read(0, 4096)
        _say_where(sys._getframe()), os.read(0, 4096)
        os.write(_write_end, b'\n' * held)


threading.Thread(target=_report, name='reporter', daemon=True).start()


def scenario(function):
    """Registers a function of one argument: what to call where it stops."""
    _scenarios.append(function)
    return function


def run_scenario(function):
    """Stops in it when its instructions are new, and again when they are specialised."""
    name = function.__name__
    expect(name)
    function(hold)
    for _ in range(80):
        function(passing)
    expect(name + ', warm')
    function(hold)


def main():
    chosen = sys.argv[1:]
    for function in _scenarios:
        if not chosen or function.__name__ in chosen:
            run_scenario(function)
    finish()


def finish():
    """Says that there is no further stop."""
    say({'stop': None})
