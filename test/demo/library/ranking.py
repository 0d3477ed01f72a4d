"""Okapi BM25: how well a document fits a query."""
import heapq
import math

from .text import stem

SATURATION = 1.2
LENGTH_WEIGHT = 0.75


def search(index, words, limit):
    """The best documents for a query, best first."""
    average = index.average_length()
    scores = {}
    for word in words:
        entries = index.postings(stem(word))
        rarity = inverse_frequency(len(index), len(entries))
        for number, occurrences in entries.items():
            scores[number] = scores.get(number, 0.0) + rarity * weight(
                occurrences,
                index.length(number) / average,
            )
    best = heapq.nlargest(limit, scores.items(), key=lambda item: (item[1], -item[0]))
    return [index.documents.get(number) for number, _ in best]


def inverse_frequency(documents, matching):
    return math.log(1 + (documents - matching + 0.5) / (matching + 0.5))


def weight(occurrences, relative_length):
    norm = SATURATION * (1 - LENGTH_WEIGHT + LENGTH_WEIGHT * relative_length)
    return occurrences * (SATURATION + 1) / (occurrences + norm)
