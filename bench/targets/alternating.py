"""
Two call chains in turn, until it is killed: a stack with frames of both never exists. Each call takes
about 50 ns, so it is the hardest case there is for a sampler that does not stop its target. Every
function but the innermost two calls from one line only: the line that says "calls" below.
"""


def a4(x):
    return x + 1


def a3(x):
    y = x
    return a4(y)  # calls


def a2(x):
    return a3(x)  # calls


def a1(x):
    y = x
    z = y
    return a2(z)  # calls


def b4(x):
    return x + 1


def b3(x):
    y = x
    return b4(y)  # calls


def b2(x):
    return b3(x)  # calls


def b1(x):
    y = x
    z = y
    return b2(z)  # calls


def main():
    print("true", flush=True)
    while True:
        for i in range(200):
            a1(i)
            b1(i)


main()
