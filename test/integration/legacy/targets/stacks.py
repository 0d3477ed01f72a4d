# -*- coding: utf-8 -*-
"""Every way to call something that both 2.7 and 3.10 have."""
import functools
import gc
import operator
import re
import sys
import threading
import weakref

import stops
from stops import scenario

sys.setrecursionlimit(10000)


def leaf(hold):
    hold()


@scenario
def plain(hold):
    leaf(hold)


@scenario
def keywords(hold):
    def inner(first, second=None, *rest, **others):
        leaf(hold)

    inner(1, 2)
    inner(1, second=2)
    inner(*(1, 2, 3), **{'key': 4})


@scenario
def several_lines(hold):
    def add(*values):
        leaf(hold)

    add(
        1,
        2,
    )
    add(1,
        add(
            2),
        3)


@scenario
def nested_functions(hold):
    def outer():
        def inner():
            leaf(hold)
        inner()
    outer()
    (lambda: leaf(hold))()


@scenario
def conditional(hold):
    def pick(value):
        leaf(hold)
        return value

    pick(1 if pick(True) else 2)
    pick(0) or pick(1) and pick(2)


@scenario
def recursion(hold):
    def down(n):
        if n == 0:
            return leaf(hold)
        return down(n - 1)

    down(1500)


@scenario
def deep_and_back(hold):
    def down(n):
        if n == 0:
            return 0
        return 1 + down(n - 1)

    down(400)
    leaf(hold)


class Base(object):
    def __init__(self, hold):
        self.hold = hold
        leaf(hold)

    def method(self):
        leaf(self.hold)

    def __call__(self, *arguments):
        leaf(self.hold)
        return 1

    @property
    def attribute(self):
        leaf(self.hold)
        return 1

    @classmethod
    def of_class(cls, hold):
        leaf(hold)

    @staticmethod
    def static(hold):
        leaf(hold)

    def __getattr__(self, name):
        leaf(self.__dict__['hold'])
        return 1

    def __getitem__(self, index):
        leaf(self.hold)
        return index

    def __setitem__(self, index, value):
        leaf(self.hold)

    def __add__(self, other):
        leaf(self.hold)
        return self

    def __iadd__(self, other):
        leaf(self.hold)
        return self

    def __neg__(self):
        leaf(self.hold)
        return self

    def __lt__(self, other):
        leaf(self.hold)
        return False

    def __eq__(self, other):
        leaf(self.hold)
        return False

    def __hash__(self):
        leaf(self.hold)
        return 1

    def __contains__(self, item):
        leaf(self.hold)
        return False

    def __len__(self):
        leaf(self.hold)
        return 1

    def __iter__(self):
        leaf(self.hold)
        return iter([1])

    def __enter__(self):
        leaf(self.hold)
        return self

    def __exit__(self, kind, value, trace):
        leaf(self.hold)
        return True

    def __str__(self):
        leaf(self.hold)
        return 'text'


class Derived(Base):
    def __init__(self, hold):
        Base.__init__(self, hold)

    def method(self):
        super(Derived, self).method()


@scenario
def construction(hold):
    Derived(hold)


@scenario
def methods(hold):
    one = Derived(stops.passing)
    one.hold = hold
    one.method()
    one.of_class(hold)
    Base.static(hold)
    one()
    bound = one.method
    bound()


@scenario
def operators(hold):
    one = Base(stops.passing)
    one.hold = hold
    one.attribute
    one.missing
    one[1]
    one[2] = 3
    one + 1
    one += 1
    -one
    one < one
    one == 1
    {one: 1}
    1 in one
    if one:
        pass
    for _ in one:
        pass
    with one:
        raise ValueError('in the block')
    str(one)
    '%s' % one


@scenario
def from_c(hold):
    def called(*arguments):
        leaf(hold)
        return 0

    list(map(called, [1]))
    sorted([1], key=called)
    list(filter(called, [1]))
    functools.reduce(called, [1, 2])
    re.sub('a', lambda match: called() or 'b', 'a')
    functools.partial(called, 1)()
    max([1], key=called)
    operator.methodcaller('method')(Holder(called))
    getattr(Holder(called), 'attribute')
    sum(called() for _ in range(1))
    next(iter(called, 0), None)


class Holder(object):
    def __init__(self, called):
        self.called = called

    def method(self):
        self.called()

    @property
    def attribute(self):
        return self.called()


@scenario
def class_body(hold):
    class Body(object):
        leaf(hold)
    return Body


@scenario
def decorated(hold):
    def decorate(function):
        leaf(hold)

        @functools.wraps(function)
        def wrapper(*arguments):
            return function(*arguments)
        return wrapper

    @decorate
    def inner():
        leaf(hold)

    inner()


@scenario
def comprehensions(hold):
    [leaf(hold) for _ in range(1)]
    {leaf(hold) for _ in range(1)}
    {leaf(hold): 1 for _ in range(1)}
    list(leaf(hold) for _ in range(1))


@scenario
def exceptions(hold):
    def fail():
        raise KeyError('x')

    try:
        fail()
    except KeyError:
        leaf(hold)
    try:
        try:
            fail()
        finally:
            leaf(hold)
    except KeyError:
        pass
    try:
        pass
    except ValueError:
        pass
    else:
        leaf(hold)
    try:
        fail()
    except (ValueError, KeyError) as error:
        try:
            raise ValueError(error)
        except ValueError:
            leaf(hold)


@scenario
def raised_from_deep(hold):
    def down(n):
        if n == 0:
            raise ValueError('deep')
        down(n - 1)

    for _ in range(3):
        try:
            down(50)
        except ValueError:
            leaf(hold)
    leaf(hold)


@scenario
def generators(hold):
    def numbers(n):
        for i in range(n):
            leaf(hold)
            yield i

    def through(source):
        for value in source:
            yield value

    for _ in numbers(2):
        pass
    for _ in through(through(numbers(1))):
        leaf(hold)
    next(numbers(1))
    list(numbers(1))
    started = numbers(2)
    next(started)
    leaf(hold)
    next(started)
    one, = numbers(1)


@scenario
def sent_and_thrown(hold):
    def echo():
        while True:
            try:
                value = yield
                leaf(hold)
            except KeyError:
                leaf(hold)

    running = echo()
    next(running)
    running.send(1)
    running.throw(KeyError('thrown'))
    running.close()


@scenario
def abandoned(hold):
    def keeper():
        try:
            yield 1
        finally:
            leaf(hold)

    one = keeper()
    next(one)
    del one


@scenario
def destructors(hold):
    class Mortal(object):
        def __del__(self):
            leaf(hold)

    one = Mortal()
    del one
    one = Mortal()
    one = 1
    [Mortal()]


@scenario
def collected(hold):
    class Node(object):
        pass

    def gone(reference):
        leaf(hold)

    node = Node()
    node.node = node
    reference = weakref.ref(node, gone)
    del node
    gc.collect()
    return reference


@scenario
def executed(hold):
    namespace = {'leaf': leaf, 'hold': hold}
    exec(compile('def made():\n\n    leaf(hold)\n\nmade()\n', '<made up>', 'exec'), namespace)
    eval(compile('leaf(hold)', 'no file', 'eval'), namespace)


@scenario
def long_code(hold):
    lines = ['def long(leaf, hold):'] + ['    x%d = %d' % (i, i) for i in range(600)] + ['    leaf(hold)'] + [''] * 300 + ['    leaf(hold)']
    lines += ['    for _ in range(1):', '        leaf(', '            hold)', '    y = [%s]' % ', '.join(str(i) for i in range(400)), '    leaf(hold)']
    namespace = {}
    exec(compile('\n'.join(lines) + '\n', 'long.py', 'exec'), namespace)
    namespace['long'](leaf, hold)


@scenario
def forgotten_code(hold):
    for i in range(3):
        namespace = {}
        exec(compile('def f%d(leaf, hold):\n%s    leaf(hold)\n' % (i, '\n' * i), 'forgotten%d.py' % i, 'exec'), namespace)
        namespace.pop('f%d' % i)(leaf, hold)
        del namespace
        gc.collect()


@scenario
def traced(hold):
    def trace(frame, event, argument):
        return trace

    def inner():
        leaf(hold)

    sys.settrace(trace)
    try:
        inner()
    finally:
        sys.settrace(None)


def in_threads(names, stop):
    """Starts threads that all wait, and lets them end after the stop."""
    def work(depth):
        if depth > 0:
            return work(depth - 1)
        stops.remember_thread()
        stops.hold()

    threads = [threading.Thread(target=work, args=(depth,), name=name) for depth, name in enumerate(names)]
    stops.expect(stop, len(threads) + 1)
    for thread in threads:
        thread.start()
    stops.hold()  # or it might be on its way from start() to join()
    for thread in threads:
        thread.join()


def threads():
    in_threads(['one', 'two', 'drei ü', 'four'], 'four threads')
    in_threads(['worker %d' % number for number in range(40)], 'forty threads')
    in_threads(['last'], 'one thread')


if __name__ == '__main__':
    if len(sys.argv) == 1:
        threads()
    stops.main()
