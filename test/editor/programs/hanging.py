"""A program that hangs: two threads wait for each other's locks, a pool for work, tasks for an event. Each line of standard input moves its listener on."""
import asyncio
import json
import queue
import sys
import threading

ours, theirs = threading.RLock(), threading.RLock()
both = threading.Barrier(2)
work = queue.Queue()


def transfer(mine, other, amount):
    with mine:
        both.wait()
        with other:
            return amount


def worker():
    while True:
        work.get()


async def fetch(event):
    await event.wait()


async def crawl():
    asyncio.current_task().set_name('crawler')
    event = asyncio.Event()
    pages = [asyncio.get_running_loop().create_task(fetch(event)) for _ in range(2)]
    for number, page in enumerate(pages):
        page.set_name('fetch-%d' % number)
    await asyncio.gather(*pages)


def listen_first():
    return sys.stdin.readline()


def listen_second():
    return sys.stdin.readline()


def listener():
    listen_first()
    print(json.dumps('moved on'), flush=True)
    while listen_second():
        pass


def start(name, target, *arguments):
    thread = threading.Thread(target=target, args=arguments, name=name, daemon=True)
    thread.start()
    return thread


for number in range(12):
    start('worker-%d' % number, worker)
start('tasks', lambda: asyncio.run(crawl()))
start('listener', listener)
ann = start('ann', transfer, ours, theirs, 10)
start('bob', transfer, theirs, ours, 20)
print(json.dumps('ready'), flush=True)
ann.join()
