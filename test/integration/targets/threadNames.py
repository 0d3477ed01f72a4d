"""Threads with all sorts of names, in all the ways an instance can keep its attributes."""

import json
import sys
import threading


class Text(str):
    pass


class WithDict(threading.Thread):
    """Looking at __dict__ makes an instance keep its attributes in a dict."""

    def __init__(self, **options):
        super().__init__(**options)
        self.__dict__['extra'] = 1


class Crowded(threading.Thread):
    """More attributes than a class's instances share keys for."""

    def __init__(self, **options):
        super().__init__(**options)
        for number in range(60):
            setattr(self, 'attribute_%d' % number, number)


class WithSlots(threading.Thread):
    __slots__ = ('one', 'two')


never = threading.Event()
threads = [
    threading.Thread(target=never.wait, name='plain'),
    threading.Thread(target=never.wait, name=''),
    threading.Thread(target=never.wait, name='latin \u00e9\u00fc'),
    threading.Thread(target=never.wait, name='\u65e5\u672c\u8a9e'),
    threading.Thread(target=never.wait, name='\U0001f600 party'),
    threading.Thread(target=never.wait, name='lone \ud800 surrogate'),
    threading.Thread(target=never.wait, name=Text('of a subclass \u20ac')),
    threading.Thread(target=never.wait, name='long ' + 'x' * 10000),
    WithDict(target=never.wait, name='with a dict'),
    Crowded(target=never.wait, name='crowded'),
    WithSlots(target=never.wait, name='with slots'),
]
threads += [threading.Thread(target=never.wait, name='worker-%d' % number) for number in range(30)]
for thread in threads:
    thread.daemon = True
    thread.start()
# A dict that had more entries once has gaps.
gone = [threading.Thread(target=lambda: None) for _ in range(20)]
for thread in gone:
    thread.start()
for thread in gone:
    thread.join()
threading.current_thread().name = 'main, renamed'

print(json.dumps({str(ident): thread.name for ident, thread in threading._active.items()}), flush=True)
sys.stdin.read()
