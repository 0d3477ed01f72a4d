"""Documents and queries made of invented words, the common ones more often (Zipf's law)."""
import itertools
from collections import namedtuple

Document = namedtuple("Document", "number title text")

ONSETS = ["b", "br", "c", "d", "f", "gr", "h", "l", "m", "n", "p", "r", "s", "st", "t", "tr", "v"]
VOWELS = ["a", "e", "i", "o", "u", "ea", "ou"]
ENDINGS = ["", "n", "s", "ing", "ed", "ly", "ness", "ation", "er", "es"]


class DocumentSource:
    """An endless supply of documents."""

    def __init__(self, generator, vocabulary_size=4000):
        self.generator = generator
        self.vocabulary = [self._invent_word() for _ in range(vocabulary_size)]
        self.weights = list(itertools.accumulate(1 / (rank + 3) for rank in range(vocabulary_size)))
        self.numbers = itertools.count()

    def __iter__(self):
        return self

    def __next__(self):
        words = self.words(self.generator.randint(60, 200))
        return Document(next(self.numbers), " ".join(words[:6]).title(), self._punctuate(words))

    def take(self, count):
        return itertools.islice(self, count)

    def words(self, count):
        return self.generator.choices(self.vocabulary, cum_weights=self.weights, k=count)

    def queries(self):
        """Yields short lists of search terms for ever."""
        while True:
            yield self.words(self.generator.randint(1, 4))

    def _invent_word(self):
        syllables = self.generator.randint(1, 3)
        stem = "".join(
            self.generator.choice(ONSETS) + self.generator.choice(VOWELS) for _ in range(syllables)
        )
        return stem + self.generator.choice(ENDINGS)

    def _punctuate(self, words):
        sentences = []
        position = 0
        while position < len(words):
            length = self.generator.randint(5, 12)
            sentence = " ".join(words[position:position + length])
            sentences.append(sentence.capitalize() + self.generator.choice(".!?"))
            position += length
        return " ".join(sentences)
