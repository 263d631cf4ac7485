"""A client of the daemon's socket for asyncio: any number of calls at once on one connection.

    async with blut.aio.AsyncClient() as client:
        run = await client.submit(["./train.sh"])
        [ended] = await client.wait(run)
"""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Any, AsyncIterator, Dict, Mapping, Sequence, TypeVar, Union

from . import _calls
from ._calls import Ended, Event, EventCursor, Gap, LogReader, Talk
from ._socket import lost, refuse_long, socket_path, unreachable
from ._wire import Answer, Lost, Notice, Request, Wire
from .errors import NoAnswer, Refused

__all__ = ["AsyncClient", "Ended", "Event", "Gap", "NoAnswer", "Refused"]

T = TypeVar("T")
_CHUNK = 64 * 1024


class _Link:
    """One connection and the calls that are open on it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._wire = Wire()
        self._reader = reader
        self._writer = writer
        self._open: Dict[int, asyncio.Future[Any]] = {}
        #: What the daemon said by itself; NoAnswer is the last of it.
        self.notices: asyncio.Queue[Union[Notice, NoAnswer]] = asyncio.Queue()
        self.is_lost = False
        self._listening = asyncio.ensure_future(self._listen())

    @classmethod
    async def open(cls, path: str) -> _Link:
        refuse_long(path)
        try:
            return cls(*await asyncio.open_unix_connection(path))
        except OSError as error:
            raise unreachable(path, error) from error

    async def call(self, request: Request) -> Any:
        if self.is_lost:
            raise lost()
        number, frame = self._wire.request(request)
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._open[number] = answer
        try:
            self._writer.write(frame)
            return await answer
        finally:
            self._open.pop(number, None)

    async def close(self) -> None:
        self._listening.cancel()
        self._writer.close()
        await asyncio.gather(self._listening, return_exceptions=True)

    async def _listen(self) -> None:
        try:
            because = await self._until_lost()
        except OSError:
            because = lost()
        finally:
            self.is_lost = True
            self._writer.close()
        self.notices.put_nowait(because)
        self._settle(None, Answer(None), because)

    async def _until_lost(self) -> NoAnswer:
        while True:
            chunk = await self._reader.read(_CHUNK)
            if not chunk:
                return lost()
            for said in self._wire.receive(chunk):
                if isinstance(said, Lost):
                    return NoAnswer(f"what came in is not the daemon's: {said.message}")
                if isinstance(said, Notice):
                    self.notices.put_nowait(said)
                else:
                    self._settle(said.id, said, said.refusal)

    def _settle(self, number: int | None, answer: Answer, error: Exception | None) -> None:
        """An answer to nobody says that a frame itself was refused: every caller is told so."""
        numbers = list(self._open) if number is None else [number]
        for waiting in (self._open.get(one) for one in numbers):
            if waiting is None or waiting.done():
                continue
            if error is None:
                waiting.set_result(answer.result)
            else:
                waiting.set_exception(error)


class AsyncClient:
    """One connection, made at the first call and again after it was lost. A lost call raises NoAnswer."""

    def __init__(self, socket: str | None = None) -> None:
        self.path = socket_path(socket)
        self._link: _Link | None = None
        self._opening = asyncio.Lock()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Ends the connection; the next call makes another."""
        link, self._link = self._link, None
        if link is not None:
            await link.close()

    async def call(self, method: str, params: Mapping[str, Any] | None = None) -> Any:
        """Calls any method of the socket. Raises Refused with the daemon's reason, NoAnswer without a daemon."""
        async with self._opening:
            if self._link is None or self._link.is_lost:
                await self.close()
                self._link = await _Link.open(self.path)
            link = self._link
        return await link.call(Request(method, params or {}))

    async def _hold(self, talk: Talk[T]) -> T:
        try:
            request = next(talk)
            while True:
                request = talk.send(await self.call(request.method, request.params))
        except StopIteration as end:
            result: T = end.value
            return result

    async def submit(
        self,
        argv: Sequence[str],
        cwd: str | None = None,
        env: Mapping[str, str] | None = None,
        **options: Any,
    ) -> str:
        """Queues a command and answers the run's id; ``options`` are those of ``run.submit``."""
        return await self._hold(_calls.submitting(argv, cwd, env, options))

    async def submit_plan(
        self, plan: Mapping[str, Any], env: Mapping[str, str] | None = None, **options: Any
    ) -> str:
        """Queues a plan and answers the run's id."""
        return await self._hold(_calls.submitting_plan(plan, env, options))

    async def run_recipe(
        self,
        recipe: str,
        *overrides: str,
        cwd: str | None = None,
        env: Mapping[str, str] | None = None,
        **options: Any,
    ) -> str:
        """Queues a recipe, by name or file, with ``key=value`` overrides; answers the run's id."""
        return await self._hold(_calls.running_recipe(recipe, overrides, cwd, env, options))

    async def wait(self, *runs: str, any_of: bool = False, timeout: float | None = None) -> list[Ended]:
        """Waits until all of them have ended, with ``any_of`` the first. Raises TimeoutError."""
        return await self._hold(_calls.waiting(runs, any_of, timeout))

    async def get(self, run: str) -> Mapping[str, Any]:
        """Everything about a run, as ``run.get`` answers it."""
        found: Mapping[str, Any] = await self.call("run.get", {"run": run})
        return found

    async def cancel(self, *runs: str, now: bool = False) -> Mapping[str, Any]:
        """Ends runs, queued or running; ``now`` is SIGKILL without a grace."""
        ended: Mapping[str, Any] = await self.call("run.cancel", {"runs": list(runs), "now": now})
        return ended

    async def log(
        self, run: str, step: str | None = None, stream: str = "stdout", follow: bool = False
    ) -> AsyncIterator[bytes]:
        """What the newest attempt wrote, in pieces; with ``follow`` until the run has ended."""
        reader = LogReader(run, step, stream, follow)
        while not reader.done:
            request = reader.request()
            chunk = reader.take(await self.call(request.method, request.params))
            if chunk:
                yield chunk

    async def events(self, since: int | None = None) -> AsyncIterator[Union[Event, Gap]]:
        """The daemon's events after this ``seq`` (without one: what is new), on a connection of their own.

        Raises NoAnswer when the connection is lost; go on with the ``seq`` of the last event.
        """
        cursor = EventCursor(since)
        link = await _Link.open(self.path)
        try:
            cursor.subscribed(await link.call(cursor.request()))
            while True:
                said = await link.notices.get()
                if isinstance(said, NoAnswer):
                    raise said
                for record in cursor.take(said):
                    yield record
        finally:
            await link.close()
