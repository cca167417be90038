"""How hard a text is to read: the Flesch-Kincaid grade, the years of school that a reader needs (7 is about age 12)."""

from __future__ import annotations

import re
from collections.abc import Iterable

WORD = re.compile(r"[A-Za-zÀ-ÿ]+(?:['’][A-Za-z]+)?")
END = re.compile(r"[.!?:;]+(?=\s|$|[\"”')])")
VOWELS = re.compile(r"[aeiouyà-ÿ]+")
# Endings that are written and not spoken, and pairs of vowels that are spoken apart.
SILENT = re.compile(
    r"(?:[^aeiouyl]e|[aeiouy]le|[^aeiouyschxzg]es|(?<!e)aches|(?<![^aeiouy]l)(?<![aeiouytd])ed|[^aeiouy]ely)$"
)
APART = re.compile(r"[^ctsg]i(?:a|o(?!u)|um|ou)|[aeiou]ing|[dnt]eo|geo(?!n)|ua[lt]|cient$|iet|creat|react")


def syllables(word: str) -> int:
    """Return about how many syllables an English word has, at least one. Short capitals are spelled out.

    >>> [syllables(word) for word in ("pain", "nerve", "doctor", "operation", "emergency", "MRI")]
    [1, 1, 2, 4, 4, 3]
    """
    if word.isupper() and 1 < len(word) <= 4:
        return len(word)
    lower = word.lower()
    count = len(VOWELS.findall(lower)) + len(APART.findall(lower)) - bool(SILENT.search(lower))
    return max(count, 1)


def grade(sentences: Iterable[str]) -> float:
    """Return the Flesch-Kincaid grade of texts, each of which ends a sentence (headings and list items do).

    A colon or semicolon ends a sentence too, as a reader pauses there. An empty text has grade 0.
    """
    words = 0
    parts = 0
    sounds = 0
    for text in sentences:
        for sentence in END.split(text):
            found = WORD.findall(sentence)
            if found:
                parts += 1
                words += len(found)
                sounds += sum(syllables(word) for word in found)
    if not words:
        return 0.0
    return round(0.39 * words / parts + 11.8 * sounds / words - 15.59, 2)
