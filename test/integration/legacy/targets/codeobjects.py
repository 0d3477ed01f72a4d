"""Says of many code objects of the standard library what the interpreter itself makes of their line tables.

One line of JSON each: [file, name, first line, table, length of the bytecode, lines as a list of runs [length, line]].
"""
import binascii
import ctypes
import dis
import io
import json
import os
import sys

folder = os.path.dirname(os.__file__)
line_of = ctypes.pythonapi.PyCode_Addr2Line
line_of.argtypes = [ctypes.py_object, ctypes.c_int]
line_of.restype = ctypes.c_int
unit = 1 if sys.version_info < (3, 6) else 2


def codes(code):
    yield code
    for constant in code.co_consts:
        if isinstance(constant, type(code)):
            for inner in codes(constant):
                yield inner


def runs(code):
    """By what f_lineno rests on: PyCode_Addr2Line. -1 of it, no line, is 0 here."""
    found = []
    for address in range(0, len(code.co_code), unit):
        line = max(0, line_of(code, address))
        if found and found[-1][1] == line:
            found[-1][0] += 1
        else:
            found.append([1, line])
    return found


def table_of(code):
    return code.co_linetable if sys.version_info >= (3, 10) else code.co_lnotab


def say(name, source):
    for code in codes(compile(source, name, 'exec')):
        print(json.dumps([name, code.co_name, code.co_firstlineno, binascii.hexlify(table_of(code)).decode(), len(code.co_code), runs(code)]))


for name in sorted(name for name in os.listdir(folder) if name.endswith('.py'))[:int(sys.argv[1])]:
    with io.open(os.path.join(folder, name), 'rb') as file:
        say(name, file.read())
# What the library does not have: steps of more than 255 bytes and 127 lines, and back.
say('far', 'def f(x):\n' + '\n' * 400 + '    return [' + ', '.join('x[%d]' % i for i in range(300)) + ']\n' + '\n' * 130 + '    pass\n')
say('back', 'x = f(\n' + '\n' * 300 + '  1,\n' + '\n' * 200 + '  2)(\n 3)\n')
say('finally', 'def f():\n    while 1:\n        try:\n            return 1\n        finally:\n            if f:\n                continue\n            print(1)\n' if sys.version_info >= (3, 8) else 'pass\n')
