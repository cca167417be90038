"""A short page for one reader, as content only: blocks of introductions and lists, laid out as HTML, text or PDF."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind = Literal["alarm", "soon", "watch", "plain", "small"]


@dataclass(frozen=True)
class Item:
    """A line of a list: what stands out first, what it says, and the doctors' word for it, where there is one."""

    says: str
    head: str = ""
    term: str = ""


@dataclass(frozen=True)
class Part:
    """An introduction and a list, either of which may be empty."""

    says: str = ""
    items: tuple[Item, ...] = ()


@dataclass(frozen=True)
class Block:
    """A section. `kind` says how much it is to stand out."""

    heading: str
    parts: tuple[Part, ...]
    kind: Kind = "plain"


@dataclass(frozen=True)
class Page:
    """A page: its title, the lines under it, its blocks in order, and the line of provenance at its foot."""

    title: str
    lead: tuple[str, ...]
    blocks: tuple[Block, ...]
    foot: str
    term: str = ""

    def sentences(self) -> Iterator[str]:
        """Yield everything that is said above the foot, line by line."""
        yield self.title
        yield from self.lead
        for block in self.blocks:
            yield block.heading
            for part in block.parts:
                yield from filter(None, [part.says])
                for item in part.items:
                    yield from filter(None, [item.head, item.says, item.term and f"{self.term}: {item.term}"])


def told(heading: str, says: list[str], kind: Kind = "plain") -> Block:
    """Return a block of paragraphs."""
    return Block(heading, tuple(Part(text) for text in says), kind)


def listed(heading: str, items: list[str], says: str = "", kind: Kind = "plain") -> Block:
    """Return a block with one list."""
    return Block(heading, (Part(says, tuple(Item(text) for text in items)),), kind)
