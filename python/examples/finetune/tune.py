"""Tunes a base to other images, as a frozen spec says. Knows no arguments: everything is in the spec.

By hand: python3 tune.py inputs.spec=/tmp/tune/spec inputs.base=/tmp/tune/base out=/tmp/tune/tuned
"""

import json
import pickle

import numpy

import blut
from data import read
from net import METHODS, Optimiser, loss_and_accuracy


def begin(s, spec, base):
    """Method, optimiser and the epochs that are done: from the last checkpoint where there is one."""
    path = s.resume()
    if path is not None:
        # Only what this very step has saved: a checkpoint is never taken from elsewhere.
        return pickle.loads(path.read_bytes())
    asked = spec["optimiser"]
    method = METHODS[spec["method"]["name"]](base, spec["method"]["rank"], spec["seed"])
    return method, Optimiser(asked["name"], asked["lr"], asked["momentum"]), 0


def main():
    with blut.stage() as s:
        spec = json.loads(s.inputs["spec"].file("spec.json").read_bytes())
        base = dict(numpy.load(s.inputs["base"].file("weights.npz")))
        images, labels = read(spec["source"])
        held = len(images) // 4
        images, labels, test = images[held:], labels[held:], (images[:held], labels[:held])
        before = loss_and_accuracy(base, *test)[1]
        method, optimiser, done = begin(s, spec, base)
        for epoch in range(done + 1, spec["epochs"] + 1):
            s.check()
            order = numpy.random.default_rng([spec["seed"], epoch]).permutation(len(images))
            for at in range(0, len(order), spec["batch"]):
                part = order[at : at + spec["batch"]]
                optimiser.step(method.free, method.slopes(images[part], labels[part]))
            loss, accuracy = loss_and_accuracy(method.weights(), images, labels)
            s.metric("loss", loss, epoch)
            s.metric("accuracy", accuracy, epoch)
            s.checkpoints.save(pickle.dumps((method, optimiser, epoch)), epoch, "tuning.pickle")
            s.progress(epoch, spec["epochs"])
        after = loss_and_accuracy(method.weights(), *test)[1]
        numpy.savez(s.output("weights.npz"), **method.weights())
        free = sum(weight.size for weight in method.free.values())
        result = {"spec": spec, "before": before, "after": after, "weightsChanged": free}
        s.output("result.json").write_text(json.dumps(result, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        print(f"accuracy {before:.1%} before, {after:.1%} after, with {free} numbers changed")


if __name__ == "__main__":
    main()
