"""From text to terms: words, lower case, without their endings."""
import re

WORD = re.compile(r"[a-z]+")
STOP_WORDS = {"a", "an", "and", "the", "of", "to", "in"}
SUFFIXES = ("ation", "ness", "ing", "ed", "ly", "es", "er", "s", "n")


def tokenize(text):
    """Yields the terms of a text in their order."""
    for match in WORD.finditer(text.lower()):
        word = match.group()
        if word not in STOP_WORDS:
            yield stem(word)


def stem(word):
    """Takes endings off, the longest first, while enough is left."""
    for suffix in SUFFIXES:
        if word.endswith(suffix) and measure(word[:-len(suffix)]) > 0:
            return word[:-len(suffix)]
    return word


def measure(word):
    """How many times a vowel is followed by a consonant (Porter's m)."""
    count = 0
    was_vowel = False
    for letter in word:
        is_vowel = letter in "aeiou"
        if was_vowel and not is_vowel:
            count += 1
        was_vowel = is_vowel
    return count
