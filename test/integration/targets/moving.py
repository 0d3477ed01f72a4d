"""Programs that call all the time, in ways that make torn copies of their stacks show."""
import asyncio
import functools
import re
import threading

import edges


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


def fibonacci(n):
    if n < 2:
        return n
    left = fibonacci(n - 1)
    right = fibonacci(n - 2)
    return left + right


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


def delegate(n):
    yield from twice(count(n))


def work(x):
    return x * x


def generators():
    total = 0
    for value in delegate(20):
        total += work(value)
    for value in count(20):
        work(value)
    total += sum(work(value) for value in count(20))
    total += len(list(twice(count(10))))
    generator = delegate(3)
    next(generator)
    next(generator)
    generator.close()
    return total


class Failure(Exception):
    def __init__(self, depth):
        super().__init__()
        self.depth = depth


def fail(depth):
    if depth == 0:
        raise Failure(depth)
    try:
        fail(depth - 1)
    finally:
        work(depth)


def exceptions():
    for depth in range(8):
        try:
            fail(depth)
        except Failure as failure:
            work(failure.depth)


class Point:
    def __init__(self, x):
        self.x = x
        self.prepare()

    def prepare(self):
        self.y = self.x

    @property
    def area(self):
        return work(self.x)

    def __lt__(self, other):
        return self.x < other.x

    def __del__(self):
        work(1)


class Sub(Point):
    def __init__(self, x):
        super().__init__(x)
        self.z = 1


def objects():
    for x in range(20):
        Point(x).area
        Sub(x)
    sorted([Point(3), Sub(2), Point(1)])


def by_number(value):
    return work(-value)


def add(a, b):
    return work(a) + b


def replace(match):
    return str(work(len(match.group())))


def nested(value):
    return len(sorted([3, 2, 1], key=by_number))


pattern = re.compile('a+')


def callbacks():
    for _ in range(5):
        sorted(range(20), key=by_number)
        list(map(by_number, range(20)))
        functools.reduce(add, range(20))
        pattern.sub(replace, 'a aa aaa aaaa')
        max(range(5), key=nested)


async def innermost(x):
    return work(x)


async def inner(x):
    return await innermost(x)


async def outer(x):
    await asyncio.sleep(0)
    return await inner(x)


async def produce():
    for x in range(5):
        yield x


async def consume():
    async for x in produce():
        work(x)


async def several():
    for x in range(10):
        await outer(x)
        await inner(x)
    await asyncio.gather(outer(1), consume())


local = threading.local()


def coroutines():
    if not hasattr(local, 'loop'):
        local.loop = asyncio.new_event_loop()
    local.loop.run_until_complete(several())


def everything():
    alternating()
    recursion()
    generators()
    exceptions()
    objects()
    callbacks()
    coroutines()


programs = (alternating, recursion, generators, exceptions, objects, callbacks, coroutines, everything)

if __name__ == '__main__':
    edges.main({program.__name__: program for program in programs})
