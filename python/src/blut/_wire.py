"""The wire without any input or output: bytes to frames, frames to answers, requests to bytes.

One JSON value a line, UTF-8. The same frames test the daemon's decoder: test/data/wire/frames.json.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Iterator, Mapping, Optional, Union, cast

from ._json import as_object
from .errors import Refused

FRAME_BYTES = 4 * 1024 * 1024
DEPTH = 64
VALUES = 200_000
PARSE_ERROR = -32700
INVALID_REQUEST = -32600

_TEXT = re.compile(rb'"[^"\\]*(?:\\.?[^"\\]*)*"?', re.DOTALL)
_BRACKETS = re.compile(rb"[\[\]{}]")


@dataclass(frozen=True)
class Frame:
    """A JSON value that came in."""

    value: Any


@dataclass(frozen=True)
class Broken:
    """Bytes that are no frame. With ``close``, nothing that follows can be trusted."""

    code: int
    message: str
    close: bool


@dataclass(frozen=True)
class Limits:
    """What a frame may be before it is refused unread."""

    frame_bytes: int = FRAME_BYTES
    depth: int = DEPTH
    values: int = VALUES


class FrameDecoder:
    """Cuts a peer's bytes into frames; holds at most one, and after a break that closes it swallows all."""

    def __init__(self, limits: Limits = Limits()) -> None:
        self._limits = limits
        self._held = bytearray()
        self._dead = False

    def push(self, chunk: bytes) -> list[Union[Frame, Broken]]:
        """Takes the next bytes, however they are cut, and answers what they completed."""
        return list(self._push(chunk))

    def _push(self, chunk: bytes) -> Iterator[Union[Frame, Broken]]:
        start = 0
        while not self._dead and start < len(chunk):
            end = chunk.find(b"\n", start)
            part = chunk[start : len(chunk) if end == -1 else end]
            start += len(part) + 1
            if len(self._held) + len(part) >= self._limits.frame_bytes:
                event: Frame | Broken | None = _broken(
                    f"a frame may have at most {self._limits.frame_bytes} bytes, its newline included", True
                )
            elif end == -1:
                self._held += part
                return
            else:
                whole = bytes(self._held) + part
                self._held.clear()
                event = _read_frame(whole, self._limits)
            if event is None:
                continue
            if isinstance(event, Broken) and event.close:
                self._dead = True
                self._held.clear()
            yield event


def encode_frame(value: Any) -> bytes:
    """One value as a frame, newline included. Raises ValueError when it would pass the limit."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    frame = text.encode("utf-8") + b"\n"
    if len(frame) > FRAME_BYTES:
        raise ValueError(f"the request is larger than the {FRAME_BYTES} bytes the daemon takes")
    return frame


def _read_frame(line: bytes, limits: Limits) -> Frame | Broken | None:
    if b"\0" in line:
        return _broken("a NUL byte in a frame", True)
    structure = _TEXT.sub(b"", line)
    if _depth(structure) > limits.depth:
        return _broken(f"arrays and objects nest deeper than {limits.depth}", True)
    if structure.count(b",") + 1 > limits.values:
        return _broken(f"more than {limits.values} values in one frame", False)
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        return _broken("a frame that is not UTF-8", True)
    if not text.strip():
        return None
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except ValueError:
        return Broken(PARSE_ERROR, "a frame that is not JSON: expected one JSON value per line", False)
    return _find_poison(value) if "__proto__" in text or "\\u" in text else Frame(value)


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _depth(structure: bytes) -> int:
    depth = deepest = 0
    for bracket in _BRACKETS.findall(structure):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _find_poison(root: Any) -> Frame | Broken:
    """Half a character, which no UTF-8 can carry on, or a key that the other end would never send."""
    open_values: list[Any] = [root]
    while open_values:
        value = open_values.pop()
        if isinstance(value, str) and any("\ud800" <= unit <= "\udfff" for unit in value):
            return _broken("a lone surrogate in a text", True)
        fields = as_object(value)
        if fields is not None:
            if "__proto__" in fields:
                return _broken("`__proto__` is not a name that may be used", False)
            open_values.extend(fields.keys())
            open_values.extend(fields.values())
        elif isinstance(value, list):
            open_values.extend(cast("list[Any]", value))
    return Frame(root)


def _broken(message: str, close: bool) -> Broken:
    return Broken(INVALID_REQUEST, message, close)


@dataclass(frozen=True)
class Request:
    """A call that is to be made."""

    method: str
    params: Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    """What the daemon answered to the request of this id; to ``None``, to all that are open."""

    id: Optional[int]
    result: Any = None
    refusal: Optional[Refused] = None


@dataclass(frozen=True)
class Notice:
    """A notification of the daemon."""

    method: str
    params: Mapping[str, Any]


@dataclass(frozen=True)
class Lost:
    """What came in cannot be believed: the connection is of no use any more."""

    message: str


class Wire:
    """One connection's state: the ids of requests, and what came in as answers and notices."""

    def __init__(self) -> None:
        self._decoder = FrameDecoder()
        self._last_id = 0

    def request(self, request: Request) -> tuple[int, bytes]:
        """The id and the bytes of a request."""
        self._last_id += 1
        frame = {"jsonrpc": "2.0", "id": self._last_id, "method": request.method}
        return self._last_id, encode_frame({**frame, "params": dict(request.params)})

    def receive(self, chunk: bytes) -> Iterator[Union[Answer, Notice, Lost]]:
        """What the next bytes say."""
        for event in self._decoder.push(chunk):
            if isinstance(event, Broken):
                yield Lost(event.message)
            else:
                yield _said(event.value)


def _said(value: Any) -> Answer | Notice | Lost:
    frame = as_object(value)
    if frame is None:
        return Lost("a frame that is no object")
    method = frame.get("method")
    if isinstance(method, str):
        return Notice(method, as_object(frame.get("params")) or {})
    sent = frame.get("id")
    refusal = _refusal(frame["error"]) if "error" in frame else None
    return Answer(sent if isinstance(sent, int) else None, frame.get("result"), refusal)


def _refusal(error: Any) -> Refused:
    """Reads a JSON-RPC error: ``data`` carries the reason's word, the remedy and the facts."""
    fields = as_object(error) or {}
    facts = dict(as_object(fields.get("data")) or {})
    reason, remedy = facts.pop("reason", None), facts.pop("remedy", None)
    retryable, message = facts.pop("retryable", False), fields.get("message")
    return Refused(
        reason if isinstance(reason, str) else "internal-error",
        message if isinstance(message, str) else "the daemon answered with an unknown error",
        remedy if isinstance(remedy, str) else "blutd's own log says more",
        retryable is True,
        facts,
    )
