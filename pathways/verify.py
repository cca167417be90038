"""Re-deriving an assessment from its own case and comparing the two."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from pathways import strangers
from pathways.assess import assess, assess_facts
from pathways.case import Case
from rules.problems import CaseError, Problem

if TYPE_CHECKING:
    from rules.inference import Reasoner

SHOWN = 20


def verify(text: str, reasoner: Reasoner) -> list[str]:
    """Return the differences between an assessment (JSON text) and what is derived now; empty when identical.

    Raises CaseError if the text is not an assessment, or names what this rule base does not know.
    """
    try:
        given = json.loads(text)
        content, facts, case_id = given["case"], dict(given["facts"]), str(given["case_id"])
        case = Case.model_validate(content) if content else None
    except (ValueError, KeyError, TypeError, ValidationError, RecursionError) as error:
        message = f"not a Spinepath assessment in JSON ({type(error).__name__}: {str(error).splitlines()[0]})"
        raise CaseError("this file cannot be verified", [Problem("", message)]) from None
    unknown = strangers.in_case(case, reasoner.base) if case else strangers.in_facts(facts, reasoner.base)
    if unknown:
        raise CaseError("this file cannot be verified: it does not fit this rule base", unknown)
    derived = assess(case, reasoner) if case else assess_facts(facts, reasoner, case_id=case_id)
    return _differences(given, json.loads(derived.json_text()), "")[:SHOWN]


def _differences(given: Any, derived: Any, place: str) -> list[str]:
    if isinstance(given, dict) and isinstance(derived, dict):
        found = []
        for key in [*given, *(k for k in derived if k not in given)]:
            inner = f"{place}.{key}" if place else str(key)
            if key not in derived:
                found.append(f"{inner}: not derived")
            elif key not in given:
                found.append(f"{inner}: missing in the file")
            else:
                found.extend(_differences(given[key], derived[key], inner))
        return found
    if isinstance(given, list) and isinstance(derived, list) and len(given) == len(derived):
        return [
            d for i, (a, b) in enumerate(zip(given, derived, strict=True)) for d in _differences(a, b, f"{place}[{i}]")
        ]
    return [] if given == derived else [f"{place}: the file has {_short(given)}, derived is {_short(derived)}"]


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}..."
