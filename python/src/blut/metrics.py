"""Numbers that a stage measures, epoch by epoch."""

from __future__ import annotations

import math
from typing import Callable, SupportsFloat, Union

from ._events import EventFile, refuse_length

_NAME_BYTES = 128
#: What hears of every metric besides blut: name, value, step.
Listener = Callable[[str, float, Union[float, None]], None]


def named(value: float) -> float | str:
    """The number, or the name of one that JSON cannot write."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


class Metrics:
    """Tells metrics. One that is not finite is told by its name: blut may end the stage for it."""

    def __init__(self, events: EventFile, listeners: tuple[Listener, ...] = ()) -> None:
        self._events = events
        self._listeners = listeners

    def __call__(self, name: str, value: SupportsFloat, step: SupportsFloat | None = None) -> None:
        """``value`` may be anything that is a number, of numpy too; ``step`` is the epoch or the like."""
        refuse_length("a metric's name", name, _NAME_BYTES)
        number = float(value)
        at = None if step is None else float(step)
        if at is not None and not math.isfinite(at):
            raise ValueError(f"the step of {name} is not finite")
        for listener in self._listeners:
            listener(name, number, at)
        whole = int(at) if at is not None and at.is_integer() else at
        self._events.append("metric", name=name, value=named(number), step=whole)
