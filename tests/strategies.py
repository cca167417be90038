"""Hypothesis strategies: random facts of a vocabulary, random conditions over them, and spoiled content of files."""

import copy

from hypothesis import strategies as st

from rules.language import All, AnyOf, AtLeast, Compare, Not
from rules.vocabulary import Fact

SMALL = {
    **{f"b{n}": Fact(f"b{n}", "yes or no?") for n in range(12)},
    **{f"n{n}": Fact(f"n{n}", "how many?", "number", min=0, max=20) for n in range(5)},
    **{f"c{n}": Fact(f"c{n}", "which?", "choice", values=("low", "middle", "high"), ordered=True) for n in range(4)},
}


def values(fact):
    """Any value that the fact may have."""
    if fact.type == "yes_no":
        return st.booleans()
    if fact.type == "choice":
        return st.sampled_from(fact.values)
    low, high = fact.min or 0, fact.max or 100
    whole = st.integers(int(low), int(high))
    halves = whole.map(lambda n: min(n + 0.5, high) if high > n else n)
    return whole | halves.map(lambda x: int(x) if x == int(x) else x)


@st.composite
def facts_of(draw, vocabulary, origins=("asked", "derived"), most=40):
    """Some facts of a vocabulary with values; the others stay unknown."""
    names = [name for name, fact in vocabulary.items() if fact.origin in origins]
    chosen = draw(st.lists(st.sampled_from(names), unique=True, max_size=most)) if names else []
    return {name: draw(values(vocabulary[name])) for name in sorted(chosen)}


@st.composite
def comparisons(draw, vocabulary):
    """A comparison of one fact."""
    fact = vocabulary[draw(st.sampled_from(sorted(vocabulary)))]
    if fact.type == "number":
        return Compare(fact.id, draw(st.sampled_from([">=", "<=", ">", "<"])), draw(values(fact)))
    if fact.type == "choice":
        chosen = draw(st.lists(st.sampled_from(fact.values), min_size=1, max_size=2, unique=True))
        return Compare(fact.id, "in", tuple(chosen)) if len(chosen) > 1 else Compare(fact.id, "==", chosen[0])
    return Compare(fact.id, "==", draw(st.booleans()))


def conditions(vocabulary):
    """Any condition over a vocabulary."""

    def wider(inner):
        parts = st.lists(inner, min_size=2, max_size=5).map(tuple)
        counted = parts.flatmap(lambda p: st.integers(1, len(p)).map(lambda n: AtLeast(n, p)))
        return parts.map(All) | parts.map(AnyOf) | inner.map(Not) | counted

    return st.recursive(comparisons(vocabulary), wider, max_leaves=14)


ODD = [
    None, True, False, 0, -1, 1.5, float("nan"), float("inf"), 10**400, "", "x", "yes", "L4-L5", "T1-T2", "2021-05-03",
    "5 weeks", "<5", "1,200", "\u0000", [], [None], [[]], ["L4-L5", 3], {}, {"a": 1}, {1: 2}, {None: 1},
    {"levels": {"a": 1}}, {"levels": ["L5-L6"], "side": ["left"]}, {"value": [1], "unit": {}}, [{"a": 1}],
]  # fmt: skip


def parts_of(content, place=()):
    """Yield the place of every part of nested content, the outermost last."""
    entries = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    for key, value in entries:
        yield from parts_of(value, (*place, key))
    if place:
        yield place


@st.composite
def spoiled(draw, content):
    """Return nested content in which up to three parts are replaced by what nobody would write there."""
    content = copy.deepcopy(content)
    for _ in range(draw(st.integers(1, 3))):
        *way, last = draw(st.sampled_from(list(parts_of(content)) or [(0,)]))
        part = content
        for step in way:
            part = part[step]
        part[last] = copy.deepcopy(draw(st.sampled_from(ODD)))
    return content
