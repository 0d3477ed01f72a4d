# -*- coding: utf-8 -*-
"""Makes values of all kinds, and says of each where it is and how it is to be shown. Runs in every Python from 2.7 on."""
from __future__ import print_function, unicode_literals

import collections
import datetime
import decimal
import fractions
import functools
import json
import os
import random
import sys
import threading

PY2 = sys.version_info[0] == 2
cases = []
keep = []
text = type('')


def add(value, expected=None, name=None):
    """How a value is to be shown: as its repr, unless said otherwise; {at} stands for where it is."""
    keep.append(value)
    if expected is None:
        expected = repr(value)
        if PY2:
            expected = expected.decode('latin-1')
    expected = expected.replace('{at}', hex(id(value)).rstrip('L'))
    cases.append({'address': id(value), 'expected': expected, 'name': name or type(value).__name__})


def more(whole, count):
    return '%s… %d more' % (whole, count) if count else whole


# Numbers
for value in (0, 1, -1, 2, 255, 256, 257, -5, -6, 2 ** 15, 2 ** 30 - 1, 2 ** 30, -2 ** 30, 2 ** 31, 2 ** 60 - 1, 2 ** 60, 2 ** 62,
              2 ** 63 - 1, 2 ** 63, -2 ** 63, -2 ** 63 - 1, 2 ** 64, 10 ** 40, -10 ** 70, 3 ** 150):
    add(value)
numbers = random.Random(1)
for bits in range(1, 260, 7):
    add(numbers.getrandbits(bits) * numbers.choice((1, -1)))
big = 7 ** 200
add(big, '%s…%s (%d digits)%s' % (str(big)[:40], str(big)[-40:], len(str(big)), 'L' if PY2 else ''))
add(1 << 20000, '<int of 19981 to 20010 bits>' + ('L' if PY2 else ''))
add(True)
add(False)
add(None)
add(Ellipsis)
add(NotImplemented)
for value in (0.0, -0.0, 1.0, 1.5, -2.25, 0.1, 1e15, 1e16, 1e17, 123456789012345678.0, 1e-4, 1e-5, 1.5e-7, 1e300, 5e-324, 1.7976931348623157e308,
              float('inf'), float('-inf'), float('nan'), 1 / 3.0, 100.0, 9007199254740993.0):
    add(value)
for _ in range(60):
    add(numbers.uniform(-1, 1) * 10 ** numbers.randint(-30, 30))
for value in (1j, 1 + 2j, -1.5 - 2.5j, complex(0, 0), complex(-0.0, 1), complex(1e20, 1e-20), complex('nan'), complex(0, float('inf')),
              complex(1, -0.0)):
    add(value)

# Text
for value in ('', 'a', 'abc', "it's", '"both\' kinds"', 'tab\tnew\nline\rreturn\\back', 'é', 'ÿ', 'Ā', '日本', '😀', 'a😀b', '\x00', '\x7f\x80\x9f\xa0\xad',
              '\u2028\u200b\ufeff', 'mixed é 日 😀 end', 'x' * 80):
    add(value)
if not PY2:
    add('\ud800')
    add('a\udcffb')
for value in ('x' * 81, 'é' * 200, '日' * 1000, '😀' * 100000):
    add(value, more(repr(value[:80]) if not PY2 else repr(value[:80]).decode('ascii'), len(value) - 80))
for value in (b'', b'abc', b'\x00\xff\'', b'"\'', bytes(bytearray(range(60)))):
    add(value)
add(b'x' * 100, more(repr(b'x' * 80) if not PY2 else repr(b'x' * 80).decode('ascii'), 20))
add(bytearray(b''))
add(bytearray(b'abc\xff'), "bytearray(b'abc\\xff')")
moved = bytearray(b'0123456789')
del moved[:3]
add(moved, "bytearray(b'3456789')")

# Containers
add([])
add([1, 2.5, None, True])
add([[1], [2, [3]]])
add([[[[1]]]], '[[[[…]]]]')
add(list(range(10)))
add(list(range(1000)), '[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, … 990 more]')
cycle = [1]
cycle.append(cycle)
add(cycle, '[1, [...]]')
add(())
add((1,))
add((1, 'a' if not PY2 else 1, (2, 3)))
add(tuple(range(12)), '(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, … 2 more)')
add({})
add({1: 2})
add({1: {2: [3]}})
loop = {}
loop[1] = loop
add(loop, '{1: {...}}')
mixed = {}
for i in range(9):
    mixed[i if i % 2 else (i, 'x')] = [i]
add(mixed)
names = {}
for i in range(8):
    names['key%d' % i] = i
add(names)
deleted = dict((i, i) for i in range(200))
for i in range(190):
    del deleted[i]
add(deleted)
large = dict((i, i) for i in range(100000))
add(large, '{%s, … 99990 more}' % ', '.join('%d: %d' % (i, i) for i in range(10)))
add(set())
add(frozenset())
add({5})
add(frozenset([7]))
add(set(range(100)), ('{%s, … 90 more}' if not PY2 else 'set([%s, … 90 more])') % ', '.join(str(i) for i in range(10)))
gone = set(range(50))
for i in range(45):
    gone.discard(i)
add(gone)
for value in (collections.deque(), collections.deque([1, 2, 3]), collections.deque([1, 2], maxlen=5), collections.deque(range(10))):
    add(value)
turned = collections.deque(range(500))
turned.rotate(130)
add(turned, 'deque([%s, … 490 more])' % ', '.join(str(i) for i in list(turned)[:10]))
crossing = collections.deque(range(100))
for i in range(95):
    crossing.popleft()
for i in range(4):
    crossing.append(i)
add(crossing)
add(collections.defaultdict(int, {1: 2}), 'defaultdict({1: 2})')
if not PY2:
    add(collections.OrderedDict([(1, 2), (3, 4)]), 'OrderedDict({1: 2, 3: 4})')
add(collections.Counter([1, 1, 2]), 'Counter({1: 2, 2: 1})')
add(range(5) if not PY2 else [0], None)
if not PY2:
    add(range(2, 10, 3))
    add(range(10 ** 20, 10 ** 21))
add(slice(1, None, 2))

# Times
D = datetime


def short(value):
    return repr(value).replace('datetime.', '')


for value in (D.date(2024, 2, 29), D.date(1, 1, 1), D.date(9999, 12, 31), D.datetime(2024, 2, 29), D.datetime(2024, 2, 29, 13, 5),
              D.datetime(2024, 2, 29, 13, 5, 7), D.datetime(2024, 2, 29, 13, 5, 0, 123), D.datetime(2024, 2, 29, 13, 5, 59, 999999),
              D.time(), D.time(1, 2), D.time(1, 2, 3), D.time(1, 2, 3, 4)):
    add(value, short(value))
for days, seconds, micros, expected in ((0, 0, 0, '0'), (1, 0, 0, 'days=1'), (-1, 5, 0, 'days=-1, seconds=5'), (0, 0, 7, 'microseconds=7'),
                                        (999999999, 86399, 999999, 'days=999999999, seconds=86399, microseconds=999999')):
    add(D.timedelta(days, seconds, micros), 'timedelta(%s)' % expected)
if not PY2:
    zone = D.timezone(D.timedelta(hours=2))
    add(D.timezone.utc, 'timezone.utc')
    add(zone, 'timezone(timedelta(seconds=7200))')
    add(D.timezone(D.timedelta(hours=-1), 'X'), "timezone(timedelta(days=-1, seconds=82800), 'X')")
    add(D.datetime(2024, 1, 2, 3, 4, 5, 6, tzinfo=D.timezone.utc), 'datetime(2024, 1, 2, 3, 4, 5, 6, tzinfo=timezone.utc)')
    add(D.datetime(2024, 1, 2, 3, 4, fold=1), 'datetime(2024, 1, 2, 3, 4, fold=1)')
    add(D.time(3, tzinfo=zone), 'time(3, 0, tzinfo=timezone(timedelta(seconds=7200)))')
if sys.version_info >= (3, 9):
    import zoneinfo
    try:
        add(zoneinfo.ZoneInfo('Europe/Berlin'), "ZoneInfo(key='Europe/Berlin')")
    except Exception:
        pass

# Numbers of the library
Decimal = decimal.Decimal
for value in ('0', '1', '-1', '1.50', '0.001', '1E+10', '1.5E-10', '-0', '1234567890123456789012345678901234567890', '0.00000001', '1E-6', '1E-7', 'Infinity',
              '-Infinity', 'NaN', 'sNaN', 'NaN123', '10000000000000000000', '1.10000000000000000000000', '0E-10', '0E+3', '99.9'):
    if not PY2:
        add(Decimal(value), "Decimal('%s')" % Decimal(value))
add(fractions.Fraction(3, 4), 'Fraction(3, 4)')
part = fractions.Fraction(-10 ** 30, 7)
add(part, 'Fraction(%r, %r)' % (part.numerator, part.denominator))


# Classes
class Plain(object):
    pass


class Slots(object):
    __slots__ = ('first', 'second', 'unset')


class Both(Slots):
    pass


class Text(text):
    pass


class Integer(int):
    pass


class Items(list):
    pass


class Lookup(dict):
    pass


class Bare(tuple):
    pass


class Failure(ValueError):
    pass


def instance(cls, *attributes):
    value = cls()
    for name, content in attributes:
        setattr(value, name, content)
    return value


add(Plain(), '<Plain at {at}>')
add(instance(Plain, ('a', 1), ('b', [2])), '<Plain at {at}: a=1, b=[2]>')
for count in (1, 5, 29, 31, 40):  # beyond some number, they move from shared keys to a dict
    pairs = [('n%02d' % i, i) for i in range(count)]
    shown = ', '.join('%s=%d' % pair for pair in pairs[:10]) + (', … %d more' % (count - 10) if count > 10 else '')
    if not PY2 or count == 1:
        add(instance(Plain, *pairs), '<Plain at {at}: %s>' % shown)
asked = instance(Plain, ('a', 1))
asked.__dict__['b'] = 2
if not PY2:
    add(asked, '<Plain at {at}: a=1, b=2>')
own = instance(Plain, ('a', 1))
own.__dict__ = {'x': 7}
add(own, '<Plain at {at}: x=7>')
removed = instance(Plain, ('a', 1), ('b', 2), ('c', 3))
del removed.b
if not PY2:
    add(removed, '<Plain at {at}: a=1, c=3>')
me = Plain()
me.me = me
add(me, '<Plain at {at}: me=<Plain at {at} ...>>')
add(Slots(), '<Slots at {at}>')
add(instance(Slots, ('first', 1), ('second', 2.5)), '<Slots at {at}: first=1, second=2.5>')
add(instance(Both, ('first', 1), ('other', 3)), '<Both at {at}: first=1, other=3>')
add(Text('abc'), "Text(%s)" % ("u'abc'" if PY2 else "'abc'"))
add(instance(Text, ('tag', 1)), "Text(%s, tag=1)" % ("u''" if PY2 else "''"))
add(Integer(12345678901234567890 if not PY2 else 12), 'Integer(%s)' % (12 if PY2 else 12345678901234567890))
add(instance(Integer, ('tag', 1)), 'Integer(0, tag=1)')
add(Items([1, 2]), 'Items([1, 2])')
add(Lookup({1: 2}), 'Lookup({1: 2})')
add(Bare([1, 2]), 'Bare((1, 2))')
Point = collections.namedtuple('Point', 'x y')
add(Point(1, [2]), 'Point(x=1, y=[2])')
add(ValueError(1, 2), 'ValueError(1, 2)')
add(KeyError(), 'KeyError()')
add(Failure(3), 'Failure(3)')
custom = Failure(1)
custom.code = 42
add(custom, 'Failure(1, code=42)')
add(Plain, "<class '__main__.Plain'>")
add(int, "<type 'int'>" if PY2 else "<class 'int'>")
add(collections.OrderedDict, "<class 'collections.OrderedDict'>")
add(collections.deque, "<%s 'collections.deque'>" % ('type' if PY2 else 'class'))
add(os, "<module 'os'>")
add(sys, "<module 'sys'>")
add(add, '<function add at {at}>')
add(len)
growing = []
add(growing.append, '<built-in method append of list object at %s>' % hex(id(growing)).rstrip('L'))


class Methods(object):
    def method(self):
        pass

    @classmethod
    def create(cls):
        class Inner(object):
            pass
        return Inner


bound = Methods()
add(bound.method, '<bound method %s of <Methods at %s>>' % ('method' if PY2 else 'Methods.method', hex(id(bound)).rstrip('L')))
keep.append(bound)
if not PY2:
    add(Methods.create(), "<class '__main__.Methods.create.<locals>.Inner'>")


def generate():
    yield 1


running = generate()
add(running, '<generator object %sat {at}>' % ('' if PY2 else 'generate '))
add(threading.Lock(), '<unlocked _thread.lock at {at}>')
held = threading.Lock()
held.acquire()
add(held, '<locked _thread.lock at {at}>')
if not PY2:
    again = threading.RLock()
    add(again, '<unlocked _thread.RLock owner=0 count=0 at {at}>')
    mine = threading.RLock()
    mine.acquire()
    mine.acquire()
    add(mine, '<locked _thread.RLock owner=%d count=2 at {at}>' % threading.get_ident())


class Old:
    def __init__(self):
        self.a = 1


if PY2:
    add(Old(), '<Old at {at}: a=1>')
    add(1, '1')
    add(2 ** 70)
    add(str('abc'))
    add(b'caf\xc3\xa9')

if sys.version_info >= (3, 4):
    import enum
    import pathlib

    class Color(enum.Enum):
        RED = 1
        GREEN = 'g'

    class Level(enum.IntEnum):
        LOW = 1

    class Flags(enum.Flag):
        A = 1
        B = 2

    add(Color.RED, '<Color.RED: 1>')
    add(Color.GREEN, "<Color.GREEN: 'g'>")
    add(Level.LOW, '<Level.LOW: 1>')
    add(Flags.A, '<Flags.A: 1>')
    for path in ('/tmp/x', 'relative/y', '.', '/', 'a//b/./c', '/usr/lib/../bin'):
        add(pathlib.Path(path))
    add(pathlib.Path('/tmp') / 'below' / 'x.txt')
    asked_path = pathlib.Path('/some') / 'where'
    str(asked_path)
    add(asked_path)
    add(pathlib.PurePosixPath('q'))

if sys.version_info >= (3, 7):
    import dataclasses
    Data = dataclasses.make_dataclass('Data', [('x', int), ('y', list), ('hidden', int, dataclasses.field(default=0, repr=False))])
    add(Data(1, [2]), 'Data(x=1, y=[2])')
    Frozen = dataclasses.make_dataclass('Frozen', [('x', int)], frozen=True)
    add(Frozen(3), 'Frozen(x=3)')
    Derived = dataclasses.make_dataclass('Derived', [('z', int, dataclasses.field(default=0))], bases=(Data,))
    add(Derived(1, 2, 3, 4), 'Derived(x=1, y=2, z=4)')
if sys.version_info >= (3, 10):
    Slotted = dataclasses.make_dataclass('Slotted', [('x', int), ('y', int)], slots=True)
    add(Slotted(1, 2), 'Slotted(x=1, y=2)')

for folder in sys.argv[1:]:
    sys.path.append(folder)
try:
    import numpy as np
except Exception:
    np = None
if np is not None:
    add(np.zeros((2, 3)), 'ndarray(shape=(2, 3), dtype=float64, [0.0, 0.0, 0.0, 0.0, 0.0, 0.0])')
    add(np.arange(10), 'ndarray(shape=(10,), dtype=int64, [0, 1, 2, 3, 4, 5, …])')
    add(np.arange(12).reshape(3, 4).T[1:], 'ndarray(shape=(3, 3), dtype=int64, [1, 5, 9, 2, 6, 10, …])')
    add(np.array(['ab', 'cde']), "ndarray(shape=(2,), dtype=<U3, ['ab', 'cde'])")
    add(np.array([b'ab']), "ndarray(shape=(1,), dtype=S2, [b'ab'])")
    add(np.array([1, None, 'x'], dtype=object), "ndarray(shape=(3,), dtype=object, [1, None, 'x'])")
    add(np.array([0.1, 1e10], dtype=np.float32), 'ndarray(shape=(2,), dtype=float32, [0.1, 10000000000.0])')
    add(np.array([0.1, 65504], dtype=np.float16), 'ndarray(shape=(2,), dtype=float16, [0.1, 65500.0])')
    add(np.array(5), 'ndarray(shape=(), dtype=int64, [5])')
    add(np.array([]), 'ndarray(shape=(0,), dtype=float64, [])')
    add(np.array([1, 2], dtype='>i4'), 'ndarray(shape=(2,), dtype=int32, [1, 2])')
    add(np.array([True, False]), 'ndarray(shape=(2,), dtype=bool, [True, False])')
    add(np.array([1 + 2j]), 'ndarray(shape=(1,), dtype=complex128, [(1+2j)])')
    add(np.float64(1.5), 'float64(1.5)')
    add(np.float32(0.1), 'float32(0.1)')
    add(np.int64(-7), 'int64(-7)')
    add(np.uint8(200), 'uint8(200)')
    add(np.bool_(True), '%s(True)' % type(np.bool_(True)).__name__)
    add(np.complex128(1j), 'complex128(1j)')
    try:
        import pandas as pd
    except Exception:
        pd = None
    if pd is not None:
        add(pd.DataFrame({'a': [1, 2, 3], 'b': [1.0, 2, 3]}), 'DataFrame(shape=(3, 2))')
        add(pd.DataFrame({'a': ['x', 'y']}, index=['p', 'q']), 'DataFrame(shape=(2, 1))')
        add(pd.Series([1, 2, 3, 4]), 'Series(shape=(4,))')

print(json.dumps({'cases': cases}))
sys.stdout.flush()
sys.stdin.readline()
