"""What only Python 3 has: delegation, coroutines, asynchronous generators."""
import asyncio

import stops
from stops import scenario


def leaf(hold):
    hold()


@scenario
def delegation(hold):
    def numbers():
        leaf(hold)
        yield 1

    def delegate():
        yield from numbers()
        result = yield from delegate_deeper()
        return result

    def delegate_deeper():
        yield from numbers()
        leaf(hold)
        return 2

    list(delegate())


@scenario
def coroutines(hold):
    async def inner():
        leaf(hold)
        return 1

    async def outer():
        await inner()
        one = [await inner() for _ in range(1)]
        return one

    asyncio.new_event_loop().run_until_complete(outer())


@scenario
def tasks(hold):
    async def work():
        await asyncio.sleep(0)
        leaf(hold)

    async def both():
        await asyncio.gather(work(), work())

    asyncio.new_event_loop().run_until_complete(both())


@scenario
def asynchronous(hold):
    class Manager:
        async def __aenter__(self):
            leaf(hold)

        async def __aexit__(self, kind, value, trace):
            leaf(hold)

    async def numbers():
        leaf(hold)
        yield 1
        leaf(hold)

    async def outer():
        async with Manager():
            leaf(hold)
        async for _ in numbers():
            leaf(hold)

    asyncio.new_event_loop().run_until_complete(outer())


@scenario
def deep_coroutines(hold):
    async def down(n):
        if n == 0:
            return leaf(hold)
        await down(n - 1)

    asyncio.new_event_loop().run_until_complete(down(300))


@scenario
def keyword_only(hold):
    def inner(*, first, second=2):
        leaf(hold)

    inner(first=1)


@scenario
def names(hold):
    def größe():
        leaf(hold)

    def 函数():
        größe()

    函数()


if __name__ == '__main__':
    stops.main()
