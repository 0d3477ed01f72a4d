"""Stops in greenlets, which swap the data stack and the current frame of their thread."""
import greenlet
from stops import expect, finish, hold, passing


def leaf(pause):
    pause()


def down(depth, pause):
    if depth:
        down(depth - 1, pause)
    else:
        leaf(pause)


def numbers(pause):
    yield leaf(pause)


def generating(pause):
    for number in numbers(pause):
        pass


def sorting(pause):
    sorted([1], key=lambda value: leaf(pause) or 0)


def ping(other, times, pause):
    for number in range(times):
        other[0].switch()
    leaf(pause)


def stop(name, function, *arguments):
    for again in range(2):
        expect(f'{name}, {again}')
        greenlet.greenlet(function).switch(*arguments, hold)
        for _ in range(30):
            greenlet.greenlet(function).switch(*arguments, passing)


def nested(depth, pause):
    """A greenlet started by a greenlet: each has a stack of its own."""
    if depth:
        greenlet.greenlet(nested).switch(depth - 1, pause)
    else:
        leaf(pause)


def back_in_main():
    def child():
        down(100, passing)
        greenlet.getcurrent().parent.switch()
        leaf(passing)

    one = greenlet.greenlet(child)
    one.switch()
    expect('main, another suspended')
    down(3, hold)
    one.switch()
    expect('main, the other ended')
    down(3, hold)


def alternating():
    other = []

    def answer():
        while True:
            other[1].switch()

    first = greenlet.greenlet(ping)
    other.append(greenlet.greenlet(answer))
    other.append(first)
    expect('after many switches')
    first.switch(other, 50, hold)


stop('shallow', leaf)
stop('deep', down, 800)
stop('generator', generating)
stop('sort', sorting)
stop('nested', nested, 5)
back_in_main()
alternating()
finish()
