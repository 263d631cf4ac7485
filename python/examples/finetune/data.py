"""Where images come from: what scikit-learn ships, as it is or changed, or a CSV of one's own."""

import hashlib
import io
from pathlib import Path

import numpy
from sklearn.datasets import load_digits

#: What each source does to an image of 8 x 8 pixels.
CHANGES = {
    "digits": lambda image: image,
    "digits-turned": lambda image: numpy.rot90(image, axes=(1, 2)),
    "digits-inverted": lambda image: 1 - image,
}


def half(images, labels, which):
    """Every other image: one half is for the base, the other for what it is tuned on."""
    return images[which::2], labels[which::2]


def read(source):
    """Images of 64 pixels from 0 to 1, and their digits."""
    if source["kind"] == "csv":
        content = Path(source["path"]).read_bytes()
        if hashlib.sha256(content).hexdigest() != source["sha256"]:
            raise ValueError(f"{source['path']} has changed since the spec was made")
        rows = numpy.loadtxt(io.BytesIO(content), delimiter=",")
        return rows[:, :-1] / 16, rows[:, -1].astype(int)
    digits = load_digits()
    images = CHANGES[source["name"]](digits.data.reshape(-1, 8, 8) / 16)
    return half(images.reshape(-1, 64), digits.target, 1)
