"""Stops in coroutines and asynchronous generators, with and without an event loop."""
import asyncio
import contextlib

from stops import main, passing, scenario


def leaf(pause):
    pause()
    return 0


async def inner(pause):
    return leaf(pause)


async def middle(pause):
    return await inner(
        pause
    )


async def outer(pause):
    await asyncio.sleep(0)
    return await middle(pause)


def drive(coroutine):
    """Runs a coroutine that never really waits, without an event loop."""
    try:
        while True:
            coroutine.send(None)
    except StopIteration as end:
        return end.value


@scenario
def sent(pause):
    drive(inner(pause))


@scenario
def awaited(pause):
    drive(middle(pause))


@scenario
def run(pause):
    asyncio.run(outer(pause))


@scenario
def tasks(pause):
    async def several():
        await asyncio.gather(outer(passing), outer(pause), outer(passing))

    asyncio.run(several())


@scenario
def task_group(pause):
    async def several():
        async with asyncio.TaskGroup() as group:
            group.create_task(outer(passing))
            group.create_task(outer(pause))

    asyncio.run(several())


@scenario
def deep(pause):
    async def down(depth):
        if depth:
            return await down(depth - 1)
        await asyncio.sleep(0)
        return leaf(pause)

    asyncio.run(down(30))


async def numbers(pause):
    await asyncio.sleep(0)
    yield leaf(pause)
    await asyncio.sleep(0)


@scenario
def async_generator(pause):
    async def consume():
        async for number in numbers(pause):
            pass

    asyncio.run(consume())


@scenario
def async_generator_body(pause):
    async def consume():
        async for number in numbers(passing):
            leaf(pause)

    asyncio.run(consume())


@scenario
def async_comprehension(pause):
    async def consume():
        return [number async for number in numbers(pause)]

    asyncio.run(consume())


@scenario
def async_generator_nested(pause):
    async def doubled():
        async for number in numbers(pause):
            yield number * 2

    async def consume():
        async for number in doubled():
            pass

    asyncio.run(consume())


@scenario
def async_generator_without_loop(pause):
    async def generate():
        yield leaf(pause)

    async def consume():
        async for number in generate():
            pass

    drive(consume())


@scenario
def async_manager(pause):
    @contextlib.asynccontextmanager
    async def managed():
        await asyncio.sleep(0)
        leaf(pause)
        yield

    async def use():
        async with managed():
            pass

    asyncio.run(use())


@scenario
def async_manager_class(pause):
    class Managed:
        async def __aenter__(self):
            await inner(passing)

        async def __aexit__(self, *exception):
            await inner(pause)

    async def use():
        async with Managed():
            pass

    asyncio.run(use())


@scenario
def callback(pause):
    async def wait():
        future = asyncio.get_running_loop().create_future()

        def finish():
            leaf(pause)
            future.set_result(1)

        asyncio.get_running_loop().call_soon(finish)
        await future

    asyncio.run(wait())


@scenario
def cancelled(pause):
    async def sleeping():
        try:
            await asyncio.sleep(1000)
        except asyncio.CancelledError:
            leaf(pause)
            raise

    async def cancel():
        task = asyncio.create_task(sleeping())
        await asyncio.sleep(0)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(cancel())


@scenario
def awaitable_object(pause):
    class Awaitable:
        def __await__(self):
            yield from asyncio.sleep(0).__await__()
            return leaf(pause)

    async def use():
        await Awaitable()

    asyncio.run(use())


if __name__ == '__main__':
    main()
