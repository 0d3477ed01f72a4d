"""Watches lines, or lines and instructions, of many functions, and says what their bytecode is and was. Stays until its stdin ends."""
import ast
import functools
import json
import sys
import textwrap
import types

from codeobjects import codes

TOOL = 3
events = sys.monitoring.events
modules = [ast, functools, json, textwrap, types]


def functions(module):
    for value in list(vars(module).values()):
        members = list(vars(value).values()) if isinstance(value, type) else [value]
        for member in members:
            if isinstance(member, types.FunctionType) and member.__module__ == module.__name__:
                yield member


def main():
    sys.monitoring.use_tool_id(TOOL, 'test')
    for event in (events.LINE, events.INSTRUCTION):
        sys.monitoring.register_callback(TOOL, event, lambda *arguments: None)
    found = {id(code): code for module in modules for function in functions(module) for code in codes(function.__code__)}
    for number, code in enumerate(found.values()):
        # Of every third one the instructions, too: of generators' code, of short code and of long code.
        sys.monitoring.set_local_events(TOOL, code, events.LINE | (events.INSTRUCTION if number % 3 == 0 else 0))
    # Bytecode is changed when a function is called for the next time: these are.
    textwrap.dedent('  a\n  b')
    textwrap.fill('some words ' * 30, 40)
    json.dumps({'a': [1, 2.5, None, {'b': 'c'}]}, indent=1)
    json.loads('{"a": [1, 2]}')
    ast.unparse(ast.parse('def f(a, *b, c=1):\n  return [x for x in a if x] + (yield)\n'))
    ast.dump(ast.parse('a = b'), indent=1)
    print(json.dumps([[id(code), code.co_qualname, code.co_code.hex(), code._co_code_adaptive.hex()] for code in found.values()]), flush=True)
    sys.stdin.read()


main()
