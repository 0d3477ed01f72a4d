"""Three children one after the other, all with the same pid, each with work of its own. Says the pid of each, then null."""
import json
import os
import sys


def say(message):
    os.write(1, (json.dumps(message) + '\n').encode())


def busy():
    # CPU time, so that a busy machine does not make a child shorter than a look.
    end = os.times()[0] + 0.15
    while os.times()[0] < end:
        pass


def first_work():
    busy()


def second_work():
    busy()


def third_work():
    busy()


def fork_as(wanted, function):
    """A child with this pid; it has to be free. Others of the namespace may take it first, who end soon."""
    while True:
        if wanted:
            with open('/proc/sys/kernel/ns_last_pid', 'w') as last:
                last.write(str(wanted - 1))
        child = os.fork()
        if child == 0:
            if not wanted or os.getpid() == wanted:
                function()
            os._exit(0)
        os.waitpid(child, 0)
        if not wanted or child == wanted:
            return child


say('ready')
sys.stdin.readline()
pid = 0
for work in (first_work, second_work, third_work):
    pid = fork_as(pid, work)
    say(pid)
say(None)
sys.stdin.readline()
