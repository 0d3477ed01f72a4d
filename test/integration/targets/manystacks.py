"""Calls at random, so that hardly two samples have the same stack. Runs on 2.7 and 3."""
import json
import random
import sys

draw = random.Random(1).random
functions = []


def work():
    total = 0
    for number in range(20):
        total += number
    return total


for index in range(20):
    lines = ['def f%d(depth):' % index, '    if depth == 0:', '        return work()', '    chosen = draw()']
    for other in range(20):
        lines += ['    if chosen < %r:' % ((other + 1) / 20.0), '        return functions[%d](depth - 1)' % other]
    exec(compile('\n'.join(lines), 'f%d.py' % index, 'exec'))
    functions.append(globals()['f%d' % index])

print(json.dumps({}))
sys.stdout.flush()
while True:
    functions[0](30)
