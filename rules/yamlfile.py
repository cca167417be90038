"""Reading YAML safely and with line numbers: no duplicate keys, no aliases, no tags, a size limit."""

from __future__ import annotations

import datetime
from typing import Any

import yaml

from rules.problems import Problem

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
YES_NO = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}
READ: dict[str, Any] = {
    "str": str,
    "int": lambda text: int(text, 10),
    "float": lambda text: float(text) if text[-1:].isdigit() or text.endswith(".") else int("not finite"),
    "bool": lambda text: YES_NO[text.lower()],
    "null": lambda _: None,
}
PLAIN_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "float", "bool", "null", "map", "seq")}


class YamlFile:
    """A parsed YAML file: plain `data`, its `problems`, and the line of any path into it."""

    def __init__(self, text: str, name: str = "") -> None:
        """Parse the text. Whatever is wrong is in `problems`; then `data` may be None."""
        self.name = name
        self.problems: list[Problem] = []
        self.data: Any = None
        self._root: Any = None
        try:
            self._refuse_aliases(text)
            if not self.problems:
                self._root = yaml.compose(text, Loader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            self._report("", f"not valid YAML: {error.problem or error.context}", mark)
        except (yaml.YAMLError, RecursionError, ValueError) as error:
            self._report("", f"not valid YAML: {str(error).splitlines()[0]}", None)
        if self._root is not None and not self.problems:
            self.data = self._build(self._root, "", 0)

    def _refuse_aliases(self, text: str) -> None:
        if "&" not in text and "*" not in text:
            return
        for event in yaml.parse(text, Loader):
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                self._report("", "YAML anchors and aliases are not allowed", event.start_mark)
                return

    def _report(self, place: str, message: str, mark: Any) -> None:
        line = None if mark is None else mark.line + 1
        self.problems.append(Problem(place, message, self.name, line))

    def _build(self, node: Any, place: str, depth: int) -> Any:
        if depth > 40:
            self._report(place, "nested too deeply", node.start_mark)
            return None
        if not isinstance(node, yaml.ScalarNode) and node.tag not in PLAIN_TAGS:
            self._report(place, f"the YAML tag {node.tag} is not allowed", node.start_mark)
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place, depth)
        if isinstance(node, yaml.SequenceNode):
            return [self._build(n, f"{place}[{i}]", depth + 1) for i, n in enumerate(node.value)]
        return self._scalar(node, place)

    def _mapping(self, node: Any, place: str, depth: int) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._report(place, "a key must be a plain word", key_node.start_mark)
                continue
            key = key_node.value
            inner = f"{place}.{key}" if place else key
            if key in result:
                self._report(inner, "this key is given twice", key_node.start_mark)
            result[key] = self._build(value_node, inner, depth + 1)
        return result

    def _scalar(self, node: Any, place: str) -> Any:
        if node.tag not in PLAIN_TAGS:
            if node.tag == "tag:yaml.org,2002:timestamp":
                return DateLike(node.value)
            self._report(place, f"the YAML tag {node.tag} is not allowed", node.start_mark)
            return None
        kind = node.tag.rsplit(":", 1)[-1]
        try:
            return READ[kind](node.value)
        except (ValueError, KeyError):
            self._report(place, f"{node.value!r} cannot be read as {kind}", node.start_mark)
            return None

    def line(self, path: tuple[str | int, ...]) -> int | None:
        """Return the line (from 1) of a path into the data, or of the nearest part of it that exists."""
        node = self._root
        if node is None:
            return None
        line: int = node.start_mark.line + 1
        for step in path:
            if isinstance(node, yaml.MappingNode):
                pair = next(((k, v) for k, v in node.value if k.value == str(step)), None)
                if pair is None:
                    break
                line, node = pair[0].start_mark.line + 1, pair[1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
                line = node.start_mark.line + 1
            else:
                break
        return line


class DateLike(str):
    """Text that YAML would read as a date. Dates are identifiers here, so readers can refuse them by name."""

    def as_date(self) -> datetime.date | None:
        """Return the date it stands for, if it is one."""
        try:
            return datetime.date.fromisoformat(self[:10])
        except ValueError:
            return None
