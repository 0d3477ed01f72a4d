"""An inverted index in segments: small new ones, merged into big old ones."""
import threading
from collections import Counter, deque

from .text import tokenize


class Segment:
    """Postings of some documents: term -> {document number: occurrences}."""

    def __init__(self):
        self.postings = {}
        self.lengths = {}

    def add(self, number, terms):
        counts = Counter(terms)
        self.lengths[number] = sum(counts.values())
        for term, count in counts.items():
            self.postings.setdefault(term, {})[number] = count

    def remove(self, number):
        if self.lengths.pop(number, None) is None:
            return
        for term in [term for term, entries in self.postings.items() if number in entries]:
            entries = self.postings[term]
            del entries[number]
            if not entries:
                del self.postings[term]


class Index:
    """All segments and the documents in them. Methods may be called from any thread."""

    def __init__(self, segment_size=50):
        self.segment_size = segment_size
        self.segments = [Segment()]
        self.documents = {}
        self.order = deque()
        self.lock = threading.Lock()

    def __len__(self):
        return len(self.documents)

    def add(self, document):
        terms = list(tokenize(document.title + " " + document.text))
        with self.lock:
            if len(self.segments[-1].lengths) >= self.segment_size:
                self.segments.append(Segment())
            self.segments[-1].add(document.number, terms)
            self.documents[document.number] = document
            self.order.append(document.number)

    def remove_oldest(self):
        with self.lock:
            number = self.order.popleft()
            del self.documents[number]
            for segment in self.segments:
                segment.remove(number)

    def postings(self, term):
        """All entries of a term: {document number: occurrences}."""
        found = {}
        with self.lock:
            for segment in self.segments:
                found.update(segment.postings.get(term, {}))
        return found

    def length(self, number):
        with self.lock:
            return next((s.lengths[number] for s in self.segments if number in s.lengths), 0)

    def average_length(self):
        with self.lock:
            lengths = [length for segment in self.segments for length in segment.lengths.values()]
        return sum(lengths) / max(len(lengths), 1)

    def compact(self):
        """Merges all segments into one."""
        with self.lock:
            self.segments = [merge(self.segments)]


def merge(segments):
    """A new segment with everything that is in the given ones."""
    merged = Segment()
    for segment in segments:
        merged.lengths.update(segment.lengths)
        for term, entries in segment.postings.items():
            merged.postings.setdefault(term, {}).update(entries)
    return merged
