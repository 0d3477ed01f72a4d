"""
Programs as people write them, on the standard library (Python 2.7 to 3.15): `ordinary.py NAME`. Nobody knows the shares of their
functions beforehand: they are for comparing samplers. Says its pid in a line of JSON, then goes on for ever.
"""
import collections
import contextlib
import copy
import functools
import io
import json
import os
import string
import sys
import tokenize

try:
    from html.parser import HTMLParser
except ImportError:
    from HTMLParser import HTMLParser

with io.open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'shares.py'), encoding='utf-8') as source:
    SOURCE = source.read()


def tokens():
    return sum(len(token[1]) for token in tokenize.generate_tokens(io.StringIO(SOURCE).readline))


@contextlib.contextmanager
def depth(levels):
    levels.append(len(levels))
    try:
        yield levels
    finally:
        levels.pop()


class Timer(object):
    def __init__(self):
        self.entered = 0

    def __enter__(self):
        self.entered += 1
        return self

    def __exit__(self, kind, value, traceback):
        self.entered -= 1


def contexts():
    levels = []
    timer = Timer()
    for _ in range(200):
        with depth(levels) as outer, timer:
            with depth(outer):
                len(levels)


def logged(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)
    return wrapper


class Rectangle(object):
    def __init__(self, width, height):
        self._width, self._height = width, height

    @property
    @logged
    def width(self):
        return self._width

    @width.setter
    @logged
    def width(self, value):
        self._width = value

    @property
    @logged
    def area(self):
        return self.width * self._height


def properties():
    rectangle = Rectangle(2, 3)
    for size in range(200):
        rectangle.width = size
        if rectangle.area < rectangle.width:
            raise ValueError(size)


DEEP = {'numbers': list(range(20)), 'nested': [{'key%d' % i: [(i, str(i)), {i}] for i in range(10)} for _ in range(5)], 'shape': Rectangle(1, 2)}


def deepcopy():
    copy.deepcopy(DEEP)


PAGE = u'<html><head><title>A page</title></head><body>' + u''.join(
    u'<div class="row" id="r%d"><a href="/item/%d">Item %d &amp; more</a><br/><!-- %d --></div>' % (i, i, i, i) for i in range(40)) + u'</body></html>'


class Links(HTMLParser):
    def reset(self):
        HTMLParser.reset(self)
        self.links = []
        self.text = []

    def handle_starttag(self, tag, attrs):
        if tag == 'a':
            self.links.append(dict(attrs).get('href'))

    def handle_data(self, data):
        self.text.append(data)


def html():
    parser = Links()
    parser.feed(PAGE)
    parser.close()


def numbers(count):
    for number in range(count):
        yield number


def odd(source):
    for number in source:
        if number % 2:
            yield number


def squared(source):
    return (number * number for number in source)


def batches(source, size):
    batch = []
    for one in source:
        batch.append(one)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def pipeline():
    return sum(sum(batch) for batch in batches(squared(odd(numbers(2000))), 10))


TEMPLATE = string.Template('Dear $name, you owe ${amount} $currency since $date. $$ $name')


def template():
    for amount in range(50):
        TEMPLATE.substitute(name='Ada', amount=amount, currency='EUR', date='today')


class Encoder(json.JSONEncoder):
    def default(self, value):
        if isinstance(value, Rectangle):
            return {'width': value.width, 'area': value.area}
        return json.JSONEncoder.default(self, value)


THINGS = [{'id': i, 'shape': Rectangle(i, 2), 'tags': ['a', 'b', {'c': i}], 'ratio': i / 3.0} for i in range(40)]


def encode():
    json.dumps(THINGS, cls=Encoder, indent=1)
    len(list(Encoder().iterencode(THINGS)))


Row = collections.namedtuple('Row', 'id name price count')


def rows():
    total = 0
    for i in range(300):
        row = Row._make((i, 'name', 2.5, 3))
        total += row._replace(count=i).count + len(row._asdict())
    return total


ASYNCHRONOUS = '''
import asyncio
import socket


async def produce(queue, count):
    for number in range(count):
        await queue.put(number)
    await queue.put(None)


async def relay(source, sink):
    while True:
        number = await source.get()
        await sink.put(number)
        if number is None:
            return


async def consume(queue):
    total = 0
    while True:
        number = await queue.get()
        if number is None:
            return total
        total += number


async def hand_on():
    first, second = asyncio.Queue(4), asyncio.Queue(4)
    await asyncio.gather(produce(first, 200), relay(first, second), consume(second))


async def answer(reader, writer):
    while True:
        line = await reader.readline()
        if not line:
            break
        writer.write(line.upper())
        await writer.drain()
    writer.close()


async def converse():
    ours, theirs = socket.socketpair()
    reader, writer = await asyncio.open_connection(sock=ours)
    answering = asyncio.ensure_future(answer(*await asyncio.open_connection(sock=theirs)))
    for number in range(100):
        writer.write(b'line %d\\n' % number)
        await reader.readline()
    writer.close()
    await answering


loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)


def queues():
    loop.run_until_complete(hand_on())


def streams():
    loop.run_until_complete(converse())
'''

programs = dict((program.__name__, program) for program in (tokens, contexts, properties, deepcopy, html, pipeline, template, encode, rows))
if sys.version_info >= (3, 7):
    space = {'__name__': 'asynchronous'}
    exec(compile(ASYNCHRONOUS, 'asynchronous.py', 'exec'), space)
    programs.update(queues=space['queues'], streams=space['streams'])


def main(name):
    program = programs[name]
    program()
    print(json.dumps({'pid': os.getpid()}))
    sys.stdout.flush()
    while True:
        program()


if __name__ == '__main__':
    main(sys.argv[1])
