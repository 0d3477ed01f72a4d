"""Runs a program for ever, in one thread or several, or traces a few rounds of it and says every call it can make.

An edge is (caller, line it calls from, callee); functions are [qualified name, file, first line, lines].
"""
import _thread
import dis
import json
import os
import sys
import types

#: CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR
generator_flags = 0x20 | 0x80 | 0x200


def say(message):
    data = (json.dumps(message) + '\n').encode()
    while data:
        data = data[os.write(1, data):]


def main(programs, rounds=30):
    mode, name, *threads = sys.argv[1:]
    program = programs[name]
    if mode == 'trace':
        say(trace(program, rounds))
        return
    for _ in range(1, int(threads[0]) if threads else 1):
        _thread.start_new_thread(repeat, (program,))
    say('ready')
    repeat(program)


def repeat(program):
    while True:
        program()


def trace(program, rounds):
    functions = {}
    codes = []
    edges = set()

    def number(code):
        key = code.co_qualname, code.co_filename, code.co_firstlineno, tuple({line or 0 for _, _, line in code.co_lines()})
        if key not in functions:
            functions[key] = len(functions)
            codes.append(code)
        return functions[key]

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
    for caller in list(codes):
        edges.update((number(caller), line, number(made)) for line, made in makes(caller, codes))
    return {'functions': list(functions), 'edges': sorted(edges)}


def makes(caller, codes):
    """Where a function makes generators: a call that begins and ends before any tracer is told."""
    line = caller.co_firstlineno
    for instruction in dis.get_instructions(caller):
        line = instruction.positions.lineno or line
        value = instruction.argval
        name = value.co_name if isinstance(value, types.CodeType) else value
        if isinstance(name, str):
            for code in codes:
                if code.co_flags & generator_flags and code.co_name == name:
                    yield line, code
