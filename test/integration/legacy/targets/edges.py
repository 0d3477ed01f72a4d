"""Runs a program for ever, or traces a few rounds of it and says every call it can make. For 2.7 and 3.6 to 3.10.

An edge is (caller, line it calls from, callee); functions are [name, file, first line, all its lines].
"""
import dis
import json
import os
import sys


def say(message):
    data = (json.dumps(message) + '\n').encode('ascii')
    while data:
        data = data[os.write(1, data):]


def main(programs, rounds=10):
    mode, name = sys.argv[1:3]
    program = programs[name]
    if mode == 'trace':
        say(trace(program, rounds))
        return
    say('ready')
    while True:
        program()


def trace(program, rounds):
    functions = {}
    lines = {}
    edges = set()

    def number(code):
        function = (code.co_name, code.co_filename, code.co_firstlineno)
        found = {line for _, line in dis.findlinestarts(code)} | {code.co_firstlineno}
        # 3.10 has instructions without a line.
        found |= {line or 0 for _, _, line in code.co_lines()} if hasattr(code, 'co_lines') else set()
        lines[function] = sorted(found)
        return functions.setdefault(function, len(functions))

    def called(frame, event, argument):
        if event == 'call' and frame.f_back is not None:
            edges.add((number(frame.f_back.f_code), frame.f_back.f_lineno or 0, number(frame.f_code)))

    # Not sys.setprofile: that one isn't told of a generator being thrown into.
    sys.settrace(called)
    try:
        for _ in range(rounds):
            program()
    finally:
        sys.settrace(None)
    return {'functions': [function + (lines[function],) for function in sorted(functions, key=functions.get)], 'edges': sorted(edges)}
