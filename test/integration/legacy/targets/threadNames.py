# -*- coding: utf-8 -*-
"""Threads with all sorts of names, in all the ways an instance can keep its attributes. For 2.7 and 3.6 to 3.10."""
import json
import sys
import threading

text = type(u'')


class Text(text):
    pass


class WithDict(threading.Thread):
    """Looking at __dict__ makes an instance's keys its own (3.3+)."""

    def __init__(self, **options):
        super(WithDict, self).__init__(**options)
        self.__dict__['extra'] = 1


class Crowded(threading.Thread):
    """More attributes than a class's instances share keys for."""

    def __init__(self, **options):
        super(Crowded, self).__init__(**options)
        for number in range(60):
            setattr(self, 'attribute_%d' % number, number)


class WithSlots(threading.Thread):
    __slots__ = ('one', 'two')


never = threading.Event()


def wait():
    never.wait()


names = [
    (threading.Thread, 'plain'),
    (threading.Thread, u''),
    (threading.Thread, u'latin \u00e9\u00fc'),
    (threading.Thread, u'\u65e5\u672c\u8a9e'),
    (threading.Thread, u'\U0001f600 party'),
    (threading.Thread, u'lone \ud800 surrogate'),
    (threading.Thread, Text(u'of a subclass \u20ac')),
    (threading.Thread, 'long ' + 'x' * 10000),
    (WithDict, 'with a dict'),
    (Crowded, 'crowded'),
    (WithSlots, 'with slots'),
]
threads = []
for kind, name in names:
    thread = kind(target=wait)
    # 2.7 would make a str of it.
    setattr(thread, '_Thread__name' if sys.version_info[0] == 2 else '_name', name)
    threads.append(thread)
if sys.version_info[0] == 2:
    threads.append(threading.Thread(target=wait, name=u'a str of UTF-8 \u20ac'.encode('utf-8')))
threads += [threading.Thread(target=wait, name='worker-%d' % number) for number in range(30)]
for thread in threads:
    thread.daemon = True
    thread.start()
# A dict that had more entries once has gaps.
gone = [threading.Thread(target=len, args=('',)) for _ in range(20)]
for thread in gone:
    thread.start()
for thread in gone:
    thread.join()
threading.current_thread().name = 'main, renamed'

said = {str(ident): thread._Thread__name if sys.version_info[0] == 2 else thread._name for ident, thread in threading._active.items()}
sys.stdout.write(json.dumps(said) + '\n')
sys.stdout.flush()
sys.stdin.read()
