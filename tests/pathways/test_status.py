"""Pathway statuses and the plan: safety first, and nothing recommended that is contraindicated."""

from hypothesis import given
from hypothesis import strategies as st

from pathways.status import ORDER, plan, status_of
from rules.documents import Pathway

RULE = {
    "because": "because it is so",
    "basis": "expert judgement",
    "when": {"x": True},
    "fires_on": {},
    "silent_on": {},
}
TEXTS = {
    "summary": "what it is", "in_plain_words": "what it is", "success": "less pain", "judge_after": "a month",
    "if_success": "go on", "if_failure": "think again", "gate": "go on if it helps",
    "evidence": [{"says": "it helps some", "direction": "for", "sources": [{"key": "k", "for": "it helps"}]}],
    "vignette": {"facts": {}, "expect": "next"},
}  # fmt: skip


def pathway(name="p", stage=3, kind="conservative"):
    return Pathway.model_validate(
        {
            "id": name, "title": "A pathway", "kind": kind, "stage": stage, **TEXTS,
            "indications": [{**RULE, "id": f"{name}.{r}", "recommend": r} for r in ("urgent", "now", "consider")],
            "prerequisites": [{**RULE, "id": f"{name}.first", "needs": "something first"}],
            "contraindications": [{**RULE, "id": f"{name}.{k}", "kind": k} for k in ("absolute", "relative")],
        }
    )  # fmt: skip


P = pathway()
NONE = dict.fromkeys(("p.urgent", "p.now", "p.consider", "p.first", "p.absolute", "p.relative"))


def status(emergency=False, **truths):
    return status_of(P, NONE | {f"p.{name}": truth for name, truth in truths.items()}, emergency=emergency)


def test_each_status():
    assert status().name == "not_indicated"
    assert status(urgent=True).name == "urgent"
    assert status(now=True, first=True).name == "recommended_now"
    assert status(now=True).name == "next"
    assert status(now=True, first=False).waits_for == ("p.first",)
    assert status(now=True, first=True, relative=True).name == "to_be_considered"
    assert status(consider=True).name == "to_be_considered"
    assert status(now=True, absolute=True).name == "contraindicated"


def test_an_emergency_holds_what_is_elective():
    held = status(now=True, first=True, emergency=True)
    assert (held.name, held.held) == ("next", True)
    assert status(urgent=True, emergency=True).name == "urgent"
    work_up = pathway(kind="diagnostic")
    truths = NONE | {"p.now": True, "p.first": True}
    assert status_of(work_up, truths, emergency=True).name == "recommended_now"


@given(st.fixed_dictionaries({name: st.sampled_from([True, False, None]) for name in NONE}), st.booleans())
def test_nothing_is_recommended_while_an_absolute_contraindication_is_true(truths, emergency):
    name = status_of(P, truths, emergency=emergency).name
    assert name in ORDER
    if truths["p.absolute"]:
        assert name == "contraindicated"


def test_the_plan_puts_urgent_first_then_by_stage():
    a, b, c, d = pathway("a", 5), pathway("b", 1), pathway("c", 3), pathway("d", 0)
    statuses = {
        p.id: status_of(p, {f"{p.id}.{r.id.split('.')[1]}": None for r in p.rules} | extra, emergency=False)
        for p, extra in (
            (a, {"a.urgent": True}), (b, {"b.now": True, "b.first": True}),
            (c, {"c.now": True, "c.first": True}), (d, {"d.consider": True}),
        )
    }  # fmt: skip
    steps = plan([d, c, b, a], statuses)
    assert [step.pathways for step in steps] == [("a",), ("b",), ("c",), ("d",)]
    assert steps[0].when == "now, before anything else"
