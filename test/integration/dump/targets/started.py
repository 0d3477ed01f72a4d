"""Waits in an asyncio task, beside a Python that a shell has started."""
import asyncio
import json
import subprocess
import sys

code = 'import os, sys; print(os.getpid()); sys.stdout.flush(); sys.stdin.readline()'
# The shell stays: something comes after the Python.
shell = subprocess.Popen(['/bin/sh', '-c', '"$0" -c "$1"; exit 3', sys.executable, code],
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)
child = int(shell.stdout.readline())


async def wait(future):
    await future


async def main():
    loop = asyncio.get_running_loop()
    task = loop.create_task(wait(loop.create_future()))
    task.set_name('waiter')
    # When the task has come to its future.
    loop.call_soon(lambda: print(json.dumps({'child': child}), flush=True))
    await task


asyncio.run(main())
