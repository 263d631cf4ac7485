"""How far a stage is."""

from __future__ import annotations

import math
import time
from typing import Callable

from ._events import EventFile, shortened

_MESSAGE_BYTES = 1000


class Progress:
    """Tells how much is done. A loop may call it as often as it likes: what comes too soon after the last
    one is left out, unless it says that all is done."""

    def __init__(
        self,
        events: EventFile,
        at_most_every: float = 0.1,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._events = events
        self._at_most_every = at_most_every
        self._clock = clock
        self._told_at = -math.inf

    def __call__(self, done: float, total: float | None = None, message: str | None = None) -> None:
        """``done`` of ``total``, where the total is known, and perhaps a word for people."""
        if not (math.isfinite(done) and done >= 0):
            raise ValueError(f"done is a number from 0 on, got {done!r}")
        if total is not None and not (math.isfinite(total) and total > 0):
            raise ValueError(f"total is a number above 0, got {total!r}")
        now = self._clock()
        if now - self._told_at < self._at_most_every and done != total:
            return
        self._told_at = now
        text = None if message is None else shortened(message, _MESSAGE_BYTES)
        self._events.append("progress", done=done, total=total, message=text)
