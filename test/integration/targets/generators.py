"""Stops in generators: looped over, resumed by C, delegated to, thrown into, closed."""
import contextlib
import itertools

from stops import main, passing, scenario


def leaf(pause):
    pause()
    return 0


def numbers(pause):
    yield leaf(pause)


def numbers_directly(pause):
    yield 1
    pause()
    yield 2


def delegating(pause):
    yield from numbers(pause)


def delegating_twice(pause):
    yield from delegating(
        pause
    )


def delegating_deep(depth, pause):
    if depth:
        yield from delegating_deep(depth - 1, pause)
    else:
        yield leaf(pause)


@scenario
def loop(pause):
    for number in numbers(pause):
        pass


@scenario
def loop_directly(pause):
    for number in numbers_directly(pause):
        pass


@scenario
def loop_body(pause):
    # The generator is suspended, its frame must not be shown.
    for number in numbers_directly(passing):
        if number == 1:
            leaf(pause)


@scenario
def loop_in_loop(pause):
    for outer in numbers(passing):
        for inner in numbers(pause):
            pass


@scenario
def loop_over_generator_that_loops(pause):
    def doubled(source):
        for number in source:
            yield number * 2

    for number in doubled(doubled(doubled(numbers(pause)))):
        pass


@scenario
def after_exhaustion(pause):
    for number in numbers(passing):
        pass
    leaf(pause)


@scenario
def else_branch(pause):
    for number in numbers(passing):
        pass
    else:
        pause()


@scenario
def delegation(pause):
    for number in delegating(pause):
        pass


@scenario
def delegation_twice(pause):
    for number in delegating_twice(pause):
        pass


@scenario
def delegation_deep(pause):
    for number in delegating_deep(25, pause):
        pass


@scenario
def delegation_deeper_than_remembered(pause):
    for number in delegating_deep(60, pause):
        pass


@scenario
def delegation_to_c(pause):
    def source():
        yield from map(lambda number: leaf(pause), [1])

    for number in source():
        pass


@scenario
def resumed_by_next(pause):
    next(numbers(pause))


@scenario
def resumed_by_send(pause):
    generator = numbers_directly(pause)
    next(generator)
    generator.send(1)


@scenario
def delegation_resumed_by_next(pause):
    next(delegating_twice(pause))


@scenario
def summed(pause):
    sum(numbers(pause))


@scenario
def summed_expression(pause):
    sum(leaf(pause) for _ in range(1))


@scenario
def listed(pause):
    list(delegating(pause))


@scenario
def nested_expressions(pause):
    sum(sum(leaf(pause) for _ in range(1)) for _ in range(1))


@scenario
def any_of(pause):
    any(
        leaf(pause)
        for _ in range(1)
    )


@scenario
def joined(pause):
    ''.join(str(leaf(pause)) for _ in range(1))


@scenario
def unpacked(pause):
    first, = numbers(pause)


@scenario
def star_unpacked(pause):
    [*numbers(pause)]


@scenario
def zipped(pause):
    for pair in zip(numbers(pause), [1]):
        pass


@scenario
def chained(pause):
    for number in itertools.chain.from_iterable([numbers(passing), numbers(pause)]):
        pass


@scenario
def dict_from(pause):
    dict((leaf(pause), 1) for _ in range(1))


@scenario
def thrown_into(pause):
    def catching():
        try:
            yield
        except KeyError:
            leaf(pause)
            yield

    generator = catching()
    next(generator)
    generator.throw(KeyError())


@scenario
def thrown_through(pause):
    def catching():
        try:
            yield
        except KeyError:
            leaf(pause)
            yield

    def outer():
        yield from catching()

    generator = outer()
    next(generator)
    generator.throw(KeyError())


@scenario
def closed(pause):
    def closing():
        try:
            yield
        finally:
            leaf(pause)

    generator = closing()
    next(generator)
    generator.close()


@scenario
def closed_by_end(pause):
    def closing():
        try:
            yield 1
        finally:
            leaf(pause)

    def use():
        for number in closing():
            return

    use()


@scenario
def raising(pause):
    def failing():
        yield 1
        raise KeyError

    try:
        for number in failing():
            pass
    except KeyError:
        leaf(pause)


@scenario
def context_manager(pause):
    @contextlib.contextmanager
    def managed():
        leaf(pause)
        yield

    with managed():
        pass


@scenario
def context_manager_exit(pause):
    @contextlib.contextmanager
    def managed():
        try:
            yield
        finally:
            leaf(pause)

    with managed():
        pass


@scenario
def method(pause):
    class Collection:
        def __iter__(self):
            yield leaf(pause)

    for item in Collection():
        pass


@scenario
def recursive_tree(pause):
    class Tree:
        def __init__(self, depth):
            self.child = Tree(depth - 1) if depth else None

        def __iter__(self):
            if self.child:
                for item in self.child:
                    yield item
            else:
                yield leaf(pause)

    for item in Tree(8):
        pass


@scenario
def generator_in_call(pause):
    def calling():
        yield deeper()

    def deeper():
        for number in numbers(pause):
            return number

    for number in calling():
        pass


@scenario
def comprehension_in_generator(pause):
    def outer():
        yield [leaf(pause) for _ in range(1)]

    for number in outer():
        pass


@scenario
def many_alternating(pause):
    first = numbers_directly(passing)
    second = numbers_directly(pause)
    next(first)
    next(second)
    next(first)
    next(second)


@scenario
def generator_under_sort(pause):
    def key(number):
        for value in numbers(pause):
            return value

    for item in sorted([1], key=key):
        pass


@scenario
def large_generator(pause):
    def large():
        a0 = a1 = a2 = a3 = a4 = a5 = a6 = a7 = a8 = a9 = 1
        b0 = b1 = b2 = b3 = b4 = b5 = b6 = b7 = b8 = b9 = 1
        c0 = c1 = c2 = c3 = c4 = c5 = c6 = c7 = c8 = c9 = 1
        d0 = d1 = d2 = d3 = d4 = d5 = d6 = d7 = d8 = d9 = 1
        e0 = e1 = e2 = e3 = e4 = e5 = e6 = e7 = e8 = e9 = 1
        f0 = f1 = f2 = f3 = f4 = f5 = f6 = f7 = f8 = f9 = 1
        for number in numbers(pause):
            yield [a0, [b0, [c0, [d0, [e0, [f0, number]]]]]]

    for number in large():
        pass


if __name__ == '__main__':
    main()
