"""Trains one model epoch by epoch, with a checkpoint after each. Killed, it goes on from the last one.

By hand: python3 train.py inputs.data=/tmp/digits/split out=/tmp/digits/train model=mlp epochs=5 lr=0.1
"""

import csv
import math
import pickle
from dataclasses import dataclass
from typing import Literal

import numpy

import blut
from models import MODELS, loss_and_accuracy


@dataclass
class Asked:
    model: Literal["gbt", "mlp", "knn", "logistic"]
    epochs: int
    lr: float
    seed: int = 1


def begin(s, asked):
    """The model, and a row for each epoch that it has learnt: from the last checkpoint where there is one."""
    path = s.resume()
    if path is None:
        return MODELS[asked.model](asked.lr, asked.seed), []
    # Only what this very step has saved: a checkpoint is never taken from elsewhere.
    trainer, history = pickle.loads(path.read_bytes())
    print(f"resumed after epoch {len(history)}", flush=True)
    return trainer, history


def main():
    with blut.stage() as s:
        asked = s.params.bind(Asked)
        data = s.inputs["data"]
        images, labels = numpy.load(data.file("train-images.npy")), numpy.load(data.file("train-labels.npy"))
        trainer, history = begin(s, asked)
        for epoch in range(len(history) + 1, asked.epochs + 1):
            s.check()
            trainer.learn(images, labels)
            loss, accuracy = loss_and_accuracy(trainer.model, images, labels)
            s.metric("loss", loss, epoch)
            s.metric("accuracy", accuracy, epoch)
            history.append((epoch, loss, accuracy))
            if math.isfinite(loss):  # nobody wants to go on from what is broken
                s.checkpoints.save(pickle.dumps((trainer, history)), epoch, "model.pickle")
            s.progress(epoch, asked.epochs, f"loss {loss:.4f}")
            print(f"epoch {epoch}: loss {loss:.4f}, accuracy {accuracy:.1%}", flush=True)
        s.output("model.pickle").write_bytes(pickle.dumps(trainer.model))
        with open(s.output("history.csv"), "w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([("epoch", "loss", "accuracy"), *history])


if __name__ == "__main__":
    main()
