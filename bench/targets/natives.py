"""
A program that spends equal parts of its CPU time in C code of different kinds, each called from a Python function of its own: `natives.py`. Says which parts
there are, as JSON. A part without its library is left out.
"""
import hashlib
import json
import re
import sqlite3
import sys
import time
import zlib

try:
    import numpy
except ImportError:
    numpy = None

clock = getattr(time, 'process_time', time.clock if sys.version_info < (3,) else None)
data = bytes(bytearray(range(256))) * 400
text = 'some words of a text, 12345 and more; ' * 400
pattern = re.compile(r'(\w+) (\d+)')
rows = [(i * 7919) % 1000 for i in range(1000)]
tree = {'a': [{'name': str(i), 'value': i * 0.5} for i in range(200)]}
database = sqlite3.connect(':memory:')
database.execute('create table t (a integer, b integer)')
database.executemany('insert into t values (?, ?)', [(i, i * 31 % 997) for i in range(2000)])
matrix = numpy.ones((150, 150)) if numpy is not None else None


def key(value):
    return -value


def part_zlib():
    zlib.compress(data, 6)


def part_hashlib():
    hashlib.sha512(data * 4).digest()


def part_re():
    pattern.findall(text)


def part_sort():
    sorted(rows, key=key)


def part_json():
    json.loads(json.dumps(tree))


def part_sqlite():
    database.execute('select b, count(*) from t group by b order by a').fetchall()


def part_dgemm():
    numpy.dot(matrix, matrix)


parts = [part_zlib, part_hashlib, part_re, part_sort, part_json, part_sqlite] + ([part_dgemm] if numpy is not None else [])
print(json.dumps([part.__name__ for part in parts]))
sys.stdout.flush()

# Each has a turn of 5 ms or little more; who had more than others waits until they had it, too.
spent = dict.fromkeys(parts, 0.0)
while True:
    part = min(parts, key=spent.__getitem__)
    before = clock()
    now = before
    while now - before < 0.005:
        part()
        now = clock()
    spent[part] += now - before
