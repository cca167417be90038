"""An annotated blank case, written from the fact catalogue: all commented out, to be filled in or left unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rules.rulebase import RuleBase
    from rules.vocabulary import Fact

HEAD = """\
# A Spinepath case. Fill in what is known; delete, leave commented out, or write `unknown` for the rest.
# "no" means asked or looked for and not there; leaving a line out means not known. The two are different answers.
# No names, dates, addresses, record numbers or free text: times are months, or durations such as `6 weeks`.
# Assess it with: spinepath assess THIS_FILE
case_id: my-case

# Every lumbar operation, oldest first; the last is the index operation.
surgery:
  - procedure: {example}        # one of, or a list of: {procedures}
    levels: [L4-L5]              # L4-L5, a range such as L4-S1, or leave out if not known
    months_ago: 12               # or a duration such as `6 weeks`, `2 years`
    # instrumented: yes          # screws, rods or plates
    # interbody: yes             # a cage
    # approach: posterior        # posterior, anterior, lateral
    # side: left
    # minimally_invasive: no
    # to_pelvis: no
"""


def blank(base: RuleBase) -> str:
    """Return the text of an annotated blank case."""
    procedures = ", ".join(base.catalogue.procedures)
    lines = [HEAD.replace("{example}", "laminectomy").replace("{procedures}", procedures)]
    for section, title in base.catalogue.sections.items():
        lines.append(f"# --- {title} ---\n{section}:")
        facts = [fact for fact in base.vocabulary.values() if fact.section == section and fact.origin == "asked"]
        lines.extend(_line(fact) for fact in facts)
        lines.append("")
    lines.append(_imaging(base))
    kinds = ", ".join(base.catalogue.treatments)
    lines.append(f"# --- Treatments tried: {kinds} ---\ntreatments:\n  # - {{kind: brace, weeks: 8, response: none}}\n")
    kinds = ", ".join(base.catalogue.blocks)
    lines.append(
        f"# --- Diagnostic blocks: {kinds} ---\nblocks:\n  # - {{kind: sacroiliac, count: 1, relief_percent: 80}}"
    )
    return "\n".join(lines) + "\n"


def _line(fact: Fact) -> str:
    key = fact.id.split(".", 1)[1]
    if fact.unit_required:
        example = f"5 {fact.unit}"
    else:
        example = {"yes_no": "unknown", "choice": "unknown"}.get(fact.type, "unknown")
    hint = "yes, no" if fact.type == "yes_no" else fact.describe()
    star = " RED FLAG" if fact.key_red_flag else ""
    return f"  # {key}: {example}".ljust(43) + f" # {fact.ask} ({hint}){star}"


def _imaging(base: RuleBase) -> str:
    lines = [
        "# --- Imaging after the operation. `complete: yes` means that what is not listed is absent. ---",
        "imaging:",
    ]
    for modality, about in base.catalogue.modalities.items():
        lines.append(f"  # {about['title']}")
        lines.append(f"  # - modality: {modality}\n  #   months_ago: 1\n  #   complete: no\n  #   findings:")
        for name, entry in base.catalogue.findings[modality].items():
            fact = base.vocabulary[f"{modality}.{name}"]
            example = "unknown"
            hint = "yes, no or levels such as [L4-L5]" if entry.get("levels") else "yes, no"
            hint = fact.describe() if fact.type == "number" else hint
            lines.append(f"  #     {name}: {example}".ljust(47) + f" # {entry['ask']} ({hint})")
    return "\n".join(lines) + "\n"
