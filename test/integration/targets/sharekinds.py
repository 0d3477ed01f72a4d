"""How the programs of shares.py call their leaves: templates of the code, and what runs it."""
import functools
import sys
from itertools import repeat

try:
    from _thread import allocate_lock, start_new_thread
except ImportError:
    from thread import allocate_lock, start_new_thread

TIMED_TURNS = 50000
TIMED = '''
def timed(x):
    for _ in repeat(None, %d):
        x ^= 3
    return x
''' % TIMED_TURNS

FUNCTION = '''
def {name}(x, y=0):
    {body}
    return x
'''
METHOD = '''
class Of{name}(Thing):
    def {name}(self, x):
        {body}
        return x
Thing.{name} = Of{name}.__dict__['{name}']
'''
PROPERTY = '''
class Of{name}(Thing):
    @property
    def {name}(self):
        x = 0
        {body}
        return x
Thing.{name} = Of{name}.__dict__['{name}']
'''
GENERATOR = '''
def {name}(x):
    for _ in ten:
        {body}
        yield x
'''
DELEGATING = GENERATOR + '''
def of_{name}(x):
    x = yield from {name}(x)
'''
AWAITED = '''
async def {name}(x):
    {body}
    return x
'''
PAUSING = '''
async def {name}(x):
    await pause
    {body}
    return x
'''
TASK = '''
async def {name}(x):
    {body}
    await sleep(0)
    {body}
'''
CONSUMER = '''
async def {name}(queue):
    while True:
        x = await queue.get()
        {body}
'''
COMPILED = '''
text_{name} = """
def {name}(x):
    {body}
    return x
{name}(0)
"""
'''
THREAD = '''
def {name}():
    x = 0
    {body}
    done.release()
'''
DRIVER = 'def driver(x):'
ASYNC_DRIVER = 'async def driver(x):'


class Kind(object):
    def __init__(self, leaf, statements, driver=DRIVER, calls=1, runner='calls', smallest=1, since=(2, 7), bounds=None, uniform=False, end=(), empty=None):
        self.leaf = leaf
        # What the driver does to call a leaf, in each of several ways; how often each way runs a leaf's body.
        self.statements = statements
        self.calls = calls
        self.driver = driver
        self.end = end
        self.runner = runner
        # us a call takes at least in mixed programs: well above what calling it so takes.
        self.smallest = smallest
        self.since = since
        # Threads take turns: what part of the time of all of them is the leaves', at least and at most.
        self.several = bounds is not None
        # What is not the leaves' was measured at its best and in the beginning. What the system does for an event loop takes up to a third
        # more when others are busy on the same host, which turns of a loop don't.
        slack = 1.5 if runner == 'loop' else 1
        self.bounds = bounds or (lambda overhead: (max(0, 1 - slack * overhead), 1))
        # Turns of leaves that do nothing but have all that it takes to call them.
        self.empty = empty
        # Whether all lines of the driver do the same.
        self.uniform = uniform


def one_of_two_runs(_):
    """How soon a thread gets its turn is the system's, and on a busy machine anything: only shares among leaves are known."""
    return 0, 0.5


asynchronous = {'driver': ASYNC_DRIVER, 'runner': 'loop', 'smallest': 30, 'since': (3, 7)}
KINDS = {
    'plain': Kind(FUNCTION, ['x = {name}(x)'], uniform=True),
    'methods': Kind(METHOD, ['x = thing.{name}(x)'], uniform=True),
    'properties': Kind(PROPERTY, ['x = thing.{name}'], uniform=True),
    'callbacks': Kind(FUNCTION, ['sorted(ten, key={name})', 'list(map({name}, ten))', 'reduce({name}, eleven)'], calls=10),
    'generators': Kind(GENERATOR, ['for x in {name}(x): pass'], calls=10),
    'cgenerators': Kind(GENERATOR, ['x = sum({name}(x)) & 1', 'x = len(list({name}(x))) & 1', 'i = {name}(x)' + '; next(i)' * 10], calls=10),
    'delegating': Kind(DELEGATING, ['for x in of_{name}(0): pass'], calls=10, since=(3, 3)),
    'awaits': Kind(AWAITED, ['x = await {name}(x)'], driver=ASYNC_DRIVER, runner='sends', since=(3, 5), uniform=True),
    'pauses': Kind(PAUSING, ['x = await {name}(x)'], driver=ASYNC_DRIVER, runner='sends', since=(3, 5), uniform=True),
    'callsoon': Kind(FUNCTION, ['loop.call_soon({name}, x)'], end=['await sleep(0)'] * 2, **asynchronous),
    'tasks': Kind(TASK, ['tasks.append(ensure_future({name}(x)))'], calls=2, end=['await gather(*tasks)', 'del tasks[:]'], **asynchronous),
    'queues': Kind(CONSUMER, ['put("{name}", {name}); await sleep(0)'], end=['await sleep(0)'] * 3, **asynchronous),
    'compiled': Kind(COMPILED, ['exec(compile(text_{name}, "compiled.text", "exec"), {{"repeat": repeat}})'], smallest=100, empty=0),
    'handover': Kind(FUNCTION, ['mine.acquire(); x = {name}(x); theirs.release()'], driver='def driver(x, mine, theirs):', runner='handover', smallest=100, bounds=one_of_two_runs),
    'threads': Kind(THREAD, ['start({name}, ()); done.acquire()'], smallest=300, bounds=one_of_two_runs),
    'lines': Kind('', [], runner='calls'),
}


def body(turns):
    """What a leaf does, as lines; `turns` is None for nothing at all."""
    return [] if turns is None else ['for _ in repeat(None, %d):' % turns, '    x ^= 3']


def filled(template, name, turns):
    lines = []
    for line in template.strip('\n').split('\n'):
        indent = line[:len(line) - len(line.lstrip())]
        lines.extend([indent + one for one in body(turns)] if line.strip() == '{body}' else [line.format(name=name)])
    return lines


def write(kind, turns, order):
    """The text of a program, and the shares of its lines that are known."""
    if kind is KINDS['lines']:
        return write_lines()
    lines = []
    for name in sorted(turns):
        lines.extend(filled(kind.leaf, name, turns[name]))
    names = ['driver', 'other'] if kind.runner == 'handover' else ['driver']
    shares = {}
    for driver in names:
        lines.append(kind.driver.replace('driver', driver))
        for name, way in order if driver == 'driver' else reversed(order):
            lines.append('    ' + kind.statements[way].format(name=name))
            if kind.uniform and turns[name] is None:
                shares['%s:%d' % (driver, len(lines))] = 1.0 / len(order)
        lines.extend('    ' + one for one in kind.end)
        lines.append('    return x')
    return '\n'.join(lines) + '\n', shares


def write_lines():
    """A function whose lines do the same 1, 2, 3 and 5 times, again and again."""
    lines = ['def driver(x):', '    for _ in repeat(None, 20):']
    shares = {}
    for part in (1, 5, 2, 3, 3, 2, 5, 1, 2, 3, 1, 5, 5, 1, 3, 2):
        lines.append('        ' + '; '.join(['x ^= 3'] * part))
        shares['driver:%d' % len(lines)] = part / 44.0
    lines.append('    return x')
    return '\n'.join(lines) + '\n', shares


class Pause(object):
    def __await__(self):
        return iter((None,))


SPACE = {
    'repeat': repeat, 'reduce': functools.reduce, 'ten': tuple(range(10)), 'eleven': tuple(range(11)), 'start': start_new_thread,
    'done': allocate_lock(), 'pause': Pause(), '__name__': 'shares',
}
SPACE['done'].acquire()


def run_calls(space, cycles):
    driver = space['driver']
    for _ in repeat(None, cycles):
        driver(0)


def run_sends(space, cycles):
    driver = space['driver']
    for _ in repeat(None, cycles):
        coroutine = driver(0)
        try:
            while True:
                coroutine.send(None)
        except StopIteration:
            pass


def run_handover(space, cycles):
    first, second, ended = allocate_lock(), allocate_lock(), allocate_lock()
    second.acquire()
    ended.acquire()

    def run_other():
        other = space['other']
        for _ in repeat(None, cycles):
            other(0, second, first)
        ended.release()
    start_new_thread(run_other, ())
    driver = space['driver']
    for _ in repeat(None, cycles):
        driver(0, first, second)
    ended.acquire()


def run_loop(space, cycles):
    import asyncio
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    queues = {}
    tasks = []

    def put(name, consumer):
        queue = queues.get(name)
        if queue is None:
            queue = queues[name] = asyncio.Queue()
            tasks.append(loop.create_task(consumer(queue)))
        queue.put_nowait(0)
    space.update(loop=loop, sleep=asyncio.sleep, ensure_future=asyncio.ensure_future, gather=asyncio.gather, tasks=[], put=put)
    driver = space['driver']
    if cycles > 1000000:
        loop.run_until_complete(for_ever(driver))
    for _ in repeat(None, cycles):
        loop.run_until_complete(driver(0))
    for task in tasks:
        task.cancel()
    if tasks:
        loop.run_until_complete(asyncio.wait(tasks))
    loop.close()


RUNNERS = {'calls': run_calls, 'sends': run_sends, 'handover': run_handover, 'loop': run_loop}

if sys.version_info >= (3, 5):
    exec('async def for_ever(driver):\n    while True:\n        await driver(0)\n')
