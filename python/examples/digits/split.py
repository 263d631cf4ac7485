"""Splits the images into those that are learnt from and those that are held back, the same share of each digit.

By hand: python3 split.py inputs.images=/tmp/digits/prepare out=/tmp/digits/split seed=1 held-back=0.25
"""

import numpy
from sklearn.model_selection import train_test_split

import blut


def main() -> None:
    with blut.stage() as s:
        images = numpy.load(s.inputs["images"].file("images.npy"))
        labels = numpy.load(s.inputs["images"].file("labels.npy"))
        parts = train_test_split(
            images,
            labels,
            test_size=s.params.number("held-back", 0.25),
            random_state=s.params.integer("seed", 1),
            stratify=labels,
        )
        for name, part in zip(("train-images", "test-images", "train-labels", "test-labels"), parts):
            numpy.save(s.output(f"{name}.npy"), part)
        print(f"{len(parts[0])} to learn from, {len(parts[1])} held back")


if __name__ == "__main__":
    main()
