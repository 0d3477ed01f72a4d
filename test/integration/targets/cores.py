"""Runs without end ("loop"), or sleeps for a ms at a time ("nap")."""
import json
import sys
import time


def loop():
    while True:
        pass


def nap():
    while True:
        time.sleep(0.001)


print(json.dumps("ready"), flush=True)
{"loop": loop, "nap": nap}[sys.argv[1]]()
