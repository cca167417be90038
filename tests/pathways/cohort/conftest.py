"""Tables of random but plausible cases."""

import random

import polars as pl
import pytest

from pathways.cohort.mapping import stated
from pathways.consistency import impossible
from rules.engines.columnar import column_type


def random_facts(base, generator, share):
    """Each fact is known with this share."""
    facts = {}
    for name in stated(base.vocabulary):
        fact = base.vocabulary[name]
        if generator.random() >= share:
            continue
        if fact.type == "yes_no":
            facts[name] = generator.random() < 0.4
        elif fact.type == "choice":
            facts[name] = generator.choice(fact.values)
        else:
            number = round(generator.uniform(fact.min, fact.max), generator.choice([0, 1]))
            number = min(max(number, fact.min), fact.max)
            facts[name] = int(number) if number == int(number) else number
    return facts


def possible(facts, base):
    """The facts without those that cannot be true together with others."""
    while problems := impossible(facts, base):
        facts = {name: value for name, value in facts.items() if name != problems[0].place}
    return facts


def frame_of(cases, base, columns):
    """Cases as a frame with typed columns."""
    kinds = {name: column_type(base.vocabulary[name]) for name in columns}
    data = {
        name: pl.Series(name, [case.get(name) for case in cases], dtype=kind, strict=False)
        for name, kind in kinds.items()
    }
    return pl.DataFrame(data)


COLUMNS = [
    *["person.age", "person.sex", "months_since_surgery", "index.fusion", "index.discectomy", "index.decompression"],
    *[
        "index.segments",
        "surgery.fusion",
        "surgery.implant",
        "course.relief",
        "course.trend",
        "course.pain_free_months",
    ],
    *["pain.predominant", "pain.radicular", "pain.leg_intensity", "symptoms.fever", "symptoms.saddle_numbness"],
    *["exam.motor_grade", "exam.slr_positive", "labs.esr", "scores.nrs", "scores.dn4", "mri.done"],
    *["mri.disc_herniation.index", "mri.epidural_scar", "medication.opioid", "treatments.physical_therapy.weeks"],
]


@pytest.fixture(scope="session")
def cases(base):
    """A few thousand cases that state some of a few columns."""
    generator = random.Random(7)
    made = [random_facts(base, generator, 0.7) for _ in range(60)]
    few = [{name: facts[name] for name in COLUMNS if name in facts} for facts in made]
    drawn = (few[generator.randrange(len(few))] | {"person.age": 18 + n % 73} for n in range(3000))
    return [possible(facts, base) for facts in drawn]


@pytest.fixture(scope="session")
def parquet(cases, base, tmp_path_factory):
    """These cases as a Parquet file with case ids."""
    path = tmp_path_factory.mktemp("cohort") / "cases.parquet"
    ids = pl.Series("case_id", [f"case-{n}" for n in range(1, len(cases) + 1)])
    frame_of(cases, base, COLUMNS).insert_column(0, ids).write_parquet(path)
    return path
