"""The names of files as URIs, to compare and to hand over."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

Key = tuple[str, str, str]
URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/")


@dataclass(frozen=True)
class Place:
    """A file: where it is, and how large and how old, by which a change is seen."""

    path: str
    size: int
    modified: int


def key_of(uri: str) -> Key:
    """Return a URI in a form to compare by: file:/a%20b and file:///a%20b are the same."""
    parts = urlsplit(uri)
    return parts.scheme, parts.netloc, unquote(parts.path)


def literal(path: str) -> str:
    """Return a path so that nothing in it is taken for a pattern."""
    return re.sub(r"([\\{}\[\]*?])", r"\\\1", path)
