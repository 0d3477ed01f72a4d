"""A task that runs, and stands still in a function."""
import asyncio
import sys


def block():
    print('null', flush=True)
    sys.stdin.readline()


async def inner():
    await asyncio.sleep(0)
    block()


async def outer():
    await inner()


async def main():
    task = asyncio.get_running_loop().create_task(outer())
    task.set_name('blocking')
    await task


asyncio.run(main())
