"""Where documents stand: file and line of every part of the knowledge, for messages and for its readers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rules.yamlfile import YamlFile

Path = tuple[str | int, ...]


class Places:
    """Remembers for each document, and for each part of it, the file and the path in it."""

    def __init__(self, files: Mapping[str, YamlFile]) -> None:
        """Take the files by the name that messages use."""
        self._files = files
        self._of: dict[int, tuple[BaseModel, str, Path]] = {}
        self._facts: dict[str, tuple[str, Path]] = {}

    def add(self, part: BaseModel, file: str, path: Path = ()) -> None:
        """Remember a document and everything in it."""
        self._of[id(part)] = (part, file, path)
        for name, field in type(part).model_fields.items():
            value: Any = getattr(part, name, None)
            inner = (*path, field.alias or name)
            if isinstance(value, BaseModel):
                self.add(value, file, inner)
            elif isinstance(value, list):
                for number, item in enumerate(value):
                    if isinstance(item, BaseModel):
                        self.add(item, file, (*inner, number))

    def moved(self, part: BaseModel, old: BaseModel) -> None:
        """Remember that a changed copy stands where the old one stood; its parts are where they were."""
        _, file, path = self._of[id(old)]
        self._of[id(part)] = (part, file, path)

    def add_fact(self, name: str, file: str, path: Path) -> None:
        """Remember where the catalogue defines a fact."""
        self._facts[name] = (file, path)

    def of_fact(self, name: str) -> tuple[str, int | None]:
        """Return file and line of a fact in the catalogue."""
        file, path = self._facts.get(name, ("", ()))
        return file, self.line(file, path)

    def of(self, part: object, path: Path = ()) -> tuple[str, int | None]:
        """Return file and line of a path inside a part; an empty name for what was never read from a file."""
        _, file, base = self._of.get(id(part), (None, "", ()))
        return file, self.line(file, (*base, *path))

    def line(self, file: str, path: Path) -> int | None:
        """Return the line of a path in a file."""
        return self._files[file].line(path) if file in self._files else None
