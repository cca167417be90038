"""Random numbers for tables: a stream for each column, the same for a seed, whatever the size of the table.

SplitMix64 (Steele, Lea, Flood 2014) as a counter: the number of row i in a stream is a mix of i and the stream's key,
so row i does not depend on the other rows, nor on how the table is cut into pieces. Whole numbers of 64 bits wrap.
"""

from __future__ import annotations

import hashlib

import polars as pl

STEP = 0x9E3779B97F4A7C15
HALF = 1 << 32
COUNTER = "_counter"


def _word(value: int) -> pl.Expr:
    return pl.lit(value, pl.UInt64)


def counters(first: int, count: int) -> pl.Series:
    """Return the counters of rows, for the streams to mix."""
    rows = pl.int_range(first, first + count, dtype=pl.UInt64, eager=True)
    return (rows * pl.Series([STEP], dtype=pl.UInt64)).alias(COUNTER)


def key(seed: int, stream: str) -> int:
    """Return the key of a stream."""
    return int.from_bytes(hashlib.blake2b(f"{seed}:{stream}".encode(), digest_size=8).digest(), "little")


def draw(seed: int, stream: str) -> pl.Expr:
    """Return a stream of 64 random bits a row, over a frame that has the counters."""
    mixed = pl.col(COUNTER) + _word(key(seed, stream))
    mixed = (mixed ^ (mixed // _word(1 << 30))) * _word(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed // _word(1 << 27))) * _word(0x94D049BB133111EB)
    return mixed ^ (mixed // _word(1 << 31))


def upper(bits: pl.Expr) -> pl.Expr:
    """Return the upper half of 64 random bits, a whole number below 2**32."""
    return (bits // _word(HALF)).cast(pl.UInt32, wrap_numerical=True)


def lower(bits: pl.Expr) -> pl.Expr:
    """Return the lower half of 64 random bits, independent of the upper."""
    return (bits % _word(HALF)).cast(pl.UInt32, wrap_numerical=True)


def threshold(share: float) -> int:
    """Return the number below which a half falls with this probability."""
    return min(max(round(share * HALF), 0), HALF - 1)


def uniform(half: pl.Expr) -> pl.Expr:
    """Return a half as a number from 0 to just below 1."""
    return half.cast(pl.Float64) / HALF
