"""Stops in Python functions called from C."""
import bisect
import collections
import contextvars
import copy
import ctypes
import enum
import functools
import gc
import heapq
import itertools
import json
import operator
import os
import pickle
import re
import signal
import sys
import weakref

from stops import main, scenario


def leaf(pause):
    pause()
    return 0


@scenario
def sort_key(pause):
    sorted([1], key=lambda value: leaf(pause))


@scenario
def sort_method(pause):
    [2].sort(
        key=lambda value:
            leaf(pause),
    )


class Ordered:
    def __init__(self, pause):
        self.pause = pause

    def __lt__(self, other):
        self.pause()
        return True

    def __eq__(self, other):
        self.pause()
        return True

    def __hash__(self):
        self.pause()
        return 1


def once(pause):
    """Stops the first time only."""
    calls = iter([pause])
    return lambda: next(calls, int)()


@scenario
def less_than(pause):
    first = once(pause)
    sorted([Ordered(first), Ordered(first)])


@scenario
def nested_sorts(pause):
    def by(depth):
        return leaf(pause) if depth == 0 else sorted([depth - 1], key=by)[0]

    sorted([15], key=by)


@scenario
def hash_and_equal(pause):
    {Ordered(once(pause)): 1}


@scenario
def mapped(pause):
    list(map(lambda value: leaf(pause), [1]))


@scenario
def mapped_loop(pause):
    for value in map(lambda value: leaf(pause), [1]):
        pass


@scenario
def filtered(pause):
    for value in filter(lambda value: leaf(pause), [1]):
        pass


@scenario
def reduced(pause):
    functools.reduce(lambda a, b: leaf(pause), [1, 2])


@scenario
def substituted(pause):
    re.sub('a', lambda match: str(leaf(pause)), 'a')


@scenario
def greatest(pause):
    max([1], key=lambda value: leaf(pause))


@scenario
def partial(pause):
    functools.partial(leaf, pause)()


@scenario
def cached(pause):
    @functools.lru_cache(maxsize=1)
    def function():
        return leaf(pause)

    function()


@scenario
def cached_property(pause):
    class Owner:
        @functools.cached_property
        def attribute(self):
            return leaf(pause)

    Owner().attribute


@scenario
def single_dispatch(pause):
    @functools.singledispatch
    def function(value):
        return leaf(pause)

    function(1)


@scenario
def python_iterator(pause):
    class Numbers:
        def __init__(self):
            self.count = 0

        def __iter__(self):
            return self

        def __next__(self):
            self.count += 1
            if self.count > 1:
                raise StopIteration
            return leaf(pause)

    for number in Numbers():
        pass


@scenario
def sequence_iterator(pause):
    class Numbers:
        def __getitem__(self, index):
            if index:
                raise IndexError
            return leaf(pause)

    for number in Numbers():
        pass


@scenario
def containment(pause):
    class Container:
        def __contains__(self, item):
            return leaf(pause)

    1 in Container()


@scenario
def truth(pause):
    class Value:
        def __bool__(self):
            return bool(leaf(pause))

    if Value():
        pass


@scenario
def representation(pause):
    class Value:
        def __repr__(self):
            return str(leaf(pause))

    str([Value()])


@scenario
def formatting(pause):
    class Value:
        def __format__(self, spec):
            return str(leaf(pause))

    f'{Value()}'


@scenario
def json_default(pause):
    json.dumps(object(), default=lambda value: leaf(pause))


@scenario
def json_hook(pause):
    json.loads('{"a": 1}', object_hook=lambda value: leaf(pause))


class Reduced:
    pause = None

    def __reduce__(self):
        leaf(Reduced.pause)
        return int, ()


@scenario
def pickled(pause):
    Reduced.pause = pause
    pickle.dumps([Reduced()])


@scenario
def copied(pause):
    class Value:
        def __deepcopy__(self, memo):
            return leaf(pause)

    copy.deepcopy([Value()])


@scenario
def weak_callback(pause):
    class Value:
        pass

    value = Value()
    reference = weakref.ref(value, lambda reference: leaf(pause))
    del value


@scenario
def c_callback(pause):
    # Through a C function pointer: qsort(3).
    compare_type = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
    calls = once(pause)

    def compare(a, b):
        calls()
        return 0

    array = (ctypes.c_int * 2)(2, 1)
    ctypes.CDLL(None).qsort(array, 2, 4, compare_type(compare))


@scenario
def signal_handler(pause):
    def handler(number, frame):
        leaf(pause)

    signal.signal(signal.SIGUSR1, handler)
    os.kill(os.getpid(), signal.SIGUSR1)
    signal.signal(signal.SIGUSR1, signal.SIG_DFL)


@scenario
def garbage(pause):
    class Cyclic:
        def __init__(self):
            self.me = self

        def __del__(self):
            leaf(pause)

    gc.disable()
    Cyclic()
    gc.collect()
    gc.enable()


@scenario
def garbage_callback(pause):
    stopped = once(pause)

    def callback(phase, facts):
        if phase == 'start':
            stopped()

    gc.callbacks.append(callback)
    gc.collect(0)
    gc.callbacks.remove(callback)


@scenario
def subclass_hook(pause):
    class Base:
        def __init_subclass__(cls):
            leaf(pause)

    class Derived(Base):
        pass


@scenario
def descriptor_hook(pause):
    class Descriptor:
        def __set_name__(self, owner, name):
            leaf(pause)

    class Owner:
        attribute = Descriptor()


@scenario
def enumeration(pause):
    class Colour(enum.Enum):
        RED = 1

        @classmethod
        def _missing_(cls, value):
            leaf(pause)
            return cls.RED

    Colour(7)


@scenario
def context(pause):
    contextvars.copy_context().run(lambda: leaf(pause))


@scenario
def missing_key(pause):
    collections.defaultdict(lambda: leaf(pause))['x']


@scenario
def method_caller(pause):
    class Value:
        def method(self):
            return leaf(pause)

    operator.methodcaller('method')(Value())


@scenario
def star_map(pause):
    list(itertools.starmap(leaf, [(pause,)]))


@scenario
def heap(pause):
    stopped = once(pause)
    heapq.heapify([Ordered(stopped), Ordered(stopped)])


@scenario
def bisection(pause):
    bisect.bisect([Ordered(once(pause))], Ordered(int))


@scenario
def traced(pause):
    done = []

    def trace(frame, event, argument):
        if event == 'call' and not done:
            done.append(1)
            leaf(pause)

    def function():
        pass

    sys.settrace(trace)
    function()
    sys.settrace(None)


@scenario
def profiled(pause):
    done = []

    def profile(frame, event, argument):
        if event == 'return' and not done:
            done.append(1)
            leaf(pause)

    def function():
        pass

    sys.setprofile(profile)
    function()
    sys.setprofile(None)


@scenario
def under_a_tracer(pause):
    # Instructions are replaced by their instrumented forms (3.12+).
    def generator():
        yield leaf(pause)

    def function():
        for value in generator():
            pass

    sys.settrace(lambda frame, event, argument: None)
    try:
        function()
    finally:
        sys.settrace(None)


@scenario
def imported(pause):
    import importlib.abc
    import importlib.machinery

    class Loader(importlib.abc.Loader):
        def create_module(self, spec):
            return None

        def exec_module(self, module):
            leaf(pause)

    class Finder(importlib.abc.MetaPathFinder):
        def find_spec(self, name, path, target=None):
            if name == 'made_up_module':
                return importlib.machinery.ModuleSpec(name, Loader())

    sys.modules.pop('made_up_module', None)
    sys.meta_path.insert(0, Finder())
    try:
        import made_up_module
    finally:
        del sys.meta_path[0]


if __name__ == '__main__':
    main()
