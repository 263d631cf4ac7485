"""What a stage is given by blut and tells it. Outside of blut the same script runs by hand."""

from __future__ import annotations

import atexit
import json
import math
import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Dict, Iterable, Iterator, Mapping, Optional, Sequence, TypeVar

from ._events import EventFile, refuse_length
from ._json import as_object
from ._wandb import Wandb
from .artifacts import Artifact, Inputs
from .checkpoint import Checkpoints
from .errors import ContextError, MissingInput, ParamError, Stopped
from .heartbeat import Heartbeat
from .metrics import Metrics
from .params import Params
from .progress import Progress

T = TypeVar("T")
#: Exit code of a stage that stopped because it was told to, as a shell says it of SIGTERM.
STOPPED_CODE = 128 + signal.SIGTERM
_INPUT_WORD = "inputs."


class Stage:
    """One attempt of a step, from the inside. Use it as ``with blut.stage() as s:``.

    Under blut everything comes from ``BLUT_CONTEXT``. Run by hand there is none: then arguments and inputs
    are the words of the command line (``epochs=5 inputs.data=/some/dir``), output goes to ``out``, and what is
    told to blut is told to nobody.
    """

    def __init__(
        self,
        words: Sequence[str] | None,
        out: str,
        heartbeat: float | None,
        keep_checkpoints: int,
        wandb: str | None,
        environ: Mapping[str, str],
    ) -> None:
        context = _context(environ)
        #: Whether blut runs this.
        self.is_managed = context is not None
        #: Whoever typed the command line is told what is wrong with it, not where the script noticed.
        self._is_typed = context is None and words is None
        try:
            facts = by_hand(sys.argv[1:] if words is None else words, out) if context is None else context
        except ParamError as error:
            self._tell_typist(error)
            raise
        self.step = str(facts["step"])
        self.params = Params(facts["args"], typed=context is None)
        self.inputs = Inputs({name: _artifact(one) for name, one in facts["inputs"].items()})
        #: Where output goes; all that is in here at the end is the step's artifact.
        self.out = Path(facts["out"])
        self.out.mkdir(parents=True, exist_ok=True)
        #: The element of the list that a mapped step works on: ``index`` and ``key``.
        self.element: Optional[Mapping[str, Any]] = facts.get("map")
        self._events = EventFile(facts.get("events"))
        directory = str(self.out.parent)
        self._wandb = None if wandb is None else Wandb(wandb, self.step, self.params, directory)
        self.progress = Progress(self._events)
        self.metric = Metrics(self._events, () if self._wandb is None else (self._wandb.metric,))
        resume = environ.get("BLUT_RESUME") or facts.get("resume")
        self.checkpoints = Checkpoints(
            Path(facts["checkpoints"]), Path(resume) if resume else None, keep_checkpoints, self._events
        )
        # Often enough for whoever takes silence for a standstill.
        allowed = facts.get("heartbeatMs", math.inf) / 3000
        self._heartbeat = None if heartbeat is None else Heartbeat(self._events, min(heartbeat, allowed))
        self._stop = threading.Event()
        self._before: Any = None

    def __enter__(self) -> Stage:
        global _current
        if self.is_managed:
            if self._heartbeat is not None:
                self._heartbeat.start()
            # Only the main thread may set a handler, and only where SIGTERM was not given another meaning.
            is_ours = threading.current_thread() is threading.main_thread()
            if is_ours and signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:
                self._before = signal.signal(signal.SIGTERM, self._on_sigterm)
        _current = self
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if isinstance(error, Stopped):
            # Not 0: what was left undone must not pass for a result.
            raise SystemExit(STOPPED_CODE) from None
        self._tell_typist(error)

    def close(self) -> None:
        """Ends heartbeat and events; a second time does nothing."""
        global _current
        if self._heartbeat is not None:
            self._heartbeat.stop()
        if self._before is not None:
            signal.signal(signal.SIGTERM, self._before)
            self._before = None
        if self._wandb is not None:
            self._wandb.close()
        self._events.close()
        if _current is self:
            _current = None

    @property
    def should_stop(self) -> bool:
        """Whether blut asked this stage to stop: by a person, or because its time is up."""
        return self._stop.is_set()

    def check(self) -> None:
        """A place where the stage can stop: raises Stopped when it should, which ends it with 143."""
        if self.should_stop:
            raise Stopped()

    def track(self, items: Iterable[T], total: int | None = None) -> Iterator[T]:
        """The items, with progress, and a place to stop before each."""
        if total is None and hasattr(items, "__len__"):
            total = len(items)  # type: ignore[arg-type]
        for done, item in enumerate(items, 1):
            self.check()
            yield item
            self.progress(done, total or None)

    def resume(self) -> Path | None:
        """The checkpoint to go on from, or None."""
        return self.checkpoints.resume()

    def heartbeat(self) -> None:
        """A sign of life by hand."""
        self._events.append("heartbeat")

    def output(self, name: str) -> Path:
        """Path of a file in the output directory, its directory made. Raises ContextError outside of it."""
        path = self.out / name
        if os.path.isabs(name) or ".." in Path(name).parts:
            raise ContextError(f"{name} is not in the output directory", "give a path relative to it")
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def artifact(self, name: str, path: str | os.PathLike[str]) -> None:
        """Tells that something worth a look is at this path."""
        where = refuse_length("an artifact's path", os.path.abspath(path), 4095)
        self._events.append("artifact", name=refuse_length("an artifact's name", name, 128), path=where)

    def _tell_typist(self, error: BaseException | None) -> None:
        """Ends a script whose command line lacks something with the sentence alone, instead of a traceback."""
        if self._is_typed and isinstance(error, (ParamError, MissingInput)):
            print(f"{sys.argv[0]}: {error}", file=sys.stderr)
            raise SystemExit(2) from None

    def _on_sigterm(self, number: int, frame: FrameType | None) -> None:
        self._stop.set()
        # Whoever asks a second time does not want to wait.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


_current: Optional[Stage] = None


def stage(
    words: Sequence[str] | None = None,
    *,
    out: str = "out",
    heartbeat: float | None = 5.0,
    keep_checkpoints: int = 3,
    wandb: str | None = None,
) -> Stage:
    """The stage that this process is. ``words`` and ``out`` are for running by hand; ``heartbeat`` is the most
    seconds between two signs of life, None for a stage that beats by itself; ``wandb`` is a project to mirror metrics to.
    """
    return Stage(words, out, heartbeat, keep_checkpoints, wandb, os.environ)


def current() -> Stage:
    """The stage that is open, or one that is opened now and ends with the process."""
    if _current is not None:
        return _current
    opened = stage().__enter__()
    atexit.register(opened.close)
    return opened


def _context(environ: Mapping[str, str]) -> Dict[str, Any] | None:
    path = environ.get("BLUT_CONTEXT")
    if not path:
        return None
    remedy = "this is a fault of blut's, not of the stage"
    try:
        context = as_object(json.loads(Path(path).read_bytes()))
    except (OSError, ValueError) as error:
        raise ContextError(f"the context {path} cannot be read: {error}", remedy) from error
    if context is None or context.get("version") != 1:
        raise ContextError(f"the context {path} is not of version 1", "use the blut package of this blutd")
    return {"args": {}, "inputs": {}, "checkpoints": str(Path(path).parent.parent / "checkpoints"), **context}


def by_hand(words: Sequence[str], out: str) -> Dict[str, Any]:
    """A context for a script that blut does not run, from the words of its command line."""
    values = dict(Params.from_words(words))
    inputs = {
        name[len(_INPUT_WORD) :]: {"kind": "any", "path": str(values.pop(name))}
        for name in list(values)
        if name.startswith(_INPUT_WORD)
    }
    place = os.path.abspath(str(values.pop("out", out)))
    step = os.path.splitext(os.path.basename(sys.argv[0]))[0]
    return {"step": step, "args": values, "inputs": inputs, "out": place, "checkpoints": f"{place}.checkpoints"}


def _artifact(fields: Mapping[str, Any]) -> Artifact:
    return Artifact(str(fields.get("kind", "any")), Path(fields["path"]), fields.get("digest"))
