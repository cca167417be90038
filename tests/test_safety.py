"""Safety: what must hold for every patient, whatever the facts. Random facts of the real vocabulary, and chosen."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pathways import inquiry
from pathways.assess import default_base, judge
from pathways.judged import HOLDING
from pathways.standing import ORDER as STANDINGS
from rules.inference import Reasoner
from tests.strategies import facts_of, values

BASE = default_base()
REASONER = Reasoner(BASE)
EXAMPLES = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
FLAGS = {name: flag for name, flag in BASE.red_flags.items() if flag.urgency in HOLDING}
IMMEDIATE = [name for name, flag in FLAGS.items() if flag.urgency == "immediate"]
INVASIVE = [n for n, p in BASE.pathways.items() if p.kind in ("interventional", "neuromodulation", "surgical")]
NOT_ELECTIVE = ("emergency", "diagnostic")
CAUDA_EQUINA = ("cauda_equina", "cauda_equina_retention", "cauda_equina_suspected")
FREE = {name: fact for name, fact in BASE.vocabulary.items() if fact.origin == "asked"}


def judged(facts):
    return judge(facts, REASONER)


def status(facts, pathway):
    return judged(facts).statuses[pathway].name


def with_flag():
    """Random facts on top of what makes one immediate or same-day red flag fire."""
    return st.tuples(st.sampled_from(sorted(FLAGS)), facts_of(FREE, most=15)).map(
        lambda pair: {**pair[1], **{k: v for k, v in BASE.red_flags[pair[0]].fires_on.items() if k in BASE.vocabulary}}
    )


def flags_of(result):
    return {name for name in BASE.red_flags if result.inference.truths[f"red_flag.{name}"]}


@EXAMPLES
@given(facts_of(FREE) | with_flag())
def test_nothing_is_recommended_against_an_absolute_contraindication(facts):
    result = judged(facts)
    for name, pathway in BASE.pathways.items():
        for rule in pathway.contraindications:
            if rule.kind == "absolute" and result.inference.truths[rule.id]:
                assert result.statuses[name].name == "contraindicated", (name, rule.id)


@EXAMPLES
@given(with_flag())
def test_an_emergency_holds_every_elective_pathway(facts):
    result = judged(facts)
    if not flags_of(result) & set(FLAGS):
        return
    for name, pathway in BASE.pathways.items():
        if pathway.kind in NOT_ELECTIVE:
            continue
        found = result.statuses[name]
        assert found.held or found.name in ("urgent", "contraindicated", "not_indicated"), (name, found)
        if pathway.kind in ("interventional", "neuromodulation"):
            assert found.name != "urgent", name


@EXAMPLES
@given(facts_of(FREE) | with_flag())
def test_an_emergency_makes_the_referral_urgent(facts):
    result = judged(facts)
    if flags_of(result) & set(FLAGS):
        assert result.statuses["emergency_referral"].name == "urgent"


@EXAMPLES
@given(facts_of(FREE) | with_flag())
def test_any_red_flag_puts_something_urgent_in_the_plan(facts):
    result = judged(facts)
    if flags_of(result):
        assert "urgent" in {found.name for found in result.statuses.values()}, flags_of(result)


@pytest.mark.parametrize("flag", sorted(FLAGS))
def test_every_emergency_flag_leads_to_the_referral(flag):
    named = [
        rule.id for rule in BASE.pathways["emergency_referral"].indications if f"red_flag.{flag}" in str(rule.when)
    ]
    assert named
    assert all(BASE.conditions[rule] is not None for rule in named)
    facts = BASE.red_flags[flag].fires_on
    assert status(facts, "emergency_referral") == "urgent"


@pytest.mark.parametrize("flag", sorted(BASE.red_flags))
def test_no_red_flag_leaves_watching_and_waiting_as_the_advice(flag):
    facts = {**BASE.red_flags[flag].fires_on, "course.trend": "improving", "index.fusion": False}
    facts.setdefault("months_since_surgery", 1)
    result = judged(facts)
    if flag in flags_of(result) and flag != "opioid_with_sedative":
        assert result.statuses["watchful_waiting"].name != "recommended_now"


AXIAL = {"pain.predominant": "back", "pain.back": True, "pain.radicular": False, "pain.leg": False}
COURSE = {n: f for n, f in FREE.items() if n.split(".")[0] in ("course", "person", "context", "goals", "scores")}
HISTORY = {n: f for n, f in FREE.items() if n.split(".")[0] in ("course", "person", "goals", "treatments", "scores")}


def invasive_now(result):
    return [name for name in INVASIVE if result.statuses[name].name in ("recommended_now", "urgent")]


@EXAMPLES
@given(facts_of(COURSE, most=12), st.floats(1, 120))
def test_axial_pain_without_a_target_never_gives_an_invasive_pathway(facts, months):
    facts = {**facts, **AXIAL, "months_since_surgery": round(months, 1), "surgery.count": 1}
    assert invasive_now(judged(facts)) == []


@EXAMPLES
@given(facts_of(HISTORY, most=12), st.sampled_from(["epidural_scar", "extensive_scar"]))
def test_scar_alone_never_gives_an_invasive_pathway_and_never_more_than_possible(facts, scar):
    known = {name: value for name, value in facts.items() if not name.startswith("treatments.")}
    facts = {**known, "mri.done": True, f"mri.{scar}": True, "surgery.discectomy": True, "surgery.count": 1}
    result = judged(facts)
    assert invasive_now(result) == []
    standing = judged({"mri.done": True, f"mri.{scar}": True}).standings["epidural_fibrosis"].name
    assert STANDINGS.index(standing) >= STANDINGS.index("possible")


def test_scar_with_leg_pain_is_at_most_possible():
    facts = {"mri.done": True, "mri.epidural_scar": True, "pain.leg": True, "pain.predominant": "leg"}
    result = judged({**facts, "months_since_surgery": 14, "surgery.discectomy": True, "index.discectomy": True})
    assert result.standings["epidural_fibrosis"].name not in ("probable", "confirmed")
    assert invasive_now(result) == []


def elective(result, pathway):
    """Is a pathway recommended, now or once a prerequisite is met (and not merely held by an emergency)?"""
    found = result.statuses[pathway]
    return found.name == "recommended_now" or (found.name == "next" and not found.held)


@EXAMPLES
@given(facts_of(HISTORY, most=10), st.integers(50, 100), st.booleans())
def test_one_positive_block_is_not_enough(facts, relief, fused):
    facts = {**facts, **AXIAL, "months_since_surgery": 14, "surgery.fusion": fused, "mri.done": True}
    facet = {"blocks.medial_branch.done": True, "blocks.medial_branch.count": 1}
    ablation = judged({**facts, **facet, "blocks.medial_branch.relief_percent": relief})
    assert not elective(ablation, "radiofrequency_ablation")
    joint = {"blocks.sacroiliac.done": True, "blocks.sacroiliac.count": 1, "exam.sij_tests_positive": 4}
    fusion = judged({**facts, **joint, "blocks.sacroiliac.relief_percent": relief})
    assert not elective(fusion, "sacroiliac_fusion")


@pytest.mark.parametrize(
    "lesion",
    [
        {"mri.disc_herniation": True, "mri.disc_herniation.concordant": True},
        {"mri.foraminal_stenosis": True, "mri.foraminal_stenosis.concordant": True},
        {"mri.central_stenosis": True, "pain.claudication": True},
        {"ct.cage_in_canal": True, "ct.done": True},
    ],
)
def test_a_stimulator_is_never_recommended_over_an_untreated_compression(lesion):
    facts = {
        "pain.predominant": "leg",
        "pain.leg": True,
        "pain.radicular": True,
        "scores.nrs": 8,
        "scores.dn4": 6,
        "months_since_surgery": 24,
        "course.symptom_months": 20,
        "treatments.conservative_care.weeks": 40,
        "treatments.conservative_care.tried": True,
        "treatments.neuropathic_medication.tried": True,
        "treatments.neuropathic_medication.response": "none",
        "outcomes.multidisciplinary_review": True,
        "outcomes.psychological_clearance": True,
        "outcomes.structural_workup_complete": True,
        "mri.done": True,
        **lesion,
    }
    result = judged(facts)
    for pathway in ("scs_trial", "scs_implant", "drg_stimulation", "intrathecal_drug_delivery"):
        assert result.statuses[pathway].name not in ("recommended_now", "next"), pathway


OLD = {"months_since_surgery": 60, "course.symptom_months": 50, "course.trend": "stable"}


@pytest.mark.parametrize(
    "deficit",
    [
        {"exam.foot_drop": True, "exam.motor_deficit": True},
        {"exam.motor_grade": 3, "exam.motor_deficit": True, "exam.motor_deficit_new": True},
        {"exam.sensory_deficit": True, "pain.side": "bilateral", "pain.leg": True},
        {"pain.radicular": True, "pain.leg": True, "course.onset": "immediate"},
    ],
)
def test_a_long_stable_deficit_is_no_emergency_but_is_looked_into(deficit):
    result = judged({**OLD, **deficit})
    assert flags_of(result) == set()
    assert result.statuses["diagnostic_workup"].name == "recommended_now"


@pytest.mark.parametrize(
    "change",
    [
        {"symptoms.weakness_new": True},
        {"symptoms.weakness_progressive": True},
        {"exam.motor_worse_than_last_record": True},
        {"exam.foot_drop": True, "course.symptom_months": 0.2},
        {"exam.cauda_equina_signs": True},
    ],
)
def test_a_new_or_growing_deficit_is_an_emergency_and_stops_every_needle(change):
    result = judged({**OLD, **change})
    assert flags_of(result) & set(FLAGS)
    for name in INVASIVE:
        if BASE.pathways[name].kind != "surgical":
            assert result.statuses[name].name in ("contraindicated", "not_indicated"), name


@EXAMPLES
@given(facts_of(FREE))
def test_questions_about_red_flags_come_before_all_others(facts):
    facts = {name: value for name, value in facts.items() if name != "symptoms.saddle_numbness"}
    result = judged(facts)
    keys = [found.key_red_flag for found in inquiry.missing(result)]
    assert keys == sorted(keys, reverse=True)


@EXAMPLES
@given(facts_of(FREE))
def test_unknown_saddle_sensation_is_among_the_first_questions(facts):
    facts = {name: value for name, value in facts.items() if name != "symptoms.saddle_numbness"}
    result = judged(facts)
    if flags_of(result) & set(CAUDA_EQUINA):
        return
    block = [found.fact for found in inquiry.missing(result) if found.key_red_flag]
    assert "symptoms.saddle_numbness" in block


def test_unknown_saddle_sensation_is_the_first_question():
    for facts in ({}, {"pain.leg": True}, {"pain.predominant": "back", "months_since_surgery": 8}):
        assert inquiry.missing(judged(facts))[0].fact == "symptoms.saddle_numbness"


@EXAMPLES
@given(facts_of(FREE, most=20), st.sampled_from(sorted(IMMEDIATE)), st.data())
def test_more_facts_never_take_an_emergency_away(facts, flag, data):
    known = dict(BASE.red_flags[flag].fires_on)
    assert flag in flags_of(judged(known))
    name = data.draw(st.sampled_from(sorted(set(FREE) - set(known))))
    more = {**{k: v for k, v in facts.items() if k not in known}, name: data.draw(values(FREE[name])), **known}
    assert flag in flags_of(judged(more))


def test_nothing_but_lasting_pain_still_gives_a_useful_plan():
    result = judged({"pain.back": True, "surgery.count": 1, "months_since_surgery": 9})
    active = {n for n, s in result.statuses.items() if s.name in ("recommended_now", "next", "to_be_considered")}
    assert {"diagnostic_workup", "second_opinion", "physical_therapy"} <= active
    assert not active & set(INVASIVE)


DANGERS = [  # known facts, the red flag that must be present, and its urgency
    ({"pain.leg": True, "labs.crp": 120, "months_since_surgery": 7}, "infection_markers", "same_day"),
    ({"pain.leg": True, "labs.procalcitonin": 5, "months_since_surgery": 2}, "infection_markers", "same_day"),
    ({"labs.identical_tissue_isolates": 2, "labs.inflammation_normal": True}, "infection", "same_day"),
    (
        {"months_since_surgery": 0.03, "pain.back_intensity": 9, "conditions.anticoagulant": True},
        "early_pain_with_bleeding_risk",
        "same_day",
    ),
    (
        {"months_since_surgery": 0.1, "pain.leg_intensity": 9, "course.trend": "worsening"},
        "hematoma",
        "immediate",
    ),
    (
        {"exam.pulses_reduced": True, "pain.leg": True, "course.onset": "sudden", "months_since_surgery": 12},
        "limb_ischemia",
        "immediate",
    ),
    ({"symptoms.shock": True, "pain.back": True, "months_since_surgery": 60}, "aortic_aneurysm", "immediate"),
    ({"symptoms.collapse": True, "pain.leg": True, "months_since_surgery": 6}, "shock_or_collapse", "immediate"),
    (
        {
            "person.age": 74,
            "conditions.smoking": True,
            "conditions.hypertension": True,
            "course.onset": "sudden",
            "pain.back_intensity": 10,
        },
        "aortic_aneurysm",
        "immediate",
    ),
    (
        {"pain.side": "bilateral", "pain.leg": True, "course.onset": "sudden", "course.trend": "worsening"},
        "cauda_equina_suspected",
        "immediate",
    ),
    ({"exam.temperature_c": 38.6, "symptoms.headache_severe": True}, "meningitis", "immediate"),
    ({"symptoms.confusion": True, "months_since_surgery": 0.3}, "acute_confusion", "same_day"),
    ({"conditions.cancer_history": True, "pain.at_rest_or_night": True}, "malignancy", "within_days"),
    (
        {"conditions.osteoporosis": True, "course.onset": "sudden", "pain.back_intensity": 8},
        "fracture",
        "within_days",
    ),
    ({"exam.motor_grade": 2, "months_since_surgery": 5}, "weakness_to_be_seen", "within_days"),
    ({"exam.calf_circumference_difference_cm": 3}, "deep_vein_thrombosis", "same_day"),
    ({"conditions.intravenous_drug_use": True, "pain.back_intensity": 8}, "infection_rest_pain", "within_days"),
    (
        {"medication.opioid": True, "medication.benzodiazepine": True, "conditions.sleep_apnea": True},
        "opioid_with_sedative",
        "within_days",
    ),
]


@pytest.mark.parametrize(("facts", "flag", "urgency"), DANGERS, ids=[flag for _, flag, _ in DANGERS])
def test_a_danger_known_by_few_facts_is_flagged_and_never_watched(facts, flag, urgency):
    result = judged(facts)
    assert flag in flags_of(result)
    assert BASE.red_flags[flag].urgency == urgency
    assert result.statuses["watchful_waiting"].name not in ("recommended_now", "urgent")


CANDIDATE = BASE.pathways["scs_trial"].vignette.facts


@pytest.mark.parametrize(
    "open_question",
    [
        {"labs.crp": 28},
        {"conditions.cancer_history": True, "symptoms.weight_loss": True},
        {"scores.phq9": 25},
        {"mri.months_ago": 10, "course.symptom_months": 0.7},
    ],
)
def test_a_stimulator_is_not_tried_while_a_serious_question_is_open(open_question):
    assert status(CANDIDATE, "scs_trial") == "recommended_now"
    assert status({**CANDIDATE, **open_question}, "scs_trial") == "to_be_considered"


def test_a_proven_infection_is_never_called_a_sterile_collection():
    sterile = {
        "symptoms.wound_discharge": False,
        "symptoms.fever": False,
        "labs.inflammation_normal": True,
        "mri.abscess": False,
        "mri.wound_collection": True,
        "months_since_surgery": 30,
    }
    assert status(sterile, "surgical_debridement") in ("contraindicated", "not_indicated")
    assert status({**sterile, "labs.identical_tissue_isolates": 2}, "surgical_debridement") != "contraindicated"


def test_a_hematoma_is_not_called_harmless_beside_saddle_numbness():
    harmless = {"mri.hematoma": True, "mri.hematoma_compressive": False, "exam.motor_deficit": False}
    harmless |= {"symptoms.bladder_new": False, "symptoms.bowel_new": False, "symptoms.saddle_numbness": False}
    assert status(harmless, "hematoma_evacuation") == "contraindicated"
    assert status({**harmless, "symptoms.saddle_numbness": True}, "hematoma_evacuation") != "contraindicated"


def test_more_risk_never_makes_the_review_of_medicines_less_urgent():
    pair = {"medication.opioid": True, "medication.benzodiazepine": True}
    assert status(pair, "medication_optimization") == "recommended_now"
    frail = {**pair, "person.age": 70, "conditions.renal_impairment": True, "conditions.heart_failure": True}
    assert status(frail, "medication_optimization") == "urgent"
