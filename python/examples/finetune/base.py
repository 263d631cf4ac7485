"""Trains the base that is tuned later, on every other image as it is.

By hand: python3 base.py out=/tmp/tune/base
"""

import numpy
from sklearn.datasets import load_digits

import blut
from data import half
from net import Optimiser, fresh, gradients, loss_and_accuracy


def main():
    with blut.stage() as s:
        digits = load_digits()
        images, labels = half(digits.data / 16, digits.target, 0)
        weights, optimiser = fresh(seed=0), Optimiser("adam", 0.01, 0.9)
        for epoch in s.track(range(1, 13)):
            for at in range(0, len(images), 32):
                part = slice(at, at + 32)
                optimiser.step(weights, gradients(weights, images[part], labels[part]))
            s.metric("loss", loss_and_accuracy(weights, images, labels)[0], epoch)
        numpy.savez(s.output("weights.npz"), **weights)
        print(f"accuracy {loss_and_accuracy(weights, images, labels)[1]:.1%}")


if __name__ == "__main__":
    main()
