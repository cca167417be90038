"""The library: published cases in our own words, with what was established. One YAML file a case.

Beside them, in `constructed`, cases made up for teaching: never counted as published.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pathways.reading import build_case
from rules.problems import CaseError, Problem, nearest
from rules.yamlfile import YamlFile

if TYPE_CHECKING:
    from pathways.case import Case
    from rules.rulebase import RuleBase

FOLDER = Path(__file__).parent
CONSTRUCTED = FOLDER / "constructed"


@dataclass(frozen=True)
class About:
    """Where a case was published and what was established; never part of what is assessed."""

    title: str
    source_id: str
    citation: str
    story: str
    established: list[str]
    urgent: bool
    first_step: list[str] = field(default_factory=list)
    outcome: str = ""
    quality: str = ""
    url: str = ""
    pmcid: str = ""
    doi: str = ""

    @property
    def constructed(self) -> bool:
        """Whether the case is made up for teaching."""
        return self.quality == "constructed"


@dataclass(frozen=True)
class LibraryCase:
    """A library case: its name, what is said about it, and the case itself."""

    name: str
    about: About
    case: Case


def names() -> list[str]:
    """Return the names of the published cases, sorted."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def constructed_names() -> list[str]:
    """Return the names of the cases constructed for teaching, in the order of their numbers."""
    found = [path.stem for path in CONSTRUCTED.glob("*.yaml")]
    return sorted(found, key=lambda name: name.rsplit("-", 1)[-1])


def _read(name: str) -> YamlFile:
    published, constructed = names(), constructed_names()
    if name not in published and name not in constructed:
        near = nearest(name, [*published, *constructed])
        message = f"no library case and no file of that name{near}; `spinepath library` lists the cases"
        raise CaseError(f"{name} cannot be found", [Problem("", message)])
    path = (FOLDER if name in published else CONSTRUCTED) / f"{name}.yaml"
    file = YamlFile(path.read_text(encoding="utf-8"), path.name)
    if file.problems:
        raise CaseError(f"{path.name} cannot be read", file.problems)
    return file


def about(name: str) -> About:
    """Return what is said about a library case, published or constructed."""
    return About(**_read(name).data["about"])


def read(name: str, base: RuleBase) -> LibraryCase:
    """Read a library case, published or constructed, by name.

    Raises CaseError for an unknown name, with the nearest ones.
    """
    data: dict[str, Any] = _read(name).data
    content = {"case_id": name, **data["case"]}
    return LibraryCase(name, About(**data["about"]), build_case(content, base, name=name, default_id=name))
