"""Tasks that come and go, each in the one of eight functions that its number says."""
import asyncio
import sys
import types

try:
    import uvloop
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
except ImportError:
    pass  # the tests say who has it


def burn():
    total = 0
    for number in range(10_000):
        total += number * number
    return total


async def step():
    burn()


def renamed(function, name):
    code = function.__code__.replace(co_name=name, **({'co_qualname': name} if sys.version_info >= (3, 11) else {}))
    return types.FunctionType(code, globals(), name)


steps = [renamed(step, 'step%d' % number) for number in range(8)]


async def task(number):
    await asyncio.sleep(0)
    await steps[number % 8]()


async def lasting():
    while True:
        await steps[3]()
        await asyncio.sleep(0)


async def main():
    kept = [asyncio.ensure_future(lasting())]
    kept[0].set_name('lasting n\xb0 3')
    number = 0
    print('null', flush=True)
    while True:
        some = [asyncio.get_running_loop().create_task(task(number + more), name='n-%d' % (number + more)) for more in range(3)]
        await asyncio.gather(*some)
        number += 3


asyncio.run(main())
