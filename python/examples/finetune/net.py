"""A small network in numpy, and three ways to go on training one that has learnt something else."""

import numpy

CLASSES = 10


def fresh(seed, inputs=64, hidden=48):
    """Weights of an untrained network."""
    lot = numpy.random.default_rng(seed)
    return {
        "w1": lot.normal(0, (2 / inputs) ** 0.5, (inputs, hidden)),
        "b1": numpy.zeros(hidden),
        "w2": lot.normal(0, (2 / hidden) ** 0.5, (hidden, CLASSES)),
        "b2": numpy.zeros(CLASSES),
    }


def forward(weights, images):
    """What the hidden layer says, and the chance of each digit."""
    hidden = numpy.maximum(images @ weights["w1"] + weights["b1"], 0)
    scores = hidden @ weights["w2"] + weights["b2"]
    powers = numpy.exp(scores - scores.max(axis=1, keepdims=True))
    return hidden, powers / powers.sum(axis=1, keepdims=True)


def loss_and_accuracy(weights, images, labels):
    chances = forward(weights, images)[1]
    loss = -numpy.log(numpy.maximum(chances[numpy.arange(len(labels)), labels], 1e-12)).mean()
    return float(loss), float((chances.argmax(axis=1) == labels).mean())


def gradients(weights, images, labels):
    """Of the loss, for each weight."""
    hidden, error = forward(weights, images)
    error[numpy.arange(len(labels)), labels] -= 1
    error /= len(labels)
    back = (error @ weights["w2"].T) * (hidden > 0)
    return {
        "w1": images.T @ back,
        "b1": back.sum(axis=0),
        "w2": hidden.T @ error,
        "b2": error.sum(axis=0),
    }


class Full:
    """Every weight may change."""

    def __init__(self, base, rank, seed):
        self.free = {name: weight.copy() for name, weight in base.items()}

    def weights(self):
        return self.free

    def slopes(self, images, labels):
        return gradients(self.free, images, labels)


class Head:
    """What the network sees stays as it is; only the layer that names the digit changes."""

    def __init__(self, base, rank, seed):
        self.base = base
        self.free = {name: base[name].copy() for name in ("w2", "b2")}

    def weights(self):
        return {**self.base, **self.free}

    def slopes(self, images, labels):
        slopes = gradients(self.weights(), images, labels)
        return {name: slopes[name] for name in self.free}


class LowRank:
    """Each layer gets a correction of low rank (Hu and others, 2021); the weights themselves stay."""

    def __init__(self, base, rank, seed):
        lot = numpy.random.default_rng(seed)
        self.base = base
        self.free = {}
        for name in ("w1", "w2"):
            rows, columns = base[name].shape
            self.free[f"{name}.down"] = lot.normal(0, rows**-0.5, (rows, rank))
            self.free[f"{name}.up"] = numpy.zeros((rank, columns))

    def weights(self):
        corrected = dict(self.base)
        for name in ("w1", "w2"):
            corrected[name] = self.base[name] + self.free[f"{name}.down"] @ self.free[f"{name}.up"]
        return corrected

    def slopes(self, images, labels):
        slopes = gradients(self.weights(), images, labels)
        found = {}
        for name in ("w1", "w2"):
            found[f"{name}.down"] = slopes[name] @ self.free[f"{name}.up"].T
            found[f"{name}.up"] = self.free[f"{name}.down"].T @ slopes[name]
        return found


METHODS = {"full": Full, "head": Head, "low-rank": LowRank}


class Optimiser:
    """Plain descent, with momentum, or Adam; its memory is part of a checkpoint."""

    def __init__(self, name, lr, momentum):
        self.name, self.lr, self.momentum = name, lr, momentum
        self.first, self.second, self.count = {}, {}, 0

    def step(self, free, slopes):
        self.count += 1
        for name, slope in slopes.items():
            free[name] -= self.lr * self._direction(name, slope)

    def _direction(self, name, slope):
        if self.name == "sgd":
            return slope
        kept = self.momentum if self.name == "momentum" else 0.9
        first = self.first[name] = kept * self.first.get(name, 0) + (1 if self.name == "momentum" else 0.1) * slope
        if self.name == "momentum":
            return first
        second = self.second[name] = 0.999 * self.second.get(name, 0) + 0.001 * slope**2
        return first / (1 - 0.9**self.count) / (numpy.sqrt(second / (1 - 0.999**self.count)) + 1e-8)
