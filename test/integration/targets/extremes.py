"""Stops in deep recursion, in chains of 50 000 functions in all, at lines of a function of 100 000, and with 500 threads.

For every Python: with the stops.py of its kind.
"""
import sys
import threading

import stops
from stops import expect, finish, hold

on_data_stack = sys.version_info >= (3, 11)
block = 5000


def in_thread(function, *arguments):
    """Before 3.11 calls take of the C stack."""
    threading.stack_size(512 << 20)
    thread = threading.Thread(target=function, args=arguments, name='deep')
    thread.start()
    threading.stack_size(0)
    thread.join()


def descend(depth):
    if depth > 0:
        descend(depth - 1)
    else:
        hold()


def deep():
    for depth in (5000, 4990, 10) + ((20000, 50000) if on_data_stack else ()):
        expect('depth %d' % depth)
        descend(depth)


def chains():
    """Functions that call each other, `block` of them at a time."""
    names = {'hold': hold}
    lines = []
    for number in range(10 * block):
        lines.append('def function_%d():' % number)
        lines.append('    hold()' if number % block == block - 1 else '    return function_%d()' % (number + 1))
    exec(compile('\n'.join(lines), 'functions.py', 'exec'), names)
    for first in range(0, 10 * block, block):
        expect('functions from %d' % first)
        names['function_%d' % first]()


def long_function():
    stops_at = [1, 2, 3, 120, 128, 1000, 40000, 65530, 65536, 65537, 99999]
    lines = ['def long_one():'] + ['    x = %d' % (number & 7) for number in range(100000)]
    for line in stops_at:
        # Over several lines: the call's, not its argument's.
        lines[line] = '    hold(\n\n    )' if line == 65536 else '    hold()'
    names = {'hold': hold}
    exec(compile('\n'.join(lines), 'long.py', 'exec'), names)
    expect('lines')
    original = names['hold']

    def next_stop():
        original()
        expect('the next line')

    # The stop is a frame above: its line in long_one() counts.
    names['hold'] = next_stop
    names['long_one']()


def many(count, depth):
    def run():
        if hasattr(stops, 'remember_thread'):
            stops.remember_thread()
        descend(depth)

    threads = [threading.Thread(target=run, name='worker %d' % number) for number in range(count)]
    expect('%d threads' % count, count)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def main():
    sys.setrecursionlimit(200000)
    kinds = {'deep': deep, 'chains': chains, 'lines': long_function}
    chosen = sys.argv[-1]
    if chosen == 'threads':
        many(500, 300 if on_data_stack else 20)
    else:
        in_thread(kinds[chosen])
    finish()


main()
