"""The file that a stage speaks to blut by: one JSON object a line, appended."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from typing import Any

#: A longer line would be a problem to blut and not an event.
LINE_BYTES = 65_536


class EventFile:
    """Appends events. Without a path nothing is written. A disk that is full must not end a training,
    so what cannot be written is said once on stderr, and counted."""

    def __init__(self, path: str | None) -> None:
        self._lock = threading.Lock()
        self._fd: int | None = None
        self.lost = 0
        if path is not None:
            self._fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def append(self, kind: str, **fields: Any) -> None:
        """Writes one event, stamped with the time; fields that are None are left out."""
        known = {name: value for name, value in fields.items() if value is not None}
        event = {"type": kind, "at": time.time_ns() // 1_000_000, **known}
        text = json.dumps(event, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        line = text.encode("utf-8", "replace") + b"\n"
        if len(line) > LINE_BYTES + 1:
            raise ValueError(f"an event has at most {LINE_BYTES} bytes, this {kind} has {len(line) - 1}")
        with self._lock:
            if self._fd is None:
                return
            try:
                while line:
                    line = line[os.write(self._fd, line) :]
            except OSError as error:
                self.lost += 1
                if self.lost == 1:
                    print(f"blut: an event could not be written: {error}", file=sys.stderr)

    def close(self) -> None:
        """Writes nothing any more."""
        with self._lock:
            if self._fd is not None:
                os.close(self._fd)
                self._fd = None


def shortened(text: str, most_bytes: int) -> str:
    """The text, cut between characters where it has more bytes than that."""
    return text.encode("utf-8", "replace")[:most_bytes].decode("utf-8", "ignore")


def refuse_length(what: str, text: str, most_bytes: int) -> str:
    """The text. Raises ValueError when it is empty, too long or has a NUL."""
    length = len(text.encode("utf-8", "replace"))
    if not 1 <= length <= most_bytes or "\0" in text:
        raise ValueError(f"{what} has 1 to {most_bytes} bytes and no NUL, got {text[:80]!r}")
    return text
