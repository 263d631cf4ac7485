"""What a stage run by blut needs, and a client of the daemon. Standard library only.

    import blut

    with blut.stage() as s:
        data = s.inputs["data"].file("digits.csv")
        for epoch in s.track(range(s.params.integer("epochs"))):
            s.metric("loss", train(data), step=epoch)
        save(s.output("model.json"))
"""

from .artifacts import Artifact, Inputs
from .checkpoint import Checkpoints
from .client import Client, Ended, Event, Gap
from .errors import BlutError, ContextError, NoAnswer, ParamError, Refused, Stopped
from .params import Params
from .stage import Stage, current, stage

__all__ = [
    "Artifact",
    "BlutError",
    "Checkpoints",
    "Client",
    "ContextError",
    "Ended",
    "Event",
    "Gap",
    "Inputs",
    "NoAnswer",
    "ParamError",
    "Params",
    "Refused",
    "Stage",
    "Stopped",
    "current",
    "stage",
]
