"""Stops inside every kind of call that needs no C function in between, and some that do."""
import contextlib
import functools
import sys

from stops import expect, hold, main, scenario

sys.setrecursionlimit(20_000)


def leaf(pause):
    pause()


def middle(pause):
    leaf(pause)


@scenario
def plain(pause):
    middle(pause)


@scenario
def several_lines(pause):
    result = max(
        0,
        len(
            str(
                leaf(
                    pause
                )
            )
        ),
        1,
    )
    return result


@scenario
def arguments_on_lines(pause):
    def take(a, b, *rest, key=None, **more):
        return (
            a,
            pause(
            ),
            b,
        )

    take(
        1,
        2,
        *[3, 4],
        key=5,
        **{'x': 6},
    )


@scenario
def lambdas(pause):
    outer = lambda: inner()
    inner = lambda: (
        pause()
    )
    outer()


@scenario
def comprehensions(pause):
    [
        leaf(pause)
        for _ in range(1)
    ]


@scenario
def set_comprehension(pause):
    {middle(pause) for _ in [0]}


@scenario
def dict_comprehension(pause):
    {
        key: leaf(pause)
        for key in 'a'
    }


@scenario
def nested_comprehension(pause):
    [[middle(pause) for _ in range(1)] for _ in range(1)]


def decorator(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)

    return wrapper


def decorator_with_arguments(name):
    def decorate(function):
        def wrapper(*args):
            assert name
            return function(*args)

        return wrapper

    return decorate


@decorator
@decorator_with_arguments(
    'x',
)
@decorator
def decorated(pause):
    pause()


@scenario
def decorators(pause):
    decorated(pause)


class Plain:
    def __init__(self, pause):
        self.value = pause()


class Inherited(Plain):
    def __init__(self, pause):
        super().__init__(pause)
        self.more = 1


class WithNew:
    def __new__(cls, pause):
        pause()
        return super().__new__(cls)


class Meta(type):
    def __call__(cls, pause):
        return super().__call__(pause)


class WithMeta(Plain, metaclass=Meta):
    pass


def make(cls, pause):
    return cls(pause)


def make_plain(pause):
    return Plain(pause)


@scenario
def construction(pause):
    make_plain(pause)


@scenario
def construction_of_many(pause):
    # The same call site with several classes isn't specialised for one of them.
    make(Inherited, pause)


@scenario
def construction_with_new(pause):
    WithNew(pause)


@scenario
def construction_through_metaclass(pause):
    WithMeta(pause)


@scenario
def deep_construction(pause):
    class Node:
        def __init__(self, depth):
            self.child = Node(depth - 1) if depth else pause()

    Node(20)


@scenario
def class_body(pause):
    class Body:
        attribute = pause()

        class Inner:
            pass


@scenario
def descriptors(pause):
    class Owner:
        @property
        def attribute(self):
            return leaf(pause)

    def get(owner):
        return owner.attribute

    get(Owner())


@scenario
def get_attribute(pause):
    class Owner:
        def __getattribute__(self, name):
            return pause()

    def get(owner):
        return owner.anything

    get(Owner())


@scenario
def get_missing_attribute(pause):
    class Owner:
        def __getattr__(self, name):
            return pause()

    def get(owner):
        return owner.missing

    get(Owner())


@scenario
def set_attribute(pause):
    class Owner:
        def __setattr__(self, name, value):
            pause()

    Owner().name = 1


@scenario
def subscript(pause):
    class Container:
        def __getitem__(self, index):
            return pause()

        def __setitem__(self, index, value):
            pause()

        def __delitem__(self, index):
            pause()

    def get(container):
        return container[0]

    get(Container())


@scenario
def operators(pause):
    class Number:
        def __add__(self, other):
            return leaf(pause)

        def __radd__(self, other):
            return self.__add__(other)

    1 + Number()


@scenario
def callable_object(pause):
    class Callable:
        def __call__(self):
            return pause()

    Callable()()


@scenario
def methods(pause):
    class Owner:
        @classmethod
        def of_class(cls):
            cls.of_none()

        @staticmethod
        def of_none():
            leaf(pause)

        def of_instance(self):
            self.of_class()

    Owner().of_instance()


@scenario
def closures(pause):
    count = 0

    def one():
        nonlocal count

        def two():
            nonlocal count
            count += 1

            def three():
                return count, pause()

            return three()

        return two()

    one()


@scenario
def defaults(pause):
    def function(a, b=1, *, c=2):
        pause()

    function(0)
    # Only the first call stops: let the other one pass.


@scenario
def exception_handler(pause):
    try:
        raise KeyError('x')
    except KeyError as error:
        assert error
        leaf(pause)
    finally:
        pass


@scenario
def finally_block(pause):
    try:
        try:
            raise KeyError('x')
        finally:
            middle(pause)
    except KeyError:
        pass


@scenario
def unwound(pause):
    def raising(depth):
        if depth:
            raising(depth - 1)
        else:
            raise ValueError

    try:
        raising(10)
    except ValueError:
        pause()


@scenario
def exception_group(pause):
    try:
        raise ExceptionGroup('several', [ValueError(1), KeyError(2)])
    except* ValueError:
        leaf(pause)
    except* KeyError:
        pass


class Manager:
    def __init__(self, on_enter, on_exit):
        self.on_enter = on_enter
        self.on_exit = on_exit

    def __enter__(self):
        self.on_enter()

    def __exit__(self, *exception):
        self.on_exit()
        return True


nothing = [].__len__


@scenario
def with_enter(pause):
    with Manager(pause, nothing):
        pass


@scenario
def with_exit(pause):
    with Manager(nothing, pause):
        raise ValueError


@scenario
def with_body(pause):
    with (
        Manager(nothing, nothing),
        contextlib.suppress(ValueError),
    ):
        leaf(pause)


@scenario
def finalizer(pause):
    class Mortal:
        def __del__(self):
            leaf(pause)

    def forget():
        mortal = Mortal()
        del mortal

    forget()


@scenario
def finalizer_on_return(pause):
    class Mortal:
        def __del__(self):
            pause()

    def returning():
        mortal = Mortal()
        return 1

    returning()


@scenario
def finalizer_on_return_of_deep(pause):
    class Mortal:
        def __del__(self):
            middle(pause)

    def returning(depth):
        mortal = Mortal() if depth == 0 else None
        if depth:
            returning(depth - 1)
        return 1

    returning(12)


def countdown(depth, pause):
    if depth:
        return countdown(depth - 1, pause)
    return pause()


@scenario
def recursion(pause):
    countdown(50, pause)


def even(depth, pause):
    return pause() if depth == 0 else odd(depth - 1, pause)


def odd(depth, pause):
    return (
        even(
            depth - 1, pause
        )
    )


@scenario
def mutual_recursion(pause):
    even(30, pause)


@scenario
def deep(pause):
    # Beyond one chunk of the data stack (16 KiB) by far.
    countdown(2500, pause)


@scenario
def deep_with_large_frames(pause):
    def large(depth):
        a0 = a1 = a2 = a3 = a4 = a5 = a6 = a7 = a8 = a9 = depth
        b0 = b1 = b2 = b3 = b4 = b5 = b6 = b7 = b8 = b9 = depth
        return (a0, [a1, b1, [a2, b2, [a3, b3, [large(depth - 1) if depth else pause()]]]])

    large(300)


@scenario
def executed(pause):
    # The code objects are freed and new ones take their addresses.
    for number in range(3):
        source = '\n' * number + f'def made_{number}():\n    pass\n    return pause()\nmade_{number}()\n'
        exec(compile(source, f'<made {number}>', 'exec'), {'pause': pause if number == 2 else nothing})


@scenario
def evaluated(pause):
    eval('(\nlambda: leaf(\npause))()', {'pause': pause, 'leaf': leaf})


@scenario
def star_calls(pause):
    def any_arguments(*args, **kwargs):
        return leaf(*args, **kwargs)

    any_arguments(*(pause,), **{})


@scenario
def conditional_lines(pause):
    if (
        1 and
        leaf(pause)
        or
        middle(nothing)
    ):
        pass


@scenario
def match_statement(pause):
    class Point:
        __match_args__ = ('x',)

        @property
        def x(self):
            return leaf(pause)

    match Point():
        case Point(
            None
        ):
            pass


@scenario
def assertion_message(pause):
    try:
        assert nothing(), leaf(pause)
    except AssertionError:
        pass


@scenario
def formatted_string(pause):
    f'''{
        leaf(pause)
    }'''


def reused_addresses():
    """Frees code objects at a stop's end and stops in others that may have taken their place."""
    for number in range(40):
        lines = '\n' * (number % 7)
        parameters = ', '.join(f'p{i}=0' for i in range(number % 3))
        source = f'{lines}def reused_{number}({parameters}):\n  x = 1\n  hold()\n  return x\nreused_{number}()\n'
        expect(f'reused address {number}')
        exec(compile(source, f'<reused {number}>', 'exec'), {'hold': hold})


@scenario
def reused(pause):
    pause()


if __name__ == '__main__':
    if not sys.argv[1:]:
        reused_addresses()
    main()
