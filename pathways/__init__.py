"""From a patient's facts to causes and a plan.

The functions of API.md can be imported from here, such as `from pathways import why, whatif`; each loads what it needs
when it is first asked for, so that importing the package costs nothing. `assess` has a module of its own name:
`from pathways.assess import assess`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathways.assess import default_base as default_base
    from pathways.assess import default_reasoner as default_reasoner
    from pathways.explain.asking import questions as questions
    from pathways.explain.compare import compare as compare
    from pathways.explain.course import course as course
    from pathways.explain.graph import graph as graph
    from pathways.explain.settled import settled as settled
    from pathways.explain.whatif import whatif as whatif
    from pathways.explain.why import why as why
    from pathways.explain.whynot import whynot as whynot
    from pathways.reading import read_case as read_case
    from pathways.reading import read_case_file as read_case_file

_HOME = {
    "default_base": "pathways.assess",
    "default_reasoner": "pathways.assess",
    "questions": "pathways.explain.asking",
    "compare": "pathways.explain.compare",
    "course": "pathways.explain.course",
    "graph": "pathways.explain.graph",
    "settled": "pathways.explain.settled",
    "whatif": "pathways.explain.whatif",
    "why": "pathways.explain.why",
    "whynot": "pathways.explain.whynot",
    "read_case": "pathways.reading",
    "read_case_file": "pathways.reading",
}


def __getattr__(name: str) -> Any:
    """Load a function of the public interface when it is first asked for."""
    if name not in _HOME:
        raise AttributeError(f"module 'pathways' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
