"""Calls and returns all the time in its main thread, while as many threads as are asked for wait, with large variables."""
import json
import sys
import threading


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


class Kept(object):
    def __init__(self, size):
        self.text = 'x' * size
        self.numbers = [size] * 20
        self.table = dict((number, str(number)) for number in range(20))

    def part(self, number):
        return str(number) + 'x'

    def parts(self, count):
        return [self.part(number) for number in range(count)]


def numbers(count):
    for number in range(count):
        yield fib(3)


def waiting(depth, kept):
    objects = dict((str(number), Kept(number)) for number in range(8))
    if depth:
        return waiting(depth - 1, Kept(depth))
    threading.Event().wait(1000)
    return objects


def main():
    for number in range(int(sys.argv[1])):
        thread = threading.Thread(target=waiting, args=(8, Kept(number)))
        thread.daemon = True
        thread.start()
    print(json.dumps(None))
    sys.stdout.flush()
    kept = Kept(3)
    while True:
        fib(8)
        kept.parts(10)
        list(numbers(10))


main()
