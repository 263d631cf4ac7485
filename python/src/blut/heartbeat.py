"""The sign of life of a stage that has nothing else to say."""

from __future__ import annotations

import threading

from ._events import EventFile


class Heartbeat:
    """Beats from a thread of its own, which ends with the process. It shows that the process lives, not that
    the work goes on: a stage whose work may hang beats by hand."""

    def __init__(self, events: EventFile, every: float) -> None:
        if not every > 0:
            raise ValueError(f"a heartbeat comes every so many seconds above 0, got {every!r}")
        self._events = events
        self._every = every
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="blut-heartbeat", daemon=True)

    def start(self) -> None:
        """Beats at once, then every so many seconds."""
        self._thread.start()

    def stop(self) -> None:
        """Beats no more; fine when it never began."""
        self._end.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _beat(self) -> None:
        while True:
            self._events.append("heartbeat")
            if self._end.wait(self._every):
                return
