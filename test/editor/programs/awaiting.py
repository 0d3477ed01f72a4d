"""Tasks that await each other until standard input says otherwise; with a name for each."""
import asyncio
import json
import sys


async def answer(event):
    await event.wait()


async def fetch(number, event):
    await answer(event)


async def crawl(event):
    loop = asyncio.get_running_loop()
    pages = [loop.create_task(fetch(number, event)) for number in range(3)]
    for number, page in enumerate(pages):
        page.set_name('fetch-%d' % number)
    await asyncio.gather(*pages)


async def main():
    asyncio.current_task().set_name('crawler')
    event = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(sys.stdin.fileno(), lambda: (sys.stdin.readline(), event.set()))
    print(json.dumps('ready'), flush=True)
    await crawl(event)
    print(json.dumps('done'), flush=True)
    await asyncio.get_running_loop().create_future()


asyncio.run(main())
