"""Says of code objects of the standard library what they call, as their source and the interpreter's own disassembler tell it."""
import ast
import dis
import gc
import json
import os
import sys
import types

import codeobjects


class Source(ast.NodeVisitor):
    """What the source of a module calls, by source ranges (line, column, end line, end column)."""

    def __init__(self, tree):
        self.names = {}
        self.arguments = {}
        self.decorators = set()
        self.iterated = set()
        self.comprehended = set()
        self.classes = []
        self.visit(tree)

    def mangled(self, name):
        if not self.classes or not name.startswith('__') or name.endswith('__'):
            return name
        owner = self.classes[-1].lstrip('_')
        return '_' + owner + name if owner else name

    def name_of(self, node):
        """[name, whether it is an attribute's], or None for what has no name."""
        if isinstance(node, ast.Name):
            return [self.mangled(node.id), False]
        return [self.mangled(node.attr), True] if isinstance(node, ast.Attribute) else None

    def visit_ClassDef(self, node):
        self.decorated(node)
        for part in node.bases + node.keywords + node.decorator_list:
            self.visit(part)
        self.classes.append(node.name)
        for part in node.body:
            self.visit(part)
        self.classes.pop()

    def visit_FunctionDef(self, node):
        self.decorated(node)
        self.generic_visit(node)

    visit_AsyncFunctionDef = visit_FunctionDef

    def decorated(self, node):
        for decorator in node.decorator_list:
            self.decorators.add(plain(decorator))
            if not isinstance(decorator, ast.Call):
                self.names[plain(decorator)] = self.name_of(decorator)

    def visit_Call(self, node):
        arguments = node.args + node.keywords
        for key in ranges(node):
            self.names[key] = self.name_of(node.func)
            # Comprehensions and lambdas may be code objects of their own, so that what they call may be among these or not.
            self.arguments[key] = [self.inner(arguments, False), self.inner(arguments, True)]
        self.generic_visit(node)

    def inner(self, nodes, all_of_them):
        found = []
        for node in nodes:
            if not all_of_them and isinstance(node, (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
                continue
            if isinstance(node, ast.Call):
                found.append(self.name_of(node.func))
            elif all_of_them and isinstance(node, ast.Attribute):
                found.append(self.name_of(node))
            found += self.inner(ast.iter_child_nodes(node), all_of_them)
        return [name for name in found if name]

    def visit_For(self, node):
        self.iterated.update(ranges(node.iter))
        self.generic_visit(node)

    def visit_Await(self, node):
        self.iterated.update(ranges(node.value))
        self.generic_visit(node)

    visit_YieldFrom = visit_Await

    def visit_comprehension(self, node):
        self.comprehended.update(ranges(node.iter))
        self.generic_visit(node)


def plain(node):
    return node.lineno, node.col_offset, node.end_lineno, node.end_col_offset


def ranges(call):
    """Ranges that the instruction of a call may have: a method's call begins at the method's name when that is on another line."""
    found = [plain(call)]
    func = getattr(call, 'func', None)
    if isinstance(func, ast.Attribute) and func.end_lineno != call.lineno:
        found.append((func.end_lineno, func.end_col_offset - len(func.attr), call.end_lineno, call.end_col_offset))
    return found


# Range, name that is called, whether that should be found, instruction.
NO_CALL = (None, None, False, None)


def describe(code, source):
    local = set(code.co_varnames + code.co_cellvars + code.co_freevars)
    calls, attributes, iterating = [], [], []
    decorated = {}
    # The last call, and the one whose result is iterated over next.
    called = iterated = NO_CALL
    before = []
    for instruction in dis.get_instructions(code):
        name, unit = instruction.opname, instruction.offset // 2
        if name in ('CACHE', 'PRECALL', 'KW_NAMES', 'EXTENDED_ARG', 'PUSH_NULL', 'NOT_TAKEN'):
            continue
        line, end_line, column, end_column = instruction.positions
        key = line, column, end_line, end_column
        if name.startswith('CALL') and not name.startswith('CALL_INTRINSIC'):
            truth = source.names.get(key)
            if key in source.decorators:
                decorated[key] = decorated.get(key, 0) + 1
                # What a call returned is called next, with the function that it decorates.
                if key in source.arguments and decorated[key] % 2 == 0:
                    truth = None
            if enters_or_exits(before, key):
                truth = None
            is_wanted = truth is not None and (truth[1] or truth[0] not in local)
            must, may = source.arguments.get(key, [[], []]) if truth else [[], []]
            must = [one for one, is_attribute in must if is_attribute or one not in local]
            called = key, truth[0] if truth else None, is_wanted, name
            calls.append([unit, *called[1:3], must, [one for one, _ in may]])
        elif name in ('GET_ITER', 'GET_YIELD_FROM_ITER', 'GET_AWAITABLE'):
            iterated = called if before and before[-1] == (called[-1], called[0]) else NO_CALL
        elif name in ('FOR_ITER', 'SEND'):
            at, of, is_wanted, _ = iterated
            is_true = at in source.iterated or at in source.comprehended
            iterating.append([unit, of if is_true else None, is_wanted and at in source.iterated])
            iterated = NO_CALL
        elif name == 'LOAD_ATTR':
            attributes.append([unit, instruction.argval])
        if name in ('LOAD_FAST_AND_CLEAR', 'SWAP') or name.startswith('BUILD_') and instruction.arg == 0:
            # A comprehension (3.15) begins its list between the call and GET_ITER.
            continue
        before = (before + [(name, key)])[-3:]
    return calls, attributes, iterating


def enters_or_exits(before, key):
    """Whether a call with these instructions before it is a `with` statement's own, at the range of what it manages."""
    if before and before[-1][0] == 'LOAD_SPECIAL':
        return True
    return len(before) == 3 and all(name in ('LOAD_CONST', 'LOAD_COMMON_CONSTANT') and at == key for name, at in before)


def show(kind, path, code, source):
    bytecode = getattr(code, '_co_code_adaptive', code.co_code)
    facts = [bytecode.hex(), code.co_linetable.hex(), code.co_firstlineno, code.co_names]
    print(json.dumps([kind, path, code.co_qualname, *facts, *describe(code, source)]))


def main():
    folder = codeobjects.folder
    paths = sorted(name for name in os.listdir(folder) if name.endswith('.py'))[:int(sys.argv[1])]
    paths += sorted('asyncio/' + name for name in os.listdir(os.path.join(folder, 'asyncio')) if name.endswith('.py'))
    sources = {}
    for path in [os.path.join(folder, one) for one in paths]:
        with open(path, 'rb') as file:
            text = file.read()
        source = sources[path] = Source(ast.parse(text))
        for code in codeobjects.codes(compile(text, path, 'exec')):
            show('compiled', path, code, source)
    # What ran until now was specialised.
    for one in gc.get_objects():
        if isinstance(one, types.FunctionType) and one.__code__.co_filename in sources:
            show('executed', one.__code__.co_filename, one.__code__, sources[one.__code__.co_filename])


if __name__ == '__main__':
    main()
