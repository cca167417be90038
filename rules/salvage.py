"""Reading a document of the wrong shape as far as it goes, so that the rest of it can be checked in the same run."""

from __future__ import annotations

from types import NoneType
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel

M = TypeVar("M", bound=BaseModel)


def salvage(model: type[M], data: object) -> M:
    """Return the document without what has the wrong shape: missing text is empty, a missing condition is None."""
    written = data if isinstance(data, dict) else {}
    fields: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        given = written.get(field.alias or name)
        if given is None and not field.is_required():
            given = field.get_default(call_default_factory=True)
        fields[name] = _fitting(field.annotation, given)
    return model.model_construct(**fields)


def _fitting(wanted: Any, given: Any) -> Any:
    kind = get_origin(wanted) or wanted
    if kind is list:
        (item,) = get_args(wanted)
        found = [_fitting(item, one) for one in given] if isinstance(given, list) else []
        return found if _is_model(item) else [one for one in found if one]
    if _is_model(kind):
        return salvage(kind, given)
    options = [option for option in get_args(wanted) if option is not NoneType]
    if kind is dict or any(get_origin(option) is dict for option in options):
        return given if isinstance(given, dict) else None
    if isinstance(given, (str, int, float)):
        return given
    return "" if NoneType not in get_args(wanted) else None


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
