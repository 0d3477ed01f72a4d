"""Crashes in C, with a thread that waits. Runs in every Python from 2.7 on."""
import ctypes
import os
import sys
import threading


def waits(descriptor, label):
    note = [label, 1, 2]
    os.read(descriptor, 1)
    return note


def is_waiting(descriptor):
    """Whether another thread is in read(2), call 0, of it."""
    for task in os.listdir('/proc/self/task'):
        with open('/proc/self/task/%s/syscall' % task) as file:
            if file.read().startswith('0 0x%x ' % descriptor):
                return True
    return False


def inner(z, text):
    local = {'k': [z, text]}
    if sys.argv[1] == 'abort':
        os.abort()
    ctypes.string_at(0)
    return local


def outer(p):
    q = p + 1
    inner(q, 'text')


reading, writing = os.pipe()
thread = threading.Thread(target=waits, name='waiter', args=(reading, 'lab'))
thread.daemon = True
thread.start()
while not is_waiting(reading):
    pass
outer(41)
