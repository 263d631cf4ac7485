"""What a client does, without any input or output: generators that yield requests and are sent results.

Both clients, the one that blocks and the one of asyncio, drive the same generators.
"""

from __future__ import annotations

import base64
import os
import re
import time
from dataclasses import dataclass
from typing import Any, Generator, Iterator, Mapping, Optional, Sequence, TypeVar, Union

from ._wire import Lost, Notice, Request
from .errors import NoAnswer

T = TypeVar("T")
#: A conversation with the daemon: it yields requests, is sent their results, and returns what came of it.
Talk = Generator[Request, Any, T]

_LONGEST_WAIT_MS = 60_000
_OF_A_STAGE = frozenset(
    f"BLUT_{word}" for word in ("RUN", "ATTEMPT", "CONTEXT", "EVENTS", "OUT", "CHECKPOINTS", "RESUME")
)


@dataclass(frozen=True)
class Ended:
    """How a run stands that was waited for. ``exit_code`` is there when it has ended."""

    id: str
    state: str
    exit_code: Optional[int]
    sentence: str


@dataclass(frozen=True)
class Event:
    """One record of the daemon's event log; ``at`` is epoch ms."""

    seq: int
    at: int
    kind: str
    run: Optional[str]
    attempt: Optional[str]
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Gap:
    """So many events were dropped before they could be sent; what follows begins after ``next``."""

    missed: int
    next: int


def submitting(
    argv: Sequence[str], cwd: str | None, env: Mapping[str, str] | None, options: Mapping[str, Any]
) -> Talk[str]:
    """Queues a command, with the caller's directory and environment unless told otherwise."""
    params = {
        "argv": [os.fspath(word) for word in argv],
        "cwd": os.getcwd() if cwd is None else os.path.abspath(cwd),
        "env": _environment() if env is None else dict(env),
        **options,
    }
    answer = yield Request("run.submit", params)
    return str(answer["id"])


def submitting_plan(
    plan: Mapping[str, Any], env: Mapping[str, str] | None, options: Mapping[str, Any]
) -> Talk[str]:
    """Queues a plan."""
    environment = _environment() if env is None else dict(env)
    answer = yield Request("run.submit", {"plan": dict(plan), "env": environment, **options})
    return str(answer["id"])


def running_recipe(
    recipe: str,
    overrides: Sequence[str],
    cwd: str | None,
    env: Mapping[str, str] | None,
    options: Mapping[str, Any],
) -> Talk[str]:
    """Compiles a recipe and queues it: a file with a slash or an ending in its name, else one by name.

    ``FILE.ts#NAME`` is one recipe of a cookbook.
    """
    place = os.getcwd() if cwd is None else os.path.abspath(cwd)
    is_file = "/" in recipe or re.search(r"\.(?:toml|ts(?:#.*)?)\Z", recipe) is not None
    params = {
        "recipe": {"file": os.path.normpath(os.path.join(place, recipe))} if is_file else {"name": recipe},
        "overrides": list(overrides),
        "cwd": place,
        "env": _environment() if env is None else dict(env),
        **options,
    }
    answer = yield Request("recipe.run", params)
    return str(answer["id"])


def _environment() -> dict[str, str]:
    """The caller's, less what it was given as a stage itself, and what is no UTF-8."""
    return {
        name: value for name, value in os.environ.items() if name not in _OF_A_STAGE and _is_text(name + value)
    }


def _is_text(value: str) -> bool:
    return not any("\ud800" <= unit <= "\udfff" for unit in value)


def waiting(runs: Sequence[str], any_of: bool, timeout: float | None) -> Talk[list[Ended]]:
    """Waits until the runs have ended. Raises TimeoutError when they have not in time."""
    until = None if timeout is None else time.monotonic() + timeout
    while True:
        left_ms = _LONGEST_WAIT_MS
        if until is not None:
            left_ms = min(left_ms, max(0, round((until - time.monotonic()) * 1000)))
        params = {"runs": list(runs), "any": any_of, "waitMs": left_ms}
        answer = yield Request("run.wait", params)
        ended = [
            Ended(run["id"], run["state"], run.get("exitCode"), run["sentence"]) for run in answer["runs"]
        ]
        if answer["done"]:
            return ended
        if until is not None and time.monotonic() >= until:
            names = ", ".join(run.id for run in ended if run.exit_code is None)
            raise TimeoutError(f"still going after {timeout} s: {names}")


class LogReader:
    """Reads a log page by page: ask ``request``, give the answer to ``take``, until ``done``.

    Reads the newest attempt there is; of a run with many steps, of the step that tells most. With ``follow`` it
    reads on as the log grows, and when that attempt has ended and another one begins, that one's from its start.
    """

    def __init__(self, run: str, step: str | None, stream: str, follow: bool) -> None:
        self._asked = {"run": run, "stream": stream, **({} if step is None else {"step": step})}
        self._follow = follow
        # Whose the last page was; an attempt 0 has not begun.
        self._whose: dict[str, Any] = {"attempt": 0}
        self._is_over = False
        self._offset = 0
        # Where the logs that are over end: of steps that ran at once, one is the newest again when another has ended.
        self._left: dict[tuple[Any, Any], int] = {}
        self.done = False

    def request(self) -> Request:
        """The next page."""
        pinned = {} if self._whose["attempt"] == 0 or self._is_over else self._whose
        wait = _LONGEST_WAIT_MS if self._follow else 0
        return Request("run.log", {**self._asked, **pinned, "offset": self._offset, "waitMs": wait})

    def take(self, page: Mapping[str, Any]) -> bytes:
        """The bytes of that page."""
        whose = {name: page[name] for name in ("step", "attempt") if name in page}
        if whose != self._whose and self._is_over:
            self._left[_name(self._whose)] = self._offset
            end = self._left.get(_name(whose))
            self._whose, self._offset, self._is_over = whose, end or 0, end is not None
            return b""
        stands_still = page["next"] == self._offset
        self._whose, self._offset = whose, page["next"]
        if self._follow and not self._is_over and whose["attempt"] > 0:
            self._is_over = page["ended"]
        else:
            self.done = page["ended"] or (stands_still and not self._follow)
        return base64.b64decode(page["base64"])


def _name(whose: Mapping[str, Any]) -> tuple[Any, Any]:
    return whose.get("step"), whose["attempt"]


class EventCursor:
    """Where a subscription stands, so that one after a lost connection goes on where it stopped."""

    def __init__(self, since: int | None) -> None:
        self.seen = since

    def request(self) -> Request:
        """Subscribes from here on."""
        return Request("events.subscribe", {} if self.seen is None else {"since": self.seen})

    def subscribed(self, result: Mapping[str, Any]) -> None:
        """Takes the answer to that, which says where what is new begins."""
        if self.seen is None:
            self.seen = int(result["cursor"])

    def take(self, said: object) -> Iterator[Union[Event, Gap]]:
        """What one thing that the daemon said tells; nothing for what was seen already."""
        if isinstance(said, Lost):
            raise NoAnswer(f"what came in is not the daemon's: {said.message}")
        if not isinstance(said, Notice):
            return
        if said.method == "events.gap":
            gap = Gap(int(said.params["missed"]), int(said.params["next"]))
            self.seen = gap.next
            yield gap
        elif said.method == "events.event":
            event = _event(said.params)
            if self.seen is None or event.seq > self.seen:
                self.seen = event.seq
                yield event


def _event(fields: Mapping[str, Any]) -> Event:
    return Event(
        int(fields["seq"]),
        int(fields["at"]),
        str(fields["kind"]),
        fields.get("runId"),
        fields.get("attemptId"),
        fields.get("facts", {}),
    )
