"""From a Case to flat three-valued facts: levels by place, times in months, treatments, blocks. Unknown is absent."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from pathways.levels import places_of, root_at, segments, vertebrae
from pathways.values import tidy
from rules.vocabulary import PLACES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pathways.case import Case, Operation, Shown, Study
    from rules.language import Value
    from rules.rulebase import RuleBase

Facts = dict[str, "Value"]
Kind = tuple[tuple[str, ...], tuple[bool | None, ...], str | None]
GIVEN = ("instrumented", "interbody", "minimally_invasive", "unilateral")
APPROACHES = ("posterior", "anterior", "lateral")
IMPLANTS = ("instrumented", "interbody", "dynamic", "disc_replacement")


def project(case: Case, base: RuleBase) -> Facts:
    """Return everything known of a case as flat facts, sorted by name. What is unknown is absent."""
    own, shared = split_facts(case, base)
    return dict(sorted((own | shared).items()))


def split_facts(case: Case, base: RuleBase) -> tuple[Facts, Facts]:
    """Return the same in no order, in two parts: what the case alone says, and what the kinds of its operations say.

    The latter, most of what is known, is one object for all cases alike in them, not to be changed.
    """
    all_traits, shared = _by_kinds(tuple([_kind(operation) for operation in case.surgery]), base)
    facts: Facts = dict(case.facts)
    _surgery_facts(case, all_traits, facts, no_fusion=shared.get("surgery.fusion") is False)
    operated = operated_segments(case) if case.imaging else ()
    for modality in {study.modality for study in case.imaging}:
        _imaging_facts(case, modality, operated, base, facts)
    _treatment_facts(case, facts)
    _block_facts(case, facts)
    return facts, shared


def traits(operation: Operation, base: RuleBase) -> dict[str, bool]:
    """Return which traits of the catalogue an operation has, for certain or certainly not."""
    return dict(_traits(*_kind(operation), base))


def _kind(operation: Operation) -> Kind:
    """Return what the traits of an operation depend on."""
    o = operation
    given = o.instrumented, o.interbody, o.minimally_invasive, o.unilateral
    return tuple(o.procedures) or ("unspecified",), given, o.approach


@lru_cache(maxsize=1024)
def _traits(
    procedures: tuple[str, ...], given: tuple[bool | None, ...], approach: str | None, base: RuleBase
) -> dict[str, bool]:
    entries = [base.catalogue.procedures[name] for name in procedures]
    has = {trait for entry in entries for trait in entry["is"]}
    unsure = {trait for entry in entries for trait in entry.get("unsure", ())} - has
    unsure |= {"minimally_invasive", "unilateral"} - has
    if has & {"fusion", "dynamic"} or "fusion" in unsure:
        unsure |= {"instrumented"} - has
    known = {trait: trait in has for trait in base.catalogue.traits if trait not in unsure}
    known |= {name: value for name, value in zip(GIVEN, given, strict=True) if value is not None}
    if approach:
        known[approach] = True
        for other in APPROACHES:
            if other != approach and other not in has:
                known[other] = False
    return known


@lru_cache(maxsize=4096)
def _by_kinds(kinds: tuple[Kind, ...], base: RuleBase) -> tuple[list[dict[str, bool]], Facts]:
    """Return the traits of each operation, and the facts that say which the index operation had, and which any had."""
    operations = [_traits(*kind, base) for kind in kinds]
    facts: dict[str, bool | None] = {}
    for trait in base.catalogue.traits:
        facts[f"index.{trait}"] = operations[-1].get(trait)
        facts[f"surgery.{trait}"] = any_of(known.get(trait) for known in operations)
    facts["surgery.implant"] = any_of(facts[f"surgery.{trait}"] for trait in IMPLANTS)
    return operations, {name: truth for name, truth in facts.items() if truth is not None}


def any_of(truths: Iterable[bool | None]) -> bool | None:
    """Kleene's or."""
    seen = list(truths)
    return True if True in seen else None if None in seen else False


def _surgery_facts(case: Case, all_traits: list[dict[str, bool]], facts: Facts, *, no_fusion: bool) -> None:
    surgery = case.surgery
    facts["surgery.count"] = len(surgery)
    _put(facts, "months_since_surgery", surgery[-1].months_ago)
    _put(facts, "months_since_first_surgery", surgery[0].months_ago)
    fusions = [o for o, known in zip(surgery, all_traits, strict=True) if known.get("fusion")]
    if fusions:
        _put(facts, "months_since_fusion", fusions[-1].months_ago)
    facts.update(_operated_facts(tuple([tuple(operation.levels) for operation in surgery]), case.lumbar))
    if no_fusion:
        facts["surgery.fused_segments"] = 0
        facts["surgery.fused_to_sacrum"] = facts["surgery.fused_to_pelvis"] = False
    elif fusions and all(operation.levels for operation in fusions):
        levels = tuple([level for operation in fusions for level in operation.levels])
        facts.update(_fused_facts(levels, tuple([o.to_pelvis for o in fusions]), case.lumbar))


@lru_cache(maxsize=4096)
def _operated_facts(levels: tuple[tuple[str, ...], ...], lumbar: int) -> Facts:
    """Return what the levels of all operations, oldest first, say. Empty levels are not known."""
    facts: Facts = {}
    *before, index = levels
    if index:
        facts["index.segments"] = len(segments(index, lumbar))
    if all(levels):
        facts["surgery.operated_segments"] = len(segments(sum(levels, ()), lumbar))
    if not before:
        facts["surgery.same_segment_operated_before"] = False
    elif all(levels):
        shared = {*segments(sum(before, ()), lumbar)}.intersection(segments(index, lumbar))
        facts["surgery.same_segment_operated_before"] = bool(shared)
    return facts


@lru_cache(maxsize=4096)
def _fused_facts(levels: tuple[str, ...], to_pelvis: tuple[bool | None, ...], lumbar: int) -> Facts:
    """Return what the levels of all fusions say."""
    fused = segments(levels, lumbar)
    if not fused:
        return {}
    facts: Facts = {
        "surgery.fused_segments": len(fused),
        "surgery.fused_to_sacrum": any(name.endswith("-S1") for name in fused),
        "surgery.floating_fusion": fused[-1].endswith(f"-L{lumbar}"),
        "surgery.upper_end_thoracic": fused[0].startswith(("T", "L1-")),
    }
    _put(facts, "surgery.fused_to_pelvis", any_of(to_pelvis))
    return facts


def operated_segments(case: Case) -> tuple[str, ...]:
    """Return every segment operated on in any operation, top to bottom."""
    return segments(tuple([level for operation in case.surgery for level in operation.levels]), case.lumbar)


def after_surgery(case: Case, modality: str) -> list[Study]:
    """Return the studies of a modality made after the index operation, oldest first."""
    since = case.index.months_ago
    studies = [s for s in case.imaging if s.modality == modality]
    kept = [s for s in studies if s.months_ago is None or since is None or s.months_ago <= since]
    return sorted(kept, key=lambda s: -s.months_ago if s.months_ago is not None else float("inf"))


class Finding(NamedTuple):
    """What a finding of a modality is called as a fact, alone and at each place, and what says that it is absent."""

    key: str
    at: dict[str, str]  # place -> fact, where it has levels
    root: str  # which root a lesion there meets, where it may be asked whether that fits the pain
    concordant: str
    absent: Facts
    assumed: bool  # absent where a complete study does not list it


@lru_cache(maxsize=4096)
def _finding(modality: str, name: str, base: RuleBase) -> Finding:
    """Return how a finding of the catalogue becomes facts."""
    key, entry = f"{modality}.{name}", base.catalogue.findings[modality][name]
    at = {place: f"{key}.{place}" for place in PLACES} if entry.get("levels") else {}
    root = str(entry.get("root") or "")
    concordant = f"{key}.concordant"
    absent: Facts = dict.fromkeys([key, *at.values(), *([concordant] if root else [])], False)
    assumed = entry.get("assumed", True) and base.vocabulary[key].type == "yes_no"
    return Finding(key, at, root, concordant, absent, bool(assumed))


@lru_cache(maxsize=64)
def _assumed_absent(modality: str, base: RuleBase) -> dict[str, Facts]:
    """Return the findings that a complete study need not list where they are absent, each with what says so."""
    found = {name: _finding(modality, name, base) for name in base.catalogue.findings[modality]}
    return {name: entry.absent for name, entry in found.items() if entry.assumed}


def _imaging_facts(case: Case, modality: str, operated: tuple[str, ...], base: RuleBase, facts: Facts) -> None:
    """Put in what the studies of a modality show: of each finding what the last study says that speaks of it.

    A complete study speaks of all that it does not list; it denies what another showed only if it is surely later.
    """
    studies = after_surgery(case, modality)
    if not studies:
        return
    done = [study for study in studies if study.done]
    facts[f"{modality}.done"] = bool(done)
    if not done:
        return
    _put(facts, f"{modality}.months_ago", done[-1].months_ago)
    _put(facts, f"{modality}.contrast", done[-1].contrast)
    shown: dict[str, Study] = {}
    absent: dict[str, Facts] = {}
    for study in done:
        if study.complete:
            absent = _assumed_absent(modality, base)
            shown = {name: by for name, by in shown.items() if name not in absent or not _is_later(study, by)}
        shown.update(dict.fromkeys(study.findings, study))
    for name, without in absent.items():
        if name not in shown:
            facts.update(without)
    for name, study in shown.items():
        _finding_facts(case, _finding(modality, name, base), study.findings[name], operated, facts)


def _is_later(study: Study, other: Study) -> bool:
    return study.months_ago is not None and other.months_ago is not None and study.months_ago < other.months_ago


def _finding_facts(case: Case, entry: Finding, shown: Shown, operated: tuple[str, ...], facts: Facts) -> None:
    if shown.size is not None:
        facts[entry.key] = tidy(shown.size)
        return
    if not shown.present:
        facts.update(entry.absent)
        return
    facts[entry.key] = True
    if shown.levels and operated and entry.at:
        places = places_of(tuple(shown.levels), operated, case.lumbar)
        if not all(operation.levels for operation in case.surgery):
            _put(facts, entry.at["index"], True if "index" in places else None)
        else:
            for place in ("index", "adjacent_above", "adjacent_below", "remote"):
                facts[entry.at[place]] = place in places
            facts[entry.at["adjacent"]] = bool(places & {"adjacent_above", "adjacent_below"})
    if entry.root:
        _put(facts, entry.concordant, _concordant(case, shown, entry.root))


def _concordant(case: Case, shown: Shown, kind: str) -> bool | None:
    side, root = case.facts.get("pain.side"), case.facts.get("pain.root")
    if side in ("left", "right") and shown.side in ("left", "right") and side != shown.side:
        return False
    if (
        not isinstance(root, str)
        or root == "several"
        or not any(len(vertebrae(level, case.lumbar)) > 1 for level in shown.levels)
    ):
        return None
    return any(root in root_at(level, kind, case.lumbar) for level in shown.levels)


def _treatment_facts(case: Case, facts: Facts) -> None:
    for treatment in case.treatments:
        key = f"treatments.{treatment.kind}"
        facts[f"{key}.tried"] = bool(facts.get(f"{key}.tried")) or treatment.tried
        _put(facts, f"{key}.weeks", treatment.weeks)
        _put(facts, f"{key}.response", treatment.response)


def _block_facts(case: Case, facts: Facts) -> None:
    for block in case.blocks:
        key = f"blocks.{block.kind}"
        facts[f"{key}.done"] = bool(facts.get(f"{key}.done")) or block.done
        if not block.done:
            continue
        count = block.count if block.count is not None else 1
        facts[f"{key}.count"] = int(facts.get(f"{key}.count", 0)) + count
        if block.relief_percent is not None:
            before = float(facts.get(f"{key}.relief_percent", 100))
            facts[f"{key}.relief_percent"] = tidy(min(block.relief_percent, before))


def _put(facts: Facts, name: str, value: Value | None) -> None:
    if value is not None:
        facts[name] = tidy(value) if isinstance(value, float) else value
