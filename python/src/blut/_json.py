"""What JSON gave, before anybody has looked at it."""

from __future__ import annotations

from typing import Any, Dict, cast


def as_object(value: Any) -> Dict[str, Any] | None:
    """The value when it is a JSON object, else None."""
    return cast("Dict[str, Any]", value) if isinstance(value, dict) else None
