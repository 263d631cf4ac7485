"""What a stage reads: the artifacts of other steps, files from outside, and lists of them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator, Mapping, Optional

from .errors import ContextError, MissingInput


@dataclass(frozen=True)
class Artifact:
    """One input: a directory with what a step left, or a file or directory from outside."""

    kind: str
    path: Path
    #: Digest of its content; None outside of blut.
    digest: Optional[str] = None

    def file(self, name: str) -> Path:
        """A file in it. Raises ContextError when it is not there."""
        path = self.path / name
        if not path.is_file():
            raise ContextError(f"{self.path} has no file {name}", "see what the step before it wrote")
        return path

    def elements(self) -> Mapping[str, Path]:
        """The entries of a list, by name, in order."""
        return {name: self.path / name for name in sorted(os.listdir(self.path))}


class Inputs(Mapping[str, Artifact]):
    """The inputs by name. Asking for one that is not there raises ContextError with those that are."""

    def __init__(self, inputs: Mapping[str, Artifact]) -> None:
        self._inputs = dict(inputs)

    def __getitem__(self, name: str) -> Artifact:
        try:
            return self._inputs[name]
        except KeyError:
            there = ", ".join(self._inputs) or "none"
            remedy = "give it to the step in the recipe, or outside of blut as a word `inputs.NAME=PATH`"
            raise MissingInput(f"there is no input {name}; there are: {there}", remedy) from None

    def __contains__(self, name: object) -> bool:
        return name in self._inputs

    def __iter__(self) -> Iterator[str]:
        return iter(self._inputs)

    def __len__(self) -> int:
        return len(self._inputs)
