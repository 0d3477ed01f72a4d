"""Tasks that are hard to look at: in a ring, very many, many that await one, with namesakes of the interpreter's types, in several interpreters. Stands still when it is ready."""
import asyncio
import os
import sys
import threading

kept = []


def named(coroutine, name):
    kept.append(asyncio.get_running_loop().create_task(coroutine, name=name))
    return kept[-1]


async def awaiting(tasks, name):
    await tasks[name]


async def leaf(future):
    await future


async def ring():
    """a awaits b, b awaits c, c awaits a; d awaits a."""
    tasks = {}
    for name, other in (('a', 'b'), ('b', 'c'), ('c', 'a'), ('d', 'a')):
        tasks[name] = named(awaiting(tasks, other), name)


async def many(count):
    future = asyncio.get_running_loop().create_future()
    for number in range(count):
        named(leaf(future), 'n-%d' % number)


async def fans(count):
    """All await one, which awaits nothing that comes."""
    tasks = {'one': named(leaf(asyncio.get_running_loop().create_future()), 'one')}
    for number in range(count):
        named(awaiting(tasks, 'one'), 'fan-%d' % number)


class async_generator_asend:
    """Of the interpreter's own type it has the name alone; what lies where that has its generator is not awaited."""
    __slots__ = ('held',)

    def __init__(self, held):
        self.held = held

    def __await__(self):
        return self

    def __next__(self):
        future = asyncio.get_running_loop().create_future()
        future._asyncio_future_blocking = True  # as Future.__await__() yields itself
        return future


async def consumer(awaitable):
    await awaitable


async def namesakes():
    async def not_awaited():
        pass
    named(consumer(async_generator_asend(not_awaited())), 'namesake')


async def main(start, ready):
    await start
    for _ in range(3):
        await asyncio.sleep(0)
    ready()
    await asyncio.get_running_loop().create_future()


def say_ready():
    os.write(1, b'null\n')


there = '''
import asyncio, os

async def inner():
    await asyncio.get_running_loop().create_future()

async def there():
    task = asyncio.get_running_loop().create_task(inner(), name='inner %d')
    asyncio.current_task().set_name('there %d')
    await asyncio.sleep(0)
    os.write(%d, b'x')
    await task

asyncio.run(there())
'''


def interpreters(count):
    try:
        import _interpreters as interpreters
    except ImportError:
        import _xxsubinterpreters as interpreters
    heard, say = os.pipe()
    for number in range(count):
        interpreter = interpreters.create()
        kept.append(interpreter)
        threading.Thread(target=interpreters.run_string, args=(interpreter, there % (number, number, say)), daemon=True).start()
        os.read(heard, 1)


what, count = sys.argv[1], int(sys.argv[2])
if what == 'interpreters':
    interpreters(count)
asyncio.run(main({'ring': ring, 'many': lambda: many(count), 'fans': lambda: fans(count), 'interpreters': ring, 'namesakes': namesakes}[what](), say_ready))
