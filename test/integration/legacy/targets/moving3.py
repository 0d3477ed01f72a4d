"""Programs of Python 3 that call all the time: coroutines and delegating generators."""
import asyncio

import edges


def count(n):
    for i in range(n):
        yield i


def delegate(n):
    yield from count(n)
    yield from count(n)


def delegation():
    total = 0
    for value in delegate(30):
        total += twice(value)
    sum(delegate(30))
    return total


def twice(x):
    return x * 2


async def leaf(x):
    return twice(x)


async def middle(x):
    one = await leaf(x)
    await asyncio.sleep(0)
    two = await leaf(one)
    return one + two


async def numbers(n):
    for i in range(n):
        yield await leaf(i)


async def work():
    total = 0
    for i in range(20):
        total += await middle(i)
    async for value in numbers(10):
        total += value
    return total


async def gather():
    await asyncio.gather(work(), work(), work())


loop = asyncio.new_event_loop()


def coroutines():
    loop.run_until_complete(gather())


def send(coroutine):
    try:
        while True:
            coroutine.send(None)
    except StopIteration:
        pass


async def nested(n):
    return n if n == 0 else await nested(n - 1) + 1


def awaiting():
    for _ in range(20):
        send(nested(12))
        send(leaf(3))


def everything():
    delegation()
    coroutines()
    awaiting()


if __name__ == '__main__':
    edges.main({'delegation': delegation, 'coroutines': coroutines, 'awaiting': awaiting, 'everything': everything})
