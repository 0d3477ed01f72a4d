"""A search service that indexes documents while it answers queries."""
import json
import os
import queue
import random
import signal
import sys
import threading
import time

from library.documents import DocumentSource
from library.index import Index
from library.ranking import search


def keep_journal(news):
    """Counts what the other threads did; mostly waits."""
    counts = {}
    while True:
        kind = news.get()
        counts[kind] = counts.get(kind, 0) + 1


def index_forever(index, source, news):
    """Feeds new documents to the index and forgets the oldest ones."""
    for document in source:
        index.add(document)
        if len(index) > 600:
            index.remove_oldest()
        news.put("indexed")


def compact_forever(index, news):
    """Now and then merges small segments into one."""
    while True:
        time.sleep(0.5)
        index.compact()
        news.put("compacted")


def answer_forever(index, random_queries, news):
    """What the main thread does: a batch of queries, then a short rest."""
    while True:
        for _ in range(20):
            search(index, next(random_queries), limit=10)
            news.put("answered")
        time.sleep(0.02)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    generator = random.Random(2026)
    source = DocumentSource(generator)
    index = Index()
    for document in source.take(200):
        index.add(document)
    news = queue.Queue()
    for name, target, arguments in [
        ("indexer", index_forever, (index, source, news)),
        ("compactor", compact_forever, (index, news)),
        ("journal", keep_journal, (news,)),
    ]:
        threading.Thread(name=name, target=target, args=arguments, daemon=True).start()
    print(json.dumps({"pid": os.getpid(), "documents": len(index)}), flush=True)
    answer_forever(index, source.queries(), news)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
