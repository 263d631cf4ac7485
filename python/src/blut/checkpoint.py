"""Checkpoints: what a later attempt goes on from."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Callable, Union

from ._events import EventFile

#: Bytes, or what writes the file that it is given.
Content = Union[bytes, Callable[[Path], object]]


class Checkpoints:
    """Saves checkpoints so that one is there whole or not at all, and keeps some previous ones."""

    def __init__(self, directory: Path, resume: Path | None, keep: int, events: EventFile) -> None:
        if keep < 1:
            raise ValueError(f"at least one checkpoint is kept, got {keep}")
        self.directory = directory
        self._resume = resume
        self._keep = keep
        self._events = events

    def resume(self) -> Path | None:
        """The checkpoint to go on from; None at a first attempt, or when the last one is not there any more."""
        return self._resume if self._resume is not None and self._resume.is_file() else None

    def save(self, content: Content, step: int, name: str = "checkpoint") -> Path:
        """Writes the checkpoint of this step and tells blut. The name's suffix is kept: ``model.joblib``
        of step 3 is ``model-000003.joblib``. On disk before this returns, and nobody sees half of it."""
        if step < 0 or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", name):
            raise ValueError(f"a checkpoint has a plain name and a step from 0 on, got {name!r}, {step!r}")
        stem, suffix = os.path.splitext(name)
        path = self.directory / f"{stem}-{step:06d}{suffix}"
        self.directory.mkdir(parents=True, exist_ok=True)
        partial = self.directory / f".{path.name}.{os.getpid()}.partial"
        try:
            if callable(content):
                content(partial)
            else:
                partial.write_bytes(content)
            _sync(partial)
            os.replace(partial, path)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
        _sync(self.directory)
        self._events.append("checkpoint", file=path.name, step=step)
        self._drop(re.compile(re.escape(stem) + r"-\d{6,}" + re.escape(suffix)), path)
        return path

    def _drop(self, ours: re.Pattern[str], newest: Path) -> None:
        """Removes all but the newest; by age and not by step, since a stage may have begun anew."""
        others = [p for p in self.directory.iterdir() if ours.fullmatch(p.name) and p != newest]
        others.sort(key=lambda path: path.stat().st_mtime_ns, reverse=True)
        for old in others[self._keep - 1 :]:
            old.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    """Forces a file, or the names in a directory, to disk."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
