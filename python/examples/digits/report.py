"""Compares all points of a sweep: a table, the accuracies, the way each one learnt, the best one's mistakes.

By hand: python3 report.py inputs.scores=/tmp/digits/all-scores inputs.models=/tmp/digits/all-models out=/tmp/digits/report
where the two hold a directory a point. A point that diverged is in neither.
"""

import csv
import json

import matplotlib.pyplot as plot

import blut


def entries(artifact, name):
    """The file of this name of each point; without a sweep the artifact is the only one."""
    if (artifact.path / name).is_file():
        return [artifact.path / name]
    found = [path / name for path in artifact.elements().values()]
    return [path for path in found if path.is_file()]


def label(arguments):
    return ", ".join(f"{name}={value}" for name, value in sorted(arguments.items()))


def plot_accuracies(points, path):
    figure, axes = plot.subplots(figsize=(7, 1 + 0.4 * len(points)), layout="constrained")
    axes.barh([label(point["arguments"]) for point in points], [point["accuracy"] for point in points])
    axes.set_xlabel("accuracy on images held back")
    figure.savefig(path)


def plot_histories(paths, column, path):
    figure, axes = plot.subplots(layout="constrained")
    for one in paths:
        with open(one, newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        epochs = [int(row["epoch"]) for row in rows]
        axes.plot(epochs, [float(row[column]) for row in rows], marker="o", label=one.parent.name)
    axes.set_xlabel("epoch")
    axes.set_ylabel(column)
    axes.legend()
    figure.savefig(path)


def plot_confusion(point, path):
    figure, axes = plot.subplots(layout="constrained")
    axes.imshow(point["confusion"], cmap="Blues")
    for truth, row in enumerate(point["confusion"]):
        for guess, count in enumerate(row):
            if count:
                axes.text(guess, truth, count, ha="center", va="center")
    axes.set(xlabel="guess", ylabel="truth", title=label(point["arguments"]))
    axes.set_xticks(range(10))
    axes.set_yticks(range(10))
    figure.savefig(path)


def main():
    with blut.stage() as s:
        points = [json.loads(path.read_text("utf-8")) for path in entries(s.inputs["scores"], "scores.json")]
        points.sort(key=lambda point: point["accuracy"])
        plot_accuracies(points, s.output("accuracies.png"))
        plot_histories(entries(s.inputs["models"], "history.csv"), "loss", s.output("losses.png"))
        plot_confusion(points[-1], s.output("confusion.png"))
        lines = ["| point | accuracy | macro F1 | loss |", "|---|---|---|---|"]
        for point in reversed(points):
            numbers = f"{point['accuracy']:.4f} | {point['f1']:.4f} | {point['loss']:.4f}"
            lines.append(f"| {label(point['arguments'])} | {numbers} |")
        s.output("report.md").write_text("\n".join(["# Digits", "", *lines, ""]), encoding="utf-8")
        for name in ("accuracies.png", "losses.png", "confusion.png"):
            s.artifact(name, s.output(name))
        print(f"{len(points)} points, the best: {label(points[-1]['arguments'])}")


if __name__ == "__main__":
    main()
