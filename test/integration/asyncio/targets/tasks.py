"""Tasks in all kinds of waits. Says of itself what each of them waits in, and who awaits it."""
import asyncio
import gc
import json
import sys
import threading
import types

try:
    import uvloop
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
except ImportError:
    pass  # the tests say who has it

started = threading.Barrier(3)
loops = []


async def leaf():
    await asyncio.get_running_loop().create_future()


async def middle():
    await leaf()


async def down(depth):
    if depth:
        await down(
            depth - 1
        )
    else:
        await leaf()


async def numbers():
    yield 1
    await leaf()
    yield 2


async def doubled():
    async for number in numbers():
        yield number * 2


async def iterating():
    async for number in doubled():
        pass


async def comprehending():
    return [number async for number in numbers()]


async def anext_default():
    iterator = numbers()
    await iterator.__anext__()
    await anext(iterator, None)


async def throwing():
    async def stubborn():
        try:
            yield 1
        finally:
            await leaf()

    generator = stubborn()
    await generator.asend(None)
    await generator.aclose()


class Awaitable:
    def __await__(self):
        for again in ordinary():
            yield from leaf().__await__()


def ordinary():
    yield 1


class Yielding:
    """Suspended at a plain yield, with a generator on its value stack."""

    def __await__(self):
        for again in ordinary():
            yield


async def awaiting_object():
    await Awaitable()


async def yielding():
    while True:
        await Yielding()


@types.coroutine
def old_style():
    yield from leaf().__await__()


async def awaiting_old_style():
    await old_style()


class Manager:
    async def __aenter__(self):
        pass

    async def __aexit__(self, *exception):
        await leaf()


async def leaving():
    async with Manager():
        pass


async def cancelling():
    try:
        await leaf()
    except asyncio.CancelledError:
        await middle()


async def ending():
    return 1


async def gathering():
    await asyncio.gather(named(middle(), 'gathered 1'), named(leaf(), 'gathered 2'))


async def grouping():
    async with asyncio.TaskGroup() as group:
        group.create_task(middle(), name='grouped 1')
        group.create_task(leaf(), name='grouped 2')
        await leaf()


async def left_group():
    async with asyncio.TaskGroup() as group:
        group.create_task(middle(), name='grouped 3')


async def awaiting(task):
    await task


async def waiting_for():
    await asyncio.wait_for(leaf(), 10_000)


async def queueing():
    await asyncio.Queue().get()


def named(coroutine, name):
    return asyncio.get_running_loop().create_task(coroutine, name=name)


class OwnTask(asyncio.Task):
    pass


kept = []


async def everything():
    loop = asyncio.get_running_loop()
    for function in (
        middle, iterating, comprehending, throwing, awaiting_object, awaiting_old_style, leaving, cancelling, ending,
        gathering, waiting_for, queueing,
    ):
        kept.append(named(function(), function.__name__))
    kept.append(named(down(30), 'down'))
    kept.append(named(down(400), 'deep'))
    kept.append(named(leaf(), 'n\xe4m\xe9d \u2603 \U0001f40d'))
    kept.append(loop.create_task(leaf()))
    if sys.version_info >= (3, 10):
        kept.append(named(anext_default(), 'anext_default'))
    if sys.version_info >= (3, 11):
        kept.append(named(grouping(), 'grouping'))
        kept.append(named(left_group(), 'left_group'))
    if sys.version_info >= (3, 12):
        kept.append(asyncio.eager_task_factory(loop, middle(), name='eager'))
    one = named(leaf(), 'awaited')
    kept.append(named(awaiting(one), 'awaiting'))
    kept.append(named(awaiting(kept[-1]), 'awaiting awaiting'))
    kept.append(named(awaiting(one), 'awaiting, too'))
    kept.append(OwnTask(leaf(), loop=loop, name='own class'))
    kept.append(asyncio.tasks._PyTask(middle(), loop=loop, name='in Python'))
    await asyncio.sleep(0)
    kept[7].cancel()
    await asyncio.sleep(0)
    started.wait()
    await leaf()


async def other():
    kept.append(named(middle(), 'in another thread'))
    await asyncio.sleep(0)
    started.wait()
    await leaf()


async def many(count):
    for number in range(count):
        kept.append(named(down(number % 5), 'one of many %d' % number))
    await asyncio.sleep(0)
    started.wait()
    await leaf()


def in_loop(main):
    loop = asyncio.new_event_loop()
    loops.append(loop)
    loop.set_debug(False)
    loop.run_until_complete(main)


def chain(awaitable):
    """What it waits in, outermost first."""
    found = []
    while awaitable is not None:
        for prefix, awaits in (('cr', 'cr_await'), ('gi', 'gi_yieldfrom'), ('ag', 'ag_await')):
            code = getattr(awaitable, prefix + '_code', None)
            if code is None:
                continue
            frame = getattr(awaitable, prefix + '_frame')
            found.append([getattr(code, 'co_qualname', code.co_name), code.co_filename, frame.f_lineno])
            awaitable = getattr(awaitable, awaits)
            break
        else:
            # asend(), aclose() and __await__() of a coroutine don't say what they stand for.
            hidden = [one for one in gc.get_referents(awaitable) if hasattr(one, 'ag_code') or hasattr(one, 'cr_code')]
            standing = type(awaitable).__name__ in ('async_generator_asend', 'async_generator_athrow', 'coroutine_wrapper', 'anext_awaitable')
            if type(awaitable).__name__ == 'anext_awaitable':
                hidden = hidden or [one for one in gc.get_referents(awaitable) if type(one).__name__ == 'async_generator_asend']
            awaitable = hidden[0] if standing and hidden else None
    return found


def awaiters(task):
    if sys.version_info < (3, 14) or not isinstance(task, asyncio.Future):
        return None
    graph = asyncio.capture_call_graph(task, limit=0)
    return sorted(one.future.get_name() for one in graph.awaited_by if hasattr(one.future, 'get_name'))


def facts():
    result = []
    for loop, thread in zip(loops, threads):
        # 3.14+: asyncio.all_tasks() leaves out those that are written in Python.
        written = getattr(asyncio.tasks, '_py_all_tasks', asyncio.all_tasks)
        for task in asyncio.all_tasks(loop) | written(loop):
            result.append({
                'name': task.get_name(),
                'stack': chain(task.get_coro()),
                'top': [[frame.f_code.co_name, frame.f_lineno] for frame in task.get_stack()],
                'awaiters': awaiters(task),
                'waits': task._fut_waiter is not None,
                'thread': thread.name if loop.is_running() else None,
            })
    return result


expected = {
    'gathered 1': ['gathering'], 'gathered 2': ['gathering'], 'awaited': ['awaiting', 'awaiting, too'],
    'awaiting': ['awaiting awaiting'], 'awaiting awaiting': [], 'gathering': [], 'down': [],
}
if sys.version_info >= (3, 11):
    expected.update({'grouped 1': ['grouping'], 'grouped 2': ['grouping'], 'grouped 3': ['left_group']})

count = int(sys.argv[1]) if len(sys.argv) > 1 else 0
threads = [
    threading.Thread(target=in_loop, args=(many(count) if count else everything(),), name='looper', daemon=True),
    threading.Thread(target=in_loop, args=(other(),), name='other looper', daemon=True),
]
# The loops in the order of their threads.
for thread in threads:
    before = len(loops)
    thread.start()
    while len(loops) == before:
        pass
started.wait()
still = asyncio.new_event_loop()
loops.append(still)
threads.append(threading.current_thread())
kept.append(still.create_task(middle(), name='not begun'))
held = still.create_task(yielding(), name='yielding')
still.call_soon(lambda: still.call_soon(still.stop))
still.run_forever()


def settle():
    """Waits until the loops have nothing to do."""
    for loop in loops[:2]:
        idle = threading.Event()
        loop.call_soon_threadsafe(lambda: loop.call_soon(idle.set))
        idle.wait()


settle()
print(json.dumps({'expected': expected}), flush=True)
for line in sys.stdin:
    print(json.dumps(facts()), flush=True)
