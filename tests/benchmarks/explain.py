"""Explaining one case beside assessing it: every kind of answer, in processor time, as multiples of the assessment.

    python tests/benchmarks/explain.py

Prints figures and ratios; it passes no judgement, because machines differ.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
NAMES = ("nonunion-c165", "adjacent-segment-c036", "infection-c047")


def cpu_ms(run, times=5):
    """Return the median processor time of a call in milliseconds."""
    taken = []
    for _ in range(times):
        start = time.process_time()
        run()
        taken.append(1000 * (time.process_time() - start))
    return statistics.median(taken)


def explanations(subject, assessment):
    """Return (what, call) for everything that the page of a case carries."""
    from pathways.explain import why, whynot
    from pathways.explain.asking import ask
    from pathways.explain.course import follow
    from pathways.explain.graph import draw
    from pathways.explain.levers import levers
    from pathways.explain.names import conclusions
    from pathways.explain.settled import judge
    from pathways.explain.singles import Singles
    from reports.explained import explained
    from reports.picture import picture

    asked = conclusions(subject.base)
    singles = Singles(subject)
    yield "why, every conclusion", lambda: [why.explain(subject, one) for one in asked]
    yield "every single change", lambda: Singles(subject).shifts
    yield "why not, every conclusion", lambda: [whynot.explain(subject, one, 2, singles, 1) for one in asked]
    yield "settled or open, every conclusion", lambda: judge(subject, asked, singles)
    yield "next questions and tests", lambda: ask(subject, 5, singles)
    yield "what if, ahead for the page", lambda: levers(subject, singles)
    yield "course and picture", lambda: (follow(subject), picture(draw(subject)))
    yield "all that the page explains", lambda: explained(assessment, subject.base)


def slowest(subject):
    """Return the slowest thorough why not, up to three facts, in milliseconds, and which it was."""
    from pathways.explain import whynot
    from pathways.explain.names import conclusions

    timed = [(cpu_ms(lambda one=one: whynot.explain(subject, one), 1), one.id) for one in conclusions(subject.base)]
    return max(timed)


def main():
    """Print the table."""
    from pathways import library
    from pathways.assess import assess
    from pathways.explain.names import Subject
    from rules.snapshot import reasoner

    ready = reasoner()
    for name in NAMES:
        case = library.read(name, ready.base).case
        assessment = assess(case, ready)
        subject = Subject(case, ready)
        subject.judged  # noqa: B018 - judged once, before anything is timed
        bare = cpu_ms(lambda case=case: assess(case, ready), 21)
        print(f"\n{name}: {len(subject.facts)} facts; a warm assessment takes {bare:.2f} ms of processor time")
        for what, run in explanations(subject, assessment):
            run()
            taken = cpu_ms(run)
            print(f"  {what:36}{taken:>9.1f} ms{taken / bare:>8.1f} x")
        taken, which = slowest(subject)
        print(f"  {'slowest why not, up to three facts':36}{taken:>9.1f} ms{taken / bare:>8.1f} x  ({which})")


if __name__ == "__main__":
    main()
