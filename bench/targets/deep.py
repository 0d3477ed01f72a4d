"""Works at the given depth of Python calls until it is killed."""
import sys

sys.setrecursionlimit(1_000_000)


def squares(n):
    total = 0
    for i in range(n):
        total += i * i % 7
    return total


def mix(n):
    total = 0
    for i in range(n):
        total ^= i * 3
    return total


def work():
    print("true", flush=True)
    total = 0
    while True:
        total += squares(200)
        total += mix(200)


def descend(depth):
    # <module>, work and the function that work calls are three frames themselves.
    if depth <= 3:
        return work()
    return descend(depth - 1) + 1


descend(int(sys.argv[1]) - 1)
