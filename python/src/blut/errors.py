"""Everything that this package raises on purpose."""

from __future__ import annotations

from typing import Any, Mapping, Sequence


class BlutError(Exception):
    """Something expected went wrong. ``message`` is a sentence, ``remedy`` says what to do about it."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(f"{message}; {remedy}" if remedy else message)
        self.message = message
        self.remedy = remedy


class ContextError(BlutError):
    """The stage's context does not have what was asked of it."""


class MissingInput(ContextError):
    """An input that was asked for is not there."""


class ParamError(BlutError):
    """Arguments are not what the stage takes. ``problems`` has all of them, each with the argument's name."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems), "see the arguments of the recipe")
        self.problems = tuple(problems)


class Stopped(BlutError):
    """blut asked the stage to stop, and this is a place where it can."""

    def __init__(self) -> None:
        super().__init__("blut asked this stage to stop")


class NoAnswer(BlutError):
    """No daemon answered, or the connection was lost before it did. The same call may succeed later."""


class Refused(BlutError):
    """The daemon said no. ``reason`` is its word for programs, ``data`` the facts behind the sentence."""

    def __init__(
        self,
        reason: str,
        message: str,
        remedy: str,
        retryable: bool = False,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message, remedy)
        self.reason = reason
        self.retryable = retryable
        self.data: Mapping[str, Any] = {} if data is None else data
