"""Validates what a stage says: ``python -m blut.contract check FILE``.

The rules are those of the daemon; test/data/wire/events.jsonl is read by the tests of both.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from dataclasses import dataclass
from typing import Any, BinaryIO, Callable, Dict, Iterator, Mapping, Optional, Sequence, Tuple, Union

from ._events import LINE_BYTES
from ._json import as_object

_LATEST_MS = 8.64e15
_NON_FINITE = ("NaN", "Infinity", "-Infinity")


@dataclass(frozen=True)
class EventLine:
    """A line that is an event; of a type that is not known only the ``name`` of the type is there."""

    line: int
    fields: Mapping[str, Any]


@dataclass(frozen=True)
class Problem:
    """A line that is none, and why; ``field`` where it is one field's."""

    line: int
    reason: str
    message: str
    field: Optional[str] = None


def read_events(file: BinaryIO) -> Iterator[Union[EventLine, Problem]]:
    """What each line of an event file is; blank ones are left out."""
    number = 0
    while raw := file.readline(LINE_BYTES + 1):
        number += 1
        found = _read_line(number, raw)
        while not raw.endswith(b"\n") and (raw := file.readline(LINE_BYTES)):
            found = Problem(number, "too-long", f"a line has at most {LINE_BYTES} bytes")
        if found is not None:
            yield found


def _read_line(number: int, raw: bytes) -> EventLine | Problem | None:
    line = raw[:-1] if raw.endswith(b"\n") else raw
    if len(line) > LINE_BYTES:
        return Problem(number, "too-long", f"a line has at most {LINE_BYTES} bytes")
    found = _read_text(number, line)
    if not raw.endswith(b"\n") and isinstance(found, Problem):
        return Problem(number, "cut-short", "the last line is cut short")
    return found


def _read_text(number: int, line: bytes) -> EventLine | Problem | None:
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        return Problem(number, "not-utf8", f"not UTF-8 at byte {error.start}")
    if not text.strip(_BLANKS):
        return None
    try:
        value: Any = json.loads(text, parse_constant=_constant)
    except (ValueError, RecursionError) as error:
        return Problem(number, "not-json", f"not JSON: {error}")
    said = as_object(value)
    if said is None:
        return Problem(number, "not-object", f"expected an object, got {_shown(value)}")
    kind = said.get("type")
    if not isinstance(kind, str):
        return Problem(number, "no-type", "`type` is missing or no text")
    return _read_fields(number, kind, said)


def _read_fields(number: int, kind: str, value: Mapping[str, Any]) -> EventLine | Problem:
    fields: Dict[str, Any] = {"type": kind} if kind in _TYPES else {"type": "unknown", "name": kind}
    for name, (expected, is_needed, read) in {**_TYPES.get(kind, {}), "at": _AT}.items():
        given = value.get(name)
        if given is None and not (is_needed and name in value):
            if is_needed:
                return Problem(number, "bad-field", f"{kind}: {name} is missing", name)
            continue
        try:
            fields[name] = read(given)
        except (TypeError, ValueError):
            message = f"{kind}: {name}: expected {expected}, got {_shown(given)}"
            return Problem(number, "bad-field", message, name)
    return EventLine(number, fields)


def _constant(name: str) -> float:
    return {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}[name]


def _number(value: Any) -> float:
    """A number that is one: True is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError
    try:
        float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
    return value


def _finite(at_least: float, at_most: float = math.inf) -> Callable[[Any], float]:
    def read(value: Any) -> float:
        number = _number(value)
        if not (math.isfinite(number) and at_least <= number <= at_most):
            raise ValueError
        return number

    return read


def _above_zero(value: Any) -> float:
    number = _number(value)
    if not 0 < number < math.inf:
        raise ValueError
    return number


def _metric_value(value: Any) -> Union[float, str]:
    if isinstance(value, str):
        if value not in _NON_FINITE:
            raise ValueError
        return value
    number = _number(value)
    if math.isfinite(number):
        return number
    return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"


def _text(least: int, most: int, may_have_nul: bool = True) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if not isinstance(value, str):
            raise TypeError
        if not least <= len(value.encode("utf-8", "surrogatepass")) <= most:
            raise ValueError
        if "\0" in value and not may_have_nul:
            raise ValueError
        return value

    return read


_Rule = Tuple[str, bool, Callable[[Any], Any]]
_BLANKS = " \t\r"
_NAME: _Rule = ("a text of 1 to 128 bytes", True, _text(1, 128))
_PATH: _Rule = ("a path of 1 to 4,095 bytes without NUL", True, _text(1, 4095, False))
_STEP: _Rule = ("a finite number", False, _finite(-math.inf))
_AT: _Rule = ("epoch ms", False, _finite(0, _LATEST_MS))
#: Fields of each type: what is expected, whether it must be there, and how it is read.
_TYPES: Dict[str, Dict[str, _Rule]] = {
    "heartbeat": {},
    "progress": {
        "done": ("a number from 0 on", True, _finite(0)),
        "total": ("a number above 0", False, _above_zero),
        "message": ("a text of at most 1,000 bytes", False, _text(0, 1000)),
    },
    "metric": {
        "name": _NAME,
        "value": ("a number, or the name of one that is not finite", True, _metric_value),
        "step": _STEP,
    },
    "checkpoint": {"file": _PATH, "step": _STEP},
    "artifact": {"name": _NAME, "path": _PATH},
}


def _shown(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else text[:57] + "..."


def check(path: str) -> int:
    """Prints every problem as ``FILE:LINE: reason: message``; answers the exit code: 0, or 1 with problems."""
    events = problems = 0
    with open(path, "rb") as file:
        for found in read_events(file):
            if isinstance(found, Problem):
                problems += 1
                print(f"{path}:{found.line}: {found.reason}: {found.message}")
            else:
                events += 1
    print(f"{events} events, {problems} problems", file=sys.stderr)
    return 1 if problems else 0


def main(words: Sequence[str] | None = None) -> int:
    """The command line: 0 fine, 1 problems, 2 wrong usage or a file that cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m blut.contract", description="Validates what a stage says.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verb = verbs.add_parser("check", help="read an events.jsonl and print what is wrong with it, line by line")
    verb.add_argument("file")
    path: str = parser.parse_args(words).file
    try:
        return check(path)
    except OSError as error:
        print(f"{path}: {error.strerror}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
