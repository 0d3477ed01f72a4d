"""
Programs that know the share of the time each of their functions has (Python 2.7 to 3.15): `shares.py KIND SIZE`.

Functions of identical code under different names (leaf1, leaf2, leaf3, leaf5) are called in known proportions, in a shuffled order
that repeats: among them each has exactly the share of its calls. SIZE is what a call takes, in us ("0": it only returns); with
"mixed" the names have different sizes, and calls in such numbers that all do as many turns of the same loop: what a call takes
besides is measured. What is not theirs, because it is the driver's or Python's own, is at most what a cycle takes when they
do nothing. All of it is said in a line of JSON; then cycles go on for ever.
"""
import json
import os
import random
import sys
from itertools import repeat

import sharekinds

try:
    from time import perf_counter as wall_clock, process_time as cpu_clock
except ImportError:
    from time import clock as cpu_clock, time as wall_clock

PROPORTIONS = (1, 2, 3, 5)
MIXED = (1, 10, 100, 1000)


def iteration():
    """Seconds that one turn of a leaf's loop takes."""
    space = {'repeat': repeat}
    exec(compile(sharekinds.TIMED, '<calibration>', 'exec'), space)
    best = float('inf')
    for _ in range(7):
        before = cpu_clock()
        space['timed'](0)
        best = min(best, cpu_clock() - before)
    return best / sharekinds.TIMED_TURNS


class Program(object):
    """Leaves, and a driver that calls them in an order."""

    def __init__(self, kind, turns, order):
        self.kind = kind
        self.text, self.lines = sharekinds.write(kind, turns, order)
        # Methods and properties are put in a class, which must be this program's alone.
        thing = type('Thing', (object,), {})
        self.space = dict(sharekinds.SPACE, Thing=thing, thing=thing())
        exec(compile(self.text, 'shares.generated', 'exec'), self.space)

    def run(self, cycles):
        sharekinds.RUNNERS[self.kind.runner](self.space, cycles)

    def once(self, cycles):
        """Seconds that so many cycles take: of CPU time, unless threads wait for each other."""
        clock = wall_clock if self.kind.several else cpu_clock
        before = clock()
        self.run(cycles)
        return clock() - before

    def some(self, least=0.003):
        """As many cycles as take a while, and the seconds they took."""
        self.run(1)
        cycles = 1
        while True:
            passed = self.once(cycles)
            if passed >= least:
                return cycles, passed
            cycles *= 3 if passed > 0 else 10

    def time(self):
        """Seconds that a cycle takes at its best."""
        cycles, passed = self.some()
        return min([passed] + [self.once(cycles) for _ in range(4 if passed < 0.05 else 1)]) / cycles


def compared(program, other):
    """
    What a cycle of the other takes of one of the program's, rather more than less. They take turns: how fast a core is changes from
    one moment to the next where others want it, too, and so does what that makes of this.
    """
    ours, passed = program.some()
    theirs, passed_too = other.some()
    rounds = 15 if passed + passed_too < 0.05 else 3
    ratios = [(other.once(theirs) / theirs) / (program.once(ours) / ours) for _ in range(rounds)]
    return sorted(ratios)[4 * rounds // 5]


def shuffled(counts, kind):
    """Each name with each of the kind's statements, as often as its count says."""
    ways = len(kind.statements)
    order = [(name, way) for name in sorted(counts) for i in range(counts[name]) for way in range(ways)]
    random.Random(1).shuffle(order)
    return order


def symmetric(kind, size, turn):
    rounds = 1 if size * kind.calls * len(kind.statements) >= 1000 else 4
    counts = dict(('leaf%d' % part, part * rounds) for part in PROPORTIONS)
    order = shuffled(counts, kind)
    turns = dict.fromkeys(counts, int(round(size * 1e-6 / turn)) or None)
    program = Program(kind, turns, order)
    cycle = program.time()
    overhead = 1 if size == 0 else min(1, compared(program, Program(kind, dict.fromkeys(counts, kind.empty), order)))
    if kind.leaf == '':
        return program, cycle, 0.01, {'driver': 1}, 0
    total = sum(counts.values())
    shares = dict((name, count / float(total)) for name, count in counts.items())
    return program, cycle, overhead, shares, 0


def mixed(kind, turn):
    sizes = [kind.smallest * factor for factor in (MIXED if kind.smallest == 1 else MIXED[:3])]
    counts = dict(('leaf%d' % size, sizes[-1] // size) for size in sizes)
    turns = dict(('leaf%d' % size, int(round(size * 1e-6 / turn))) for size in sizes)
    ways = len(kind.statements)
    # All names have as many turns in all. What else a call takes is the same for each of them.
    name = 'leaf%d' % sizes[0]
    order = [(name, way) for way in range(ways)] * 20
    empty, without_turn = (Program(kind, dict.fromkeys(turns, none), order).time() / 20 for none in (kind.empty, 0))
    # Of what it takes to call a name that does nothing, half may be the name's where there is only a call, and little of it elsewhere.
    own = max(0, without_turn - empty) + (empty / 2 if kind.smallest == 1 else 0)
    costs = dict((name, counts[name] * (ways * kind.calls * turns[name] * turn + own)) for name in counts)
    overhead = sum(counts.values()) * empty
    unsure = overhead / 2 if kind.smallest == 1 else 0
    cycle = sum(costs.values()) + overhead - unsure
    shares = dict((name, cost / sum(costs.values())) for name, cost in costs.items())
    return Program(kind, turns, shuffled(counts, kind)), cycle, min(1, overhead / cycle), shares, 0.005 + unsure / cycle


def main(name, size):
    kind = sharekinds.KINDS[name]
    turn = iteration()
    made = mixed(kind, turn) if size == 'mixed' else symmetric(kind, float(size), turn)
    program, cycle, overhead, shares, tolerance = made
    least, most = kind.bounds(overhead)
    print(json.dumps({
        'pid': os.getpid(),
        'cycle': cycle,
        # Of all threads' time, the part that is the leaves' self time: between these two.
        'least': least,
        'most': most,
        # Of that part.
        'shares': shares,
        # What the shares may be wrong by (total variation distance), since a cost was measured.
        'tolerance': tolerance,
        # Lines of one function that have exactly these shares of its self time, where there are any: "function:line".
        'lines': program.lines,
    }))
    sys.stdout.flush()
    program.run(1 << 40)


if __name__ == '__main__':
    main(*sys.argv[1:])
