"""A client of the daemon's socket that blocks. For asyncio see :mod:`blut.aio`.

    with blut.Client() as client:
        run = client.submit(["./train.sh"], memory={"firstBytes": 2 << 30})
        [ended] = client.wait(run)
"""

from __future__ import annotations

import socket
import time
from collections import deque
from types import TracebackType
from typing import Any, Iterator, Mapping, Sequence, TypeVar, Union

from . import _calls
from ._calls import Ended, Event, EventCursor, Gap, LogReader, Talk
from ._socket import connect, lost, socket_path
from ._wire import Answer, Lost, Notice, Request, Wire
from .errors import NoAnswer, Refused

__all__ = ["Client", "Ended", "Event", "Gap", "NoAnswer", "Refused"]

T = TypeVar("T")
_CHUNK = 64 * 1024
_BETWEEN_TRIES_S = 0.2
#: Calls that may be made twice: what follows a lost connection asks them again.
_REPEATABLE = frozenset({"run.wait", "run.log", "run.get", "run.list", "daemon.status", "events.subscribe"})


class _Link:
    """One connection: bytes out, what the daemon says in."""

    def __init__(self, path: str) -> None:
        self.wire = Wire()
        self._end = connect(path, None)
        self._heard: deque[Union[Answer, Notice, Lost]] = deque()

    def send(self, request: Request) -> int:
        number, frame = self.wire.request(request)
        try:
            self._end.sendall(frame)
        except OSError as error:
            raise lost() from error
        return number

    def hear(self) -> Union[Answer, Notice, Lost]:
        """What the daemon says next. Raises NoAnswer at the connection's end."""
        while not self._heard:
            try:
                chunk = self._end.recv(_CHUNK)
            except OSError as error:
                raise lost() from error
            if not chunk:
                raise lost()
            self._heard.extend(self.wire.receive(chunk))
        return self._heard.popleft()

    def close(self) -> None:
        try:
            self._end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # it is gone already
        self._end.close()


class Client:
    """One connection at a time, made at the first call. Not for several threads at once.

    ``patience`` is how many seconds a call that changes nothing looks for a daemon that went away.
    """

    def __init__(self, socket: str | None = None, patience: float = 30.0) -> None:
        self.path = socket_path(socket)
        self._patience = patience
        self._link: _Link | None = None

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the connection; the next call makes another."""
        if self._link is not None:
            self._link.close()
            self._link = None

    def call(self, method: str, params: Mapping[str, Any] | None = None) -> Any:
        """Calls any method of the socket. Raises Refused with the daemon's reason, NoAnswer without a daemon."""
        request = Request(method, params or {})
        until = time.monotonic() + (self._patience if method in _REPEATABLE else 0)
        while True:
            try:
                return self._call(request)
            except NoAnswer:
                self.close()
                if time.monotonic() >= until:
                    raise
                time.sleep(_BETWEEN_TRIES_S)

    def _call(self, request: Request) -> Any:
        if self._link is None:
            self._link = _Link(self.path)
        number = self._link.send(request)
        while True:
            said = self._link.hear()
            if isinstance(said, Lost):
                raise NoAnswer(f"what came in is not the daemon's: {said.message}")
            if isinstance(said, Answer) and said.id in (number, None):
                if said.refusal is not None:
                    raise said.refusal
                return said.result

    def _hold(self, talk: Talk[T]) -> T:
        try:
            request = next(talk)
            while True:
                request = talk.send(self.call(request.method, request.params))
        except StopIteration as end:
            result: T = end.value
            return result

    def submit(
        self,
        argv: Sequence[str],
        cwd: str | None = None,
        env: Mapping[str, str] | None = None,
        **options: Any,
    ) -> str:
        """Queues a command and answers the run's id; ``options`` are those of ``run.submit``."""
        return self._hold(_calls.submitting(argv, cwd, env, options))

    def submit_plan(
        self, plan: Mapping[str, Any], env: Mapping[str, str] | None = None, **options: Any
    ) -> str:
        """Queues a plan and answers the run's id."""
        return self._hold(_calls.submitting_plan(plan, env, options))

    def run_recipe(
        self,
        recipe: str,
        *overrides: str,
        cwd: str | None = None,
        env: Mapping[str, str] | None = None,
        **options: Any,
    ) -> str:
        """Queues a recipe, by name or file, with ``key=value`` overrides; answers the run's id."""
        return self._hold(_calls.running_recipe(recipe, overrides, cwd, env, options))

    def wait(self, *runs: str, any_of: bool = False, timeout: float | None = None) -> list[Ended]:
        """Waits until all of them have ended, with ``any_of`` the first. Raises TimeoutError."""
        return self._hold(_calls.waiting(runs, any_of, timeout))

    def get(self, run: str) -> Mapping[str, Any]:
        """Everything about a run, as ``run.get`` answers it."""
        found: Mapping[str, Any] = self.call("run.get", {"run": run})
        return found

    def cancel(self, *runs: str, now: bool = False) -> Mapping[str, Any]:
        """Ends runs, queued or running; ``now`` is SIGKILL without a grace."""
        ended: Mapping[str, Any] = self.call("run.cancel", {"runs": list(runs), "now": now})
        return ended

    def log(
        self, run: str, step: str | None = None, stream: str = "stdout", follow: bool = False
    ) -> Iterator[bytes]:
        """What the newest attempt wrote, in pieces; with ``follow`` until the run has ended."""
        reader = LogReader(run, step, stream, follow)
        while not reader.done:
            request = reader.request()
            chunk = reader.take(self.call(request.method, request.params))
            if chunk:
                yield chunk

    def events(self, since: int | None = None) -> Iterator[Union[Event, Gap]]:
        """The daemon's events after this ``seq`` (without one: what is new), on a connection of their own.

        A lost connection is made again and goes on after the last event. What was dropped meanwhile is a Gap.
        """
        cursor = EventCursor(since)
        while True:
            with Client(self.path, self._patience) as own:
                request = cursor.request()
                cursor.subscribed(own.call(request.method, request.params))
                try:
                    while own._link is not None:
                        yield from cursor.take(own._link.hear())
                except NoAnswer:
                    if self._patience <= 0:
                        raise
            time.sleep(_BETWEEN_TRIES_S)
