"""`rules diff`: what differs between two rule bases, for whom, and by which rule, as text and as JSON."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from reports.words import STANDING, STATUS
from rules.language import ConditionError, parse
from rules.wording import in_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pathways.difference import Shift
    from pathways.overview.changes import Changes, Moved, Why
    from rules.changes import Change, Field
    from rules.vocabulary import Vocabulary

CONDITIONS = ("when", "considered_when", "shown_when")
LONG = 160
COUNTED = 30
MOST_RULES = 6
Titles = dict[tuple[str, str], str]


def as_text(edited: Sequence[Change], moved: Sequence[Shift], cases: int, vocabulary: Vocabulary) -> str:
    """Return the comparison for people: the rules first, then the cases."""
    lines = _rules(edited, vocabulary)
    by_case: dict[str, list[Shift]] = {}
    for shift in moved:
        by_case.setdefault(shift.case, []).append(shift)
    lines.append(f"{len(by_case)} of {cases} cases come to another conclusion:" if moved else _same(cases))
    for case, shifts in by_case.items():
        lines.append(f"  {case}")
        for shift in shifts:
            by = f"  by {', '.join(shift.rules)}" if shift.rules else ""
            lines.append(f"    {shift.title}: {_word(shift.before)} -> {_word(shift.after)}{by}")
    if moved:
        lines += ["", *_in_all(moved)]
    return "\n".join(lines) + "\n"


def cohort_as_text(edited: Sequence[Change], found: Changes, left_out: int, titles: Titles, words: Vocabulary) -> str:
    """Return the comparison on a cohort for people: the rules, how many cases change, and each conclusion that does."""
    lines = _rules(edited, words)
    if found.changed:
        lines.append(f"{found.changed:,} of {_cases(found.cases)} come to another conclusion:")
    else:
        lines.append(_same(found.cases))
    for moved in found.moved:
        lines += [
            "",
            f"  {moved.kind.replace('_', ' ')} {titles.get((moved.kind, moved.id), moved.id)}: {moved.cases:,}",
        ]
        lines += [f"    {count:>7,}  {_word(was)} -> {_word(now)}" for (was, now), count in moved.moves.items()]
        lines += [f"    by {why.rule}: {_behaves(why)}" for why in moved.why[:MOST_RULES]]
        lines.append(f"    rows {', '.join(map(str, moved.examples))}{' ...' if _more(moved) else ''}")
    if found.groups:
        lines += ["", "  Changed, by subgroup:"]
        lines += [f"    {kind}, {name}: {some:,} of {every:,}" for (kind, name), (some, every) in found.groups.items()]
    for names, what in ((found.added, "only the new rules have"), (found.removed, "only the old rules have")):
        if names:
            lines += ["", f"  {what}: {', '.join(names)}"]
    if left_out:
        lines += ["", f"{_cases(left_out)} could not be used by both and were left out; `spinepath batch` says why."]
    return "\n".join(lines) + "\n"


def cohort_as_json(edited: Sequence[Change], found: Changes, left_out: int) -> str:
    """Return the comparison on a cohort for other programs."""
    content = {
        "changes": [asdict(change) for change in edited],
        "cases": found.cases,
        "cases_moved": found.changed,
        "cases_left_out": left_out,
        "moved": [
            asdict(moved) | {"moves": [{"before": a, "after": b, "cases": n} for (a, b), n in moved.moves.items()]}
            for moved in found.moved
        ],
        "groups": [
            {"kind": kind, "name": name, "changed": some, "cases": every}
            for (kind, name), (some, every) in found.groups.items()
        ],
        "added": found.added,
        "removed": found.removed,
    }
    return json.dumps(content, indent=1, ensure_ascii=False, default=str) + "\n"


def _cases(count: int) -> str:
    return f"{count:,} case{'s' * (count != 1)}"


def _more(moved: Moved) -> bool:
    return moved.cases > len(moved.examples)


def _behaves(why: Why) -> str:
    told = (
        ("fires now in", why.gained),
        ("no longer fires in", why.lost),
        ("fires as before, but was edited, in", why.edited),
    )
    return ", ".join(f"{words} {count:,}" for words, count in told if count)


def _rules(edited: Sequence[Change], vocabulary: Vocabulary) -> list[str]:
    """Return what differs in the rules."""
    lines = []
    for how in ("added", "removed", "changed"):
        chosen = [change for change in edited if change.how == how]
        if chosen:
            lines += [f"{len(chosen)} {how}:"]
            for change in chosen:
                lines.append(f"  {change.kind.replace('_', ' ')} {change.id}: {_short(change.title)}")
                lines += [f"    {_field(field, vocabulary)}" for field in change.fields]
            lines.append("")
    if not edited:
        lines += ["No rule, document, source, fact or weight differs.", ""]
    return lines


def _in_all(moved: Sequence[Shift]) -> list[str]:
    """Return the most frequent shifts, counted over all cases."""
    counts = Counter((s.kind, s.title, s.before, s.after) for s in moved)
    lines = ["In all:"]
    for (kind, title, before, after), count in counts.most_common(COUNTED):
        lines.append(f"  {count:>4}  {kind.replace('_', ' ')} {title}: {_word(before)} -> {_word(after)}")
    rest = len(counts) - COUNTED
    return [*lines, f"  and {rest} rarer ones"] if rest > 0 else lines


def _same(cases: int) -> str:
    return f"None of {cases} cases comes to another conclusion."


def _word(name: str) -> str:
    return STANDING.get(name) or STATUS.get(name) or name


def _field(field: Field, vocabulary: Vocabulary) -> str:
    if field.name in CONDITIONS:
        before, after = (_condition(value, vocabulary) for value in (field.before, field.after))
    elif isinstance(field.before, list) and isinstance(field.after, list):
        gone = [f"without {_short(item)}" for item in field.before if item not in field.after]
        new = [f"with {_short(item)}" for item in field.after if item not in field.before]
        return f"{field.name}: {'; '.join([*gone, *new]) or 'another order'}"
    else:
        before, after = _short(field.before), _short(field.after)
    return f"{field.name}: {before} -> {after}"


def _condition(raw: Any, vocabulary: Vocabulary) -> str:
    try:
        return in_words(parse(raw, vocabulary), vocabulary)
    except ConditionError:
        return _short(raw)


def _short(value: Any) -> str:
    text: str = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= LONG else f"{text[: LONG - 3]}..."


def as_json(edited: Sequence[Change], moved: Sequence[Shift], cases: int) -> str:
    """Return the comparison for other programs."""
    content = {
        "changes": [asdict(change) for change in edited],
        "cases": cases,
        "cases_moved": len({shift.case for shift in moved}),
        "moved": [asdict(shift) for shift in moved],
    }
    return json.dumps(content, indent=1, ensure_ascii=False, default=str) + "\n"
