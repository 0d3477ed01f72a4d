"""Says how the functions of the standard library call, by their source, beside their bytecode.

One line of JSON each: [file, name, first line, bytecode, co_names, co_varnames, co_cellvars + co_freevars, names].
The last are those under which something is called, sorted; null for each call of something without a name.
"""
import ast
import binascii
import io
import json
import os
import sys

folder = os.path.dirname(os.__file__)
functions = (ast.FunctionDef,) + ((ast.AsyncFunctionDef,) if hasattr(ast, 'AsyncFunctionDef') else ())
#: What has a code object of its own; what compiles to calls that the source does not show, or to none, or to several.
other_scopes = functions + (ast.Lambda, ast.ClassDef, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
unclear = (ast.Assert, getattr(ast, 'TryFinally', ast.Assert), ast.With, getattr(ast, 'AsyncWith', ast.With))


def codes(code):
    yield code
    for constant in code.co_consts:
        if isinstance(constant, type(code)):
            for inner in codes(constant):
                yield inner


def called(node):
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else None


def names_in(function):
    """Names of what the body calls; None when the source does not tell what it compiles to."""
    names = []
    left = list(function.body)
    while left:
        node = left.pop()
        if isinstance(node, other_scopes + unclear) or getattr(node, 'finalbody', None):
            return None
        if isinstance(node, ast.Call):
            name = called(node.func)
            if name is not None and name.startswith('__') and not name.endswith('__'):
                return None  # it depends on the class
            names.append(name)
        left.extend(ast.iter_child_nodes(node))
    return sorted(names, key=str)


def say(name, source):
    by_place = {(code.co_name, code.co_firstlineno): code for code in codes(compile(source, name, 'exec'))}
    for node in ast.walk(ast.parse(source, name)):
        if not isinstance(node, functions) or node.decorator_list:
            continue
        names = names_in(node)
        code = by_place.get((node.name, node.lineno))
        if names and code is not None:
            print(json.dumps([name, code.co_name, code.co_firstlineno, binascii.hexlify(code.co_code).decode(),
                              code.co_names, code.co_varnames, code.co_cellvars + code.co_freevars, names]))


for name in sorted(name for name in os.listdir(folder) if name.endswith('.py'))[:int(sys.argv[1])]:
    with io.open(os.path.join(folder, name), 'rb') as file:
        say(name, file.read())
