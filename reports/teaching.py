"""Telling a lesson: what a stage adds, what the rule base has, what was overlooked, the score, the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pathways.teaching.score import IN_VIEW, LATER, NOW, most_urgent, tests
from pathways.telling import in_words
from reports import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pathways.assessment import Assessment, CauseResult, RedFlagResult
    from pathways.case import Operation, Shown, Study
    from pathways.teaching.answers import Answer
    from pathways.teaching.compare import Class
    from pathways.teaching.lesson import Lesson, Scene
    from pathways.teaching.score import Result, StageScore
    from rules.rulebase import RuleBase

CAUSES = 3
ARGUMENTS = 3
QUESTIONS = 3
MARKS = {"for": "+", "against": "-", "confirms": "++", "excludes": "--"}
NO_FLAG = "None is recorded. That does not exclude an emergency."


def heading(lesson: Lesson) -> str:
    """Return the title of a lesson: its neutral code, and what it is about without the diagnosis."""
    changed = f", changed: {', '.join(lesson.variant)}" if lesson.variant else ""
    return f"Case {lesson.code}: {lesson.about.title}{changed}"


def news(scene: Scene, base: RuleBase) -> list[str]:
    """Return what a stage adds, one line each."""
    told = scene.told
    lines = [_operation(operation, base) for operation in told.operations]
    lines += [_fact(name, in_words(value), base) for name, value in told.facts]
    lines += [_study(study, base) for study in told.studies]
    for treatment in told.treatments:
        title = base.catalogue.treatments[treatment.kind]
        weeks = [f"{treatment.weeks:g} weeks"] if treatment.weeks is not None else []
        brought = [f"relief: {treatment.response.replace('_', ' ')}"] if treatment.response else []
        lines.append(_line(title, [*weeks, *brought] if treatment.tried else ["not tried"]))
    for block in told.blocks:
        title = base.catalogue.blocks[block.kind]
        count = [f"{block.count} done"] if block.count is not None else []
        relief = [f"{block.relief_percent:g} percent relief"] if block.relief_percent is not None else []
        lines.append(_line(title, [*count, *relief] if block.done else ["not done"]))
    return lines


def _line(title: str, details: list[str]) -> str:
    return f"{title}: {', '.join(details)}" if details else title


def _fact(name: str, value: str, base: RuleBase) -> str:
    fact = base.vocabulary[name]
    unit = f" {fact.unit}" if fact.type == "number" and fact.unit else ""
    return f"{fact.ask} {value}{unit}"


def _operation(operation: Operation, base: RuleBase) -> str:
    names = [base.catalogue.procedures[name]["title"] for name in operation.procedures]
    details = [", ".join(operation.levels)] if operation.levels else []
    details += [operation.side] if operation.side else []
    details += [f"{operation.approach} approach"] if operation.approach else []
    for trait in ("instrumented", "interbody", "minimally_invasive", "unilateral", "to_pelvis"):
        said = getattr(operation, trait)
        if said is not None:
            details.append(("" if said else "not ") + trait.replace("_", " "))
    details += [f"{words.ago(operation.months_ago)} ago"] if operation.months_ago is not None else []
    return _line(" and ".join(names), details)


def _study(study: Study, base: RuleBase) -> str:
    title = base.catalogue.modalities[study.modality]["title"]
    if not study.done:
        return f"{title}: not done"
    about = [f"{words.ago(study.months_ago)} ago"] if study.months_ago is not None else []
    about += [] if study.contrast is None else ["with contrast" if study.contrast else "without contrast"]
    about += ["what is not listed is absent"] if study.complete else []
    head = f"{title} ({', '.join(about)})" if about else title
    known = base.catalogue.findings[study.modality]
    shown = [_shown(known[name]["ask"], found) for name, found in study.findings.items()]
    return _line(head, ["; ".join(shown)] if shown else [])


def _shown(what: str, found: Shown) -> str:
    if found.size is not None:
        return f"{what}: {found.size:g}"
    if not found.present:
        return f"absent: {what}"
    where = [", ".join(found.levels)] if found.levels else []
    where += [found.side] if found.side else []
    return f"{what} ({', '.join(where)})" if where else what


def flags(scene: Scene, lesson: Lesson) -> tuple[list[RedFlagResult], list[RedFlagResult]]:
    """Return the red flags that are new at a stage, and those that an earlier stage had shown."""
    earlier = lesson.scenes[: lesson.scenes.index(scene)]
    seen = {flag.id for before in earlier for flag in before.assessment.present_red_flags}
    present = scene.assessment.present_red_flags
    return [flag for flag in present if flag.id not in seen], [flag for flag in present if flag.id in seen]


def view(scene: Scene, lesson: Lesson) -> list[str]:
    """Return what the rule base has at a stage: red flags, causes with arguments, ways forward, telling tests."""
    assessment = scene.assessment
    new, still = flags(scene, lesson)
    lines = ["Red flags"]
    for flag in new:
        lines.append(f"  ! {flag.title} (act {words.URGENCY[flag.urgency]}): {flag.because} {flag.action}")
    for flag in still:
        lines.append(f"  ! still {words.lower_first(flag.title)} (act {words.URGENCY[flag.urgency]})")
    if not new and not still:
        lines.append(f"  {NO_FLAG}")
    lines.append("Causes in view")
    found = words.leading(assessment)
    for cause in found[:CAUSES]:
        lines += _cause(cause)
    rest = [words.lower_first(cause.title) for cause in found[CAUSES:]]
    lines += [f"  Also possible: {words.joined(rest)}."] if rest else []
    lines += [] if found else ["  Nothing known so far argues for a particular cause."]
    return [*lines, *_forward(assessment, lesson)]


def _cause(cause: CauseResult) -> list[str]:
    lines = [f"  {cause.title}: {words.STANDING[cause.standing]}"]
    for argument in [argument for argument in cause.arguments if argument.counted][:ARGUMENTS]:
        cited = argument.sources[0].cite if argument.sources else argument.basis
        lines.append(f"    {MARKS[argument.direction]} {argument.because} [{argument.strength}; {cited}]")
    return lines


def _forward(assessment: Assessment, lesson: Lesson) -> Iterator[str]:
    yield "Ways forward by the rules"
    for label, statuses in (("now", NOW), ("later or to be weighed", LATER)):
        named = [words.lower_first(p.title) for p in assessment.pathways if p.status in statuses]
        if named:
            yield f"  {label}: {'; '.join(named)}"
    catalogue = lesson.base.catalogue
    titles = {name: about["title"] for name, about in catalogue.modalities.items()} | catalogue.sections
    telling = tests(assessment, lesson.base)[: lesson.rubric.most_telling.value]
    if telling:
        yield f"  most telling tests: {'; '.join(titles.get(name, name) for name in telling)}"
    questions = [missing.question for missing in assessment.missing if missing.burden == "question"][:QUESTIONS]
    if questions:
        yield f"  ask next: {' '.join(questions)}"


def remarks(scene: Scene, answer: Answer, scored: StageScore) -> list[str]:
    """Return what is to be said about an answer: what was overlooked, and what speaks against the causes named."""
    lines = [f"Overlooked red flag: {flag.title} (act {words.URGENCY[flag.urgency]})." for flag in scored.missed_flags]
    top = most_urgent(scene.assessment)
    if answer.red_flag and top and scored.safety < 1 and not scored.contraindicated:
        lines.append(f"The red flag was seen, but it asks to act {words.URGENCY[top]}.")
    if answer.red_flag and top is None:
        lines.append("The rules find no red flag at this stage; that does not exclude an emergency.")
    if scored.contraindicated:
        lines.append(f"The next step is contraindicated here: {scored.contraindicated}")
    for cause in scored.overlooked_causes:
        lines.append(f"Overlooked cause: {cause.title} ({words.STANDING[cause.standing]} by the rules).")
    for guess in answer.causes:
        cause = scene.assessment.cause(guess.cause)
        against = [a.because for a in cause.arguments if a.direction in ("against", "excludes")][:1]
        if cause.standing == "nothing_to_say":
            lines.append(f"{cause.title}: nothing told so far speaks for or against it by the rules.")
        elif cause.standing not in IN_VIEW:
            reason = " ".join(against) or cause.note
            lines.append(f"{cause.title} is {words.STANDING[cause.standing]} by the rules. {reason}".rstrip())
    return lines or ["Nothing that the rules hold was overlooked."]


def stage_line(scored: StageScore) -> str:
    """Return the score of one stage in a line."""
    return (
        f"This stage, in percent: safety {scored.safety:.0%}, calibration {scored.calibration:.0%}, "
        f"differential {scored.differential:.0%}, next step {scored.next_step:.0%}."
    ).replace("%", "")


def result_lines(result: Result, lesson: Lesson) -> list[str]:
    """Return the score of a session with its parts and what was overlooked."""
    points = lesson.rubric.points
    lines = [
        f"Score: {result.total} of 100",
        f"  safety {result.safety} of {points.safety.value}, calibration {result.calibration} of "
        f"{points.calibration.value}, differential {result.differential} of {points.differential.value}, "
        f"next step {result.next_step} of {points.next_step.value}",
    ]
    if result.capped:
        cap = lesson.rubric.cap_if_missed
        lines.append(f"  held at {cap.value}: an emergency was never noticed. {cap.because}")
    missed = result.overlooked()
    return [*lines, *(f"  overlooked and not noticed later: {title}" for title in missed.values())]


def ending(lesson: Lesson) -> list[str]:
    """Return what was established, how it ended, how the rules stand to it, and where it was published."""
    about = lesson.about
    last = lesson.scenes[-1].assessment
    named = [lesson.base.causes[name].title for name in about.established]
    lines = []
    if lesson.variant:
        held = [lesson.base.causes[name].title for name in lesson.truth]
        concluded = words.joined(held) or "no cause in particular"
        lines.append(
            f"This was a variant ({', '.join(lesson.variant)}). Nobody knows what would have been found; it was scored "
            f"by what the rules hold: {concluded}. What follows is the case as published."
        )
    lines += [f"Established: {'; '.join(named)}", about.story, about.outcome]
    for name in lesson.truth if lesson.variant else about.established:
        cause = last.cause(name)
        lines.append(f"By the rules, with everything told: {cause.title} is {words.STANDING[cause.standing]}.")
    first = [lesson.base.pathways[name].title for name in about.first_step if name in lesson.base.pathways]
    lines += [f"Done in the published case: {'; '.join(first)}."] if first else []
    where = about.url or (f"https://www.ncbi.nlm.nih.gov/pmc/articles/{about.pmcid}/" if about.pmcid else "")
    return [*lines, f"Published: {about.citation} {where}".rstrip(), words.LIMITS]


def score_rows(group: Class) -> list[tuple[str, ...]]:
    """Return a row for each learner of a class: code, score and its parts; the score of an open session in brackets."""
    rows = []
    for learner in group.learners:
        result = learner.result
        total = str(result.total) if group.finished(learner) else f"({result.total})"
        parts = (result.safety, result.calibration, result.differential, result.next_step)
        rows.append((learner.code, total, *(str(part) for part in parts)))
    return rows


def choice_rows(group: Class, number: int) -> list[tuple[str, ...]]:
    """Return a row for each learner who answered a stage: code, causes in percent, red flag, next step."""
    rows: list[tuple[str, ...]] = []
    for learner in group.learners:
        for answer in learner.session.answers[number : number + 1]:
            named = "; ".join(f"{guess.cause} {guess.percent}" for guess in answer.causes) or "none"
            flag = words.URGENCY[answer.red_flag] if answer.red_flag else "no"
            rows.append((learner.code, named, flag, answer.next or "none"))
    return rows


def class_lines(group: Class) -> list[str]:
    """Return how the scores of a class spread and what was overlooked most."""
    spread = group.spread()
    lines = []
    if spread:
        lines.append("Scores: " + ", ".join(f"{name} {value:g}" for name, value in spread.items()))
        lines += [f"  {low:3}-{high:<3} {'#' * count or '.'}" for low, high, count in _bands(group.totals)]
    else:
        lines.append("Nobody has finished yet.")
    if group.overlooked:
        lines.append("Most overlooked:")
        learners = len(group.learners)
        lines += [f"  {count} of {learners}: {title}" for title, count in group.overlooked[:8]]
    truth = [group.lesson.base.causes[name].title for name in group.lesson.truth]
    return [*lines, f"Established: {'; '.join(truth)}"]


def _bands(totals: list[int]) -> list[tuple[int, int, int]]:
    """Return (lowest, highest, count) for bands of twenty points."""
    edges = [(0, 19), (20, 39), (40, 59), (60, 79), (80, 100)]
    return [(low, high, sum(low <= total <= high for total in totals)) for low, high in edges]
