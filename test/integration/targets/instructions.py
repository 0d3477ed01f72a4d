"""Stops in expressions of every shape, and says of each frame which instruction it is at and where that comes from.

Run as stops.py runs it: each scenario when its instructions are new, and again when they are specialised.
"""
import dis
import sys

import stops
from stops import main

opcode_names = {number: name for name, number in dis._all_opmap.items()}


def instruction_of(frame):
    """[opcode, offset, line, end line, column, end column], the columns in bytes; None for what is not known."""
    code = frame.f_code
    # The bytecode as it was compiled, which tells instructions from caches whatever they have been replaced by.
    offset = max(one.offset for one in dis.get_instructions(code) if one.offset <= frame.f_lasti)
    name = opcode_names[code._co_code_adaptive[offset]]
    adaptive = [one for one in dis.get_instructions(code, adaptive=True) if one.offset == offset]
    if 'INSTRUMENTED' not in name and not monitored:
        assert [one.opname for one in adaptive] == [name], (adaptive, name, offset)
    line, end_line, column, end_column = list(code.co_positions())[offset // 2]
    return [name, offset, line, end_line, column, end_column]


def stack_of(frame):
    stack = []
    while frame is not None:
        code = frame.f_code
        stack.append([code.co_qualname, code.co_filename, frame.f_lineno or 0, code.co_firstlineno, instruction_of(frame)])
        frame = frame.f_back
    stack.reverse()
    return stack


stops.stack_of = stack_of
monitored = False


def stop():
    stops.expect(stops._name)
    stops.hold()


def scenario(function):
    """Like stops.scenario, of a function that may call its argument any number of times."""
    def run(pause):
        return function(stop if pause is stops.hold else pause)

    run.__name__ = function.__name__
    stops.scenario(run)
    return function


class Pausing:
    """Calls its argument whatever is done with it."""
    kind = 'größe'

    def __init__(self, pause):
        self.pause = pause
        self.other = self

    def method(self, *arguments, **named):
        self.pause()
        return self

    @property
    def value(self):
        self.pause()
        return self

    def __lt__(self, other):
        self.pause()
        return True

    def __add__(self, other):
        self.pause()
        return self

    def __getitem__(self, key):
        self.pause()
        return self

    def __setitem__(self, key, value):
        self.pause()

    def __format__(self, spec):
        self.pause()
        return 'x'

    def __bool__(self):
        self.pause()
        return True

    def __enter__(self):
        self.pause()
        return self

    def __exit__(self, *error):
        return None

    def __iter__(self):
        for one in range(2):
            yield one
        self.pause()


class Silent(Pausing):
    def __init__(self, pause):
        super().__init__(pause)
        pause()


def function(pause, *arguments, **named):
    pause()
    return 1


@scenario
def one_line_calls(pause):
    a = 1 + function(pause) * 2; b = [function, len][0]; return a, b


@scenario
def calls_over_lines(pause):
    return max(
        1,
        function(
            pause,
            2,
            key=3,
        ) + 1,
    )


@scenario
def after_other_alphabets(pause):
    straße, 数 = 'äöü – 𝔘𝔫𝔦𝔠𝔬𝔡𝔢', 1; return (straße, 数, function(pause), '→', Pausing(pause).value)


@scenario
def attributes_in_chains(pause):
    thing = Pausing(pause)
    return thing.other.other.method(1).other.method(key=2).other


@scenario
def properties(pause):
    thing = Pausing(pause)
    return thing.other.value.other


@scenario
def comparisons_in_chains(pause):
    low = Silent.__new__(Silent)
    low.pause = pause
    return 1 and low < 5 < 6 and not low < 7


@scenario
def operators(pause):
    thing = Pausing(pause)
    return (thing + 1) + 2 if thing else 0


@scenario
def subscripts(pause):
    thing = Pausing(pause)
    thing['é'] = thing['key'][1:2]


@scenario
def formatted_strings(pause):
    thing = Pausing(pause)
    return f'{1}é{thing:>3} {thing!s}' f'{function(pause)}'


@scenario
def comprehensions(pause):
    return [function(pause) for _ in (1,)], {one: function(pause) for one in 'é'}, sum(function(pause) for _ in (1,))


@scenario
def generators(pause):
    for _ in Pausing(pause):
        pass


@scenario
def contexts(pause):
    with Pausing(pause) as thing, \
            Pausing(pause).other:
        return thing


@scenario
def constructions(pause):
    return [Silent(pause), Silent(
        pause)]


@scenario
def unpacked_arguments(pause):
    return function(*[pause], **{'key': 1})


@scenario
def lambdas(pause):
    return (lambda: function(pause))() + (lambda: function(pause))()


many = '; '.join(f'thing.name{number}' for number in range(300))
long_names = {}
exec(compile(f'''
def names_beyond_255(pause, thing):
    try:
        thing.kind
        if not thing.kind:
            {many}
        return thing.late, thing.late
    finally:
        pause()
''', __file__, 'exec'), long_names)


@scenario
def extended_arguments(pause):
    class Late:
        kind = 'kind'

        @property
        def late(self):
            pause()

    long_names['names_beyond_255'](pause, Late())


def two_statements(pause):
    one = function(pause); other = function(pause, one)
    return Pausing(
        pause).value, other


if hasattr(sys, 'monitoring'):
    @scenario
    def monitored_lines_and_instructions(pause):
        global monitored
        events = sys.monitoring.events
        tool = 4
        codes = [two_statements.__code__, Pausing.value.fget.__code__]
        sys.monitoring.use_tool_id(tool, 'test')
        try:
            for asked in [events.LINE, events.INSTRUCTION, events.LINE | events.INSTRUCTION, events.LINE | events.CALL]:
                for event in [events.LINE, events.INSTRUCTION, events.CALL]:
                    sys.monitoring.register_callback(tool, event, lambda *arguments: None)
                for code in codes:
                    sys.monitoring.set_local_events(tool, code, asked)
                monitored = True
                two_statements(pause)
                for code in codes:
                    sys.monitoring.set_local_events(tool, code, 0)
                monitored = False
        finally:
            sys.monitoring.free_tool_id(tool)


if __name__ == '__main__':
    main()
