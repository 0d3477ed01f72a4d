"""Works until a file is there, then ends with the exit code it was given: until.py FILE CODE."""

import os
import sys


def work():
    return sum(number * number for number in range(2000))


def main():
    end, code = sys.argv[1:3]
    with open(end + ".started", "w") as started:
        started.write(os.environ.get("GREETING", ""))
    while not os.path.exists(end):
        work()
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
