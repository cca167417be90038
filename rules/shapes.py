"""From plain data to a document of a given shape, with every problem, and with what can be read in spite of them."""

from __future__ import annotations

from types import NoneType
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from rules.problems import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable

M = TypeVar("M", bound=BaseModel)
Path = tuple[str | int, ...]


def shaped(model: type[M], data: object) -> tuple[M, list[tuple[Path, str]]]:
    """Return the document and every problem of its shape, as (path, message).

    With problems, the document is what could be read: missing text is empty and a missing condition is None.
    """
    try:
        return model.model_validate(data), []
    except ValidationError as error:
        return _salvaged(model, data), told(error, field_names(model))


def told(error: ValidationError, names: Iterable[str]) -> list[tuple[Path, str]]:
    """Return the problems of a shape as (path, message); for an unknown key with the nearest of these names."""
    problems = []
    for item in error.errors():
        path = tuple(step for step in item["loc"] if isinstance(step, (str, int)))
        message = item["msg"].removeprefix("Value error, ")
        if item["type"] == "extra_forbidden":
            message = f"unknown key{nearest(str(path[-1]), names)}"
        problems.append((path, message))
    return problems


def _salvaged(model: type[M], data: object) -> M:
    written = data if isinstance(data, dict) else {}
    fields: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        given = written.get(field.alias or name)
        if given is None and not field.is_required():
            given = field.get_default(call_default_factory=True)
        fields[name] = _fitting(field.annotation, given)
    return model.model_construct(**fields)


def _fitting(wanted: Any, given: Any) -> Any:
    """Return a value as its type wants it, or the emptiest value that the type has."""
    kind = get_origin(wanted) or wanted
    if kind is Annotated:
        return _fitting(get_args(wanted)[0], given)
    options = [option for option in get_args(wanted) if option is not NoneType]
    if NoneType in get_args(wanted):
        return None if given is None else _fitting(options[0], given) or None
    if kind is list:
        found = [_fitting(options[0], one) for one in given] if isinstance(given, list) else []
        return found if _is_model(options[0]) else [one for one in found if one]
    if _is_model(kind):
        return _salvaged(kind, given)
    if kind is dict:
        return given if isinstance(given, dict) else None
    if kind in (int, float):
        return given if isinstance(given, (int, float)) else 0
    return given if isinstance(given, str) else ""


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def field_names(model: type[BaseModel]) -> set[str]:
    """Return every key that a document of this shape, or a part of it, may have."""
    names: set[str] = set()
    queue: list[Any] = [model]
    seen: set[int] = set()
    while queue:
        item = queue.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        if _is_model(item):
            for key, field in item.model_fields.items():
                names.add(field.alias or key)
                queue.append(field.annotation)
        else:
            queue.extend(get_args(item))
    return names
