"""A condition as it stands for one case: every part true, false or unknown, with the value of each comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pathways.explain.answers import Test
from rules.engines.kleene import truth
from rules.language import All, AnyOf, AtLeast, Compare, Not
from rules.wording import compared

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rules.language import Condition, Value
    from rules.rulebase import RuleBase

CLOSED = 4  # parts named of a branch that is not at issue


def tested(condition: Condition, facts: Mapping[str, Value], base: RuleBase) -> Test:
    """Return a condition part by part, findings opened down to what a case states."""
    if isinstance(condition, Compare):
        return _comparison(condition, facts, base)
    if isinstance(condition, Not):
        return Test(text="not", truth=truth(condition, facts), below=[tested(condition.part, facts, base)])
    parts = [tested(part, facts, base) for part in condition.parts]
    return Test(text=_joined(condition), truth=truth(condition, facts), below=parts)


def _joined(condition: All | AnyOf | AtLeast) -> str:
    if isinstance(condition, AtLeast):
        return f"at least {condition.count} of"
    return "all of" if isinstance(condition, All) else "any of"


def _comparison(condition: Compare, facts: Mapping[str, Value], base: RuleBase) -> Test:
    below = []
    if condition.fact in base.conditions:
        below = [tested(base.conditions[condition.fact], facts, base)]
    return Test(
        text=compared(condition, base.vocabulary),
        truth=truth(condition, facts),
        fact=condition.fact,
        value=facts.get(condition.fact),
        below=below,
    )


def lacking(condition: Condition, facts: Mapping[str, Value], base: RuleBase) -> int:
    """Return about how many facts a condition lacks to be true, each counted by itself."""
    if truth(condition, facts):
        return 0
    if isinstance(condition, Compare):
        tree = base.conditions.get(condition.fact)
        return max(1, lacking(tree, facts, base)) if tree is not None else 1
    if isinstance(condition, Not):
        return 1
    parts = sorted(lacking(part, facts, base) for part in condition.parts)
    if isinstance(condition, AnyOf):
        return max(1, parts[0])
    return sum(parts if isinstance(condition, All) else parts[: condition.count])


def shortened(test: Test, wondered: bool | None) -> Test:
    """Return a condition with only the parts that bear on why it is `wondered` and not otherwise.

    A part that is settled the other way is closed: what made it so is named, and no more.
    """
    if (test.truth is True) is (wondered is True):
        at_issue = [part for part in test.below if not wondered or part.truth]
        below = [shortened(part, wondered) for part in at_issue]
    elif test.fact:
        below = []
    else:
        below = [part.model_copy(update={"below": []}) for part in test.below if part.truth is test.truth][:CLOSED]
    return test.model_copy(update={"below": below})
