"""Metrics to Weights & Biases, where it is installed. It is offline unless somebody said otherwise, and
whatever goes wrong there is said once and ends nothing."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any, Callable, Mapping


class Wandb:
    """A run of wandb that mirrors the metrics of a stage."""

    def __init__(self, project: str, name: str, config: Mapping[str, Any], directory: str) -> None:
        self._run: Any = None
        self._try(lambda: self._open(project, name, config, directory))

    def _open(self, project: str, name: str, config: Mapping[str, Any], directory: str) -> None:
        os.environ.setdefault("WANDB_MODE", "offline")
        try:
            wandb = importlib.import_module("wandb")
        except ImportError:
            return
        self._run = wandb.init(project=project, name=name, config=dict(config), dir=directory)

    def metric(self, name: str, value: float, step: float | None) -> None:
        """One metric."""
        if self._run is not None:
            # wandb's own steps must grow by one; a step of ours is one more number.
            values = {name: value} if step is None else {name: value, "step": step}
            self._try(lambda: self._run.log(values))

    def close(self) -> None:
        """Ends the run of wandb."""
        run, self._run = self._run, None
        if run is not None:
            self._try(run.finish)

    def _try(self, act: Callable[[], object]) -> None:
        try:
            act()
        except Exception as error:  # noqa: BLE001 - anything at all: it must not end a training
            self._run = None
            print(f"blut: wandb is left out from here on: {error!r}", file=sys.stderr)
