"""Takes the images of handwritten digits that scikit-learn ships: 1,797 of 8 x 8 pixels.

By hand: PYTHONPATH=../../src python3 prepare.py out=/tmp/digits/prepare
"""

import numpy
from sklearn.datasets import load_digits

import blut


def main() -> None:
    with blut.stage() as s:
        digits = load_digits()
        images = (digits.data / 16).astype(numpy.float32)
        numpy.save(s.output("images.npy"), images)
        numpy.save(s.output("labels.npy"), digits.target.astype(numpy.int64))
        print(f"{len(images)} images")


if __name__ == "__main__":
    main()
