#!/usr/bin/env python3
"""Trains a reader of handwritten digits, with the standard library of Python 3.9 or newer alone.

The model is a softmax regression over random Fourier features, which comes close to a kernel machine.
The features of the whole training set are computed once and kept as Python floats, so the program
needs about 100 MiB for a data set of 57 KB: nobody would have guessed that from looking at the file.

    python3 train_digits.py [--epochs N] [--features N] [--copies N]

It runs by itself as well as under blut. Where these are set it uses them:
BLUT_OUT     a directory; the trained model is written there as model.json
BLUT_EVENTS  a file; progress and metrics are appended to it, one JSON object a line
"""

import argparse
import csv
import gzip
import json
import math
import os
import random
import time
from operator import mul
from pathlib import Path

DATA = Path(__file__).resolve().parent / "data" / "digits.csv.gz"
SIDE = 8
CLASSES = 10
TEST_SHARE = 5  # every fifth image is kept for the test
KERNEL_WIDTH = 2.0
RATE = 4.0
NEGLIGIBLE = 0.01  # an error below this teaches nothing worth its time


def read_images():
    """Answers (training, test): lists of (64 pixels from 0 to 1, digit), in an order that never changes."""
    with gzip.open(DATA, "rt", newline="") as file:
        rows = [[int(float(cell)) for cell in row] for row in csv.reader(file)]
    images = [([pixel / 16 for pixel in row[:-1]], row[-1]) for row in rows]
    random.Random(1).shuffle(images)
    return images[len(images) // TEST_SHARE :], images[: len(images) // TEST_SHARE]


def shifted(pixels, right, down):
    """The image moved by whole pixels; what comes in at the edge is empty."""
    return [
        pixels[(y - down) * SIDE + x - right]
        if 0 <= y - down < SIDE and 0 <= x - right < SIDE
        else 0.0
        for y in range(SIDE)
        for x in range(SIDE)
    ]


def augmented(images, copies, rng):
    """The images and, of each, copies that are moved by a pixel to one of the four sides."""
    moves = [(1, 0), (-1, 0), (0, 1), (0, -1)]
    moved = [
        (shifted(pixels, *move), digit)
        for pixels, digit in images
        for move in rng.sample(moves, copies)
    ]
    return images + moved


def random_directions(count, rng):
    """Directions and phases of random Fourier features for a Gaussian kernel (Rahimi and Recht, 2007)."""
    return [
        ([rng.gauss(0, 1 / KERNEL_WIDTH) for _ in range(SIDE * SIDE)], rng.uniform(0, 2 * math.pi))
        for _ in range(count)
    ]


def features_of(pixels, directions):
    scale = math.sqrt(2 / len(directions))
    return [scale * math.cos(sum(map(mul, pixels, along)) + phase) for along, phase in directions]


def probabilities(features, weights):
    scores = [sum(map(mul, features, of_digit)) for of_digit in weights]
    highest = max(scores)
    powers = [math.exp(score - highest) for score in scores]
    total = sum(powers)
    return [power / total for power in powers]


def train_once(examples, weights, rate, rng):
    """One pass of stochastic gradient descent; answers the mean loss."""
    rng.shuffle(examples)
    loss = 0.0
    for features, digit in examples:
        guess = probabilities(features, weights)
        loss -= math.log(max(guess[digit], 1e-12))
        for label, share in enumerate(guess):
            error = share - (label == digit)
            if abs(error) > NEGLIGIBLE:
                step = rate * error
                weights[label] = [w - step * f for w, f in zip(weights[label], features)]
    return loss / len(examples)


def accuracy(examples, weights):
    hits = 0
    for features, digit in examples:
        guess = probabilities(features, weights)
        hits += guess.index(max(guess)) == digit
    return hits / len(examples)


def tell(kind, **facts):
    """Appends one event to BLUT_EVENTS, where there is one."""
    path = os.environ.get("BLUT_EVENTS")
    if path:
        with open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps({"type": kind, **facts}) + "\n")


def save(weights, directions, reached):
    """Writes the model to BLUT_OUT under a temporary name first: half a model must not look like one."""
    folder = os.environ.get("BLUT_OUT")
    if not folder:
        return
    path = Path(folder) / "model.json"
    partial = path.with_suffix(".partial")
    model = {"weights": weights, "directions": directions, "accuracy": reached}
    partial.write_text(json.dumps(model), encoding="utf-8")
    os.replace(partial, path)
    print(f"{path.name} written, {path.stat().st_size // 1024} KiB")


def arguments():
    parser = argparse.ArgumentParser(description="Trains a reader of handwritten digits.")
    parser.add_argument("--epochs", type=int, default=4, help="passes over the training set")
    parser.add_argument("--features", type=int, default=460, help="random features per image")
    parser.add_argument("--copies", type=int, default=2, help="moved copies of each image, 0 to 4")
    return parser.parse_args()


def main():
    asked = arguments()
    started = time.monotonic()
    rng = random.Random(2)
    training, test = read_images()
    training = augmented(training, asked.copies, rng)
    directions = random_directions(asked.features, rng)
    print(f"{len(training)} training images, {len(test)} test images", flush=True)

    examples = []
    for count, (pixels, digit) in enumerate(training, 1):
        examples.append((features_of(pixels, directions), digit))
        if count % 1000 == 0:
            print(f"features of {count} images, {time.monotonic() - started:.1f} s", flush=True)
            tell("heartbeat")
    test = [(features_of(pixels, directions), digit) for pixels, digit in test]

    weights = [[0.0] * asked.features for _ in range(CLASSES)]
    for epoch in range(1, asked.epochs + 1):
        loss = train_once(examples, weights, RATE / epoch, rng)
        reached = accuracy(test, weights)
        spent = time.monotonic() - started
        print(f"epoch {epoch}: loss {loss:.4f}, test accuracy {reached:.1%}, {spent:.1f} s", flush=True)
        tell("metric", name="loss", value=loss, step=epoch)
        tell("metric", name="accuracy", value=reached, step=epoch)
        tell("progress", done=epoch, total=asked.epochs)
    save(weights, directions, reached)


if __name__ == "__main__":
    main()
