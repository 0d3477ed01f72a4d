"""Works until it is ended or whoever started it is. Told "child", it first starts a process that does the same."""

import os
import subprocess
import sys

STARTED_BY = os.getppid()


def work():
    return sum(number * number for number in range(2000))


def main():
    if "child" in sys.argv[1:]:
        subprocess.Popen([sys.executable, __file__])
    print("process", os.getpid(), flush=True)
    while os.getppid() == STARTED_BY:
        work()


if __name__ == "__main__":
    main()
