"""Measures a trained model on the images that were held back.

By hand: python3 evaluate.py inputs.model=/tmp/digits/train inputs.data=/tmp/digits/split out=/tmp/digits/evaluate
"""

import json
import pickle

import numpy
from sklearn.metrics import confusion_matrix, f1_score

import blut
from models import loss_and_accuracy


def main():
    with blut.stage() as s:
        model = pickle.loads(s.inputs["model"].file("model.pickle").read_bytes())
        data = s.inputs["data"]
        images, labels = numpy.load(data.file("test-images.npy")), numpy.load(data.file("test-labels.npy"))
        loss, accuracy = loss_and_accuracy(model, images, labels)
        guesses = model.predict(images)
        scores = {
            "arguments": dict(s.params),
            "loss": loss,
            "accuracy": accuracy,
            "f1": float(f1_score(labels, guesses, average="macro")),
            "confusion": confusion_matrix(labels, guesses).tolist(),
        }
        for name in ("loss", "accuracy", "f1"):
            s.metric(f"test_{name}", scores[name])
        s.output("scores.json").write_text(json.dumps(scores, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        print(f"accuracy {accuracy:.1%}, macro F1 {scores['f1']:.3f}")


if __name__ == "__main__":
    main()
