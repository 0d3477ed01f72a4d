"""Asks how long to work, works, and ends with the exit code it was given."""

import sys
import time


def burn(seconds):
    end = time.monotonic() + seconds
    total = 0
    while time.monotonic() < end:
        total += sum(number * number for number in range(1000))
    return total


def main():
    seconds = float(input("For how many seconds? "))
    print("working with Python", "%d.%d.%d" % sys.version_info[:3], flush=True)
    burn(seconds)
    print("done with", sys.argv[1:], flush=True)
    return int(sys.argv[1]) if len(sys.argv) > 1 else 0


if __name__ == "__main__":
    sys.exit(main())
