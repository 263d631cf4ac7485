"""Turns the arguments of the recipe into the spec of one fine-tuning, and refuses what makes no sense.

The spec is an artifact: the trainer gets it as frozen JSON and nothing else, so two runs of one spec are one run.
A CSV is in it by the digest of its content, so this step is never taken from the cache.

By hand: python3 spec.py out=/tmp/tune/spec method=low-rank optimiser=adam source=digits-turned
"""

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from typing import Literal

import blut

SOURCES = ("digits", "digits-turned", "digits-inverted")


@dataclass(frozen=True)
class Method:
    name: Literal["full", "head", "low-rank"]
    rank: int


@dataclass(frozen=True)
class OptimiserSpec:
    name: Literal["sgd", "momentum", "adam"]
    lr: float
    momentum: float


@dataclass(frozen=True)
class Source:
    kind: Literal["builtin", "csv"]
    name: str = ""
    path: str = ""
    sha256: str = ""


@dataclass(frozen=True)
class Spec:
    method: Method
    optimiser: OptimiserSpec
    source: Source
    epochs: int
    batch: int
    seed: int

    def __post_init__(self):
        problems = [
            sentence
            for is_wrong, sentence in (
                (not 1 <= self.method.rank <= 10, f"rank: expected 1 to 10, got {self.method.rank}"),
                (not self.optimiser.lr > 0, f"lr: expected a number above 0, got {self.optimiser.lr}"),
                (
                    self.optimiser.name == "momentum" and not 0 < self.optimiser.momentum < 1,
                    f"momentum: expected a number between 0 and 1, got {self.optimiser.momentum}",
                ),
                (self.epochs < 1 or self.batch < 1, "epochs and batch are at least 1"),
                (
                    self.source.kind == "csv" and not self.source.sha256,
                    f"source: expected {', '.join(SOURCES)} or a CSV that is there, got {self.source.path!r}",
                ),
            )
            if is_wrong
        ]
        if problems:
            raise blut.ParamError(problems)


def source_of(text):
    """One of those that are built in, or a CSV by its path and content."""
    if text in SOURCES:
        return {"kind": "builtin", "name": text}
    if not os.path.isfile(text):
        return {"kind": "csv", "path": text}
    with open(text, "rb") as file:
        return {"kind": "csv", "path": os.path.abspath(text), "sha256": hashlib.sha256(file.read()).hexdigest()}


def spec_of(params):
    """The checked spec. Raises ParamError with everything that is wrong: first by type, then by sense."""
    return blut.Params(
        {
            "method": {"name": params.text("method"), "rank": params.integer("rank", 4)},
            "optimiser": {
                "name": params.text("optimiser"),
                "lr": params.number("lr", 0.05),
                "momentum": params.number("momentum", 0.9),
            },
            "source": source_of(params.text("source")),
            "epochs": params.integer("epochs", 5),
            "batch": params.integer("batch", 32),
            "seed": params.integer("seed", 1),
        }
    ).bind(Spec)


def main():
    with blut.stage() as s:
        text = json.dumps(asdict(spec_of(s.params)), indent=1, sort_keys=True) + "\n"
        s.output("spec.json").write_text(text, encoding="utf-8")
        print(text, end="")


if __name__ == "__main__":
    main()
