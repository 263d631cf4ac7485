"""A stage's arguments: read one by one, or all at once into a dataclass."""

from __future__ import annotations

import dataclasses
import difflib
import json
import math
import re
import types
import typing
from typing import Any, Iterable, Iterator, Mapping, TypeVar

from ._json import as_object
from .errors import ParamError

T = TypeVar("T")
_UNIONS = (typing.Union, getattr(types, "UnionType", typing.Union))
#: How a number that JSON cannot write is written in arguments, so that two of them never look alike.
_NON_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_WORD = re.compile(r"([A-Za-z_][A-Za-z0-9_.-]*)=(.*)", re.DOTALL)


class Params(Mapping[str, Any]):
    """The arguments by name, as the recipe resolved them; ``typed`` when somebody typed them instead."""

    def __init__(self, values: Mapping[str, Any], typed: bool = False) -> None:
        self._values = dict(values)
        self._typed = typed

    @classmethod
    def from_words(cls, words: Iterable[str]) -> Params:
        """Reads ``name=value`` words, for a script that is run by hand. A value that is JSON is what it
        says, any other is text."""
        found: dict[str, Any] = {}
        for word in words:
            match = _WORD.fullmatch(word)
            if match is None:
                raise ParamError([f"expected name=value, got {word!r}"])
            try:
                found[match[1]] = json.loads(match[2])
            except ValueError:
                found[match[1]] = match[2]
        return cls(found, typed=True)

    def __getitem__(self, name: str) -> Any:
        try:
            return self._values[name]
        except KeyError:
            raise ParamError([f"there is no argument {name}{_near(name, self._values)}"]) from None

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def integer(self, name: str, default: int | None = None) -> int:
        """A whole number."""
        found: int = self._one(name, int, default)
        return found

    def number(self, name: str, default: float | None = None) -> float:
        """A number."""
        found: float = self._one(name, float, default)
        return found

    def text(self, name: str, default: str | None = None) -> str:
        """A text."""
        found: str = self._one(name, str, default)
        return found

    def flag(self, name: str, default: bool | None = None) -> bool:
        """True or false."""
        found: bool = self._one(name, bool, default)
        return found

    def bind(self, kind: type[T]) -> T:
        """A dataclass of these arguments. Raises ParamError with everything that is missing or of a wrong type.

        Fields may be int, float, str, bool, Optional, Union, Literal, List, Tuple, Dict and dataclasses.
        Arguments without a field are left alone, but not words that somebody typed: they are mistakes.
        """
        problems: list[str] = []
        bound = _bind(kind, self._values, "", problems)
        if self._typed:
            fields = [field.name for field in dataclasses.fields(typing.cast(Any, kind)) if field.init]
            surplus = [name for name in self._values if name not in fields]
            problems += [f"there is no argument {name}{_near(name, fields)}" for name in surplus]
        if problems:
            raise ParamError(problems)
        return typing.cast(T, bound)

    def _one(self, name: str, kind: type, default: Any) -> Any:
        if default is not None and self._values.get(name) is None:
            return default
        problems: list[str] = []
        value = _fit(self[name], kind, name, problems)
        if problems:
            raise ParamError(problems)
        return value


def _near(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), 1)
    return f", did you mean {near[0]}?" if near else ""


def _bind(kind: Any, values: Mapping[str, Any], at: str, problems: list[str]) -> Any:
    """The dataclass, or None when there are problems."""
    if not (dataclasses.is_dataclass(kind) and isinstance(kind, type)):
        raise TypeError(f"{kind!r} is no dataclass")
    hints = typing.get_type_hints(kind)
    fields: dict[str, Any] = {}
    before = len(problems)
    for field in dataclasses.fields(kind):
        if not field.init:
            continue
        if field.name in values:
            fields[field.name] = _fit(values[field.name], hints[field.name], at + field.name, problems)
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            near = difflib.get_close_matches(field.name, values, 1)
            problems.append(f"{at}{field.name} is missing" + (f" (there is {near[0]})" if near else ""))
    return kind(**fields) if len(problems) == before else None


def _fit(value: Any, kind: Any, at: str, problems: list[str]) -> Any:
    """The value as this type has it; what does not fit is a problem."""
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if kind is Any:
        return value
    if origin in _UNIONS:
        return _fit_union(value, kind, at, problems)
    if origin is typing.Literal:
        if any(value == one and type(value) is type(one) for one in args):
            return value
        problems.append(f"{at}: expected one of {', '.join(map(repr, args))}, got {value!r}")
        return None
    fields = as_object(value)
    if dataclasses.is_dataclass(kind) and fields is not None:
        return _bind(kind, fields, f"{at}.", problems)
    if origin in (list, tuple) and isinstance(value, list):
        inner = args[0] if args else Any
        given = typing.cast("list[Any]", value)
        items = [_fit(item, inner, f"{at}[{i}]", problems) for i, item in enumerate(given)]
        return items if origin is list else tuple(items)
    if origin is dict and fields is not None:
        return {name: _fit(item, args[1], f"{at}.{name}", problems) for name, item in fields.items()}
    return _fit_plain(value, kind, at, problems)


def _fit_union(value: Any, kind: Any, at: str, problems: list[str]) -> Any:
    for one in typing.get_args(kind):
        attempt: list[str] = []
        fitted = _fit(value, one, at, attempt)
        if not attempt:
            return fitted
    problems.append(f"{at}: expected {_name(kind)}, got {value!r}")
    return None


def _fit_plain(value: Any, kind: Any, at: str, problems: list[str]) -> Any:
    if kind is float and isinstance(value, str) and value in _NON_FINITE:
        return _NON_FINITE[value]
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if kind is int and isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(kind, type) and isinstance(value, kind) and not (kind is int and isinstance(value, bool)):
        return value
    problems.append(f"{at}: expected {_name(kind)}, got {value!r}")
    return None


def _name(kind: Any) -> str:
    return kind.__name__ if isinstance(kind, type) and not typing.get_args(kind) else str(kind)
