"""Programs that call all the time, in ways that make torn copies of their stacks show. Written so that 2.7 runs it."""
import functools
import re
import time

import edges

clock = getattr(time, 'perf_counter', time.time)


# Two chains of the same frame sizes: a stack with functions of both never existed.
def a4(x):
    return x + 1


def a3(x):
    return a4(x) + 1


def a2(x):
    return a3(x) + 1


def a1(x):
    return a2(x) + 1


def b4(x):
    return x - 1


def b3(x):
    return b4(x) - 1


def b2(x):
    return b3(x) - 1


def b1(x):
    return b2(x) - 1


def alternating():
    for _ in range(500):
        a1(1)
        b1(1)


def shared(x):
    return x + 1


def left(x):
    y = shared(x)
    y += 1
    return y


def right(x):
    y = x
    y = y * 2
    y = y + shared(y)
    return y


def sharing():
    for number in range(300):
        left(number)
        clock()
        shared(number)
        right(number)
        len((number, number))


def fibonacci(n):
    if n < 2:
        return n
    one = fibonacci(n - 1)
    two = fibonacci(n - 2)
    return one + two


def even(n):
    return True if n == 0 else odd(n - 1)


def odd(n):
    return False if n == 0 else even(n - 1)


def recursion():
    fibonacci(14)
    even(40)


def count(n):
    for i in range(n):
        yield i


def twice(source):
    for value in source:
        yield value
        yield value


def consume(values):
    total = 0
    for value in values:
        total += a1(value)
    return total


def generators():
    consume(count(30))
    consume(twice(count(20)))
    sum(count(50))
    list(twice(count(20)))
    sum(b1(value) for value in range(30))
    [a1(value) for value in count(20)]


class Failure(Exception):
    def __init__(self, reason):
        Exception.__init__(self, reason)
        self.reason = reason


def fail(depth):
    if depth == 0:
        raise Failure('deep')
    return fail(depth - 1) + 1


def survive(depth):
    try:
        return fail(depth)
    except Failure as failure:
        return a1(len(failure.reason))
    finally:
        b1(depth)


def exceptions():
    for depth in range(8):
        survive(depth)
        a1(depth)


class Number(object):
    def __init__(self, value):
        self.value = value

    def __add__(self, other):
        return Number(self.value + other.value)

    def __lt__(self, other):
        return self.value < other.value

    def __eq__(self, other):
        return self.value == other.value

    def __hash__(self):
        return hash(self.value)

    def __getitem__(self, index):
        return self.value + index

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        return False

    def __call__(self, x):
        return self.add(x)

    def __iter__(self):
        return iter(count(3))

    def add(self, x):
        return self.value + x

    @property
    def double(self):
        return self.value * 2

    @classmethod
    def make(cls, value):
        return cls(value)

    @staticmethod
    def plain(value):
        return value + 1


def objects():
    numbers = [Number(7919 * i % 31) for i in range(12)]
    numbers.sort()
    total = Number(0)
    for number in numbers:
        total = total + number
        number.add(
            number.double
        )
        number[3]
        number(4)
        Number.make(Number.plain(1))
        with number as same:
            a1(same.value)
        for part in number:
            part + 1
    set(numbers)


def key(x):
    return -x


def replace(match):
    return str(a1(int(match.group(1))))


def later(x, scale=1):
    return x * scale


partial = functools.partial(later, scale=3)
pattern = re.compile(r'(\d+)')


def callbacks():
    sorted(range(20), key=key)
    list(map(key, range(20)))
    list(filter(key, range(20)))
    pattern.sub(replace, 'a1b22c333')
    functools.reduce(lambda x, y: later(x) + y, range(10))
    partial(2)
    max(range(10), key=lambda x: key(x))
    key(3)
    sorted([partial, partial], key=id)
    apply_all(key, b1, later)
    later(*(1,), **{'scale': 2})
    later(1, scale=2)


def apply_all(*functions):
    for function in functions:
        function(2)


def everything():
    alternating()
    sharing()
    recursion()
    generators()
    exceptions()
    objects()
    callbacks()


if __name__ == '__main__':
    edges.main({
        'alternating': alternating,
        'sharing': sharing,
        'recursion': recursion,
        'generators': generators,
        'exceptions': exceptions,
        'objects': objects,
        'callbacks': callbacks,
        'everything': everything,
    })
