"""JSON ↔ frozen dataclasses, strictly: nothing missing that has no default, nothing extra, nothing of a wrong type."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import math
import types
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

_T = TypeVar("_T")


class WrongShape(ValueError):
    """The data does not have the agreed shape; `field` is the dotted name of what is wrong."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field or 'the data'}: {problem}")
        self.field = field
        self.problem = problem


def parse(cls: type[_T], data: object, field: str = "") -> _T:
    """The dataclass `cls` from decoded JSON.

    Integers pass as floats; booleans never pass as numbers; NaN and infinities never pass.

    Raises:
        WrongShape: anything that does not fit, with the dotted name of the field.
    """
    return _value(cls, data, field)


def loads(cls: type[_T], schema: str, raw: bytes) -> _T:
    """The dataclass `cls` from bytes written by :func:`dumps` with the same `schema`. Raises WrongShape."""
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError):
        raise WrongShape("", "not JSON") from None
    if not isinstance(data, dict) or data.get("schema") != schema:
        raise WrongShape("schema", f"expected {schema!r}")
    return parse(cls, {name: value for name, value in data.items() if name != "schema"})


def dumps(value: Any, schema: str) -> bytes:
    """A dataclass as JSON that names its schema."""
    return json.dumps({"schema": schema, **dataclasses.asdict(value)}, allow_nan=False).encode()


def _value(kind: Any, data: object, field: str) -> Any:
    origin = get_origin(kind)
    if origin is Literal:
        if not any(data == choice and type(data) is type(choice) for choice in get_args(kind)):
            raise WrongShape(field, f"{data!r} is not one of {', '.join(map(str, get_args(kind)))}")
        return data
    if origin in (Union, types.UnionType):
        if data is None and type(None) in get_args(kind):
            return None
        return _one_of([arg for arg in get_args(kind) if arg is not type(None)], data, field)
    if origin is tuple:
        return _tuple(get_args(kind)[0], data, field)
    if dataclasses.is_dataclass(kind):
        return _dataclass(kind, data, field)
    return _scalar(kind, data, field)


def _one_of(kinds: Sequence[Any], data: object, field: str) -> Any:
    if len(kinds) == 1:
        return _value(kinds[0], data, field)
    for kind in kinds:
        with contextlib.suppress(WrongShape):
            return _value(kind, data, field)
    raise WrongShape(field, f"{data!r} is not {' or '.join(_NAMES.get(kind, str(kind)) for kind in kinds)}")


def _tuple(kind: Any, data: object, field: str) -> tuple[Any, ...]:
    if not isinstance(data, (list, tuple)):
        raise WrongShape(field, "is not a list")
    return tuple(_value(kind, item, f"{field}[{index}]") for index, item in enumerate(data))


def _scalar(kind: type, data: object, field: str) -> object:
    if kind is float and type(data) in (int, float):
        number = float(data)  # type: ignore[arg-type]
        if math.isfinite(number):
            return number
    elif kind in (int, bool, str) and type(data) is kind:
        return data
    raise WrongShape(field, f"{data!r} is not {_NAMES.get(kind, str(kind))}")


def _dataclass(cls: Any, data: object, field: str) -> Any:
    if not isinstance(data, Mapping):
        raise WrongShape(field, "is not an object")
    dot = f"{field}." if field else ""
    hints = get_type_hints(cls)
    known = {f.name: f for f in dataclasses.fields(cls)}
    for name in data:
        if name not in known:
            raise WrongShape(f"{dot}{name}", "is unknown")
    values = {}
    for name, spec in known.items():
        if name in data:
            values[name] = _value(hints[name], data[name], f"{dot}{name}")
        elif spec.default is dataclasses.MISSING and spec.default_factory is dataclasses.MISSING:
            raise WrongShape(f"{dot}{name}", "is missing")
    return cls(**values)


_NAMES = {float: "a finite number", int: "a whole number", bool: "true or false", str: "text"}
