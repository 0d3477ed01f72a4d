"""Lets a program stand still at known places and say where each of its threads is. For 2.7 and 3.6 to 3.10.

A scenario calls its argument wherever it is to stop: it blocks in C, reading from a pipe. When the
kernel says that all announced threads are in that read, the reporter thread names the stop in a line of JSON
and waits. The test sends a line when it has seen that no thread moves any more: others may be on their way
still, and only from outside, with nobody holding the GIL, can that be told. Then the reporter writes every
thread's stack, waits for the next line on stdin, and lets them go on.
"""
import array
import ctypes
import fcntl
import io
import json
import os
import sys
import termios
import threading
import time

_read_end, _write_end = os.pipe()
#: Blocks in C until the test lets go. A built-in method without arguments that makes no Python frame.
hold = io.open(_read_end, 'rb', buffering=0).readline
#: Another built-in, which returns at once: the same scenario in passing.
passing = [].__len__

_c = ctypes.CDLL(None)
#: The kernel's ids by threading.get_ident(): threading knows them since 3.8 only.
native_ids = {}
#: Stacks that sys._current_frames() does not know or confuses, those of other interpreters, by thread ident and interpreter id.
other_stacks = {}
get_ident = getattr(threading, 'get_ident', None) or __import__('thread').get_ident
_name = ''
_expected = 1
_scenarios = []


def expect(name, threads=1):
    """Names the stops that follow; at the next one `threads` threads will call hold() and wait."""
    global _name, _expected
    _name = name
    _expected = threads


def remember_thread():
    native_ids[get_ident()] = _c.syscall(186)  # SYS_gettid on x86-64


def stack_of(frame):
    """[name, file, line, first line] of each frame, root first."""
    stack = []
    while frame is not None:
        code = frame.f_code
        stack.append([code.co_name, code.co_filename, frame.f_lineno or 0, code.co_firstlineno])
        frame = frame.f_back
    stack.reverse()
    return stack


def say(message):
    """Writes a line of JSON, whole."""
    data = (json.dumps(message) + '\n').encode('ascii')
    while data:
        data = data[os.write(1, data):]


def _is_held(task):
    """By /proc/PID/task/TID/syscall: number, arguments. read(2) is 0 on x86-64."""
    try:
        with io.open('/proc/self/task/%s/syscall' % task) as file:
            fields = file.read().split()
    except EnvironmentError:
        return False
    return fields[0] == '0' and fields[1] == hex(_read_end)


def _held():
    return sum(_is_held(task) for task in os.listdir('/proc/self/task'))


def _let_go(held):
    os.write(_write_end, b'\n' * held)
    # A write wakes one reader, and each wakes the next. While bytes are left, threads are in the read that are not held any more.
    left = array.array('i', [held])
    while left[0] > 0:
        time.sleep(0.0001)
        fcntl.ioctl(_read_end, termios.FIONREAD, left, True)


def _say_where(own_frame):
    me = get_ident()
    known = {thread.ident: thread for thread in threading.enumerate()}
    stacks = {(ident, 0): stack_of(own_frame if ident == me else frame) for ident, frame in sys._current_frames().items()}
    stacks.update(other_stacks)
    say({
        'threads': [
            {
                'ident': str(ident),
                'interpreter': interpreter,
                'native': native_ids.get(ident),
                'name': known[ident].name if ident in known else None,
                'stack': stack,
            }
            for (ident, interpreter), stack in stacks.items()
        ],
    })


def _report():
    global _expected
    remember_thread()
    while True:
        while _held() < _expected:
            time.sleep(0.0005)
        held = _expected
        _expected = 1
        say({'stop': _name})
        os.read(0, 4096)
        _say_where(sys._getframe()), os.read(0, 4096)
        _let_go(held)


remember_thread()
reporter = threading.Thread(target=_report, name='reporter')
reporter.daemon = True
reporter.start()


def scenario(function):
    """Registers a function of one argument: what to call where it stops."""
    _scenarios.append(function)
    return function


def run_scenario(function):
    name = function.__name__
    expect(name)
    function(hold)
    for _ in range(20):
        function(passing)
    expect(name + ', again')
    function(hold)


def main():
    """Runs all scenarios, or those that the arguments name."""
    chosen = sys.argv[1:]
    for function in _scenarios:
        if not chosen or function.__name__ in chosen:
            run_scenario(function)
    finish()


def finish():
    """Says that there is no further stop."""
    say({'stop': None})
