"""The files of a knowledge folder and of the folders laid over it, read once and fingerprinted together."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from rules.problems import Problem, nearest
from rules.yamlfile import YamlFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

KINDS = (
    "facts",
    "findings",
    "red_flags",
    "causes",
    "pathways",
    "criteria",
    "disagreements",
    "sources",
    "weights",
    "leaflet",
    "off",
)


class Folders:
    """Every YAML file by name; those of the second folder on are named `overlay:FOLDER/...`."""

    def __init__(self, folders: Iterable[Path]) -> None:
        """Read the folders. What cannot be read is in `problems`."""
        self.problems: list[Problem] = []
        self.files: dict[str, YamlFile] = {}
        self.overlays: list[str] = []
        self._layer: dict[str, int] = {}
        self._digest = hashlib.sha256()
        for layer, folder in enumerate(folders):
            self._read_folder(layer, folder)

    @property
    def sha256(self) -> str:
        """The fingerprint of all files, names and contents."""
        return self._digest.hexdigest()

    def layer(self, name: str) -> int:
        """Return 0 for a file of the knowledge itself, and the number of the overlay otherwise."""
        return self._layer[name]

    def contents(self, kind: str) -> Iterator[tuple[str, Any]]:
        """Yield (name, content) of every file of a kind, such as `causes/x.yaml` or `red_flags.yaml`."""
        for name, file in self.files.items():
            if file.data is not None and _kind(self._inner(name)) == kind:
                yield name, file.data

    def broken(self, kind: str) -> list[str]:
        """Return the files of a kind that are not valid YAML, so that nobody knows what they define."""
        return [name for name, file in self.files.items() if file.data is None and _kind(self._inner(name)) == kind]

    def _inner(self, name: str) -> str:
        return name.split("/", 1)[1] if self._layer[name] else name

    def _read_folder(self, layer: int, folder: Path) -> None:
        prefix = ""
        if layer:
            own = folder.resolve().name
            own = own if own not in self.overlays else f"{own}#{layer}"
            self.overlays.append(own)
            prefix = f"overlay:{own}/"
        if not folder.is_dir():
            self.problems.append(Problem("", "there is no such knowledge folder", str(folder)))
            return
        paths = sorted(path for path in folder.rglob("*.y*ml") if path.is_file())
        if not paths:
            self.problems.append(Problem("", "there is no YAML file in this folder", str(folder)))
        for path in paths:
            self._read_file(layer, prefix, path.relative_to(folder).as_posix(), path.read_bytes())

    def _read_file(self, layer: int, prefix: str, inner: str, raw: bytes) -> None:
        name = prefix + inner
        self._layer[name] = layer
        self._digest.update(f"{name}\0".encode() + raw + b"\0")
        if _kind(inner) not in KINDS or not inner.endswith(".yaml"):
            near = nearest(inner.split("/", maxsplit=1)[0].removesuffix(".yaml"), KINDS)
            wanted = "a knowledge file is KIND.yaml or KIND/NAME.yaml, where KIND is one of "
            self.problems.append(Problem("", f"nothing reads this file{near}; {wanted}{', '.join(KINDS)}", name))
            return
        try:
            file = YamlFile(raw.decode("utf-8"), name)
        except UnicodeDecodeError:
            file = YamlFile("", name)
            file.problems.append(Problem("", "not UTF-8 text", name))
        if file.data is None and not file.problems:
            file.problems.append(Problem("", "an empty file", name))
        self.problems.extend(file.problems)
        self.files[name] = file


def _kind(inner: str) -> str:
    """Return the kind of a file by its place in the folder."""
    return inner.split("/", maxsplit=1)[0] if "/" in inner else inner.removesuffix(".yaml")


def merged(below: Any, above: Any) -> Any:
    """Return two contents as one: mappings are joined key by key, anything else is replaced by what lies above."""
    if isinstance(below, dict) and isinstance(above, dict):
        return below | {key: merged(below[key], value) if key in below else value for key, value in above.items()}
    return above
